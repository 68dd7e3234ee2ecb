"""The query language: what it reads, and that it refuses the rest."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from google_workspace_mcp.sandbox.drive.query import And, Compare, Has, Member, Not, Or, parse, quote
from google_workspace_mcp.sandbox.service import GoogleError


@given(st.text(), st.text())
def test_no_quoted_text_changes_the_structure_of_a_query(first: str, second: str):
    parsed = parse(f"name contains {quote(first)} and (not fullText contains {quote(second)} or trashed = false)")

    assert parsed == And(
        Compare("name", "contains", first),
        Or(Not(Compare("fullText", "contains", second)), Compare("trashed", "=", False)),
    )


@given(st.text(alphabet="'\\ andor()=!<>n", max_size=20))
def test_any_text_is_either_read_whole_or_refused(text: str):
    refusal = _refusal(text)

    assert refusal is None or (refusal.status, refusal.reason, refusal.location) == (400, "invalid", "q")


def _refusal(text: str) -> GoogleError | None:
    try:
        parse(text)
    except GoogleError as error:
        return error
    return None


def test_and_and_or_are_read_from_left_to_right():
    a, b, c = (Compare("name", "=", letter) for letter in "abc")

    assert parse("name='a' or name='b' and name='c'") == And(Or(a, b), c)
    assert parse("name='a' or (name='b' and name='c')") == Or(a, And(b, c))


def test_all_kinds_of_conditions_are_read():
    assert parse("'root' in parents") == Member("root", "parents")
    assert parse("sharedWithMe") == Compare("sharedWithMe", "=", True)
    assert parse("sharedWithMe and starred != true") == And(
        Compare("sharedWithMe", "=", True), Compare("starred", "!=", True)
    )
    assert parse("appProperties has { key='hash' and value='1' }") == Has("appProperties", "hash", "1")
    assert parse("modifiedTime > '2026-01-02T03:04:05'") == Compare(
        "modifiedTime", ">", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    )
    assert parse("shortcutDetails.targetId = 'x'") == Compare("shortcutDetails.targetId", "=", "x")


@pytest.mark.parametrize(
    "text",
    [
        "name",
        "name = ",
        "name = report",
        'name = "report"',
        "name like 'x'",
        "title contains 'x'",
        "name = 'x' and",
        "name = 'x' name = 'y'",
        "(name = 'x'",
        "name = 'x')",
        "name = 'it's'",
        "name = 'x\\'",
        "name = 'x\\n'",
        "fullText = 'x'",
        "mimeType in 'x'",
        "trashed",
        "trashed = 'true'",
        "trashed = yes",
        "modifiedTime > 'yesterday'",
        "modifiedTime contains '2026'",
        "'x' in folders",
        "visibility = 'secret'",
        "properties has { key='a' }",
        "name = 'x'; name = 'y'",
        "type:pdf report",
        "(" * 5000,
        "not " * 5000,
    ],
)
def test_what_google_does_not_know_is_refused(text: str):
    with pytest.raises(GoogleError) as caught:
        parse(text)

    assert (caught.value.status, caught.value.reason, caught.value.location) == (400, "invalid", "q")
