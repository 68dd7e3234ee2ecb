"""PDF: the text of its pages, by PDFium."""

import contextlib
import ctypes
import itertools
from collections.abc import Iterator

import pypdfium2 as pdfium
from pypdfium2 import raw

from google_workspace_mcp.core.content.characters import clean, clean_line
from google_workspace_mcp.core.content.documents.job import Entry, Gathered, Job
from google_workspace_mcp.core.content.documents.locators import pages
from google_workspace_mcp.core.content.documents.pdf_sight import Sight, look_at
from google_workspace_mcp.core.content.documents.problems import DocumentProblem, Remark, Trouble

_MOST_BOOKMARKS = 40
_LONGEST_PAGE = 2_000_000
_MOST_FIELDS = 2_000


def read_pdf(job: Job, gathered: Gathered) -> None:
    """Gathers the pages of `job.part`, all for an empty one, as far as they are needed. Raises DocumentProblem."""
    document = _opened(job.data)
    count = len(document)
    gathered.kind, gathered.parts = "PDF", count
    gathered.title = clean_line(document.get_metadata_value("Title"), 200)
    _tell_bookmarks(document, gathered)
    looked_at = 0
    for number in pages(job.part, count):
        if gathered.enough:
            gathered.stop()
            break
        if job.time_left() < 0:
            gathered.say(Remark.STOPPED_AT, number)
            gathered.stop()
            break
        looked_at += 1
        _read_page(document, number, gathered)
    without = gathered.remarks.pop(Remark.PAGES_WITHOUT_TEXT, 0)
    if looked_at and without == looked_at:
        gathered.say(Remark.NO_PAGE_HAS_TEXT, looked_at)
    else:
        gathered.say(Remark.PAGES_WITHOUT_TEXT, without)


def _opened(data: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError:
        locked = raw.FPDF_GetLastError() in {raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY}
        raise DocumentProblem(Trouble.PASSWORD if locked else Trouble.DAMAGED) from None


def _tell_bookmarks(document: pdfium.PdfDocument, gathered: Gathered) -> None:
    # Bookmarks that lead in a ring, or to a page that is not there, are no reason to read nothing.
    with contextlib.suppress(pdfium.PdfiumError, ValueError):
        for mark in itertools.islice(document.get_toc(max_depth=2), _MOST_BOOKMARKS):
            if title := clean_line(mark.get_title(), 100):
                place = mark.get_dest()
                index = place.get_index() if place else None
                gathered.head(Entry(str(index + 1) if index is not None else "", title))


def _read_page(document: pdfium.PdfDocument, number: int, gathered: Gathered) -> None:
    try:
        page = document[number - 1]
    except pdfium.PdfiumError:
        # One broken page is no reason to give up the others.
        gathered.say(Remark.PAGES_WITHOUT_TEXT)
        return
    sight, text = Sight(), ""
    try:
        if _has_fields(page) and raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_SUCCESS:
            page.close()
            page = document[number - 1]
        sight = look_at(page)
        text = _text(page, sight, gathered)
    except pdfium.PdfiumError:
        pass  # said below: the page has no text
    finally:
        page.close()
    if not text:
        gathered.say(Remark.PAGES_WITHOUT_TEXT)
        return
    if sight.layer:
        gathered.say(Remark.LAYER_PAGES)
    gathered.say(Remark.NOT_AS_SEEN, int(not sight.complete))
    gathered.mark("", number)
    gathered.add(f"[page {number}]\n{text}")


def _has_fields(page: pdfium.PdfPage) -> bool:
    """Whether there are forms or notes on the page whose text is drawn like the page's own."""
    count = raw.FPDFPage_GetAnnotCount(page)
    for index in range(count if count <= _MOST_FIELDS else 0):
        annotation = raw.FPDFPage_GetAnnot(page, index)
        kind = raw.FPDFAnnot_GetSubtype(annotation)
        raw.FPDFPage_CloseAnnot(annotation)
        if kind in {raw.FPDF_ANNOT_WIDGET, raw.FPDF_ANNOT_FREETEXT}:
            return True
    return False


def _text(page: pdfium.PdfPage, sight: Sight, gathered: Gathered) -> str:
    text_page = page.get_textpage()
    try:
        count = min(text_page.count_chars(), _LONGEST_PAGE)
        if count <= 0:
            return ""
        if not sight.unseen:
            return clean(text_page.get_text_range(0, count))
        kept, hidden = _seen_only(text_page, count, sight)
        gathered.hide(" ".join(hidden), sum(map(len, hidden)))
        return clean(kept)
    finally:
        text_page.close()


def _seen_only(text_page: pdfium.PdfTextPage, count: int, sight: Sight) -> tuple[str, list[str]]:
    """The characters of objects that are seen, and the texts of the others, one for each."""
    kept: list[str] = []
    hidden: dict[int | None, str] = {}
    for code, of in _characters(text_page, count):
        if not code:
            continue
        if of in sight.unseen:
            hidden[of] = hidden.get(of, "") + chr(code)
        else:
            kept.append(chr(code))
    return _whole("".join(kept)), [_whole(text) for text in hidden.values()]


def _whole(text: str) -> str:
    # Characters beyond the first plane come as two halves.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _characters(text_page: pdfium.PdfTextPage, count: int) -> Iterator[tuple[int, int | None]]:
    for index in range(count):
        of = ctypes.cast(raw.FPDFText_GetTextObject(text_page, index), ctypes.c_void_p).value
        yield min(raw.FPDFText_GetUnicode(text_page, index), 0x10FFFF), of
