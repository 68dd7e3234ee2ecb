"""Excel workbooks: the sheets that are seen, row by row, read only as far as is asked for.

A library that reads a whole sheet cannot be bounded here: two cells in opposite corners make a table of 17 billion
(tried: python-calamine ends its process), and none tells hidden rows and formulas without values. Only the stored
values are read; nothing is calculated.
"""

from dataclasses import dataclass, field

from google_workspace_mcp.core.content.characters import clean_line
from google_workspace_mcp.core.content.documents.job import Entry, Gathered, Job
from google_workspace_mcp.core.content.documents.locators import Range, sheet_and_range
from google_workspace_mcp.core.content.documents.markup import (
    Attributes,
    Enough,
    Events,
    Relation,
    read_events,
    relations,
    title_of,
)
from google_workspace_mcp.core.content.documents.package import Package
from google_workspace_mcp.core.content.documents.problems import DocumentProblem, Remark, Trouble
from google_workspace_mcp.core.content.documents.sheet import BookFacts, SheetReader, Strings
from google_workspace_mcp.core.content.documents.sheet_rows import from_row, row_number
from google_workspace_mcp.core.content.documents.sheet_styles import Styles

_MOST_SHEETS = 1_000
# Only so many sheets are opened to see how large they say they are.
_SIZES_TOLD = 30


@dataclass(slots=True)
class Sheet:
    """A sheet of the workbook: its name, where it lies, whether a person sees it, how large it says it is."""

    name: str
    place: str
    hidden: bool
    used: str = ""


@dataclass(slots=True)
class Book(Events):
    """Takes the events of `workbook.xml`."""

    links: dict[str, Relation]
    sheets: list[Sheet] = field(default_factory=list[Sheet])
    from_1904: bool = False

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag == "sheet" and len(self.sheets) < _MOST_SHEETS:
            link = self.links.get(attributes.get("r:id", ""))
            if link and link.kind == "worksheet":
                hidden = attributes.get("state", "visible") != "visible"
                self.sheets.append(Sheet(clean_line(attributes.get("name", ""), 100), link.target, hidden))
        elif tag == "workbookPr":
            self.from_1904 = attributes.get("date1904", "") in {"1", "true", "on"}


def read_workbook(package: Package, main: str, job: Job, gathered: Gathered) -> None:
    """Gathers the visible sheets in order, or the sheet and range of `job.part`. Raises DocumentProblem."""
    links = relations(package, main)
    book = Book(links)
    read_events(package.chunks(main), book)
    gathered.kind, gathered.title, gathered.parts = "Excel", title_of(package), len(book.sheets)
    gathered.by_rows = True
    chosen, place = _chosen(book.sheets, job.part, gathered)
    facts = _facts(package, book)
    gathered.say(Remark.LOST_STRINGS, facts.strings.lost)
    for sheet in chosen:
        if gathered.enough:
            gathered.stop()
            break
        if len(chosen) > 1:
            gathered.add(f"## {sheet.name}")
        reader = SheetReader(gathered, sheet.name, place, facts, job)
        _read_sheet(package, sheet, place, reader, gathered)
    for sheet in book.sheets[:_SIZES_TOLD]:
        if not sheet.used and job.time_left() > 0:
            sheet.used = _said_size(package, sheet.place)
    for sheet in book.sheets:
        gathered.head(Entry(sheet.name, sheet.used, sheet.hidden))


def _facts(package: Package, book: Book) -> BookFacts:
    """Styles and shared strings."""
    styles, strings = Styles(), Strings()
    collectors: dict[str, Events] = {"styles": styles, "sharedStrings": strings}
    for link in book.links.values():
        if collector := collectors.get(link.kind):
            read_events(package.chunks(link.target), collector)
    return BookFacts(styles, strings, book.from_1904)


def _read_sheet(package: Package, sheet: Sheet, place: Range, reader: SheetReader, gathered: Gathered) -> None:
    chunks = package.chunks(sheet.place)
    if place.first_row > 1:
        chunks = from_row(chunks, place.first_row)
    whole = read_events(chunks, reader) or reader.finished
    reader.tell_hidden_columns()
    if not whole:
        gathered.stop()
    elif place == Range():
        sheet.used = reader.used


def _chosen(sheets: list[Sheet], part: str, gathered: Gathered) -> tuple[list[Sheet], Range]:
    index, place = sheet_and_range(part, [sheet.name for sheet in sheets])
    seen = [sheet for sheet in sheets if not sheet.hidden]
    if index is not None:
        gathered.say(Remark.HIDDEN_PART, int(sheets[index].hidden))
        return [sheets[index]], place
    if part.strip():
        if not seen:
            raise DocumentProblem(Trouble.NO_SHEET)
        return seen[:1], place
    gathered.say(Remark.HIDDEN_SHEETS, len(sheets) - len(seen))
    return seen, place


class _Dimension(Events):
    """What a sheet says of its size, which stands in front of its rows."""

    def __init__(self) -> None:
        self.used = ""

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag == "dimension":
            self.used = clean_line(attributes.get("ref", ""), 30)
        elif tag == "sheetData":
            raise Enough


def _said_size(package: Package, place: str) -> str:
    """What a sheet says of its size, else its rows, as a range; many exports say none. "" where neither is told."""
    found = _Dimension()
    try:
        read_events(package.chunks(place), found)
        number = 0 if found.used else row_number(package.last_of(place, b"<row "))
    except DocumentProblem:
        return ""
    return f"1:{number}" if number else found.used
