"""A server that answers over real TCP exactly what a test tells it to, broken answers included."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2
from opentelemetry.trace import Tracer

from google_workspace_mcp.core.google.client import make_http_client
from google_workspace_mcp.core.google.deadline import Deadline
from google_workspace_mcp.core.google.endpoints import GoogleEndpoints
from google_workspace_mcp.core.google.protection import Protection
from google_workspace_mcp.core.google.quota import UserLimits
from google_workspace_mcp.core.google.records import CallRecord
from google_workspace_mcp.core.google.resources import GoogleResources
from google_workspace_mcp.core.google.session import GoogleSession
from google_workspace_mcp.core.google.transport import GoogleTransport
from google_workspace_mcp.sandbox.multipart import Part, head_and_body, split

NOW = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Say:
    """An answer; `length` lets the Content-Length lie."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None

    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class ResetBeforeReading:
    """Cut the connection when it is opened."""


class ResetAfterReading:
    """Cut the connection when the whole request has come in."""


class Hang:
    """Read the request and never answer."""


@dataclass(frozen=True)
class Drip:
    """Begin a 200 answer with these bytes and never finish it."""

    beginning: bytes


type Step = Say | ResetBeforeReading | ResetAfterReading | Hang | Drip


def google_error(status: int, reason: str, *, details: str = "", message: str = "SECRET google text") -> Say:
    """An error in Google's JSON form."""
    error: dict[str, Any] = {"code": status, "message": message, "errors": [{"reason": reason, "message": message}]}
    if details:
        error["details"] = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": details}]
    return Say(status, {"error": error})


@dataclass(frozen=True)
class Seen:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


class ScriptedServer:
    """Answers with the script's steps in order, or by `answer` if that is set, and keeps what it was asked."""

    def __init__(self) -> None:
        self.script: list[Step] = []
        self.answer: Callable[[Seen], Step] | None = None
        self.seen: list[Seen] = []
        self.under_way = 0
        self.most_under_way = 0
        self.url = ""
        self.arrived = asyncio.Condition()
        self.serving: set[asyncio.Task[Any]] = set()

    async def has_seen(self, requests: int) -> None:
        """Return when so many requests have come in. Raises TimeoutError after ten seconds."""
        async with asyncio.timeout(10), self.arrived:
            await self.arrived.wait_for(lambda: len(self.seen) >= requests)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.serving.add(task)
        try:
            while await self._one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        if self.script and isinstance(self.script[0], ResetBeforeReading):
            self.script.pop(0)
            writer.transport.abort()
            return False
        seen = await _read(reader)
        self.seen.append(seen)
        async with self.arrived:
            self.arrived.notify_all()
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            # Lets whatever else is waiting on the loop come in first, so that parallel requests overlap.
            for _ in range(20):
                await asyncio.sleep(0)
            return await self._do(self.answer(seen) if self.answer else self.script.pop(0), writer)
        finally:
            self.under_way -= 1

    async def _do(self, step: Step, writer: asyncio.StreamWriter) -> bool:
        if isinstance(step, Say):
            _write(step, writer)
            await writer.drain()
            return step.length is None
        if isinstance(step, Drip):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n")
            writer.write(step.beginning)
        if isinstance(step, ResetAfterReading):
            writer.transport.abort()
            return False
        await asyncio.Event().wait()
        return False


async def _read(reader: asyncio.StreamReader) -> Seen:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Seen(method, target, headers, body)


