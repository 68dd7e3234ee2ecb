"""Bytes of a file as they come, with a limit, continued where a connection broke."""

import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Protocol

import httpx2

from google_workspace_mcp.core.errors import GoogleUnavailableError
from google_workspace_mcp.core.google.calls import CallKind
from google_workspace_mcp.core.google.client import DOWNLOAD_TIMEOUT
from google_workspace_mcp.core.google.export_links import REDIRECTS, redirect_request
from google_workspace_mcp.core.google.failures import broken_connection, too_large
from google_workspace_mcp.core.google.outgoing import Outgoing
from google_workspace_mcp.core.google.prices import price_of
from google_workspace_mcp.core.google.transport import Exchange, GoogleTransport, Turn

_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18}|\*)")


class Run(Protocol):
    """Makes one exchange with a good token."""

    async def __call__[T](self, call: Callable[[Turn], Awaitable[T]]) -> T: ...


@dataclass(slots=True)
class _Position:
    """How much has come, of which version, and where it is to end. `version` is a strong entity tag, or empty."""

    at: int
    stop: int | None = None
    version: str = ""

    @property
    def range(self) -> str:
        """What to ask for; nothing for the whole file."""
        if not self.at and self.stop is None:
            return ""
        return f"bytes={self.at}-{'' if self.stop is None else self.stop - 1}"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for, whether it may send on to another address, and whether it goes without the token."""

    outgoing: Outgoing
    follow: bool = False
    bare: bool = False


async def stream(
    transport: GoogleTransport,
    outgoing: Outgoing,
    run: Run,
    *,
    max_bytes: int,
    start: int = 0,
    stop: int | None = None,
    export: bool = False,
) -> AsyncGenerator[bytes]:
    """The bytes from `start` to before `stop`. Raises TooLargeError when more than `max_bytes` come, and others.

    An `export` beside the API may be sent on, once, and then goes on without the token.

    After a break only the rest is asked for, of the same version; where Google cannot give that, the failure is
    reported: bytes of two versions are never put together.
    """
    position = _Position(start, stop)
    asked = _Asked(outgoing, follow=export)
    attempt, taken = 1, 0
    while True:
        response, turn = await run(lambda turn, asked=asked: _opened(transport, asked, position, turn))
        if isinstance(response, Outgoing):
            asked = _Asked(response, bare=True)
            continue
        chunks = response.aiter_bytes()
        try:
            while True:
                async with turn.deadline.limit():
                    chunk = await anext(chunks, None)
                if chunk is None:
                    return
                if position.stop is not None:
                    chunk = chunk[: position.stop - position.at]  # a range that was not heeded is cut here
                taken += len(chunk)
                if taken > max_bytes:
                    raise too_large(max_bytes)
                position.at += len(chunk)
                # Something came: the next break is a new one.
                attempt = 1
                yield chunk
                if position.at == position.stop:
                    return
        except httpx2.RequestError as error:
            failure = broken_connection(error, kind=CallKind.READ)
        finally:
            await response.aclose()
        pause = transport.pause_before_next(failure, turn.share, turn.deadline, kind=CallKind.READ, attempt=attempt)
        if pause is None:
            raise failure
        attempt += 1
        await transport.pause(pause, turn.deadline)


async def _opened(
    transport: GoogleTransport, asked: _Asked, position: _Position, turn: Turn
) -> tuple[httpx2.Response | Outgoing, Turn]:
    """The response whose body begins at the position, its head read; or the request that the answer sends on to."""
    outgoing = asked.outgoing

    async def read(response: httpx2.Response) -> tuple[httpx2.Response | Outgoing, Turn]:
        if asked.follow and response.status_code in REDIRECTS:
            await response.aclose()
            return redirect_request(response.headers.get("location", "")), turn
        if response.status_code >= 300:
            raise transport.failure(await transport.whole(response), CallKind.READ)
        _check_place(response, position)
        return response, turn

    # Ranges count the bytes of the file, so it must not come compressed.
    headers = {**outgoing.headers, "accept-encoding": "identity"}
    if position.range:
        headers["range"] = position.range
        if position.version:
            headers["if-range"] = position.version
    exchange = Exchange(
        replace(outgoing, headers=headers),
        CallKind.READ,
        price_of(outgoing.method_id, media=True),
        read,
        DOWNLOAD_TIMEOUT,
        stays_open=True,
        bare=asked.bare,
    )
    return await transport.perform(exchange, turn)


def _check_place(response: httpx2.Response, position: _Position) -> None:
    version = response.headers.get("etag", "")
    found = _CONTENT_RANGE.match(response.headers.get("content-range", ""))
    begins_at = int(found[1]) if response.status_code == 206 and found else 0
    if begins_at != position.at or (position.version and version not in ("", position.version)):
        raise GoogleUnavailableError(
            "The connection broke, and Google does not give the rest of the same file",
            next_step="Start the download again from its beginning",
            reason="not_resumable",
        )
    if not version.startswith("W/"):
        position.version = position.version or version
