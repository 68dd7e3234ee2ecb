"""Text files in any charset: as they stand, web pages as a browser shows them, tables as rows, calendars as events."""

import codecs
import csv
import io
import re
from collections.abc import Iterator

from charset_normalizer import from_bytes

from google_workspace_mcp.core.content.characters import clean, clean_line
from google_workspace_mcp.core.content.documents.drawing import seen_drawing
from google_workspace_mcp.core.content.documents.grid import row_line
from google_workspace_mcp.core.content.documents.job import Entry, Gathered, Job
from google_workspace_mcp.core.content.documents.locators import LAST_COLUMN, Range, column_letters, sheet_and_range
from google_workspace_mcp.core.content.documents.problems import DocumentProblem, Remark, Trouble
from google_workspace_mcp.core.content.html import VisibleText, visible_text
from google_workspace_mcp.core.content.invitations import invitation_text

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAID = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{2,40})", re.IGNORECASE)
_SAID_OUTSIDE = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._:-]{2,40})", re.IGNORECASE)
_ISO_2022_JP = re.compile(rb"\x1b(?:\$[@B]|\([BJ])")
_SAMPLE = 1 << 16
# Text in a Latin script has fewer letters beyond ASCII than this, and guessing at it does harm.
_FOREIGN_SHARE, _FOREIGN_BYTES = 0.15, 20
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]")
# Drive's Markdown puts each picture at the end as `[image1]: <data:image/png;base64,…>`: megabytes nobody can read.
_IMAGE_DEFINITION = re.compile(r"^\[(image\d+)\]: *<?data:[^\n]*$\n?", re.MULTILINE)
_IMAGE_REFERENCE = re.compile(r"!\[([^\]\n]{0,300})\]\[image\d{1,6}\]")
_INLINE_IMAGE = re.compile(r"!\[([^\]\n]{0,300})\]\(data:[^)\s]*\)")
_HEADING = re.compile(r"^(#{1,3}) +(\S[^\n]{0,200})", re.MULTILINE)
_MOST_EVENTS = 5_000
_TABLES = frozenset(("text/csv", "application/csv", "text/tab-separated-values"))


def decoded(data: bytes, said: str = "") -> tuple[str, bool]:
    """The characters, and whether their encoding is a guess.

    By byte order mark, else UTF-8 when it is that, else what the file or `said` (a media type) names if it decodes
    so, else a guess for text that is mostly not ASCII, else Windows-1252, which any bytes can be read as.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace"), False
    if encoding := _utf_16(data[:_SAMPLE]):
        return data.decode(encoding, "replace"), False
    names = [name.decode("ascii") for name in _SAID.findall(data[:1024])[:1]] + _SAID_OUTSIDE.findall(said)
    if _ISO_2022_JP.search(data[:_SAMPLE]):
        names.append("iso2022_jp_2")
    else:
        try:
            return data.decode("utf-8"), False
        except UnicodeDecodeError:
            pass
    for name in names:
        if (text := _strictly(data, name)) is not None:
            return text, False
    if (name := _guess(data)) and (text := _strictly(data, name)) is not None:
        return text, True
    return data.decode("cp1252", "replace"), True


def charset_of(head: bytes, said: str = "") -> tuple[str, bool]:
    """The charset of a text of which only the beginning is at hand, and whether it is a guess: see `decoded`.

    The name is one that decodes the rest without a byte order mark.
    """
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            order = "-le" if mark in (codecs.BOM_UTF32_LE, codecs.BOM_UTF16_LE) else "-be"
            return ("utf-8" if encoding == "utf-8-sig" else encoding + order), False
    if encoding := _utf_16(head[:_SAMPLE]):
        return encoding, False
    names = [name.decode("ascii") for name in _SAID.findall(head[:1024])[:1]] + _SAID_OUTSIDE.findall(said)
    names = ["iso2022_jp_2", *names] if _ISO_2022_JP.search(head) else ["utf-8", *names]
    for name in names:
        if _begins(head, name):
            return codecs.lookup(name).name, False
    guess = _guess(head)
    return (guess, True) if guess and _begins(head, guess) else ("cp1252", True)


def looks_like_text(text: str) -> bool:
    """Whether it has few control characters: an odd one is a slip, many are a file of another kind."""
    return len(_CONTROLS.findall(text[:_SAMPLE])) <= max(4, 0.02 * min(len(text), _SAMPLE))


def _begins(head: bytes, encoding: str) -> bool:
    """Whether that charset decodes the beginning, a character that is cut in two at its end left aside."""
    try:
        if not codecs.lookup(encoding)._is_text_encoding:  # pyright: ignore[reportPrivateUsage]
            return False
        codecs.getincrementaldecoder(encoding)().decode(head)
    except (LookupError, ValueError, OSError):
        return False
    return True


def _utf_16(sample: bytes) -> str:
    """UTF-16 without a mark: every other byte of Western text is zero."""
    if len(sample) < 8 or len(sample) % 2:
        sample = sample[: len(sample) // 2 * 2]
    half = len(sample) // 2
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if half >= 4 and odd > half * 0.7 and even < half * 0.1:
        return "utf-16-le"
    return "utf-16-be" if half >= 4 and even > half * 0.7 and odd < half * 0.1 else ""


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        if not codecs.lookup(encoding)._is_text_encoding:  # pyright: ignore[reportPrivateUsage]
            return None
        return data.decode(encoding)
    except (LookupError, ValueError, OSError):
        return None


def _guess(data: bytes) -> str:
    sample = data[:_SAMPLE]
    foreign = sum(1 for byte in sample if byte >= 0x80)
    if foreign < _FOREIGN_BYTES or foreign < _FOREIGN_SHARE * len(sample):
        return ""
    best = from_bytes(sample).best()
    return best.encoding if best else ""


def read_plain(job: Job, gathered: Gathered) -> None:
    """Gathers a text file by what it is. Raises DocumentProblem for bytes that are no text."""
    text, guessed = decoded(job.data, job.media_type)
    if not looks_like_text(text):
        raise DocumentProblem(Trouble.NOT_TEXT)
    gathered.say(Remark.GUESSED_CHARSET, int(guessed))
    media_type, name = job.media_type.partition(";")[0].strip().lower(), job.name.lower()
    beginning = text[:1000].lstrip("\ufeff \t\r\n").lower()
    if media_type in _TABLES or name.endswith((".csv", ".tsv")):
        _read_table(text, job, gathered)
        return
    if job.part.strip():
        raise DocumentProblem(Trouble.NO_PARTS)
    if media_type == "image/svg+xml" or name.endswith(".svg") or _is_drawing(beginning):
        _read_seen(seen_drawing(text), gathered)
    elif _is_page(media_type, name, beginning):
        _read_seen(visible_text(text), gathered)
    elif media_type == "text/calendar" or beginning.startswith("begin:vcalendar"):
        _read_calendar(text, gathered)
    elif media_type == "text/markdown" or name.endswith((".md", ".markdown")):
        _read_markdown(text, gathered)
    else:
        gathered.kind = "text"
        gathered.add(clean(text))


def _read_markdown(text: str, gathered: Gathered) -> None:
    gathered.kind, text = "Markdown", without_pictures(text)
    for _, title in _HEADING.findall(text[:1_000_000])[:100]:
        gathered.head(Entry("", clean_line(title, 100)))
    gathered.add(clean(text))


def without_pictures(markdown: str) -> str:
    """Pictures' data taken out, `[image: description]` or `[image]` left where they stood."""
    text = _IMAGE_DEFINITION.sub("", markdown)
    for pattern in (_IMAGE_REFERENCE, _INLINE_IMAGE):
        text = pattern.sub(lambda match: f"[image: {match[1]}]" if match[1].strip() else "[image]", text)
    return text


