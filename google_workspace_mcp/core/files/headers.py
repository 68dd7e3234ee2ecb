"""Headers under which a stranger's bytes can do nothing in a browser: saved, never shown, never run, never kept."""

import re
import unicodedata
from typing import Final
from urllib.parse import quote

from google_workspace_mcp.core.content.characters import clean_line

_OCTETS: Final = "application/octet-stream"
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}")
# What a browser might run or render as a page if all else failed; SVG is among images, so these are named one by one.
_PASSIVE_TEXT: Final = frozenset({"text/plain", "text/csv", "text/calendar", "text/markdown"})
_PASSIVE_IMAGES: Final = frozenset(f"image/{name}" for name in ("png", "jpeg", "gif", "webp", "heic", "tiff", "bmp"))
_PASSIVE: Final = frozenset(
    {
        "application/pdf",
        "application/zip",
        "application/gzip",
        "application/json",
        "application/rtf",
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        "message/rfc822",
    }
)
_PASSIVE_FAMILIES: Final = (
    "audio/",
    "video/",
    "application/vnd.openxmlformats-officedocument.",
    "application/vnd.oasis.opendocument.",
)
_LONGEST_NAME = 200
_SEPARATORS = str.maketrans(dict.fromkeys('/\\:*?"<>|', "_"))


def safe_type(media_type: str) -> str:
    """The type as it may be told: one that nothing is run of, or `application/octet-stream`."""
    kind = media_type.partition(";")[0].strip().lower()
    passive = kind in _PASSIVE_TEXT | _PASSIVE_IMAGES | _PASSIVE or kind.startswith(_PASSIVE_FAMILIES)
    return kind if passive and _TYPE.fullmatch(kind) else _OCTETS


def safe_name(name: str) -> str:
    """The name without what leads to another folder, hides its ending or means something to a shell or a header."""
    line = clean_line(unicodedata.normalize("NFC", name)).translate(_SEPARATORS).strip(". ")
    if len(line) > _LONGEST_NAME:
        stem, dot, ending = line.rpartition(".")
        line = f"{stem[: _LONGEST_NAME - len(ending) - 1]}.{ending}" if dot and len(ending) < 20 else line
    return line[:_LONGEST_NAME] or "file"


def disposition(name: str) -> str:
    """`attachment` with the name for old clients, and in full for all others (RFC 6266, RFC 8187)."""
    whole = safe_name(name)
    plain = unicodedata.normalize("NFKD", whole).encode("ascii", "ignore").decode().strip(". ") or "file"
    encoded = "" if plain == whole else f"; filename*=UTF-8''{quote(whole, safe='')}"
    return f'attachment; filename="{plain}"{encoded}'


def download_headers(name: str, media_type: str) -> dict[str, str]:
    """All but those about length and ranges."""
    kind = safe_type(media_type)
    return {
        # The bytes of a text say themselves what their charset is, if anything does.
        "Content-Type": kind,
        "Content-Disposition": disposition(name),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex, nofollow",
    }
