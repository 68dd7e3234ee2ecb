"""Documents built to overload whoever reads them, small when packed."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

from tests.core.content.documents.making import repacked, sheet_xml, slides, with_strings, word, word_xml, workbook

_MB = 1_000_000
_BILLION_LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><l>&j;</l>"
)
_FORM = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>>>"
_OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    b"<w:body><w:p><w:r><w:t>&x;</w:t></w:r></w:p></w:body></w:document>"
)


def plain_word() -> bytes:
    return word(lambda document: document.add_paragraph("hello"))


def inflating_word() -> bytes:
    """300 MB of blanks in one entry."""
    return repacked(plain_word(), {"word/document.xml": b" " * (300 * _MB)})


def many_large_entries() -> bytes:
    """No entry is large alone."""
    return repacked(plain_word(), {f"word/media/{n}.xml": b" " * (9 * _MB) for n in range(20)})


def many_entries() -> bytes:
    return repacked(plain_word(), {f"customXml/{n}.xml": b"" for n in range(5_000)})


def lying_sizes() -> bytes:
    """The directory says 100 bytes for what unpacks to 200 MB."""
    return _said_size(repacked(plain_word(), {"word/document.xml": b" " * (200 * _MB)}), "word/document.xml", 100)


def _said_size(package: bytes, name: str, size: int) -> bytes:
    data = bytearray(package)
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        local = archive.getinfo(name).header_offset
    data[local + 22 : local + 26] = struct.pack("<I", size)
    at = data.rindex(name.encode()) - 46
    data[at + 24 : at + 28] = struct.pack("<I", size)
    return bytes(data)


def overlapping_entries() -> bytes:
    """2,000 names for one and the same 9 MB."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    content = b" " * (9 * _MB)
    body = packed.compress(content) + packed.flush()
    sizes = (zlib.crc32(content), len(body), len(content))
    out = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 0, *sizes, 1, 0) + b"a" + body
    start, names = len(out), [b"%05d" % n for n in range(1_900)]
    for name in names:
        out += struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 8, 0, 0, *sizes, len(name), 0, 0, 0, 0, 0, 0) + name
    return out + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, len(names), len(names), len(out) - start, start, 0)


def nested_archive() -> bytes:
    """An archive in an archive in an archive: none but the first is ever opened."""
    inner = inflating_word()
    for _ in range(5):
        inner = repacked(plain_word(), {"word/embeddings/inner.docx": inner})
    return inner


def outward_names() -> bytes:
    """Names that lead out of any folder. Nothing is written, so they mean nothing."""
    return repacked(plain_word(), {"../../etc/passwd": b"x", "/root/.ssh/authorized_keys": b"x", "..\\x": b"x"})


def symbolic_link() -> bytes:
    out = io.BytesIO(plain_word())
    with zipfile.ZipFile(out, "a") as archive:
        link = zipfile.ZipInfo("word/link.xml")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return out.getvalue()


def laughs() -> bytes:
    return repacked(plain_word(), {"word/document.xml": _BILLION_LAUGHS})


def laughs_in_styles() -> bytes:
    return repacked(workbook(lambda book: book), {"xl/styles.xml": _BILLION_LAUGHS})


def laughs_in_slides() -> bytes:
    return repacked(slides(lambda deck: deck), {"ppt/presentation.xml": _BILLION_LAUGHS})


def outside_entity() -> bytes:
    return repacked(plain_word(), {"word/document.xml": _OUTSIDE})


def deep_word() -> bytes:
    return word_xml("<w:sdt>" * 200_000 + "</w:sdt>" * 200_000)


def deep_relations() -> bytes:
    deep = b"<a>" * 100_000 + b"</a>" * 100_000
    return repacked(plain_word(), {"_rels/.rels": deep})


def huge_attribute() -> bytes:
    return word_xml(f"<w:p w:x='{'a' * (60 * _MB)}'/>")


def many_attributes() -> bytes:
    return word_xml("<w:p " + " ".join(f"a{n}='1'" for n in range(500_000)) + "/>")


