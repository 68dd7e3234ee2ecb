"""The forms of `part`: pages and slides ("3-7", "5-", "2,4"), sheets and A1 ranges ("Budget!A1:F40", "A:C")."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from google_workspace_mcp.core.content.documents.problems import DocumentProblem, Trouble

LAST_ROW = 1_048_576
LAST_COLUMN = 16_384
_PAGES = re.compile(r"(\d{1,7})?\s*(-)?\s*(\d{1,7})?")
_RANGE = re.compile(r"\$?([A-Za-z]{1,3})?\$?(\d{1,7})?(?:(:)\$?([A-Za-z]{1,3})?\$?(\d{1,7})?)?")
_MOST_PIECES = 50


@dataclass(frozen=True, slots=True)
class Range:
    """Rows and columns from 1, both ends included."""

    first_row: int = 1
    last_row: int = LAST_ROW
    first_column: int = 1
    last_column: int = LAST_COLUMN


@dataclass(frozen=True, slots=True)
class Pages:
    """Pages in order. `single` is the one that was named alone, 0 otherwise."""

    runs: tuple[tuple[int, int], ...]
    single: int = 0

    def __iter__(self) -> Iterator[int]:
        for first, last in self.runs:
            yield from range(first, last + 1)


def pages(part: str, count: int) -> Pages:
    """The pages that `part` names out of `count`, all for an empty one. Raises DocumentProblem."""
    text = re.sub(r"(?i)\b(pages?|slides?)\b", " ", part).strip()
    if not text:
        return Pages(((1, count),) if count else ())
    pieces = text.split(",")
    if len(pieces) > _MOST_PIECES:
        raise DocumentProblem(Trouble.BAD_PART)
    runs = sorted(_run(piece, count) for piece in pieces)
    merged: list[tuple[int, int]] = []
    for first, last in runs:
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    only = merged[0][0] if len(merged) == 1 and merged[0][0] == merged[0][1] else 0
    return Pages(tuple(merged), only)


def _run(piece: str, count: int) -> tuple[int, int]:
    match = _PAGES.fullmatch(piece.strip())
    if not match or not (match[1] or match[3]):
        raise DocumentProblem(Trouble.BAD_PART)
    first = int(match[1]) if match[1] else 1
    last = int(match[3]) if match[3] else (count if match[2] else first)
    if not 1 <= first <= count or first > last:
        raise DocumentProblem(Trouble.NO_PAGE, count)
    return first, min(last, count)


def sheet_and_range(part: str, sheets: list[str]) -> tuple[int | None, Range]:
    """The index of the sheet that `part` names and the range in it; no index when no sheet is named.

    A sheet's name counts before a range of the same spelling; case does not matter where only one sheet fits.

    Raises DocumentProblem for a sheet or a range that cannot be.
    """
    text = part.strip()
    if not text:
        return None, Range()
    index = _sheet(text, sheets)
    if index is not None:
        return index, Range()
    before, mark, after = text.rpartition("!")
    if not mark:
        found = _range(text)
        if found is None:
            raise DocumentProblem(Trouble.NO_SHEET)
        return None, found
    index, found = _sheet(before, sheets), _range(after)
    if index is None:
        raise DocumentProblem(Trouble.NO_SHEET)
    if found is None:
        raise DocumentProblem(Trouble.BAD_PART)
    return index, found


def _sheet(name: str, sheets: list[str]) -> int | None:
    wanted = name.strip()
    if len(wanted) > 1 and wanted[0] == wanted[-1] == "'":
        wanted = wanted[1:-1].replace("''", "'")
    if wanted in sheets:
        return sheets.index(wanted)
    like = [index for index, sheet in enumerate(sheets) if sheet.casefold() == wanted.casefold()]
    return like[0] if len(like) == 1 else None


def _range(text: str) -> Range | None:
    match = _RANGE.fullmatch(text.strip())
    if not match or not any(match.group(1, 2, 4, 5)):
        return None
    column, row, colon, other_column, other_row = match.groups()
    if not colon:
        # One cell, or a whole column or row.
        other_column, other_row = column, row
    found = Range(
        int(row) if row else 1,
        int(other_row) if other_row else LAST_ROW,
        column_number(column) if column else 1,
        column_number(other_column) if other_column else LAST_COLUMN,
    )
    fits = 1 <= found.first_row <= found.last_row and 1 <= found.first_column <= found.last_column <= LAST_COLUMN
    return found if fits else None


def column_number(letters: str) -> int:
    """1 for A, 27 for AA."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """A for 1, AA for 27."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