def _write(step: Say, writer: asyncio.StreamWriter) -> None:
    content = step.content()
    bodiless = step.status == 204
    headers = {"Content-Type": "application/json", **step.headers}
    if not bodiless:
        headers["Content-Length"] = str(len(content) if step.length is None else step.length)
    lines = [f"HTTP/1.1 {step.status} X", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    writer.write("\r\n".join(lines).encode("latin-1") + (b"" if bodiless else content))


def in_batches(answer: Callable[[Seen], Say]) -> Callable[[Seen], Step]:
    """Answers requests by `answer`, and batches by what it says to each of their parts."""

    def answered(seen: Seen) -> Step:
        if not seen.path.startswith("/batch/"):
            return answer(seen)
        parts = [_inner(part) for part in split(seen.body, seen.headers["content-type"])]
        pieces = [
            f"--b\r\nContent-Type: application/http\r\nContent-ID: <response-{number}>\r\n\r\n".encode()
            + _as_http(answer(part))
            for number, part in parts
        ]
        body = b"\r\n".join([*pieces, b"--b--"])
        return Say(200, body, {"Content-Type": "multipart/mixed; boundary=b"})

    return answered


def parts_of(seen: Seen) -> list[Seen]:
    """The requests in a batch."""
    return [_inner(part)[1] for part in split(seen.body, seen.headers["content-type"])]


def _inner(part: Part) -> tuple[str, Seen]:
    line, _, rest = part.body.partition(b"\r\n")
    method, target, _ = line.decode().split(" ")
    headers, body = head_and_body(rest)
    return part.headers["content-id"].strip("<>"), Seen(method, target, headers, body)


def _as_http(say: Say) -> bytes:
    headers = "".join(f"{name}: {value}\r\n" for name, value in say.headers.items())
    return f"HTTP/1.1 {say.status} X\r\n{headers}\r\n".encode() + say.content()


@asynccontextmanager
async def scripted_server() -> AsyncGenerator[ScriptedServer]:
    scripted = ScriptedServer()
    server = await asyncio.start_server(scripted.serve, "127.0.0.1", 0)
    scripted.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield scripted
    finally:
        server.close()
        server.abort_clients()
        # A connection that was being accepted right now gets its task, and its transport, only on the next turns.
        for _ in range(10):
            await asyncio.sleep(0)
            server.abort_clients()
            for task in scripted.serving:
                task.cancel()
        async with asyncio.timeout(5):
            await asyncio.gather(*scripted.serving, return_exceptions=True)
            await server.wait_closed()


@dataclass
class FixedClock:
    moment: datetime = NOW

    def now(self) -> datetime:
        return self.moment


@dataclass
class Ticks:
    """A monotonic clock that only sleeping moves."""

    seconds: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


@dataclass
class Tokens:
    """A token source that hands out the given tokens, the next one for each rejected one."""

    values: list[str] = field(default_factory=lambda: ["token-1", "token-2", "token-3"])
    address: str = "anna@example.com"
    rejections: list[str] = field(default_factory=list)

    async def access_token(self, *, rejected: str | None = None) -> str:
        if rejected is not None and rejected == self.values[0]:
            self.rejections.append(rejected)
            self.values.pop(0)
        return self.values[0]


class Bench:
    """A session against a base address, with everything it depends on in the test's hands."""

    def __init__(
        self,
        http: httpx2.AsyncClient,
        url: str,
        *,
        seconds: float = 45.0,
        limits: UserLimits | None = None,
        tracer: Tracer | None = None,
    ) -> None:
        self.ticks = Ticks()
        self.states: list[tuple[str, str]] = []
        self.records: list[CallRecord] = []
        self.tokens = Tokens()
        self.http = http
        self.transport = GoogleTransport(
            http,
            clock=FixedClock(),
            randomness=lambda: 1.0,
            observe=self.records.append,
            sleep=self.ticks.sleep,
            protection=Protection.of(
                self.ticks, limits=limits, breaker_changed=lambda api, state: self.states.append((api, state))
            ),
            tracer=tracer,
        )
        self.resources = GoogleResources(GoogleEndpoints.of(url))
        self.session = GoogleSession(self.transport, self.resources, self.tokens, Deadline(self.ticks, seconds))

    def within(self, deadline: Deadline) -> GoogleSession:
        """The same session under another deadline."""
        return GoogleSession(self.transport, self.resources, self.tokens, deadline)

    def as_user(self, user: str) -> GoogleSession:
        """A session of another connection."""
        return GoogleSession(self.transport, self.resources, self.tokens, Deadline(self.ticks), user)


@asynccontextmanager
async def bench_for(url: str, **more: Any) -> AsyncGenerator[Bench]:
    async with make_http_client() as http:
        yield Bench(http, url, **more)
