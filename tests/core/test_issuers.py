"""The setting AGENTS: what an entry may say, and every mistake in words."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from joserfc.jwk import ECKey

from google_workspace_mcp.core.issuers import parse_issuers
from google_workspace_mcp.core.principal import Limits
from google_workspace_mcp.core.settings import SettingsError, load
from tests.support.agents import new_key, public_pem

BASE = "https://tools.example.com/ws"
SECRET = "a-shared-secret-of-more-than-32-bytes"
GOOD = {"issuer": "core-agent", "secret": SECRET}


def problem(*entries: Any, base_url: str = BASE) -> str:
    with pytest.raises(ValueError, match=r"entry|issuer") as caught:
        parse_issuers(json.dumps(entries), base_url)
    assert SECRET not in str(caught.value)
    return str(caught.value)


def test_an_entry_with_an_issuer_and_a_key_is_enough() -> None:
    [issuer] = parse_issuers(json.dumps([GOOD]), BASE)
    assert (issuer.name, issuer.audience, issuer.limits) == ("core-agent", BASE, Limits())
    assert issuer.secret.get_secret_value() == SECRET
    assert SECRET not in repr(issuer)


def test_nothing_is_nobody() -> None:
    assert parse_issuers("", BASE) == parse_issuers(" ", BASE) == parse_issuers("[]", BASE) == ()


def test_an_entry_may_narrow_what_its_tokens_are_good_for() -> None:
    entry = {**GOOD, "audience": "x", "services": ["gmail"], "tools": ["gmail_search"], "readonly": True}
    [issuer] = parse_issuers(json.dumps([entry]), BASE)
    assert issuer.audience == "x"
    assert issuer.limits == Limits(frozenset({"gmail"}), frozenset({"gmail_search"}), read_only=True)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"issuer": ""}, "issuer string should have at least 1 character"),
        ({"issuer": "a b"}, "issuer string should match"),
        ({"issuer": "https://accounts.google.com"}, "must not be Google"),
        ({"issuer": "accounts.google.com"}, "must not be Google"),
        ({"issuer": BASE}, "must not be this service itself"),
        ({"issuer": f"{BASE}/"}, "must not be this service itself"),
        ({"secret": "short"}, "secret needs 32 bytes at least"),
        ({"secret": "secret:prod/agents/core-agent/hmac"}, "name that in AGENTS_SECRET"),
        ({"secret": "-----BEGIN PUBLIC KEY-----\\nMFkwEwYHKoZIzj0CAQYI"}, "give its public one as pem"),
        ({"secret": ""}, "exactly one of jwks_url, pem and secret"),
        ({"jwks_url": "https://a.example/jwks"}, "exactly one of jwks_url, pem and secret"),
        ({"services": ["gmail", "sheets"]}, "services input should be 'gmail', 'drive' or 'calendar'"),
        ({"services": "gmail"}, "services input should be a valid list"),
        ({"tools": ["Gmail Search"]}, "tools string should match"),
        ({"readonly": "yes"}, "readonly input should be a valid boolean"),
        ({"jwk": {}}, "knows only issuer, audience, jwks_url, pem, secret, services, tools, readonly"),
    ],
)
def test_a_mistake_is_told_in_words_with_the_number_of_its_entry(changes: dict[str, Any], words: str) -> None:
    told = problem(GOOD, {**GOOD, "issuer": "second", **changes})
    assert told.startswith("entry 2: ")
    assert words in told


def test_all_mistakes_are_told_at_once() -> None:
    told = problem({}, GOOD, {**GOOD, "secret": "short"}, GOOD, 5)
    assert [part.partition(":")[0] for part in told.split("; ")] == [
        "entry 1",
        "entry 3",
        "entry 5",
        "two entries have the issuer core-agent",
    ]


@pytest.mark.parametrize("text", ["{", "{}", "5", '"x"', "[" * 100_000])
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        parse_issuers(text, BASE)


@pytest.mark.parametrize(
    "url",
    [
        "http://keys.example/jwks",
        "https://keys.example:8443/jwks",
        "https://user@keys.example/jwks",
        "https://keys.example/jwks#x",
        "https://keys.example/a b",
        "https://keys.example:port/jwks",
        "https:///jwks",
        "ftp://keys.example/jwks",
        "http://localhost/jwks",
        "https://127.0.0.1/jwks",
        "https://[::1]/jwks",
    ],
)
def test_keys_are_fetched_by_https_on_its_own_port_only(url: str) -> None:
    assert "jwks_url" in problem({"issuer": "a", "jwks_url": url})


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000/jwks", "http://localhost:1/jwks", "http://[::1]:1/jwks"])
def test_this_machine_may_publish_keys_while_the_service_is_on_it_too(url: str) -> None:
    [issuer] = parse_issuers(json.dumps([{"issuer": "a", "jwks_url": url}]), "http://localhost:8000")
    assert issuer.jwks_url == url


@pytest.mark.parametrize("kind", ["RSA", "EC", "OKP"])
def test_a_public_key_may_be_written_down(kind: str) -> None:
    pem = public_pem(new_key(kind))
    [issuer] = parse_issuers(json.dumps([{"issuer": "a", "pem": pem * 2}]), BASE)
    assert [block.strip() for block in issuer.pems] == [pem.strip()] * 2


def test_a_key_that_is_private_weak_foreign_or_damaged_is_refused() -> None:
    private = ECKey.generate_key("P-256").private_key
    assert private is not None
    written = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    told = problem({"issuer": "a", "pem": written})
    assert "private key" in told
    assert written.splitlines()[1] not in told
    for pem in (
        public_pem(ECKey.generate_key("P-384")),
        public_pem(new_key("RSA")).replace("M", "N"),
        "-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----",
    ):
        assert "RSA of 2048 bits at least" in problem({"issuer": "a", "pem": pem})
    assert "no PEM block" in problem({"issuer": "a", "pem": "ssh-ed25519 AAAA"})


def test_a_short_rsa_key_is_refused() -> None:
    weak = rsa.generate_private_key(65537, 1024).public_key()
    pem = weak.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert "2048 bits" in problem({"issuer": "a", "pem": pem})


def test_the_kinds_of_written_keys_cannot_be_mixed() -> None:
    assert "one kind" in problem({"issuer": "a", "pem": public_pem(new_key("EC")) + public_pem(new_key("OKP"))})


def test_the_setting_is_a_secret_and_its_mistakes_are_told_with_its_name() -> None:
    settings = load(None, base_url=BASE, agents=json.dumps([GOOD]))
    assert [issuer.audience for issuer in settings.issuers] == [BASE]
    assert SECRET not in repr(settings)
    with pytest.raises(SettingsError) as caught:
        load(None, base_url="nonsense", agents=json.dumps([{}]))
    assert [line.split()[0] for line in caught.value.problems] == ["GWMCP_BASE_URL"]
    with pytest.raises(SettingsError) as caught:
        load(None, agents=json.dumps([{**GOOD, "secret": "short"}]))
    assert caught.value.problems == ["GWMCP_AGENTS entry 1: secret needs 32 bytes at least"]