def _is_page(media_type: str, name: str, beginning: str) -> bool:
    if media_type in {"text/html", "application/xhtml+xml"} or name.endswith((".html", ".htm")):
        return True
    return beginning.startswith(("<!doctype html", "<html")) or (beginning.startswith("<?xml") and "<html" in beginning)


def _is_drawing(beginning: str) -> bool:
    return beginning.startswith(("<svg", "<!doctype svg")) or (beginning.startswith("<?xml") and "<svg" in beginning)


def _read_seen(seen: VisibleText, gathered: Gathered) -> None:
    gathered.kind = "HTML"
    gathered.hide(seen.hidden, seen.hidden_chars)
    gathered.say(Remark.NOT_AS_SEEN, int(not seen.complete))
    gathered.add(seen.text)


def _read_calendar(text: str, gathered: Gathered) -> None:
    gathered.kind = "calendar file"
    gathered.add(clean(invitation_text(text, most_events=_MOST_EVENTS, most_chars=len(text))) or clean(text))


def _read_table(text: str, job: Job, gathered: Gathered) -> None:
    _, place = sheet_and_range(job.part, [])
    gathered.kind, gathered.by_rows = "CSV", True
    last_row = last_column = 0
    for number, row in enumerate(_rows(text), start=1):
        last_row, last_column = number, max(last_column, len(row))
        if number > place.last_row:
            break
        if gathered.enough or job.time_left() < 0:
            gathered.say(Remark.STOPPED_AT, 0 if gathered.enough else number)
            gathered.stop()
            return
        if number >= place.first_row:
            _add_row(number, row, place, gathered)
    if place.last_row >= last_row:
        gathered.head(
            Entry("", f"A1:{column_letters(min(last_column, LAST_COLUMN))}{last_row}" if last_row else "empty")
        )


def _add_row(number: int, row: list[str], place: Range, gathered: Gathered) -> None:
    cells = {
        column: value
        for column, value in enumerate(row[: place.last_column], start=1)
        if column >= place.first_column and value
    }
    if line := row_line(number, cells, place):
        gathered.mark("", number)
        gathered.add(line, tight=True)


def _rows(text: str) -> Iterator[list[str]]:
    csv.field_size_limit(len(text) + 1)
    text = text.lstrip("\ufeff").replace("\x00", "")
    # Excel writes the separator in a first line of its own where it is not the usual one.
    if named := re.match(r"sep=(.)\r?\n", text):
        text, delimiter = text[named.end() :], named[1]
    else:
        bare = re.sub(r"\"[^\"]*\"", "", text[:4096])
        delimiter = max("\t;,|", key=lambda mark: (bare.count(mark), mark == ","))
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
