"""The readable part of a message, and its attachments, from the tree of parts that Gmail's API gives.

A person's mail program shows the HTML alternative; so does this, lest a stub or something else entirely in the plain
part is read instead.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from google_workspace_mcp.core.content.characters import clean, clean_line
from google_workspace_mcp.core.content.headers import Headers, decoded
from google_workspace_mcp.core.content.html import visible_text
from google_workspace_mcp.core.content.invitations import invitation_text

JSON = dict[str, Any]

_MAX_DEPTH = 30
_MAX_PARTS = 1_000
_URL = re.compile(r"https?://\S+")
_UNNAMED = "(no name)"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is not shown as text. `inline`: an image that stands in the text."""

    part_id: str
    name: str
    mime_type: str
    size: int
    inline: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A message's text; how much hidden text was left out; whether all of it was read as a person sees it.

    `hidden` is the beginning of the hidden text, to be looked at and never shown.
    """

    text: str
    hidden_chars: int = 0
    complete: bool = True
    hidden: str = ""


def readable(payload: JSON, *, full_links: bool = False) -> Reading:
    """The text of a message. A message that consists of another one gives that one's text."""
    reading = _read(payload, 0, full_links)
    if reading.text:
        return reading
    inner = next((part for part in parts(payload) if _type(part) == "message/rfc822"), {})
    for _ in range(_MAX_DEPTH):
        if _type(inner) != "message/rfc822":
            break
        inner = (inner.get("parts") or [{}])[0]
    return _read(inner, 1, full_links) if inner else reading


def attachments(payload: JSON) -> list[Attachment]:
    """Every part that is kept as a file, those inside of attached messages left to these."""
    return [attachment for attachment, _ in files(payload)]


def files(payload: JSON) -> list[tuple[Attachment, JSON]]:
    """The same, each with the part itself."""
    return [(_attachment(part), part) for part in parts(payload) if _is_file(part)]


def count_attachments(payload: JSON) -> int:
    """How many files a person sees below the message: without images that stand in the text."""
    return sum(1 for attachment in attachments(payload) if not attachment.inline)


def parts(payload: JSON) -> Iterator[JSON]:
    """All parts in order, the whole first; what is inside an attached message is left out."""
    stack = [payload]
    for _ in range(_MAX_PARTS):
        if not stack:
            return
        part = stack.pop()
        yield part
        if part is payload or _type(part) != "message/rfc822":
            stack.extend(reversed(part.get("parts") or []))


def part_bytes(part: JSON) -> bytes:
    """What a part carries along; nothing for one that Gmail keeps apart."""
    data = str((part.get("body") or {}).get("data") or "")
    try:
        return base64.b64decode(data + "=" * (-len(data) % 4), altchars=b"-_")
    except (binascii.Error, ValueError):
        return b""


def part_text(part: JSON) -> str:
    """A text part's characters. Gmail gives UTF-8; where it could not, what the part says it is, or Windows-1252."""
    content = part_bytes(part)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        charset = Headers.of(part).parameter("Content-Type", "charset").lower()
    try:
        # UTF-8 has just failed, and every byte is a character in the most usual of the others.
        return content.decode("cp1252" if charset in {"", "utf-8", "utf8", "us-ascii"} else charset, "replace")
    except (LookupError, ValueError):
        return content.decode("cp1252", "replace")


def _read(part: JSON, depth: int, full_links: bool) -> Reading:
    if depth > _MAX_DEPTH:
        return Reading("", complete=False)
    mime_type = _type(part)
    # A multipart that could not be taken apart has its source as text, and no parts.
    if mime_type.startswith("multipart/") and part.get("parts"):
        readings = [(_type(child), _read(child, depth + 1, full_links)) for child in (part.get("parts") or [])]
        return _chosen(readings) if mime_type == "multipart/alternative" else _joined([one for _, one in readings])
    if _is_file(part) or mime_type == "text/x-amp-html":
        return Reading("")
    match mime_type:
        case "text/html":
            seen = visible_text(part_text(part), full_links=full_links)
            return Reading(seen.text, seen.hidden_chars, seen.complete, seen.hidden)
        case "text/calendar":
            return Reading(clean(invitation_text(part_text(part))))
        case _:
            return Reading(clean(part_text(part)))


def _chosen(readings: list[tuple[str, Reading]]) -> Reading:
    """The alternative that a person is shown: the last that is not plain, unless it hardly says anything.

    Then the plain one says more; but it is not what the person sees, so the reading is not complete in that sense.
    """
    plain = next((one for kind, one in readings if kind == "text/plain" and one.text), Reading(""))
    others = [one for kind, one in readings if kind not in {"text/plain", "text/calendar"}]
    rich = [one for one in others if one.text]
    if not rich:
        invitation = next((one for kind, one in readings if kind == "text/calendar"), Reading(""))
        return replace(plain, complete=not others) if plain.text else invitation
    shown = rich[-1]
    words = len(_URL.sub("", plain.text))
    # An HTML part that is one picture or a note on how to read it says less than its plain alternative.
    says_more = plain.text and words > 3 * len(shown.text) + 200
    return replace(plain, complete=False) if says_more else shown


def _joined(readings: list[Reading]) -> Reading:
    return Reading(
        "\n\n".join(one.text for one in readings if one.text),
        sum(one.hidden_chars for one in readings),
        all(one.complete for one in readings),
        "\n".join(one.hidden for one in readings if one.hidden),
    )


def _type(part: JSON) -> str:
    return str(part.get("mimeType") or "text/plain").lower()


def _is_file(part: JSON) -> bool:
    mime_type = _type(part)
    if mime_type.startswith("multipart/"):
        return False
    if part.get("filename") or Headers.of(part).raw("Content-Disposition").lower().startswith("attachment"):
        return True
    if mime_type == "message/rfc822":
        return True
    # A text that Gmail keeps apart has no characters here.
    return bool((part.get("body") or {}).get("attachmentId")) or not mime_type.startswith(("text/", "message/"))


def _attachment(part: JSON) -> Attachment:
    headers, mime_type = Headers.of(part), _type(part)
    name = clean_line(decoded(str(part.get("filename") or "") or headers.file_name()), 120)
    if not name and mime_type == "message/rfc822":
        inner = (part.get("parts") or [{}])[0]
        name = Headers.of(inner).line("Subject", 120) or headers.line("Content-Description", 120)
    attached = headers.raw("Content-Disposition").lower().startswith("attachment")
    return Attachment(
        part_id=str(part.get("partId") or ""),
        name=name or _UNNAMED,
        mime_type=clean_line(mime_type, 80),
        size=int((part.get("body") or {}).get("size") or 0),
        inline=mime_type.startswith("image/") and bool(headers.raw("Content-ID")) and not attached,
    )
