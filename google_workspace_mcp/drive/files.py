"""Bytes of files in Drive: as they are, or for Google's own documents as an export."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final, Self

from google_workspace_mcp.core.content.characters import clean_line
from google_workspace_mcp.core.errors import GoogleRefusedError, TooLargeError, UserInputError
from google_workspace_mcp.core.files.content import Content
from google_workspace_mcp.core.files.links import Item
from google_workspace_mcp.core.google.session import GoogleSession
from google_workspace_mcp.drive.kinds import FOLDER, GOOGLE_DOC, GOOGLE_SHEET, GOOGLE_SLIDES, SHORTCUT, in_words

FILE: Final = "drive.file"
# The API's own method stops at 10 MB; beside it, this is our own limit.
_MOST_EXPORTED = 64 * 2**20
EXPORT_LIMIT_NOTE: Final = "exports end at 64 MB"
_EXPORT_SIZE = "export_size"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
_SCRIPT_JSON = "application/vnd.google-apps.script+json"

FORMATS: Final[Mapping[str, str]] = {
    "docx": f"{_OFFICE}wordprocessingml.document",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "pptx": f"{_OFFICE}presentationml.presentation",
    "pdf": "application/pdf",
    "odt": f"{_OPEN}text",
    "ods": f"{_OPEN}spreadsheet",
    "odp": f"{_OPEN}presentation",
    "rtf": "application/rtf",
    "epub": "application/epub+zip",
    "txt": "text/plain",
    "md": "text/markdown",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "html": "text/html",
    "zip": "application/zip",
    "png": "image/png",
    "jpg": "image/jpeg",
    "svg": "image/svg+xml",
    "json": _SCRIPT_JSON,
}

# As Drive's own "Download" does it.
_USUAL = {
    GOOGLE_DOC: "docx",
    GOOGLE_SHEET: "xlsx",
    GOOGLE_SLIDES: "pptx",
    "application/vnd.google-apps.drawing": "png",
    "application/vnd.google-apps.script": "json",
}
_NATIVE = "application/vnd.google-apps."
FIELDS: Final = (
    "id,name,mimeType,size,md5Checksum,exportLinks,capabilities/canDownload,shortcutDetails(targetId,targetMimeType)"
)


@dataclass(frozen=True, slots=True)
class Downloadable:
    """What matters of a file whose bytes are wanted. `size` is None for what has no bytes of its own.

    `exports` has the addresses of exports beside the API, by format.
    """

    id: str
    name: str
    mime_type: str
    size: int | None
    checksum: str
    exports: Mapping[str, str]
    allowed: bool
    target_id: str

    @classmethod
    def of(cls, file: dict[str, Any]) -> Self:
        """From a `File` of Drive v3 with `FIELDS`."""
        links: dict[str, Any] = file.get("exportLinks") or {}
        return cls(
            id=str(file["id"]),
            name=clean_line(str(file.get("name", "")), 200) or "(no name)",
            mime_type=str(file.get("mimeType", "")),
            size=int(file["size"]) if "size" in file else None,
            checksum=str(file.get("md5Checksum", "")),
            exports={name: str(links[media_type]) for name, media_type in FORMATS.items() if media_type in links},
            allowed=bool((file.get("capabilities") or {}).get("canDownload", True)),
            target_id=str((file.get("shortcutDetails") or {}).get("targetId", "")),
        )

    @property
    def is_native(self) -> bool:
        return self.mime_type.startswith(_NATIVE)

    def format_of(self, wanted: str) -> str:
        """The format to export it in, "" for the bytes as they are.

        Raises UserInputError for what cannot be meant, GoogleRefusedError when the owner does not allow downloads.
        """
        if self.mime_type in (FOLDER, SHORTCUT) or (self.is_native and not self.exports):
            raise UserInputError(
                f"A file of the kind “{in_words(self.mime_type)}” has no bytes to download",
                next_step="Open it in Google Drive, or name another file",
                reason="no_bytes",
            )
        if not self.allowed:
            raise GoogleRefusedError(
                "The file's owner does not allow downloading it",
                next_step="Ask the owner, or read it with drive_read",
                reason="no_download",
            )
        name = wanted.strip().lower().removeprefix(".")
        if not self.is_native:
            return self._as_it_is(name)
        name = name or _USUAL.get(self.mime_type, next(iter(self.exports)))
        if name not in self.exports:
            formats = ", ".join(self.exports)
            raise UserInputError(
                f"A {in_words(self.mime_type)} has no such export", next_step=f"Use one of {formats}", reason="format"
            )
        return name

    def _as_it_is(self, wanted: str) -> str:
        if wanted and wanted != self.name.lower().rpartition(".")[2] and FORMATS.get(wanted) != self.mime_type:
            raise UserInputError(
                "That file has bytes of its own and is not converted",
                next_step="Leave `format` out",
                reason="format",
            )
        return ""

    def name_as(self, export: str) -> str:
        """The name that the bytes are saved under."""
        return self.name if not export or self.name.lower().endswith(f".{export}") else f"{self.name}.{export}"

    def type_as(self, export: str) -> str:
        return FORMATS[export] if export else self.mime_type


class FileSource:
    """Files by id, and exports by id and format."""

    capability = "drive.read"

    async def find(self, google: GoogleSession, where: tuple[str, ...]) -> Content:
        file_id, export = where
        file = await metadata(google, file_id)
        file.format_of(export)  # what was possible when the link was made may not be any more
        return content_of(google, file, export)


def content_of(google: GoogleSession, file: Downloadable, export: str) -> Content:
    """The bytes of the file, or of its export in that format, with a way to read them."""

    def read(start: int, stop: int | None) -> AsyncGenerator[bytes]:
        if export:
            return _exported(google, file, export)
        request = google.drive.files.get_media(fileId=file.id, supportsAllDrives=True)
        return google.stream(request, max_bytes=file.size or 0, start=start, stop=stop)

    tag = f'"{file.checksum}"' if file.checksum and not export else ""
    return Content(file.name_as(export), file.type_as(export), None if export else file.size or 0, read, tag)


async def _exported(google: GoogleSession, file: Downloadable, export: str) -> AsyncGenerator[bytes]:
    """An export by the API, or beside it when it is larger than what that gives."""
    request = google.drive.files.export_media(fileId=file.id, mimeType=FORMATS[export])
    try:
        async with aclosing(google.stream(request, max_bytes=_MOST_EXPORTED)) as chunks:
            async for chunk in chunks:
                yield chunk
    except TooLargeError as error:
        if error.reason != _EXPORT_SIZE:
            raise
    else:
        return
    async with aclosing(google.stream_export(file.exports[export], max_bytes=_MOST_EXPORTED)) as chunks:
        async for chunk in chunks:
            yield chunk


def item(file: Downloadable, export: str) -> Item:
    """What a link to these bytes leads to."""
    return Item(FILE, (file.id, export))


async def metadata(google: GoogleSession, file_id: str) -> Downloadable:
    """The file with that id, which has been checked."""
    request = google.drive.files.get(fileId=file_id, supportsAllDrives=True, fields=FIELDS)
    return Downloadable.of(await google.execute(request))
