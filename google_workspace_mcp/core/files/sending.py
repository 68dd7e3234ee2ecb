"""One download on its way out: from the first byte that Google gives to the last that the reader takes.

What fails before the first byte is an answer of its own. What fails afterwards breaks the connection off, so that a
part never looks like the whole. The reader sets the pace: nothing is asked of Google that has no place to go.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from google_workspace_mcp.core.errors import GoogleUnavailableError, WorkspaceError
from google_workspace_mcp.core.files.answers import failed
from google_workspace_mcp.core.logging import get_logger

# A reader that takes nothing for so long is gone, whatever its connection says.
STALLED_SECONDS = 60.0
_log = get_logger(__name__)


class _BrokenOffError(Exception):
    """Bytes were sent already, so there is nothing left but to end the connection."""


class Sending(Response):
    """The answer with status, headers and the bytes of `chunks`; `length` is how many there have to be, if known."""

    def __init__(
        self,
        request: Request,
        status: int,
        headers: Mapping[str, str],
        chunks: AsyncGenerator[bytes],
        *,
        length: int | None,
        done: Callable[[], None],
    ) -> None:
        """`done` is called when it is over, however it ends. Ownership of `chunks` passes here."""
        super().__init__(status_code=status)
        self._request = request
        self._fields = dict(headers)
        self._chunks = chunks
        self._length = length
        self._done = done

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.create_task(self._sent(scope, receive, send))
        leaving = asyncio.create_task(_gone(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                _log.info("download_left")
        finally:
            for task in (sending, leaving):
                task.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)
            self._done()
        if not sending.cancelled() and (error := sending.exception()) is not None:
            raise error

    async def _sent(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with aclosing(self._chunks) as chunks:
            try:
                first = await anext(chunks, b"")
            except WorkspaceError as error:
                _log.info("download_refused", code=error.code, reason=error.reason)
                # What the reader would still send is of no interest, so `receive` is left to whoever watches it.
                await failed(self._request, error)(scope, receive, send)
                return
            try:
                await self._flow(first, chunks, send)
            except (WorkspaceError, _BrokenOffError) as error:
                # Without an end to the body the server closes the connection, and the reader can tell.
                _log.warning("download_broken_off", code=getattr(error, "code", str(error)))

    async def _flow(self, first: bytes, chunks: AsyncGenerator[bytes], send: Send) -> None:
        fields = dict(self._fields) if self._length is None else {**self._fields, "content-length": str(self._length)}
        raw = [(name.lower().encode(), value.encode()) for name, value in fields.items()]
        await send({"type": "http.response.start", "status": self.status_code, "headers": raw})
        sent, piece = 0, first
        while piece:
            sent += len(piece)
            if self._length is not None and sent > self._length:
                raise _BrokenOffError("too_long")
            await _in_time(send({"type": "http.response.body", "body": piece, "more_body": True}))
            piece = await anext(chunks, b"")
        if self._length is not None and sent < self._length:
            raise GoogleUnavailableError("Google gave fewer bytes than it said", reason="too_short")
        await send({"type": "http.response.body", "body": b""})


async def _in_time(sending: Awaitable[None]) -> None:
    try:
        async with asyncio.timeout(STALLED_SECONDS):
            await sending
    except TimeoutError:
        raise _BrokenOffError("stalled") from None


async def _gone(receive: Receive) -> None:
    """Returns when the reader has closed the connection."""
    with contextlib.suppress(OSError):
        while (await receive())["type"] != "http.disconnect":
            pass
