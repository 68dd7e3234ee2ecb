"""Base64 inside JSON, decoded while it streams: what Gmail gives in the place of bytes.

`{"data": "…"}` of a 25 MB attachment is 34 MB; read at once it is there three times. A `fields` mask of that one member
makes the answer simple enough to be read piece by piece.
"""

import base64
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing

from google_workspace_mcp.core.google.calls import CallKind
from google_workspace_mcp.core.google.failures import lost_answer

_OPENING = re.compile(rb'\s*\{\s*"(\w{1,40})"\s*:\s*"')
_EMPTY = re.compile(rb"\s*(?:\{\s*\}\s*)?")
_LONGEST_OPENING = 1000
_NO_DIGIT = re.compile(rb"[^A-Za-z0-9_-]")
# Google's JSON may write `=` as an escape.
_CLOSING = re.compile(rb'(?:=|\\u003[dD]){0,2}"\s*\}\s*')
_LONGEST_CLOSING = 1000


class _Decoder:
    """Takes an answer piece by piece and gives the bytes. What is anything else raises GoogleUnavailableError."""

    def __init__(self, member: str) -> None:
        self._member = member.encode()
        self._opening: bytes | None = b""
        self._digits = b""
        self._closing = b""

    def feed(self, piece: bytes) -> bytes:
        """The bytes that are whole by now."""
        if self._opening is not None:
            piece = self._after_opening(self._opening + piece)
        if not self._closing and (end := _NO_DIGIT.search(piece)):
            piece, self._closing = piece[: end.start()], piece[end.start() :]
        elif self._closing:
            piece, self._closing = b"", self._closing + piece
        if len(self._closing) > _LONGEST_CLOSING:
            raise _garbled()
        self._digits += piece
        whole = len(self._digits) // 4 * 4
        data, self._digits = base64.urlsafe_b64decode(self._digits[:whole]), self._digits[whole:]
        return data

    def end(self) -> bytes:
        """The last bytes, once the answer has ended where it should; an answer without the member holds none."""
        if self._opening is not None:
            if not self._opening.strip() or not _EMPTY.fullmatch(self._opening):
                raise _garbled()
            return b""
        if not _CLOSING.fullmatch(self._closing) or len(self._digits) == 1:
            raise _garbled()
        return base64.urlsafe_b64decode(self._digits + b"=" * (-len(self._digits) % 4))

    def _after_opening(self, head: bytes) -> bytes:
        found = _OPENING.match(head)
        if found is None:
            if len(head) > _LONGEST_OPENING:
                raise _garbled()
            self._opening = head
            return b""
        if found[1] != self._member:
            raise _garbled()
        self._opening = None
        return head[found.end() :]


async def decoded(chunks: AsyncGenerator[bytes], member: str) -> AsyncGenerator[bytes]:
    """The bytes of an answer that is a JSON object with nothing but that one member.

    Raises GoogleUnavailableError for any other answer, or one that breaks off, also when some bytes were given already.
    """
    decoder = _Decoder(member)
    async with aclosing(chunks):
        async for chunk in chunks:
            if data := decoder.feed(chunk):
                yield data
    if data := decoder.end():
        yield data


def _garbled() -> Exception:
    return lost_answer(CallKind.READ, "garbled_answer")
