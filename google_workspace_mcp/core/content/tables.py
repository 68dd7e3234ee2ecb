"""Rows for the model: tab-separated, because tabs cost less than padding and nothing needs quoting."""

from collections.abc import Iterable, Sequence


def rows(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A header line and one line per row, cells separated by tabs.

    Tabs and line ends inside cells become spaces. A column that is empty in every row is left out, header and all;
    empty cells at the end of a row are not written.
    """
    cells = [[_cell(cell) for cell in row] for row in rows]
    used = [index for index in range(len(headers)) if any(index < len(row) and row[index] for row in cells)]
    lines = ["\t".join(headers[index] for index in used)]
    for row in cells:
        lines.append("\t".join(row[index] if index < len(row) else "" for index in used).rstrip("\t"))
    return "\n".join(lines)


def _cell(text: str) -> str:
    return " ".join(text.split())