# What follows is not packed, so that it passes the limits of unpacking and meets those behind them.


def million_cells() -> bytes:
    row = "<row>" + "<c><v>1</v></c>" * 1000 + "</row>"
    return sheet_xml(row * 1_100, method=zipfile.ZIP_STORED)


def million_hidden_cells() -> bytes:
    """None of them is shown, so the end is never near."""
    row = "<row hidden='1'>" + "<c><v>1</v></c>" * 1000 + "</row>"
    return sheet_xml(row * 1_100, method=zipfile.ZIP_STORED)


def million_rows_of_nothing() -> bytes:
    return sheet_xml("<row/>" * 2_900_000, method=zipfile.ZIP_STORED)


def lying_dimension() -> bytes:
    rows = "<row r='1'><c r='A1'><v>1</v></c></row><row r='1048576'><c r='XFD1048576'><v>2</v></c></row>"
    return sheet_xml(rows, before="<dimension ref='A1:XFD1048576'/><cols><col min='1' max='16384'/></cols>")


def columns_without_end() -> bytes:
    return sheet_xml("<row>" + "<c><v>1</v></c>" * 1_100_000 + "</row>", method=zipfile.ZIP_STORED)


def million_strings() -> bytes:
    strings = (
        "<sst xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'>" + "<si><t>ab</t></si>" * 1_000_000
    )
    book = sheet_xml("<row><c t='s'><v>999999</v></c></row>")
    return with_strings(book, f"{strings}</sst>", method=zipfile.ZIP_STORED)


def million_hidden_columns() -> bytes:
    columns = "<col min='1' max='2' hidden='1'/>" * 500_000
    rows = "<row><c><v>1</v></c></row>" * 40_000
    return sheet_xml(rows, before=f"<cols>{columns}</cols>", method=zipfile.ZIP_STORED)


def many_paragraphs() -> bytes:
    return word_xml("<w:p><w:r><w:t>.</w:t></w:r></w:p>" * 500_000, method=zipfile.ZIP_STORED)


