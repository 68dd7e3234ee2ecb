"""Bytes on their way to Google: in one request when they are few, in a resumable upload when they are many.

A resumable upload is a session at Google: what has arrived can be asked for, so a break costs only what was under way,
and even the answer to the last piece can be fetched again. Source: Drive API, "Upload file data", resumable uploads.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx2

from google_workspace_mcp.core.errors import GoogleUnavailableError, WorkspaceError
from google_workspace_mcp.core.google.calls import JSON, CallKind
from google_workspace_mcp.core.google.downloads import Run
from google_workspace_mcp.core.google.failures import lost_answer
from google_workspace_mcp.core.google.outgoing import Outgoing, refuse_dot_segments
from google_workspace_mcp.core.google.prices import price_of
from google_workspace_mcp.core.google.transport import Exchange, GoogleTransport, Turn

if TYPE_CHECKING:
    from googleapiclient.http import HttpRequest, MediaUpload

SMALL = 5 * 2**20
# Pieces but the last must be multiples of 256 KiB; each is held in memory once.
PIECE = 4 * 2**20
_RECEIVED = re.compile(r"(?:bytes=)?0-(\d{1,18})")

type Progress = Callable[[int, int], Awaitable[None]]
"""Told after each piece: bytes that Google has, and bytes in all."""


@dataclass(frozen=True, slots=True)
class Content:
    """What is uploaded. `read(offset, length)` gives exactly those bytes, and may be asked for the same ones again."""

    size: int
    mime_type: str
    read: Callable[[int, int], Awaitable[bytes]]


async def upload(
    transport: GoogleTransport,
    build: "Callable[[MediaUpload], HttpRequest]",
    content: Content,
    run: Run,
    *,
    kind: CallKind,
    progress: Progress | None = None,
) -> JSON:
    """Google's answer once all bytes are there. Raises a WorkspaceError; after OutcomeUnknownError it may be there."""
    tell = progress or tell_nobody
    if content.size > SMALL:
        return await _Resumable(transport, content, run, kind, tell).run(build(_announced(content)))
    request = build(_in_memory(await content.read(0, content.size), content.mime_type))
    answer = await run(lambda turn: transport.send(request, turn, kind=kind))
    await tell(content.size, content.size)
    return answer


@dataclass(frozen=True, slots=True)
class _Step:
    """What Google says of a session: bytes that it has, or its answer to the whole."""

    received: int
    answer: JSON | None = None


