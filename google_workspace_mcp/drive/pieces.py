"""Text files too large to be fetched whole: a piece of their bytes, from the exact place where the last one ended."""

import asyncio
import codecs
from contextlib import aclosing
from typing import Final

from google_workspace_mcp.core.content.budget import cut
from google_workspace_mcp.core.content.characters import clean
from google_workspace_mcp.core.content.documents.job import MARGIN
from google_workspace_mcp.core.content.documents.model import DocumentText
from google_workspace_mcp.core.content.documents.plain import charset_of, looks_like_text
from google_workspace_mcp.core.content.documents.problems import Remark, Trouble
from google_workspace_mcp.core.content.documents.wording import failure, sentences
from google_workspace_mcp.core.errors import TooLargeError, UserInputError
from google_workspace_mcp.core.tools.documents import Wanted
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.models import DriveFile

_HEAD: Final = 1 << 16
# Of any charset a character has at most so many bytes.
_WIDEST: Final = 4
_TEXTUAL = frozenset(
    {
        "application/csv",
        "application/json",
        "application/jsonl",
        "application/sql",
        "application/x-ndjson",
        "application/x-sql",
        "application/x-yaml",
        "application/yaml",
    }
)
# Pages hide text by what stands elsewhere in them, and calendars are no prose: neither is read in pieces.
_NOT_IN_PIECES = frozenset({"text/calendar", "text/html", "text/xml", "text/rtf"})
_NAMES = (".csv", ".ini", ".json", ".jsonl", ".log", ".md", ".ndjson", ".sql", ".tsv", ".txt", ".yaml", ".yml")
_UNKNOWN = frozenset({"", "application/octet-stream", "binary/octet-stream"})


def in_pieces(file: DriveFile) -> bool:
    """Whether a file of this type can be read piece by piece."""
    kind = file.mime_type.partition(";")[0].strip().lower()
    if kind in _UNKNOWN:
        return file.name.lower().endswith(_NAMES)
    return kind in _TEXTUAL or (kind.startswith("text/") and kind not in _NOT_IN_PIECES)


async def piece_of(work: Workspace, file: DriveFile, wanted: Wanted, otherwise: str) -> DocumentText:
    """A piece of a large text file. `offset` and `next_offset` count bytes, which is said in a note.

    One round trip: beside the piece the beginning of the file is fetched, which tells its charset.

    Raises UserInputError for a range or for what is no text, TooLargeError for a page.
    """
    if wanted.part.strip():
        raise UserInputError(
            "A text file of this size is read from an offset on, not by rows",
            next_step="Leave `range` out and go on with `offset`, which counts bytes",
            reason="no_parts",
        )
    offset = min(wanted.offset, file.size)
    first = max(0, offset - MARGIN * _WIDEST)
    stop = min(file.size, offset + wanted.max_chars * _WIDEST)
    head, data = await asyncio.gather(
        _bytes(work, file, 0, min(_HEAD, file.size)), _bytes(work, file, first, stop) if stop > first else _nothing()
    )
    charset, guessed = charset_of(head, file.mime_type)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise TooLargeError("A page of this size is not read here", next_step=otherwise, reason="document_too_large")
    before, piece = data[: offset - first], data[offset - first :]
    if charset == "utf-8" and head.isascii() and not _is_utf_8(piece):
        charset, guessed = "cp1252", True
    decoder = codecs.getincrementaldecoder(charset)(_errors(charset))
    text = decoder.decode(piece, stop == file.size)
    if not looks_like_text(text):
        error = failure(Trouble.NOT_TEXT)
        error.next_step = otherwise
        raise error
    shown = cut(text, wanted.max_chars)
    end = offset + len(shown.text.encode(charset, _errors(charset)))
    if end >= file.size or (not shown.remaining and stop == file.size):
        end = file.size
    notes = [f"a text file of {file.size:,} bytes, read in pieces: offsets count bytes"]
    notes += sentences({Remark.GUESSED_CHARSET: 1}, by_rows=False) if guessed else ()
    return DocumentText(
        text=clean(shown.text),
        kind="text",
        offset=offset,
        next_offset=end if end < file.size else 0,
        total_chars=0 if end < file.size else file.size,
        notes=tuple(notes),
        before=before.decode(charset, "ignore")[-MARGIN:],
        after=text[shown.end : shown.end + MARGIN],
    )


async def _bytes(work: Workspace, file: DriveFile, start: int, stop: int) -> bytes:
    request = work.google.drive.files.get_media(fileId=file.id, supportsAllDrives=True)
    data = bytearray()
    async with aclosing(work.google.stream(request, max_bytes=stop - start, start=start, stop=stop)) as chunks:
        async for chunk in chunks:
            data += chunk
    return bytes(data)


async def _nothing() -> bytes:
    return b""


def _is_utf_8(piece: bytes) -> bool:
    """Whether a piece is UTF-8, characters that are cut in two at its ends left aside."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(piece)
    except UnicodeDecodeError as error:
        return error.start < _WIDEST and _is_utf_8(piece[error.start + 1 :])
    return True


def _errors(charset: str) -> str:
    """Keeps what is not of the charset byte by byte, so that places in text and file belong together."""
    return "surrogatepass" if charset.startswith(("utf-16", "utf-32")) else "surrogateescape"
