"""Paragraphs and tables of Office files on their way to text, by the renderer that web pages take."""

from dataclasses import dataclass, field

from google_workspace_mcp.core.content.characters import clean
from google_workspace_mcp.core.content.pieces import PARAGRAPH, Kind, Piece
from google_workspace_mcp.core.content.render import rendered

# A table longer than this is shown in pieces, so that it need not be held whole.
_ROWS_AT_ONCE = 400
_DEEPEST_TABLE = 8
_MOST_COLUMNS = 200


@dataclass(slots=True)
class Block:
    """A paragraph or a table with what stands before it. `tight`: no blank line between it and its like."""

    children: list[Piece | str]
    before: str = ""
    tight: bool = False

    def text(self) -> str:
        """The block as clean text, its further lines indented like its first."""
        text = clean(rendered(Piece(Kind.BODY, "", self.children)))
        if not text or not self.before:
            return text
        return self.before + text.replace("\n", "\n" + " " * len(self.before))


@dataclass(slots=True)
class Table:
    """A table as its rows come. `shown` of them were taken already."""

    rows: list[Piece] = field(default_factory=list[Piece])
    cells: list[Piece] = field(default_factory=list[Piece])
    shown: int = 0
    head: bool = False

    def start_row(self) -> None:
        self.cells, self.head = [], False

    def start_cell(self) -> Piece:
        """A new cell, in which blocks are put. Beyond 200 columns there is only the last."""
        if len(self.cells) < _MOST_COLUMNS:
            self.cells.append(Piece(Kind.CELL))
        return self.cells[-1]

    def end_row(self) -> None:
        for cell in self.cells:
            cell.value = "head" if self.head else ""
        self.rows.append(Piece(Kind.ROW, "", list(self.cells)))

    def is_long(self) -> bool:
        """Whether what there is should be shown before more comes."""
        return len(self.rows) >= _ROWS_AT_ONCE

    def take(self) -> Block:
        """What there is so far, which is then forgotten."""
        rows: list[Piece | str] = [*self.rows]
        goes_on, self.rows, self.shown = self.shown > 0, [], self.shown + len(rows)
        return Block([Piece(Kind.TABLE, "", rows)], tight=goes_on)


class Tables:
    """Tables inside of cells of tables. What lies deeper than eight is put into the cell of the eighth as text."""

    def __init__(self) -> None:
        self._open: list[Table] = []
        self._cells: list[Piece] = []
        self._beyond = 0

    @property
    def cell(self) -> Piece | None:
        """The cell that blocks go into, None outside of tables."""
        return self._cells[-1] if self._cells else None

    def start(self) -> None:
        if len(self._open) >= _DEEPEST_TABLE:
            self._beyond += 1
        else:
            self._open.append(Table())

    def start_row(self) -> None:
        if self._open and not self._beyond:
            self._open[-1].start_row()

    def start_cell(self) -> None:
        if self._open and not self._beyond:
            self._cells.append(self._open[-1].start_cell())

    def span(self, columns: int) -> None:
        """The current cell is as wide as so many."""
        if self._open and not self._beyond:
            for _ in range(min(columns, _MOST_COLUMNS) - 1):
                self._open[-1].start_cell()

    def head_row(self) -> None:
        if self._open and not self._beyond:
            self._open[-1].head = True

    def end_cell(self) -> None:
        if self._cells and not self._beyond:
            self._cells.pop()

    def end_row(self) -> Block | None:
        """What can be shown of a long table that is no part of another."""
        if not self._open or self._beyond:
            return None
        table = self._open[-1]
        table.end_row()
        return table.take() if len(self._open) == 1 and table.is_long() else None

    def end(self) -> Block | None:
        """The table, unless it is part of another one: then it has gone into that one's cell."""
        if self._beyond:
            self._beyond -= 1
            return None
        if not self._open:
            return None
        block = self._open.pop().take()
        if self._cells:
            self._cells[-1].children.extend(block.children)
            return None
        return block


def into_cell(cell: Piece, block: Block) -> None:
    """Puts a paragraph into a cell."""
    if cell.children:
        cell.children.append(PARAGRAPH if not block.tight else Piece(Kind.BREAK))
    if block.before:
        cell.children.append(block.before)
    cell.children.extend(block.children)