@dataclass(frozen=True, slots=True)
class _Resumable:
    transport: GoogleTransport
    content: Content
    run_exchange: Run
    kind: CallKind
    tell: Progress

    async def run(self, request: "HttpRequest") -> JSON:
        start = _start_of(request, self.content)
        session = await self.run_exchange(lambda turn: self._session(start, turn))
        step, attempt = _Step(0), 1
        while step.answer is None:
            before = step.received
            try:
                step = await self._piece(start, session, step.received)
            except WorkspaceError as error:
                step = await self._after(
                    error, start, session, sent_all=before + PIECE >= self.content.size, attempt=attempt
                )
            if step.answer is None and step.received <= before:
                attempt += 1
                continue
            attempt = 1
            await self.tell(step.received, self.content.size)
        return step.answer

    async def _session(self, start: Outgoing, turn: Turn) -> str:
        """The address of a new session. Nothing exists yet, so this may be repeated whatever the upload makes."""

        async def read(response: httpx2.Response) -> str:
            if response.status_code >= 300:
                raise self.transport.failure(await self.transport.whole(response), CallKind.REPEATABLE_WRITE)
            return _own_address(response.headers.get("location", ""), start.url)

        units = price_of(start.method_id)
        return await self.transport.perform(Exchange(start, CallKind.REPEATABLE_WRITE, units, read), turn)

    async def _piece(self, start: Outgoing, session: str, offset: int) -> _Step:
        data = await self.content.read(offset, min(PIECE, self.content.size - offset))
        span = f"bytes {offset}-{offset + len(data) - 1}/{self.content.size}"
        # Declared as a send, so that it is not blindly repeated: how far it got is asked first.
        return await self._told(_put(start, session, span, data), CallKind.SEND)

    async def _after(
        self, error: WorkspaceError, start: Outgoing, session: str, *, sent_all: bool, attempt: int
    ) -> _Step:
        """How far the upload is after a break. Raises what is to be reported."""
        final = error.code not in ("outcome_unknown", "google_unavailable", "rate_limited")
        if final or attempt >= _MOST_BREAKS:
            raise self._reported(error, sent_all=sent_all)
        try:
            return await self._told(_put(start, session, f"bytes */{self.content.size}", b""), CallKind.READ)
        except WorkspaceError as again:
            raise self._reported(again, sent_all=sent_all) from None

    def _reported(self, error: WorkspaceError, *, sent_all: bool) -> WorkspaceError:
        """A file comes to be only when the last piece has arrived; before that, nothing has been done."""
        if error.code not in ("outcome_unknown", "google_unavailable"):
            return error
        return lost_answer(self.kind if sent_all else CallKind.READ, error.reason, error.retry_after)

    async def _told(self, outgoing: Outgoing, kind: CallKind) -> _Step:
        async def read(response: httpx2.Response) -> _Step:
            answer = await self.transport.whole(response)
            if answer.status == 308:
                found = _RECEIVED.fullmatch(answer.headers.get("range", ""))
                return _Step(int(found[1]) + 1 if found else 0)
            if answer.status in (404, 410):
                raise _session_lost()
            return _Step(self.content.size, self.transport.json(answer, kind, promised=True))

        return await self.run_exchange(lambda turn: self.transport.perform(Exchange(outgoing, kind, 0, read), turn))


_MOST_BREAKS = 5


class _Length:
    """As much of a file object as the library needs to learn its length."""

    def __init__(self, size: int) -> None:
        self._size = size

    def seek(self, *_: int) -> int:
        return self._size

    def tell(self) -> int:
        return self._size


def _announced(content: Content) -> "MediaUpload":
    from googleapiclient.http import MediaIoBaseUpload

    return MediaIoBaseUpload(_Length(content.size), mimetype=content.mime_type, resumable=True)


def _in_memory(data: bytes, mime_type: str) -> "MediaUpload":
    from googleapiclient.http import MediaInMemoryUpload

    return MediaInMemoryUpload(data, mimetype=mime_type, resumable=False)


def _start_of(request: "HttpRequest", content: Content) -> Outgoing:
    url, body = str(request.uri), request.body
    refuse_dot_segments(url)
    headers = {
        "content-type": str(request.headers.get("content-type", "application/json")),
        "accept": "application/json",
        "x-upload-content-type": content.mime_type,
        "x-upload-content-length": str(content.size),
    }
    content_bytes = body.encode() if isinstance(body, str) else body
    return Outgoing(str(request.methodId), str(request.method), url, headers, content_bytes, promises_json=True)


def _put(start: Outgoing, session: str, span: str, data: bytes) -> Outgoing:
    return Outgoing(start.method_id, "PUT", session, {"content-range": span}, data, promises_json=True)


def _own_address(location: str, started_at: str) -> str:
    """The session's address, if it lies where the upload was started: the token goes nowhere else."""
    session, start = urlsplit(location), urlsplit(started_at)
    if (session.scheme, session.netloc) != (start.scheme, start.netloc):
        raise GoogleUnavailableError(
            "Google pointed to another address, which is never followed",
            next_step="Tell the operator to check the service's Google address and its proxies",
            reason="redirect",
        )
    return location


def _session_lost() -> GoogleUnavailableError:
    return GoogleUnavailableError(
        "Google has dropped the upload that was under way", next_step="Start it again", reason="upload_lost"
    )


async def tell_nobody(_sent: int, _total: int) -> None:
    """The default: progress is not of interest."""
