"""What files are made of: text in the call, an upload, or a file of a mail; and what Google makes of which type."""

import mimetypes
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final, Literal

from google_workspace_mcp.core.content.lines import one_line
from google_workspace_mcp.core.errors import TooLargeError, UserInputError
from google_workspace_mcp.core.files.claims import Upload
from google_workspace_mcp.core.google.uploads import Content
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.files import FORMATS
from google_workspace_mcp.drive.kinds import GOOGLE_DOC, GOOGLE_SHEET, GOOGLE_SLIDES, in_words

type Native = Literal["", "document", "spreadsheet", "presentation"]

NATIVE: Final[Mapping[str, str]] = {
    "document": GOOGLE_DOC,
    "spreadsheet": GOOGLE_SHEET,
    "presentation": GOOGLE_SLIDES,
}
OCTETS: Final = "application/octet-stream"
MOST_TEXT: Final = 2_000_000
_LONGEST_NAME: Final = 500
# Python's own table; the machine's would differ from one to the next. It has no Office types.
_TYPES: Final = mimetypes.MimeTypes()
_TEXT_OF: Final = {GOOGLE_DOC: "text/markdown", GOOGLE_SHEET: "text/csv"}
# Drive API, "Upload file data", import to Google Docs types: those that keep a document's structure.
_BECOMES: Final[Mapping[str, tuple[str, ...]]] = {
    GOOGLE_DOC: ("md", "html", "txt", "rtf", "docx", "odt"),
    GOOGLE_SHEET: ("csv", "tsv", "xlsx", "ods"),
    GOOGLE_SLIDES: ("pptx", "odp"),
}
_OLD_OFFICE: Final = {
    "application/msword": GOOGLE_DOC,
    "application/vnd.ms-excel": GOOGLE_SHEET,
    "application/vnd.ms-powerpoint": GOOGLE_SLIDES,
    "text/rtf": GOOGLE_DOC,
}
_CONVERTED: Final[Mapping[str, str]] = {
    **{FORMATS[name]: target for target, names in _BECOMES.items() for name in names},
    **_OLD_OFFICE,
}

# "Files you can store in Google Drive" (support.google.com/drive/answer/37603): what may be converted.
_MOST_CONVERTED: Final = {GOOGLE_DOC: 50 * 10**6, GOOGLE_SHEET: 100 * 10**6, GOOGLE_SLIDES: 100 * 10**6}


@dataclass(frozen=True, slots=True)
class Material:
    """Bytes to be stored, and the name and type that they came with. `upload_id` is given up once they are stored."""

    name: str
    content: Content
    upload_id: str = ""

    @property
    def media_type(self) -> str:
        return self.content.mime_type

    @property
    def size(self) -> int:
        return self.content.size

    def typed(self, media_type: str) -> "Material":
        """The same bytes under another type."""
        return replace(self, content=replace(self.content, mime_type=media_type))


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the content is to come from, as the caller says it: at most one of the three."""

    text: str = ""
    upload_id: str = ""
    message_id: str = ""
    part: str = ""

    @property
    def given(self) -> bool:
        return bool(self.text or self.upload_id or self.message_id)


type FromMail = Callable[[Workspace, str, str], Awaitable[Material]]
"""Fetches the file of a message, by message and by part or name."""


async def no_mail(_work: Workspace, _message_id: str, _part: str) -> Material:
    """Where mail is not offered."""
    raise UserInputError("Mail is not offered here", next_step="Use text or upload_id", reason="no_mail")


async def gathered(work: Workspace, sources: Sources, name: str, target: str, from_mail: FromMail) -> Material | None:
    """The content, with the type that its name or its source tells; None when none is given.

    `target` is the MIME type of Google's that it is to become, or empty. Raises UserInputError, NotFoundError.
    """
    if sum(map(bool, (sources.text, sources.upload_id, sources.message_id))) > 1:
        raise UserInputError(
            "the content comes from one of text, upload_id and message_id", next_step="Give one", reason="sources"
        )
    if sources.text:
        return in_memory(name, text_type(name, target), sources.text.encode("utf-8", "replace"))
    if sources.upload_id:
        return _uploaded(await work.uploads.open(sources.upload_id), sources.upload_id)
    return await from_mail(work, sources.message_id, sources.part) if sources.message_id else None


def in_memory(name: str, media_type: str, data: bytes) -> Material:
    """Content that is at hand."""

    async def read(offset: int, length: int) -> bytes:
        return data[offset : offset + length]

    return Material(name, Content(len(data), media_type, read))


def text_type(name: str, target: str) -> str:
    """The type of a text: what its name says, as far as that is a text, else what its target is best made of."""
    named = type_of(name)
    if (target and _CONVERTED.get(named) == target) or (not target and named != OCTETS):
        return named
    return _TEXT_OF.get(target, "text/plain")


def type_of(name: str) -> str:
    """The type that a file's name tells, `application/octet-stream` when it tells none."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    return FORMATS.get(ending) or _TYPES.guess_type(f"x.{ending}")[0] or OCTETS


def convertible(material: Material, target: str) -> Material:
    """The material with a type that Google turns into `target`.

    Raises UserInputError for one that it does not, TooLargeError for more than it converts.
    """
    most = _MOST_CONVERTED[target]
    if material.size > most:
        raise TooLargeError(
            f"Google makes a {in_words(target)} of at most {most // 10**6} MB",
            next_step="Store the file as it is, or split it",
            reason="conversion_size",
        )
    kind = material.media_type.partition(";")[0].strip().lower()
    for media_type in (kind, type_of(material.name)):
        if _CONVERTED.get(media_type) == target:
            return material.typed(media_type)
    raise UserInputError(
        f"Google makes no {in_words(target)} of a file of the kind “{in_words(kind)}”",
        next_step=f"A {in_words(target)} is made of {', '.join(_BECOMES[target])}; or store the file as it is",
        reason="conversion",
    )


def checked_name(name: str) -> str:
    """A name for a file. Raises UserInputError for line breaks, control characters, and too long ones."""
    return one_line(name.strip(), "name", _LONGEST_NAME)


def stem(name: str) -> str:
    """The name that a document of Google's gets from a file: without the ending of the type that it no longer has."""
    before, dot, ending = name.rpartition(".")
    return before if dot and before and _CONVERTED.get(type_of(f"x.{ending}")) else name


def _uploaded(upload: Upload, upload_id: str) -> Material:
    async def read(offset: int, length: int) -> bytes:
        data = bytearray()
        async with aclosing(upload.read(offset, offset + length)) as chunks:
            async for chunk in chunks:
                data += chunk
        return bytes(data)

    return Material(upload.name, Content(upload.size, upload.media_type, read), upload_id)
