"""Uploads that become native files: what `files.create` does when the target type is Google's own."""

import csv
import io
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

from google_workspace_mcp.sandbox.drive.documents import (
    DOCUMENT,
    PRESENTATION,
    SPREADSHEET,
    Block,
    Cell,
    Document,
    Heading,
    ListItem,
    Native,
    Paragraph,
    Presentation,
    Slide,
    Spreadsheet,
    Tab,
    Table,
)
from google_workspace_mcp.sandbox.drive.exports import DOCX, PPTX, XLSX
from google_workspace_mcp.sandbox.drive.markdown import markdown_to_document
from google_workspace_mcp.sandbox.service import Media, bad_request

_ZIPPED = frozenset({DOCX, XLSX, PPTX})


def blank(mime_type: str) -> Native | None:
    """A new empty file of a native type, or None for types that have no content here."""
    match mime_type:
        case _ if mime_type == DOCUMENT:
            return Document()
        case _ if mime_type == SPREADSHEET:
            return Spreadsheet()
        case _ if mime_type == PRESENTATION:
            return Presentation()
        case _:
            return None


def convert(media: Media, target: str) -> Native:
    """An upload as a native file.

    Raises:
        GoogleError: 400 when the type has no conversion to the target, or the content is not what the type says.
    """
    source = media.content_type.partition(";")[0].strip().lower()
    read = _READERS.get((source, target))
    if read is None:
        raise bad_request("The requested conversion is not supported.")
    if source in _ZIPPED and not zipfile.is_zipfile(io.BytesIO(media.data)):
        raise bad_request("The content could not be converted.")
    try:
        return read(media.data)
    # Broken Office files surface as any of these, from zipfile, lxml and the three readers.
    except (ValueError, KeyError, OSError, IndexError, SyntaxError, zipfile.BadZipFile) as error:
        raise bad_request("The content could not be converted.") from error


def importable_types() -> dict[str, list[str]]:
    """By uploaded type, what it can become, for `about`."""
    found: dict[str, list[str]] = {}
    for source, target in _READERS:
        found.setdefault(source, []).append(target)
    return found


def _from_text(data: bytes) -> Document:
    lines = data.decode("utf-8-sig", "replace").splitlines()
    return Document(tuple(Paragraph(line) for line in lines if line.strip()))


def _from_markdown(data: bytes) -> Document:
    return markdown_to_document(data.decode("utf-8-sig", "replace"))


def _from_html(data: bytes) -> Document:
    reader = _HtmlReader()
    reader.feed(data.decode("utf-8-sig", "replace"))
    reader.close()
    reader.end_block()
    return Document(tuple(reader.blocks))


