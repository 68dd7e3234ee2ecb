"""Native files as other formats: what `files.export` answers."""

import csv
import io
from base64 import b64encode
from collections.abc import Callable, Iterator
from html import escape
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
    Picture,
    Presentation,
    Span,
    Spreadsheet,
    Table,
    Text,
    list_markers,
    plain,
    spans,
)
from google_workspace_mcp.sandbox.drive.markdown import document_to_markdown
from google_workspace_mcp.sandbox.service import GoogleError, bad_request

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"

# By native type: the types it can be exported to, with the name that its export link uses.
EXPORT_FORMATS: dict[str, dict[str, str]] = {
    DOCUMENT: {
        "text/plain": "txt",
        "text/markdown": "markdown",
        "text/html": "html",
        "application/pdf": "pdf",
        DOCX: "docx",
    },
    SPREADSHEET: {"text/csv": "csv", XLSX: "xlsx"},
    PRESENTATION: {"text/plain": "txt", PPTX: "pptx"},
}

# Google's limit on exported content: 10 MB.
EXPORT_LIMIT = 10 * 1024 * 1024


def export(native: Native, mime_type: str) -> bytes:
    """A native file in another format.

    Raises:
        GoogleError: 400 for a format it has no export to, 403 `exportSizeLimitExceeded` over 10 MB.
    """
    data = written(native, mime_type)
    if len(data) > EXPORT_LIMIT:
        raise GoogleError(403, "exportSizeLimitExceeded", "This file is too large to be exported.")
    return data


def written(native: Native, mime_type: str) -> bytes:
    """The same without a limit, as export links give it."""
    write = _WRITERS.get((type(native), mime_type))
    if write is None:
        raise bad_request("The requested conversion is not supported.", location="convertTo")
    return write(native)


def _markdown(document: Document) -> bytes:
    return document_to_markdown(document).encode()


def _text(document: Document) -> bytes:
    # Google's text export starts with a byte order mark and ends its lines as Windows does.
    lines = [line for block, marker in _marked(document) for line in _text_lines(block, marker)]
    return ("\ufeff" + "\r\n".join(lines)).encode()


def _marked(document: Document) -> Iterator[tuple[Block, str]]:
    return zip(document.blocks, list_markers(document.blocks), strict=True)


def _text_lines(block: Block, marker: str) -> list[str]:
    match block:
        case Heading(text, _):
            return [text, ""]
        case Paragraph(text):
            return [plain(text), ""]
        case ListItem(text, level, _):
            return [f"{'   ' * level}{marker} {plain(text)}"]
        case Table(rows):
            return ["\t".join(row) for row in rows] + [""]
        case Picture():
            return [""]


def _html(document: Document) -> bytes:
    body = "".join(_html_block(block) for block in document.blocks)
    head = '<meta content="text/html; charset=UTF-8" http-equiv="content-type">'
    return f'<html><head>{head}</head><body class="doc-content">{body}</body></html>'.encode()


def _html_block(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Paragraph(text):
            return f"<p>{_html_text(text)}</p>"
        case ListItem(text, level, ordered):
            kind = "ol" if ordered else "ul"
            return f'<{kind} class="lst-{level}"><li>{_html_text(text)}</li></{kind}>'
        case Table(rows):
            cells = ("".join(f"<td><p>{escape(cell)}</p></td>" for cell in row) for row in rows)
            return "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"
        case Picture(data, description):
            return f'<p><img alt="{escape(description)}" src="data:image/png;base64,{b64encode(data).decode()}"></p>'


def _html_text(text: Text) -> str:
    return "".join(_html_span(span) for span in spans(text))


def _html_span(span: Span) -> str:
    styles = ["font-weight:700"] * span.bold + ["font-style:italic"] * span.italic
    shown = f'<span style="{";".join(styles)}">{escape(span.text)}</span>'
    return f'<a href="{escape(span.link)}">{shown}</a>' if span.link else shown


def _docx(document: Document) -> bytes:
    import docx

    made = docx.Document()
    for block in document.blocks:
        match block:
            case Heading(text, level):
                made.add_heading(text, level)
            case Paragraph(text):
                _docx_runs(made.add_paragraph(), text)
            case ListItem(text, level, ordered):
                style = "List Number" if ordered else "List Bullet"
                _docx_runs(made.add_paragraph(style=style + (f" {min(level + 1, 3)}" if level else "")), text)
            case Table(rows):
                table = made.add_table(rows=len(rows), cols=max(map(len, rows), default=1))
                for row, cells in zip(table.rows, rows, strict=True):
                    for cell, value in zip(row.cells, cells, strict=False):
                        cell.text = value
            case Picture():
                made.add_paragraph()
    return _saved(made.save)


def _docx_runs(paragraph: Any, text: Text) -> None:
    for span in spans(text):
        run = paragraph.add_run(span.text)
        run.bold, run.italic = span.bold or None, span.italic or None


def _pdf(document: Document) -> bytes:
    from fpdf import FPDF

    made = FPDF()
    made.add_page()
    for block, marker in _marked(document):
        size = 18 - 2 * block.level if isinstance(block, Heading) else 11
        made.set_font("Helvetica", size=max(size, 8))
        for line in _text_lines(block, marker):
            # The built-in fonts of PDF are Latin-1.
            made.multi_cell(0, text=line.encode("latin-1", "replace").decode("latin-1"), new_x="LMARGIN", new_y="NEXT")
    return bytes(made.output())


def _csv(spreadsheet: Spreadsheet) -> bytes:
    out = io.StringIO()
    rows = spreadsheet.tabs[0].rows if spreadsheet.tabs else ()
    csv.writer(out).writerows([_shown(cell) for cell in row] for row in rows)
    return out.getvalue().removesuffix("\r\n").encode()


def _shown(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    return "" if cell is None else str(cell)


def _xlsx(spreadsheet: Spreadsheet) -> bytes:
    from openpyxl import Workbook

    made = Workbook(write_only=True)
    for tab in spreadsheet.tabs:
        # Excel allows 31 characters in a sheet's name.
        sheet = made.create_sheet(tab.name[:31])
        for row in tab.rows:
            sheet.append(list(row))
    return _saved(made.save)


def _slides_text(presentation: Presentation) -> bytes:
    pages = ["\r\n".join([slide.title, *slide.body]) for slide in presentation.slides]
    return ("\ufeff" + "\r\n\r\n".join(pages)).encode()


def _pptx(presentation: Presentation) -> bytes:
    import pptx

    made: Any = pptx.Presentation()
    for slide in presentation.slides:
        page = made.slides.add_slide(made.slide_layouts[1])
        page.shapes.title.text = slide.title
        page.placeholders[1].text_frame.text = "\n".join(slide.body)
        if slide.notes:
            page.notes_slide.notes_text_frame.text = slide.notes
    return _saved(made.save)


def _saved(save: Callable[[Any], Any]) -> bytes:
    out = io.BytesIO()
    save(out)
    return out.getvalue()


_WRITERS: dict[tuple[type, str], Callable[[Any], bytes]] = {
    (Document, "text/markdown"): _markdown,
    (Document, "text/plain"): _text,
    (Document, "text/html"): _html,
    (Document, "application/pdf"): _pdf,
    (Document, DOCX): _docx,
    (Spreadsheet, "text/csv"): _csv,
    (Spreadsheet, XLSX): _xlsx,
    (Presentation, "text/plain"): _slides_text,
    (Presentation, PPTX): _pptx,
}
