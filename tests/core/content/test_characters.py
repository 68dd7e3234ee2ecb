"""What clean text is free of, and what it keeps."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from google_workspace_mcp.core.content.characters import clean, clean_line


@pytest.mark.parametrize(
    ("dirty", "seen"),
    [
        ("in\u200bvi\u2060si\ufeffble", "invisible"),
        ("a\u202eb\u2066c\u2069\u200f", "abc"),
        ("tag\U000e0041\U000e007f\U000e0101", "tag"),
        ("lone \ud83d surrogate", "lone surrogate"),
        ("bell\x07\x1b[31m\x9b", "bell[31m"),
        ("\u3164filler\uffa0\u115f", "filler"),
        ("soft\u00adhyphen", "softhyphen"),
        ("hidden\ufe00\ufe0fbytes", "hiddenbytes"),
        ("no\u00a0break\u3000wide", "no break wide"),
    ],
)
def test_invisible_characters_are_removed(dirty: str, seen: str):
    assert clean_line(dirty) == seen


def test_letters_of_any_script_and_emoji_stay():
    text = "Größe ñ Ελληνικά русский עברית العربية हिन्दी 日本語 한국어 ไทย 👍🏽 Việt"
    assert clean_line(text) == text


def test_marks_piled_on_one_letter_are_cut_to_four():
    assert clean_line("z" + "\u0335" * 50 + "!") == "z" + "\u0335" * 4 + "!"


def test_every_kind_of_line_end_becomes_one():
    assert clean("a\r\nb\rc\u2028d\x0be\u0085f") == "a\nb\nc\nd\ne\nf"


def test_padding_is_collapsed_and_indentation_kept():
    assert clean("a      b   \n\n\n\n\n    code\n" + " " * 60 + "far  \n") == "a  b\n\n    code\n" + " " * 16 + "far"


def test_a_line_is_one_line_whatever_was_in_it():
    assert clean_line(" Subject\r\n Bcc: x\tand\n\nmore ") == "Subject Bcc: x and more"


def test_a_long_line_is_cut_with_an_ellipsis():
    assert clean_line("a long subject", 7) == "a long…"
    assert clean_line("short", 7) == "short"


@given(st.text(alphabet=st.characters()))
def test_cleaning_twice_changes_nothing_and_the_result_can_be_encoded(text: str):
    once = clean(text)
    once.encode()
    assert clean(once) == once


def test_ten_million_spaces_take_a_moment_only():
    started = time.process_time()
    clean(" " * 10_000_000 + "x")
    clean("\u200b " * 2_000_000)
    assert time.process_time() - started < 10
