"""One sheet as a stream of rows, and the strings that its cells refer to."""

from dataclasses import dataclass

from google_workspace_mcp.core.content.documents.grid import row_line
from google_workspace_mcp.core.content.documents.job import Gathered, Job
from google_workspace_mcp.core.content.documents.locators import (
    LAST_COLUMN,
    LAST_ROW,
    Range,
    column_letters,
    column_number,
)
from google_workspace_mcp.core.content.documents.markup import Attributes, Enough, Events
from google_workspace_mcp.core.content.documents.problems import Remark
from google_workspace_mcp.core.content.documents.sheet_styles import PLAIN, Styles, number_text

_MOST_STRINGS = 1_000_000
_MOST_COLUMN_RULES = 1_000
_ON = frozenset(("1", "true", "on"))


class Strings(Events):
    """Takes the events of `sharedStrings.xml`: texts that cells name by number, readings (`rPh`) left out."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.lost = 0
        self._parts: list[str] = []
        self._inside = False
        self._reading = False

    def start(self, tag: str, _attributes: Attributes) -> None:
        if tag == "si":
            self._parts = []
        elif tag == "rPh":
            self._reading = True
        self._inside = tag == "t" and not self._reading

    def end(self, tag: str) -> None:
        self._inside = False
        if tag == "rPh":
            self._reading = False
        elif tag == "si":
            if len(self.texts) < _MOST_STRINGS:
                self.texts.append("".join(self._parts))
            else:
                self.lost += 1

    def text(self, text: str) -> None:
        if self._inside:
            self._parts.append(text)

    def get(self, number: str) -> str:
        """The text with this number, nothing for one that is not there."""
        index = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else -1
        return self.texts[index] if 0 <= index < len(self.texts) else ""


@dataclass(frozen=True, slots=True)
class BookFacts:
    """What the sheets of a workbook share. `from_1904`: its days are counted from 1904, as on old Macintoshes."""

    styles: Styles
    strings: Strings
    from_1904: bool


class SheetReader(Events):
    """Takes the events of a sheet and gathers its rows, until enough of them are there.

    `finished` says whether the last row of the range was reached.
    """

    def __init__(self, gathered: Gathered, name: str, place: Range, book: BookFacts, job: Job) -> None:
        self.finished = False
        self._gathered, self._name, self._place, self._job = gathered, name, place, job
        self._book = book
        self._hidden_columns: list[tuple[int, int]] = []
        self._row = self._column = 0
        self._row_hidden = False
        self._cells: dict[int, str] = {}
        # The cell that is being read. One set of fields for all: a million objects take a second.
        self._in_cell = self._has_formula = False
        self._kind, self._look = "", PLAIN
        self._value: list[str] = []
        self._formula: list[str] = []
        self._into: list[str] | None = None
        self._reading = False
        self._last = (0, 0)

    @property
    def used(self) -> str:
        """The range that cells with a value take."""
        row, column = self._last
        return f"A1:{column_letters(column)}{row}" if row else "empty"

    def start(self, tag: str, attributes: Attributes) -> None:
        match tag:
            case "c":
                self._start_cell(attributes)
            case "v" | "t" if self._in_cell and not self._reading:
                self._into = self._value
            case "f" if self._in_cell:
                self._has_formula, self._into = True, self._formula
            case "row":
                self._start_row(attributes)
            case "rPh":
                self._reading = True
            case "col" if attributes.get("hidden") in _ON and len(self._hidden_columns) < _MOST_COLUMN_RULES:
                first, last = _small(attributes.get("min", "")), _small(attributes.get("max", ""))
                if 0 < first <= last:
                    self._hidden_columns.append((first, min(last, LAST_COLUMN)))
            case _:
                pass

    def end(self, tag: str) -> None:
        match tag:
            case "c":
                self._end_cell()
            case "row":
                self._end_row()
            case "v" | "t" | "f":
                self._into = None
            case "rPh":
                self._reading = False
            case "sheetData":
                self.finished = True
                raise Enough
            case _:
                pass

    def text(self, text: str) -> None:
        if self._into is not None:
            self._into.append(text)

    def _start_row(self, attributes: Attributes) -> None:
        self._row = _small(attributes.get("r", "")) or self._row + 1
        if self._row > min(self._place.last_row, LAST_ROW):
            self.finished = True
            raise Enough
        if self._gathered.enough:
            raise Enough
        if self._job.time_left() < 0:
            self._gathered.say(Remark.STOPPED_AT, self._row)
            raise Enough
        self._row_hidden = attributes.get("hidden") in _ON or attributes.get("ht") == "0"
        self._cells, self._column = {}, 0

    def _start_cell(self, attributes: Attributes) -> None:
        letters = attributes.get("r", "").rstrip("0123456789")
        column = column_number(letters) if letters.isascii() and letters.isalpha() and len(letters) < 4 else 0
        self._column = min(column or self._column + 1, LAST_COLUMN + 1)
        self._in_cell, self._has_formula = True, False
        self._kind = attributes.get("t", "n")
        style = attributes.get("s")
        self._look = self._book.styles.look(style) if style else PLAIN
        self._value.clear()
        self._formula.clear()

    def _end_cell(self) -> None:
        self._in_cell, column, place = False, self._column, self._place
        if not (self._value or self._has_formula) or column > LAST_COLUMN:
            return
        self._last = (max(self._last[0], self._row), max(self._last[1], column))
        if self._row < place.first_row or not place.first_column <= column <= place.last_column:
            return
        value = self._shown()
        if self._look.unseen or self._row_hidden or self._in_hidden_column(column):
            self._gathered.hide(value)
            return
        if self._has_formula and not self._value:
            self._gathered.say(Remark.FORMULAS)
        self._cells[column] = value

    def _shown(self) -> str:
        value = "".join(self._value)
        if not value and self._has_formula:
            return f"={''.join(self._formula)}"
        match self._kind:
            case "n":
                return number_text(value, self._look, from_1904=self._book.from_1904)
            case "s":
                return self._book.strings.get(value)
            case "b":
                return "TRUE" if value in _ON else "FALSE"
            case "d":
                return value.removesuffix("T00:00:00")
            case _:
                return value

    def _in_hidden_column(self, column: int) -> bool:
        return any(first <= column <= last for first, last in self._hidden_columns)

    def _end_row(self) -> None:
        if self._row_hidden:
            self._gathered.say(Remark.HIDDEN_ROWS)
        if line := row_line(self._row, self._cells, self._place):
            self._gathered.mark(self._name, self._row)
            self._gathered.add(line, tight=True)
        self._cells = {}

    def tell_hidden_columns(self) -> None:
        """Says how many columns were left out."""
        for first, last in self._hidden_columns:
            inside = min(last, self._place.last_column, self._last[1]) - max(first, self._place.first_column) + 1
            self._gathered.say(Remark.HIDDEN_COLUMNS, max(0, inside))


def _small(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
