"""Bounds request bodies: 4 MiB where tools are called, 256 MiB for uploads, 64 KiB elsewhere, 413 beyond.

A declared length is judged before anything is read. A body without one is counted while it streams, and the answer is
ours even when the application inside turns the interruption into an answer of its own.
"""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from google_workspace_mcp.core.http.headers import header_values
from google_workspace_mcp.core.http.paths import is_tool_call, is_upload, without_root
from google_workspace_mcp.core.http.problems import ProblemResponse

TOOL_CALL_LIMIT: Final = 4 * 1024 * 1024
UPLOAD_LIMIT: Final = 256 * 1024 * 1024
OTHER_LIMIT: Final = 64 * 1024


class BodyTooLargeError(Exception):
    """More came than was allowed, and 413 has been answered."""


class BodyLimit:
    """Refuses bodies over the limit of their endpoint."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = _limit_of(without_root(scope))
        if any(_length(value) > limit for value in header_values(scope, b"content-length")):
            await _too_large(limit)(scope, receive, send)
            return
        counted = _Counted(scope, receive, send, limit)
        try:
            await self._app(scope, counted.receive, counted.send)
        except BodyTooLargeError:
            if not counted.refused:
                raise


class _Counted:
    """One request's channel to the application inside, cut off once the body has grown over the limit."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._limit = limit
        self._size = 0
        self._answering = False
        self.refused = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        if self._size <= self._limit:
            return message
        if not self._answering and not self.refused:
            self.refused = True
            await _too_large(self._limit)(self._scope, self._receive, self._send)
        raise BodyTooLargeError

    async def send(self, message: Message) -> None:
        if not self.refused:
            self._answering = True
            await self._send(message)


def _limit_of(route: str) -> int:
    if is_upload(route):
        return UPLOAD_LIMIT
    return TOOL_CALL_LIMIT if is_tool_call(route) else OTHER_LIMIT


def _length(value: str) -> int:
    # What is not a number is for the HTTP parser to refuse.
    return int(value) if value.isascii() and value.isdigit() else 0


def _too_large(limit: int) -> ProblemResponse:
    # The rest of the body is still on its way: closing spares both sides from carrying it.
    detail = f"The request body may hold {limit // 1024} KiB at most."
    return ProblemResponse(413, detail, headers={"Connection": "close"})
