"""Bytes as they come from Google: what is known of them before they flow, and ways to take a part of them."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from google_workspace_mcp.core.google.session import GoogleSession


@dataclass(frozen=True, slots=True)
class Content:
    """A file that can be streamed.

    `size` is in bytes, None when only the stream's end tells it; then no part of it can be asked for. `tag` names these
    very bytes, or is empty. `read(start, stop)` gives the bytes from `start` to before `stop`; close what it gives when
    it is not read to its end. It raises WorkspaceErrors.
    """

    name: str
    media_type: str
    size: int | None
    read: Callable[[int, int | None], AsyncGenerator[bytes]]
    tag: str = ""


class Source(Protocol):
    """Where things of one kind come from. `capability` is what the connection must have been granted."""

    @property
    def capability(self) -> str: ...

    async def find(self, google: GoogleSession, where: tuple[str, ...]) -> Content:
        """The thing's name, type and size, and how to read it. Raises a WorkspaceError."""
        ...


async def slice_of(chunks: AsyncGenerator[bytes], start: int, stop: int | None) -> AsyncGenerator[bytes]:
    """The bytes from `start` to before `stop`, of a stream that can only be read from its beginning."""
    at = 0
    async with aclosing(chunks):
        async for chunk in chunks:
            first, last = max(0, start - at), len(chunk) if stop is None else max(0, stop - at)
            at += len(chunk)
            if piece := chunk[first:last]:
                yield piece
            if stop is not None and at >= stop:
                return


async def piece_of(data: bytes, start: int, stop: int | None) -> AsyncGenerator[bytes]:
    """The same, of bytes in memory."""
    if piece := data[start:stop]:
        yield piece
