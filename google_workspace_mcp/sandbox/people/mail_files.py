"""The files that hang on the sample mail, made by the usual libraries, the same bytes every time."""

import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

_WRITTEN = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def pdf(title: str, lines: Sequence[str], created: datetime) -> bytes:
    """One page of text for every thirty lines."""
    from fpdf import FPDF
    from fpdf.enums import XPos, YPos

    document = FPDF()
    document.set_creation_date(created)
    document.set_title(title)
    for start in range(0, len(lines), 30):
        document.add_page()
        document.set_font("Helvetica", size=16)
        document.cell(0, 12, title, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        document.set_font("Helvetica", size=11)
        for line in lines[start : start + 30]:
            document.multi_cell(0, 7, line or " ", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    return bytes(document.output())


def docx(title: str, paragraphs: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """A heading, paragraphs and a table."""
    from docx import Document

    document = Document()
    document.add_heading(title, level=1)
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    table = document.add_table(rows=0, cols=len(rows[0]))
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    file = io.BytesIO()
    document.save(file)
    return _settled(file.getvalue())


def xlsx(sheets: dict[str, Sequence[Sequence[str | float]]]) -> bytes:
    """A workbook with one sheet per entry."""
    from openpyxl import Workbook

    book = Workbook()
    for name in list(book.sheetnames):
        del book[name]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return _settled(file.getvalue())


def csv_text(rows: Sequence[Sequence[str | float]]) -> str:
    return "".join(",".join(str(cell) for cell in row) + "\r\n" for row in rows)


def invitation(
    uid: str, *, summary: str, start: datetime, hours: float, organizer: str, attendees: Sequence[str]
) -> str:
    """An iTIP request (RFC 5546)."""
    stamp = "%Y%m%dT%H%M%SZ"
    people = "".join(
        f"ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{one}\r\n" for one in attendees
    )
    at = start.astimezone(UTC)
    return (
        "BEGIN:VCALENDAR\r\nPRODID:-//Example//Calendar//EN\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\n"
        f"UID:{uid}\r\nDTSTAMP:{at:{stamp}}\r\nDTSTART:{at:{stamp}}\r\nDTEND:{at + timedelta(hours=hours):{stamp}}\r\n"
        f"SUMMARY:{summary}\r\nORGANIZER:mailto:{organizer}\r\n{people}STATUS:CONFIRMED\r\nSEQUENCE:0\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )


def png(color: tuple[int, int, int], width: int = 64, height: int = 40) -> bytes:
    """A plain coloured picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    header = width.to_bytes(4) + height.to_bytes(4) + bytes([8, 2, 0, 0, 0])
    rows = (b"\x00" + bytes(color) * width) * height
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def _settled(data: bytes) -> bytes:
    """The same archive without the times of writing, which the libraries take from the machine's clock."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _WRITTEN.sub(rb"\g<1>2026-01-01T00:00:00Z", content)
            target.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()
