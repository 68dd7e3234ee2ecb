import pytest
from hypothesis import given
from hypothesis import strategies as st

from google_workspace_mcp.core.content.documents.locators import (
    LAST_COLUMN,
    Range,
    column_letters,
    column_number,
    pages,
    sheet_and_range,
)
from google_workspace_mcp.core.content.documents.problems import DocumentProblem


@given(st.integers(1, LAST_COLUMN))
def test_letters_of_a_column_and_its_number_are_the_same(number: int):
    assert column_number(column_letters(number)) == number


@pytest.mark.parametrize(("letters", "number"), [("A", 1), ("Z", 26), ("aa", 27), ("XFD", 16_384)])
def test_columns_are_counted_as_sheets_do(letters: str, number: int):
    assert column_number(letters) == number


@given(st.text(max_size=30), st.integers(0, 1000))
def test_any_text_names_pages_that_are_there_or_is_refused(part: str, count: int):
    try:
        chosen = list(pages(part, count))
    except DocumentProblem:
        return
    assert chosen == sorted(set(chosen))
    assert all(1 <= page <= count for page in chosen)


@given(st.text(max_size=30), st.lists(st.text(min_size=1, max_size=10), max_size=5))
def test_any_text_names_a_sheet_and_a_range_or_is_refused(part: str, sheets: list[str]):
    try:
        index, place = sheet_and_range(part, sheets)
    except DocumentProblem:
        return
    assert index is None or 0 <= index < len(sheets)
    assert 1 <= place.first_row <= place.last_row
    assert 1 <= place.first_column <= place.last_column <= LAST_COLUMN


@pytest.mark.parametrize(
    ("part", "index", "place"),
    [
        ("A1", 0, Range()),
        ("B2", None, Range(2, 2, 2, 2)),
        ("A1!B2:C3", 0, Range(2, 3, 2, 3)),
        ("Wow!", 1, Range()),
        ("Wow!!A1", 1, Range(1, 1, 1, 1)),
        ("a!b!c", 2, Range()),
        ("'it''s'!2:3", 3, Range(2, 3)),
    ],
)
def test_a_sheet_s_name_counts_before_a_range(part: str, index: int | None, place: Range):
    assert sheet_and_range(part, ["A1", "Wow!", "a!b!c", "it's"]) == (index, place)
