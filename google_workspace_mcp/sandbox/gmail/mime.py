"""The MIME tree of a raw message, with the shape that Gmail shows: part ids, names, decoded bytes.

`policy.compat32` parses, because it never raises on the broken mail that the real world sends; what the standard
library still cannot take (nesting beyond its recursion limit) becomes one plain text part.
"""

import base64
import binascii
import email
import quopri
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.message import Message
from functools import cached_property

from google_workspace_mcp.sandbox.gmail.headers import decode_value, split, try_decode

type Parsed = Message[str, str]

# Deeper parts are kept as bytes of their parent: a tree of JSON this deep is already more than any client reads.
DEEPEST = 60


@dataclass(frozen=True)
class Part:
    """One MIME part. `content` is transfer-decoded and empty for multiparts; `part_id` is "" for the root."""

    part_id: str
    mime_type: str
    filename: str
    headers: tuple[tuple[str, str], ...]
    content: bytes
    charset: str
    disposition: str
    children: "tuple[Part, ...]" = ()

    @property
    def is_text(self) -> bool:
        return self.mime_type.startswith("text/")

    @property
    def is_multipart(self) -> bool:
        return self.mime_type.startswith("multipart/")

    @property
    def is_readable(self) -> bool:
        """Whether the content is text to read in place; a multipart whose boundary never comes is nothing but text."""
        return not self.filename and (self.is_text or (self.is_multipart and bool(self.content)))

    @property
    def is_separate(self) -> bool:
        """Whether the bytes are fetched by attachment id rather than carried along."""
        return bool(self.filename) or not (self.is_text or self.is_multipart)

    @property
    def is_attachment(self) -> bool:
        """Whether a person sees a paper clip: named, and not a picture that belongs to the text."""
        inline = self.disposition == "inline" and any(name.lower() == "content-id" for name, _ in self.headers)
        return bool(self.filename) and not inline

    @cached_property
    def body(self) -> bytes:
        """What `body.data` holds: text without a name in UTF-8, or untouched when its bytes do not fit its charset."""
        if not self.is_text or self.filename:
            return self.content
        text = try_decode(self.content, self.charset or "utf-8")
        return self.content if text is None else text.encode()

    def walk(self) -> "Iterator[Part]":
        """This part and all below it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def header(self, name: str) -> str:
        """The first value of that name, or ""."""
        return next((value for key, value in self.headers if key.lower() == name), "")


def parse(raw: bytes) -> Part:
    """The tree of a whole message; every input gives one."""
    try:
        return _part(email.message_from_bytes(raw, policy=policy.compat32), "", 0)
    except RecursionError:
        fields, rest = split(raw)
        headers = tuple((field.name, field.value) for field in fields)
        return Part("", "text/plain", "", headers, rest, "", "")


def _part(message: Parsed, part_id: str, depth: int) -> Part:
    described = _described(message)
    # Without the field the parent decides the default: text, or a message within a digest (RFC 2046, 5.1.5).
    mime_type = (described if "content-type" in described else message).get_content_type().split()[0]
    children, content = _inside(message, mime_type, part_id, depth)
    return Part(
        part_id=part_id,
        mime_type=mime_type,
        filename=_filename(described),
        headers=_headers(message),
        content=content,
        charset=_charset(described),
        disposition=(described.get_content_disposition() or "").strip(),
        children=children,
    )


def _headers(message: Parsed) -> tuple[tuple[str, str], ...]:
    return tuple((name, decode_value(_as_bytes(value))) for name, value in message.raw_items())


def _as_bytes(value: object) -> bytes:
    return str(value).encode("utf-8", "surrogateescape")


def _described(message: Parsed) -> Parsed:
    """The two fields that describe a part, in clean text, for the standard library's parameter parsing (RFC 2231)."""
    clean: Parsed = Message()
    for name, value in message.raw_items():
        if name.lower() in ("content-type", "content-disposition") and name not in clean:
            text = _as_bytes(value).replace(b"\r", b"").replace(b"\n", b"")
            clean[name] = text.decode("utf-8", "replace")
    return clean


def _filename(described: Parsed) -> str:
    try:
        name = described.get_filename() or ""
    except (ValueError, LookupError, TypeError):
        return ""
    return decode_value(name.encode("utf-8", "surrogateescape"))


def _charset(described: Parsed) -> str:
    try:
        return described.get_content_charset() or ""
    except (ValueError, LookupError, TypeError):
        return ""


def _inside(message: Parsed, mime_type: str, part_id: str, depth: int) -> tuple[tuple[Part, ...], bytes]:
    if not message.is_multipart():
        return (), _decoded(message)
    parts = [item for item in message.get_payload() if isinstance(item, Message)]
    if mime_type.startswith("multipart/") and depth < DEEPEST:
        return tuple(_part(item, _below(part_id, index), depth + 1) for index, item in enumerate(parts)), b""
    content = b"".join(_flat(item) for item in parts)
    if mime_type == "message/rfc822" and depth < DEEPEST:
        content = _unpacked(message, content)
        inner = email.message_from_bytes(content, policy=policy.compat32)
        return (_part(inner, _below(part_id, 0), depth + 1),), content
    return (), content


def _below(part_id: str, index: int) -> str:
    return f"{part_id}.{index}" if part_id else str(index)


def _decoded(message: Parsed) -> bytes:
    # Without `decode` this would look up the charset, and raise for one with a NUL in it.
    content = message.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _flat(message: Parsed) -> bytes:
    try:
        return message.as_bytes(policy=policy.compat32)
    except (ValueError, LookupError, TypeError, AttributeError):
        return b"".join(f"{name}: {value}\n".encode("utf-8", "replace") for name, value in message.raw_items())


def _unpacked(outer: Parsed, content: bytes) -> bytes:
    """Some senders encode enclosed messages although RFC 2046 forbids it, and Gmail opens them all the same."""
    encoding = str(outer.get("content-transfer-encoding", "")).strip().lower()
    try:
        if encoding == "base64":
            return base64.b64decode(content)
        if encoding == "quoted-printable":
            return quopri.decodestring(content)
    except binascii.Error:
        return content
    return content
