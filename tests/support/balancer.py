"""How callers find tasks that come and go: a load balancer's health checks, and a name whose old answers linger."""

import asyncio
import contextlib
import threading
import time
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from types import TracebackType
from typing import Self, override

import httpx2

from google_workspace_mcp.core.http.server import listen


class Balancer(Iterator[str]):
    """The targets for a reverse proxy: whoever answered 200 at `/ready` when last asked, in turn.

    All are asked every `interval` seconds, so one that has begun to drain still gets requests for so long.
    """

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._registered: tuple[str, ...] = ()
        self._ready: tuple[str, ...] = ()
        self._turns = count()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="balancer", daemon=True)
        self.sent: Counter[str] = Counter()

    @property
    def ready(self) -> tuple[str, ...]:
        """Who gets requests now."""
        return self._ready

    def register(self, *targets: str) -> None:
        """Targets, `host:port`, that are asked from now on."""
        self._registered = (*self._registered, *targets)

    def deregister(self, target: str) -> None:
        """A target that is not asked any more."""
        self._registered = tuple(each for each in self._registered if each != target)

    @override
    def __next__(self) -> str:
        ready = self._ready
        chosen = ready[next(self._turns) % len(ready)]
        self.sent[chosen] += 1
        return chosen

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(10)

    def _watch(self) -> None:
        with httpx2.Client(timeout=5, trust_env=False) as http:
            while not self._over.wait(self._interval):
                self._ready = tuple(each for each in self._registered if _is_ready(http, each))


def _is_ready(http: httpx2.Client, target: str) -> bool:
    try:
        return http.get(f"http://{target}/ready").status_code == 200
    except httpx2.TransportError:
        return False


class LingeringName:
    """A name in DNS as one machine's resolver keeps it: `records` are asked for again when an answer is `ttl` s old.

    It is listened to on `address`, where a connection is passed on, byte by byte, to one of the last answer's targets;
    it stays there as long as the two ends keep it open. A client that keeps connections is not told of new answers.
    """

    def __init__(self, ttl: float) -> None:
        self._ttl = ttl
        self._answer: tuple[str, ...] = ()
        self._asked = float("-inf")
        self._turns = count()
        self._server: asyncio.Server | None = None
        self._passing: set[asyncio.Task[None]] = set()
        self.records: set[str] = set()
        self.opened: Counter[str] = Counter()
        self.address = ""

    def ask(self) -> None:
        """Take what the records say now for an answer, good for another TTL."""
        self._answer, self._asked = tuple(sorted(self.records)), time.monotonic()

    async def __aenter__(self) -> Self:
        listener = listen("127.0.0.2")
        self.address = f"127.0.0.2:{listener.getsockname()[1]}"
        self._server = await asyncio.start_server(self._accept, sock=listener)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for passing in self._passing:
            passing.cancel()
        async with asyncio.timeout(10):
            await asyncio.gather(*self._passing, return_exceptions=True)
            await self._server.wait_closed()

    def _choose(self) -> str:
        if time.monotonic() - self._asked > self._ttl:
            self.ask()
        chosen = self._answer[next(self._turns) % len(self._answer)]
        self.opened[chosen] += 1
        return chosen

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        passing = asyncio.get_running_loop().create_task(self._pass_on(reader, writer))
        self._passing.add(passing)
        passing.add_done_callback(self._passing.discard)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, _, port = self._choose().partition(":")
        async with _closing(writer):
            # A task that refuses cuts the caller off here, which is no answer either.
            there, back = await asyncio.open_connection(host, int(port))
            async with _closing(back):
                await asyncio.gather(_pump(reader, back), _pump(there, writer))


@asynccontextmanager
async def _closing(end: asyncio.StreamWriter) -> AsyncGenerator[None]:
    try:
        yield
    except OSError:
        end.transport.abort()
    finally:
        end.close()
        with contextlib.suppress(OSError):
            await end.wait_closed()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Everything from one end to the other; its end is passed on like its bytes."""
    while chunk := await source.read(65536):
        sink.write(chunk)
        await sink.drain()
    sink.write_eof()