class _HtmlReader(HTMLParser):
    """Headings, paragraphs, list items and tables; all other markup is read through."""

    _BLOCKS = frozenset({"p", "div", "br", "li", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol"})
    _UNSEEN = frozenset({"script", "style", "title", "head"})

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[Block] = []
        self._lists: list[str] = []
        self._kind = "p"
        self._text = ""
        self._unseen = 0
        self._rows: list[list[str]] | None = None
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in self._UNSEEN:
            self._unseen += 1
        elif tag == "table":
            self.end_block()
            self._rows = []
        elif self._rows is not None:
            if tag in {"td", "th", "tr"}:
                self._end_cell()
                self._in_cell = tag != "tr"
            if tag == "tr":
                self._rows.append([])
        elif tag in self._BLOCKS:
            self.end_block()
            self._kind = tag
            if tag in {"ul", "ol"}:
                self._lists.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif self._rows is not None:
            if tag in {"td", "th", "tr", "table"}:
                self._end_cell()
            if tag == "table":
                self.blocks.append(Table(tuple(tuple(row) for row in self._rows)))
                self._rows = None
        elif tag in self._BLOCKS:
            self.end_block()
            self._kind = "p"
            if tag in {"ul", "ol"} and self._lists:
                self._lists.pop()

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._text += data

    def end_block(self) -> None:
        text = self._taken()
        if not text:
            return
        if self._kind[0] == "h":
            self.blocks.append(Heading(text, int(self._kind[1])))
        elif self._kind == "li":
            ordered = bool(self._lists) and self._lists[-1] == "ol"
            self.blocks.append(ListItem(text, max(0, len(self._lists) - 1), ordered))
        else:
            self.blocks.append(Paragraph(text))

    def _end_cell(self) -> None:
        """A cell ends where its tag says, or where the next one begins."""
        if self._in_cell and self._rows:
            self._rows[-1].append(self._taken())
            self._in_cell = False

    def _taken(self) -> str:
        text, self._text = " ".join(self._text.split()), ""
        return text


def _from_docx(data: bytes) -> Document:
    import docx
    from docx.table import Table as DocxTable

    blocks: list[Block] = []
    for part in docx.Document(io.BytesIO(data)).iter_inner_content():
        if isinstance(part, DocxTable):
            blocks.append(Table(tuple(tuple(cell.text for cell in row.cells) for row in part.rows)))
        elif part.text.strip():
            blocks.append(_docx_block(part.text, str(part.style.name if part.style else "")))
    return Document(tuple(blocks))


def _docx_block(text: str, style: str) -> Block:
    kind, _, number = style.rpartition(" ")
    if kind == "Heading" and number.isdecimal():
        return Heading(text, min(int(number), 6))
    if style.startswith("List"):
        return ListItem(text, int(number) - 1 if number.isdecimal() else 0, "Number" in style)
    return Paragraph(text)


def _from_csv(data: bytes) -> Spreadsheet:
    rows = csv.reader(io.StringIO(data.decode("utf-8-sig", "replace")))
    return Spreadsheet((Tab("Sheet1", tuple(tuple(_typed(cell) for cell in row) for row in rows)),))


def _typed(cell: str) -> Cell:
    """Numbers become numbers, as Sheets takes them on import; codes with leading zeros stay text."""
    if cell in {"TRUE", "FALSE"}:
        return cell == "TRUE"
    if cell.lstrip("-").isdecimal() and (cell.lstrip("-") == "0" or not cell.lstrip("-").startswith("0")):
        return int(cell)
    whole, dot, rest = cell.partition(".")
    return (
        float(cell) if dot and whole.lstrip("-").isdecimal() and rest.isdecimal() and cell.isascii() else cell or None
    )


def _from_xlsx(data: bytes) -> Spreadsheet:
    import openpyxl

    book: Any = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    tabs = tuple(
        Tab(sheet.title, tuple(tuple(_cell(value) for value in row) for row in sheet.iter_rows(values_only=True)))
        for sheet in book.worksheets
    )
    return Spreadsheet(tabs)


def _cell(value: Any) -> Cell:
    return value if value is None or isinstance(value, (str, int, float)) else str(value)


def _from_pptx(data: bytes) -> Presentation:
    import pptx

    made: Any = pptx.Presentation(io.BytesIO(data))
    return Presentation(tuple(_slide(slide) for slide in made.slides))


def _slide(slide: Any) -> Slide:
    title = slide.shapes.title
    body = [
        paragraph.text
        for shape in slide.shapes
        if shape.has_text_frame and (title is None or shape.shape_id != title.shape_id)
        for paragraph in shape.text_frame.paragraphs
        if paragraph.text
    ]
    notes = slide.notes_slide.notes_text_frame.text if slide.has_notes_slide else ""
    return Slide(title.text if title is not None else "", tuple(body), notes)


_READERS: dict[tuple[str, str], Callable[[bytes], Native]] = {
    ("text/plain", DOCUMENT): _from_text,
    ("text/markdown", DOCUMENT): _from_markdown,
    ("text/html", DOCUMENT): _from_html,
    (DOCX, DOCUMENT): _from_docx,
    ("text/csv", SPREADSHEET): _from_csv,
    (XLSX, SPREADSHEET): _from_xlsx,
    (PPTX, PRESENTATION): _from_pptx,
}
