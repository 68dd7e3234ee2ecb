"""Files that are text by themselves: told by their type, decoded, and read as a person would see them."""

import codecs
from dataclasses import dataclass
from typing import Protocol

from google_workspace_mcp.core.content.characters import clean
from google_workspace_mcp.core.content.html import visible_text
from google_workspace_mcp.core.content.invitations import invitation_text

# Text by content though not by name of its type.
_TEXT_TYPES = frozenset(
    {
        "application/json",
        "application/ld+json",
        "application/xml",
        "application/yaml",
        "application/x-yaml",
        "application/toml",
        "application/javascript",
        "application/x-javascript",
        "application/typescript",
        "application/sql",
        "application/x-sh",
        "application/x-httpd-php",
        "application/csv",
        "message/rfc822",
    }
)
_TEXT_ENDINGS = ("+json", "+xml", "+yaml")
# Mail programs often call a file of text by no type at all.
_TEXT_NAMES = frozenset({"txt", "csv", "tsv", "md", "json", "xml", "yaml", "yml", "log"})


@dataclass(frozen=True, slots=True)
class FileText:
    """A file's whole text. `note` says in words what it leaves out; `pages` and the like are told there too."""

    text: str
    note: str = ""


class FileReader(Protocol):
    """Makes text of a file's bytes."""

    async def __call__(self, data: bytes, media_type: str, name: str) -> FileText | None:
        """The text; None for a kind of file that it does not read. `name` helps where the type says nothing."""
        ...


def is_text(mime_type: str) -> bool:
    """Whether the bytes of such a file are text."""
    return mime_type.startswith("text/") or mime_type in _TEXT_TYPES or mime_type.endswith(_TEXT_ENDINGS)


def decoded(data: bytes) -> str:
    """The characters, by byte order mark, else UTF-8, else Windows-1252, which any bytes can be read as."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


async def read_plain(data: bytes, media_type: str, name: str) -> FileText | None:
    """Text, CSV, web pages and calendar files."""
    kind, ending = media_type.partition(";")[0].strip().lower(), name.lower().rpartition(".")[2]
    if kind in ("text/calendar", "application/ics") or ending == "ics":
        return FileText(clean(invitation_text(decoded(data))))
    if kind == "text/html" or ending in ("html", "htm"):
        seen = visible_text(decoded(data))
        hidden = f"{seen.hidden_chars} characters of hidden text left out" if seen.hidden_chars else ""
        return FileText(seen.text, hidden)
    return FileText(clean(decoded(data))) if is_text(kind) or ending in _TEXT_NAMES else None
