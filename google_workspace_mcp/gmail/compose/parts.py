"""A message as bytes that are made when they are asked for: files are held once, and encoded piece by piece."""

import base64
import quopri
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from google_workspace_mcp.core.content.lines import one_line
from google_workspace_mcp.gmail.compose.body import Body
from google_workspace_mcp.gmail.compose.fields import parameter

# 57 bytes are the 76 characters that a line of base64 may have (RFC 2045, 6.8).
_LINE_BYTES: Final = 57
_LINE_CHARS: Final = 78
_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
_LONGEST_NAME: Final = 200
OCTETS: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class File:
    """A file to attach. With a `content_id` it is an image that stands in the HTML as `cid:<content_id>`."""

    name: str
    mime_type: str
    data: bytes
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class _Base64:
    """Bytes that go out as lines of base64."""

    data: bytes

    def __len__(self) -> int:
        whole, rest = divmod(len(self.data), _LINE_BYTES)
        return whole * _LINE_CHARS + ((rest + 2) // 3 * 4 + 2 if rest else 0)

    def read(self, start: int, end: int) -> bytes:
        first, last = start // _LINE_CHARS, -(-end // _LINE_CHARS)
        lines = (
            base64.b64encode(self.data[line * _LINE_BYTES : (line + 1) * _LINE_BYTES]) + b"\r\n"
            for line in range(first, last)
        )
        return b"".join(lines)[start - first * _LINE_CHARS : end - first * _LINE_CHARS]


@dataclass(frozen=True, slots=True)
class _Plain:
    data: bytes

    def __len__(self) -> int:
        return len(self.data)

    def read(self, start: int, end: int) -> bytes:
        return self.data[start:end]


type _Segment = _Base64 | _Plain


class Message:
    """The bytes of a message."""

    def __init__(self, segments: Sequence[_Segment]) -> None:
        self._segments = segments
        self._ends = list(accumulate(len(segment) for segment in segments))

    @property
    def size(self) -> int:
        return self._ends[-1] if self._ends else 0

    def read(self, offset: int, length: int) -> bytes:
        """Exactly those bytes, fewer at the end."""
        pieces: list[bytes] = []
        begin = 0
        for segment, end in zip(self._segments, self._ends, strict=True):
            if begin < offset + length and offset < end:
                pieces.append(segment.read(max(0, offset - begin), min(len(segment), offset + length - begin)))
            begin = end
        return b"".join(pieces)

    def whole(self) -> bytes:
        return self.read(0, self.size)


def message(fields: str, body: Body, files: Sequence[File], boundary: str) -> Message:
    """The message with these header fields. `boundary` is a random word that no text contains.

    Alternatives for the text, related images around them, files around all of it, each level only where it is needed.
    """
    inline = [file for file in files if file.content_id]
    attached = [file for file in files if not file.content_id]
    tree = _alternatives(body, f"{boundary}-a")
    if inline and body.html:
        tree = _multipart("related", f"{boundary}-r", [tree, *map(_file, inline)])
    elif inline:
        attached = [*inline, *attached]
    if attached:
        tree = _multipart("mixed", f"{boundary}-m", [tree, *map(_file, attached)])
    return Message([_Plain(f"MIME-Version: 1.0\r\n{fields}".encode()), *tree])


def media_type(claimed: str) -> str:
    """The claimed type in lower case, without parameters; for anything that is none, that of unknown bytes.

    A message or a multipart as a type would have its bytes read as part of our own message.
    """
    bare = claimed.partition(";")[0].strip().lower()
    return bare if _TYPE.fullmatch(bare) and not bare.startswith(("multipart/", "message/")) else OCTETS


def file_name(name: str) -> str:
    """The name, without the folders before it. Raises UserInputError for line breaks and for too long ones."""
    return one_line(re.split(r"[/\\]", name.strip())[-1], "the file name", _LONGEST_NAME) or "attachment"


def _alternatives(body: Body, boundary: str) -> list[_Segment]:
    plain = _text("plain", body.text)
    return _multipart("alternative", boundary, [plain, _text("html", body.html)]) if body.html else plain


def _multipart(kind: str, boundary: str, parts: Sequence[Sequence[_Segment]]) -> list[_Segment]:
    segments: list[_Segment] = [_Plain(f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\n'.encode())]
    for part in parts:
        segments += [_Plain(f"--{boundary}\r\n".encode()), *part, _Plain(b"\r\n")]
    return [*segments, _Plain(f"--{boundary}--\r\n".encode())]


def _text(kind: str, text: str) -> list[_Segment]:
    """Quoted-printable where most of it stays readable so, base64 elsewhere."""
    data = text.replace("\n", "\r\n").encode()
    head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: "
    foreign = sum(byte > 126 for byte in data)
    if foreign > len(data) // 5:
        return [_Plain(f"{head}base64\r\n\r\n".encode()), _Base64(data)]
    # The library encodes line by line, and would take the carriage returns for characters.
    lines = [quopri.encodestring(line.encode()) for line in text.split("\n")]
    encoded = b"\r\n".join(line.replace(b"=\n", b"=\r\n") for line in lines)
    # Dots and "From " at the beginning of a line are changed by some transports.
    encoded = re.sub(rb"(?m)^(\.|From )", lambda found: b"=%02X" % found[0][0] + found[0][1:], encoded)
    return [_Plain(f"{head}quoted-printable\r\n\r\n".encode() + encoded)]


def _file(file: File) -> list[_Segment]:
    name = file_name(file.name)
    disposition = "inline" if file.content_id else "attachment"
    head = (
        f"Content-Type: {file.mime_type}{parameter('name', name)}\r\n"
        f"Content-Disposition: {disposition}{parameter('filename', name)}\r\n"
        "Content-Transfer-Encoding: base64\r\n" + (f"Content-ID: <{file.content_id}>\r\n" if file.content_id else "")
    )
    return [_Plain(f"{head}\r\n".encode()), _Base64(file.data)]
