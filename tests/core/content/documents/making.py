"""Documents for tests, written by the libraries that people's programs are made with, or bent by hand afterwards."""

import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import docx
import fpdf
import openpyxl
import pptx
from docx.document import Document
from fpdf import FPDF
from openpyxl.workbook import Workbook
from pptx.presentation import Presentation

from google_workspace_mcp.core.content.documents.job import Job
from google_workspace_mcp.core.content.documents.reading import answer


def read(data: bytes, **wanted: Any) -> dict[str, Any]:
    """What a reading process would answer, read right here."""
    return answer(Job(data, **wanted))


def text_of(data: bytes, **wanted: Any) -> str:
    """The text alone, of a document that can be read."""
    found = read(data, **wanted)
    assert "trouble" not in found, found
    return found["text"]


def trouble_of(data: bytes, **wanted: Any) -> str:
    """The code of what is wrong with a document."""
    return read(data, **wanted)["trouble"]


def word(write: Callable[[Document], Any]) -> bytes:
    document, out = docx.Document(), io.BytesIO()
    write(document)
    document.save(out)
    return out.getvalue()


def workbook(write: Callable[[Workbook], Any]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    write(book)
    book.save(out)
    return out.getvalue()


def slides(write: Callable[[Presentation], Any]) -> bytes:
    deck, out = pptx.Presentation(), io.BytesIO()
    write(deck)
    deck.save(out)
    return out.getvalue()


def pdf(*pages: Callable[[FPDF], Any]) -> bytes:
    document = fpdf.FPDF()
    document.set_font("helvetica", size=12)
    for write in pages:
        document.add_page()
        write(document)
    return bytes(document.output())


def said(text: str) -> Callable[[FPDF], Any]:
    """A page that says this."""
    return lambda page: page.multi_cell(0, text=text)


def repacked(package: bytes, changed: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The same package with some entries replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(out, "w", method) as new:
        for name in old.namelist():
            new.writestr(name, changed.get(name, old.read(name)))
        for name in changed.keys() - set(old.namelist()):
            new.writestr(name, changed[name])
    return out.getvalue()


def entry(package: bytes, name: str) -> bytes:
    """The bytes of one entry."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return archive.read(name)


def word_xml(body: str, *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A Word document with this between `<w:body>` and `</w:body>`."""
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    markup = f"<?xml version='1.0'?><w:document {space}><w:body>{body}</w:body></w:document>"
    return repacked(word(lambda document: document), {"word/document.xml": markup.encode()}, method=method)


def sheet_xml(rows: str, *, before: str = "", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A workbook whose only sheet has this in `<sheetData>`, and `before` in front of it."""
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    markup = f"<?xml version='1.0'?><worksheet {space}>{before}<sheetData>{rows}</sheetData></worksheet>"
    return repacked(workbook(lambda book: book), {"xl/worksheets/sheet1.xml": markup.encode()}, method=method)


def with_strings(book: bytes, strings: str, *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A workbook with this as its shared strings."""
    place, kind = "xl/_rels/workbook.xml.rels", "officeDocument/2006/relationships/sharedStrings"
    link = f'<Relationship Id="rIdS" Type="http://schemas.openxmlformats.org/{kind}" Target="sharedStrings.xml"/>'
    links = entry(book, place).replace(b"</Relationships>", link.encode() + b"</Relationships>")
    return repacked(book, {place: links, "xl/sharedStrings.xml": strings.encode()}, method=method)
