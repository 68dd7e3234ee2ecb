"""Names of hosts in other letters show as DNS knows them, and what imitates another word says so."""

import time

import pytest

from google_workspace_mcp.core.content.characters import clean, clean_line
from google_workspace_mcp.core.content.headers import Headers
from google_workspace_mcp.core.content.hosts import is_mixed


def sender(value: str) -> str:
    return Headers((("From", value),)).people("From")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("see https://b\u0430nk.example/login now", "see https://xn--bnk-6cd.example/login now"),
        ("www.b\u0430nk.example", "www.xn--bnk-6cd.example"),
        ("write to ben@b\u0430nk.example.", "write to ben@xn--bnk-6cd.example."),
        ("https://m\u00fcller.example", "https://xn--mller-kva.example"),
        ("https://bank.example/gr\u00f6\u00dfe", "https://bank.example/gr\u00f6\u00dfe"),
        ("Gr\u00f6\u00dfe @ M\u00fcnchen", "Gr\u00f6\u00dfe @ M\u00fcnchen"),
    ],
)
def test_hosts_show_as_dns_knows_them(written: str, shown: str):
    assert clean(written) == clean_line(written) == shown


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        ("PayPal <service@paypal.example>", "PayPal <service@paypal.example>"),
        ("P\u0430yPal <a@evil.example>", "P\u0430yPal <a@evil.example> (letters of several alphabets)"),
        ("Bank <a@b\u0430nk.example>", "Bank <a@xn--bnk-6cd.example> (letters of several alphabets)"),
        ("Bank <\u0430dmin@bank.example>", "Bank <\u0430dmin@bank.example> (letters of several alphabets)"),
        ("Jos\u00e9 M\u00fcller <j@m\u00fcller.example>", "Jos\u00e9 M\u00fcller <j@xn--mller-kva.example>"),
        (
            "\u0418\u0432\u0430\u043d \u041f\u0435\u0442\u0440\u043e\u0432 <ivan@example.com>",
            "\u0418\u0432\u0430\u043d \u041f\u0435\u0442\u0440\u043e\u0432 <ivan@example.com>",
        ),
        ("\u5c71\u7530 Taro <t@example.jp>", "\u5c71\u7530 Taro <t@example.jp>"),
    ],
)
def test_a_sender_in_letters_of_several_alphabets_says_so(header: str, shown: str):
    assert sender(header) == shown


def test_mathematical_letters_beside_plain_ones_are_mixed():
    assert is_mixed("P\U0001d41ayPal")
    assert not is_mixed("\U0001d400\U0001d401")


def test_long_hostile_text_takes_a_moment_only():
    started = time.process_time()
    for text in ("\u0430@" * 500_000, "https://" * 200_000 + "\u0430", "\u0430" * 1_000_000, "www.\u0430" * 200_000):
        clean(text)
    assert time.process_time() - started < 20
