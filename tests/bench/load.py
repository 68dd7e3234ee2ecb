"""Calls over plain sockets, as many at once as there are callers; light enough to be on one core with the rest."""

import asyncio
import time
from collections.abc import Iterator, Sequence


class WrongAnswerError(Exception):
    """An answer that is not what was asked for; the measurement is worth nothing."""


class Caller:
    """One connection, which is kept."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, url: str) -> "Caller":
        host, _, port = url.removeprefix("http://").partition(":")
        return cls(*await asyncio.open_connection(host, int(port), limit=2**20))

    async def call(self, request: bytes) -> bytes:
        """The body of the answer. Raises WrongAnswerError for any other status than 200."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        body = await self._rest(head.lower())
        if not head.startswith(b"HTTP/1.1 200"):
            raise WrongAnswerError((head + body)[:2000].decode())
        return body

    async def _rest(self, head: bytes) -> bytes:
        if b"transfer-encoding: chunked" not in head:
            length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
            return await self._reader.readexactly(int(length))
        body = b""
        while size := int(await self._reader.readuntil(b"\r\n"), 16):
            body += (await self._reader.readexactly(size + 2))[:-2]
        await self._reader.readexactly(2)
        return body

    def close(self) -> None:
        self._writer.close()


async def drive(
    url: str,
    requests: Iterator[bytes],
    *,
    callers: int,
    seconds: float = 600.0,
    calls: int = 10**9,
    marker: bytes = b"",
) -> list[float]:
    """Let so many callers take requests until time or calls are over; the seconds that each call took come back.

    Each answer must hold `marker`. Raises WrongAnswerError.
    """
    times, left = list[float](), iter(range(calls))
    end = time.perf_counter() + seconds

    async def caller() -> None:
        connection = await Caller.to(url)
        try:
            while (began := time.perf_counter()) < end and next(left, None) is not None:
                body = await connection.call(next(requests))
                times.append(time.perf_counter() - began)
                if marker not in body or b'"isError":true' in body:
                    raise WrongAnswerError(body[:2000].decode())
        finally:
            connection.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(callers):
            group.create_task(caller())
    return times


def quantile(times: Sequence[float], share: float) -> float:
    """The time that this share of the calls did not exceed."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
