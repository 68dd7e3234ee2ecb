"""Multipart bodies, split byte for byte: media must not go through a text parser."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message

from google_workspace_mcp.sandbox.errors import malformed


@dataclass(frozen=True, slots=True)
class Part:
    """One part; header names are lower-case."""

    headers: Mapping[str, str]
    body: bytes

    def decoded(self) -> bytes:
        """The body without its transfer encoding."""
        if self.headers.get("content-transfer-encoding", "").lower() != "base64":
            return self.body
        try:
            return base64.b64decode(self.body)
        except binascii.Error:
            raise malformed("A part says base64 and is not.") from None


def split(body: bytes, content_type: str) -> list[Part]:
    """The parts of a multipart body (RFC 2046 section 5.1.1). Raises a 400 when boundary or end is missing."""
    boundary = boundary_of(content_type)
    if not boundary:
        raise malformed("The Content-Type names no multipart boundary.")
    delimiter = b"\n--" + boundary.encode("ascii", "replace")
    pieces = (b"\n" + body).split(delimiter)
    if len(pieces) < 3 or not pieces[-1].startswith(b"--"):
        raise malformed("The multipart body does not end with its closing boundary.")
    return [_part(piece) for piece in pieces[1:-1]]


def boundary_of(content_type: str) -> str:
    """The boundary parameter, or an empty string."""
    message = Message()
    message["Content-Type"] = content_type
    return message.get_boundary("") or ""


def head_and_body(data: bytes) -> tuple[dict[str, str], bytes]:
    """Split a block of header lines, long ones folded (RFC 5322, 2.2.3), from what follows the empty line."""
    headers: dict[str, str] = {}
    rest, name = data, ""
    while rest:
        line, _, rest = rest.partition(b"\n")
        text = line.strip().decode("latin-1")
        if not text:
            break
        if line[:1] in (b" ", b"\t") and name:
            headers[name] = f"{headers[name]} {text}".strip()
            continue
        name, _, value = text.partition(":")
        name = name.strip().lower()
        headers[name] = value.strip()
    return headers, rest


def _part(piece: bytes) -> Part:
    # What follows the boundary on its line is padding; the line break before the next boundary belongs to the boundary.
    padding, _, content = piece.partition(b"\n")
    headers, body = head_and_body(content)
    # A body of bare line feeds may well end with a carriage return of its own.
    return Part(headers, body.removesuffix(b"\r") if padding.endswith(b"\r") else body)
