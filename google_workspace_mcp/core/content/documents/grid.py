"""Rows of a sheet as lines: the row's number, then its cells, separated by tabs."""

from collections.abc import Mapping

from google_workspace_mcp.core.content.characters import clean_line
from google_workspace_mcp.core.content.documents.locators import Range, column_letters

# Excel's own limit for the text of a cell.
_LONGEST_CELL = 32_767
# A gap of more empty cells than this costs more than the letters of the column behind it.
_LONGEST_GAP = 8


def row_line(number: int, cells: Mapping[int, str], place: Range) -> str:
    """The line of a row, "" when every cell is empty. Cells are by column from 1, none outside of `place`.

    Empty cells at the end are left out; after a long gap a cell says its column: `[XFD] value`.
    """
    parts, column = [str(number)], place.first_column
    for index in sorted(cells):
        text = clean_line(cells[index], _LONGEST_CELL)
        if not text:
            continue
        if index - column > _LONGEST_GAP:
            parts.append(f"[{column_letters(index)}] {text}")
        else:
            parts.extend([""] * (index - column))
            parts.append(text)
        column = index + 1
    return "\t".join(parts) if len(parts) > 1 else ""
