from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.drive.query import Conditions, build, checked_raw, quote
from google_workspace_mcp.sandbox.drive.query import And, Compare, Member, parse
from google_workspace_mcp.sandbox.service import GoogleError

# The characters that mean something in a query, far more often than in real names.
NASTY = st.text(alphabet=st.sampled_from("'\\()\"=<>! abéß漢or and not in"), max_size=40)
NOT_TRASHED = Compare("trashed", "=", False)


def printable(text: str) -> bool:
    return all(ord(character) >= 32 and ord(character) != 127 for character in text)


FRAGMENTS = st.lists(
    st.sampled_from(["starred = true", "name = 'x'", "trashed = true", " or ", " and ", "not ", "(", ")", "'", "\\"]),
    min_size=1,
    max_size=9,
).map("".join)
TEXTS = (NASTY | st.text(max_size=200).filter(printable)).filter(bool)


@given(TEXTS)
def test_whatever_stands_in_a_string_comes_out_as_the_same_text(text: str):
    assert parse(f"name = {quote(text)}") == Compare("name", "=", text)


@pytest.mark.security("T-15")
@given(TEXTS, TEXTS, TEXTS)
def test_no_text_changes_the_structure_of_a_query(text: str, name: str, owner: str):
    built = build(Conditions(text=text, name=name, owner=owner))
    full_text, in_name, owned = (
        Compare("fullText", "contains", text),
        Compare("name", "contains", name),
        Member(owner, "owners"),
    )
    assert parse(built) == And(And(And(NOT_TRASHED, full_text), in_name), owned)


@pytest.mark.security("T-15")
@pytest.mark.parametrize("name", ["x' or mimeType != '", "ends with \\", "\\'", "'", "' or trashed = true or name = '"])
def test_a_name_that_looks_like_a_query_is_a_name(name: str):
    assert parse(build(Conditions(name=name))) == And(NOT_TRASHED, Compare("name", "contains", name))


@given(NASTY)
def test_a_raw_query_that_is_let_through_stays_inside_its_parentheses(raw: str):
    try:
        checked_raw(raw)
    except UserInputError:
        return
    depth, quoted, escaped = 0, False, False
    for character in f"({raw})":
        if escaped:
            escaped = False
        elif quoted:
            quoted, escaped = character != "'", character == "\\"
        elif character == "'":
            quoted = True
        elif character in "()":
            depth += 1 if character == "(" else -1
            assert depth >= 0
    assert (depth, quoted, escaped) == (0, False, False)


@pytest.mark.security("T-16")
@given(FRAGMENTS, TEXTS)
def test_a_raw_query_cannot_undo_the_conditions_beside_it(raw: str, name: str):
    try:
        tree = parse(build(Conditions(name=name, raw=raw)))
    except (UserInputError, GoogleError):
        return
    assert isinstance(tree, And)
    assert tree.left == And(NOT_TRASHED, Compare("name", "contains", name))


@pytest.mark.security("T-16")
@pytest.mark.parametrize(
    "raw",
    [
        "name contains 'a",
        "name = 'a') or (trashed = true",
        "starred = true)",
        "(starred = true",
        "name = 'a\\'",
        "starred = true \\",
        'name = "\'" ) or trashed = true or (name = "\'"',
        "starred = true\nor trashed = true",
        " ",
        "x" * 2001,
    ],
)
def test_a_raw_query_that_is_not_closed_in_itself_is_refused(raw: str):
    with pytest.raises(UserInputError, match="raw Drive query"):
        build(Conditions(raw=raw))


def test_a_raw_query_narrows_what_the_other_conditions_find():
    built = build(Conditions(name="plan", raw="starred = true or sharedWithMe"))
    assert built == "trashed = false and name contains 'plan' and (starred = true or sharedWithMe)"


def test_a_kind_of_file_covers_google_s_own_and_the_office_format():
    built = build(Conditions(type="spreadsheet"))
    assert "application/vnd.google-apps.spreadsheet" in built
    assert "spreadsheetml.sheet" in built
    assert parse(built)


def test_a_kind_with_many_formats_is_found_by_its_family():
    assert build(Conditions(type="image")) == "trashed = false and mimeType contains 'image/'"


def test_several_folders_mean_any_of_them():
    assert build(Conditions(folders=("a", "b"))) == "trashed = false and ('a' in parents or 'b' in parents)"


def test_times_are_sent_in_utc():
    noon = datetime(2026, 3, 31, 12, tzinfo=UTC)
    built = build(Conditions(modified_from=noon, modified_until=noon.replace(hour=14)))
    assert built.endswith("modifiedTime >= '2026-03-31T12:00:00Z' and modifiedTime < '2026-03-31T14:00:00Z'")


def test_the_trash_is_searched_only_when_asked_for():
    assert build(Conditions()) == "trashed = false"
    assert build(Conditions(trashed=True)) == "trashed = true"


@pytest.mark.security("T-15")
@pytest.mark.parametrize("text", ["a\nb", "a\x00b", "x" * 501, "x" * 5000])
def test_a_text_with_control_characters_or_of_great_length_is_refused(text: str):
    with pytest.raises(UserInputError):
        build(Conditions(text=text))


def test_only_a_full_text_search_is_ranked():
    assert Conditions(text="budget").ranked
    assert Conditions(raw="fullText contains 'budget'").ranked
    assert not Conditions(name="budget").ranked