def wide_table() -> bytes:
    cells = "<w:tc><w:p><w:r><w:t>.</w:t></w:r></w:p></w:tc>" * 380_000
    return word_xml(f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>", method=zipfile.ZIP_STORED)


def runs_without_end() -> bytes:
    return word_xml("<w:p>" + "<w:r><w:t>ab</w:t></w:r>" * 750_000 + "</w:p>", method=zipfile.ZIP_STORED)


def styles_in_a_ring() -> bytes:
    w = "xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'"
    ring = "".join(
        f"<w:style w:type='paragraph' w:styleId='S{n}'><w:basedOn w:val='S{(n + 1) % 5000}'/></w:style>"
        for n in range(5000)
    )
    body = "<w:p><w:pPr><w:pStyle w:val='S1'/></w:pPr><w:r><w:t>hello</w:t></w:r></w:p>" * 20_000
    return repacked(word_xml(body), {"word/styles.xml": f"<w:styles {w}>{ring}</w:styles>".encode()})


# -- PDF


def _pdf(objects: list[bytes]) -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalogue."""
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        size,
        table,
        size,
        len(out),
    )


def _stream(content: bytes, *, times: int = 1, extra: bytes = b"") -> bytes:
    filters = b"/FlateDecode " * times
    for _ in range(times):
        content = zlib.compress(content, 9)
    return b"<</Length %d/Filter[%s]%s>>stream\n%s\nendstream" % (len(content), filters, extra, content)


def _one_page(content: bytes) -> bytes:
    return _pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
            content,
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        ]
    )


def pages_in_a_ring() -> bytes:
    return _pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 100000/Parent 3 0 R>>",
            b"<</Type/Pages/Kids[2 0 R 3 0 R]/Count 100000/Parent 2 0 R>>",
        ]
    )


def hundred_thousand_pages() -> bytes:
    kids = b"3 0 R " * 100_000
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]>>"
    return _pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[%s]/Count 100000>>" % kids, page])


def pages_that_are_a_lie() -> bytes:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]>>"
    return _pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 2000000000>>", page])


def giant_content() -> bytes:
    return _one_page(_stream(b"BT /F 12 Tf 10 10 Td (x) Tj ET\n" * 8_000_000))


def content_packed_twice() -> bytes:
    return _one_page(_stream(b" " * (1500 * _MB), times=2))


def paths_without_end() -> bytes:
    return _one_page(_stream(b"0 0 m 1 1 l S\n" * 5_000_000))


def saves_without_end() -> bytes:
    return _one_page(_stream(b"q " * 20_000_000))


def forms_in_a_ring() -> bytes:
    return _pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>",
            _stream(b"/X Do " * 1000),
            _stream(
                b"/X Do /X Do", extra=b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 5 0 R>>>>"
            ),
        ]
    )


def forms_that_double() -> bytes:
    """Thirty forms, each drawing the next one twice: a billion of the last."""
    forms = [
        _stream(
            b"/X Do /X Do" if n < 29 else b"0 0 1 1 re f",
            extra=_FORM % (6 + n),
        )
        for n in range(30)
    ]
    return _pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>",
            _stream(b"/X Do"),
            *forms,
        ]
    )


def object_stream() -> bytes:
    """Objects packed in a stream of 500 MB."""
    packed = zlib.compress(b" " * (500 * _MB), 9)
    stream = b"<</Type/ObjStm/N 100000/First 900000/Length %d/Filter/FlateDecode>>stream\n%s\nendstream"
    return _pdf([b"<</Type/Catalog/Pages 3 0 R>>", stream % (len(packed), packed), b"<</Type/Pages/Kids[]/Count 0>>"])


def bookmarks_in_a_ring() -> bytes:
    return _pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R/Outlines 3 0 R>>",
            b"<</Type/Pages/Kids[5 0 R]/Count 1>>",
            b"<</First 4 0 R/Last 4 0 R/Count 1>>",
            b"<</Title(a)/Next 4 0 R/First 4 0 R/Last 4 0 R/Parent 3 0 R>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
        ]
    )


def arrays_without_end() -> bytes:
    return _pdf([b"<</Type/Catalog/Pages " + b"[" * 3_000_000 + b">>"])


# -- text


def deep_page() -> bytes:
    return b"<html>" + b"<div>" * 3_000_000


def tags_without_end() -> bytes:
    return b"<html>" + b"<" * 19 * _MB


def quotes_without_end() -> bytes:
    return b'a,"' + b'""' * 9 * _MB


def lines_without_end() -> bytes:
    return b"\n" * 19 * _MB


def commas_without_end() -> bytes:
    return b"," * 19 * _MB


def escapes_without_end() -> bytes:
    return b"\x1b$B" * 6 * _MB


def folded_calendar() -> bytes:
    return b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\nSUMMARY:x\r\n" * 700_000


def drawings_without_end() -> bytes:
    return b"<svg>" + b"<text>a" * 2_500_000


OFFICE: tuple[Callable[[], bytes], ...] = (
    inflating_word, many_large_entries, many_entries, lying_sizes, overlapping_entries, nested_archive, outward_names,
    symbolic_link, laughs, laughs_in_styles, laughs_in_slides, outside_entity, deep_word, deep_relations,
    huge_attribute, many_attributes, million_cells, million_hidden_cells, million_hidden_columns,
    million_rows_of_nothing, lying_dimension, columns_without_end, million_strings,
    many_paragraphs, wide_table, runs_without_end, styles_in_a_ring,
)  # fmt: skip
PDFS: tuple[Callable[[], bytes], ...] = (
    pages_in_a_ring, hundred_thousand_pages, pages_that_are_a_lie, giant_content, content_packed_twice,
    paths_without_end, saves_without_end, forms_in_a_ring, forms_that_double, object_stream, bookmarks_in_a_ring,
    arrays_without_end,
)  # fmt: skip
TEXTS: tuple[Callable[[], bytes], ...] = (
    deep_page, tags_without_end, quotes_without_end, lines_without_end, commas_without_end, escapes_without_end,
    folded_calendar, drawings_without_end,
)  # fmt: skip
