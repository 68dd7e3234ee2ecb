"""A simulated Google that remembers its answers, so that it keeps up with whatever is measured against it.

The first time, each request is answered by the strict simulator; the same request again gets the same bytes, as late as
the latency says. `python -m tests.bench.quick CLIENT_ID CLIENT_SECRET [EVERY]` prints one line of JSON and serves until
its standard input is closed; every so many requests it fails. Below `/bench/` it tells what it was asked, and takes
another latency.
"""

import asyncio
import base64
import json
import os
import sys
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import uvicorn
import uvloop
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from google_workspace_mcp.auth.scopes import google_scopes
from google_workspace_mcp.core.clock import SystemClock
from google_workspace_mcp.core.http.server import listen
from google_workspace_mcp.sandbox.calendar import CalendarService
from google_workspace_mcp.sandbox.drive import DriveService
from google_workspace_mcp.sandbox.gmail.service import GmailService
from google_workspace_mcp.sandbox.oauth.book import OAuthClient
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from google_workspace_mcp.sandbox.service import Person
from tests.support.connecting import CAPABILITIES

EVENTS, MESSAGES, FILES = 25, 50, 20
_REMEMBERED = ("/gmail/", "/drive/", "/calendar/", "/batch/")


@dataclass(frozen=True)
class Asked:
    """One request as it came in, and when it was being answered (monotonic seconds)."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: str
    started: float
    ended: float


@dataclass(frozen=True)
class Account:
    """A Google account and a grant of it, as a sign-in would have left it."""

    email: str
    subject: str
    scopes: list[str]
    refresh_token: str


@dataclass(frozen=True)
class Ready:
    """Where it is, the account that everybody has connected, one whose every call is answered 429, what there is."""

    url: str
    account: Account
    limited: Account
    first_day: str
    messages: list[str]
    threads: list[str]
    document: str

    @classmethod
    def read(cls, line: str) -> "Ready":
        told = json.loads(line)
        account, limited = Account(**told.pop("account")), Account(**told.pop("limited"))
        return cls(account=account, limited=limited, **told)


@dataclass
class Remembering:
    """The ASGI application around the simulator's."""

    inner: ASGIApp
    is_limited: Callable[[str], bool]
    spoil_every: int = 0
    latency: float = 0.0
    asked: deque[Asked] = field(default_factory=lambda: deque[Asked](maxlen=400))
    counts: Counter[str] = field(default_factory=Counter[str])
    _answers: dict[tuple[str, bytes, bytes, bytes], list[Message]] = field(
        default_factory=dict[tuple[str, bytes, bytes, bytes], list[Message]]
    )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith("/bench/"):
            await self._told(scope, send)
            return
        body = await _body(receive)
        started = time.monotonic()
        self.counts[_kind(scope["path"])] += 1
        if self.latency:
            await asyncio.sleep(self.latency)
        for message in self._spoilt(scope) or await self._answer(scope, body):
            await send(message)
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        target = (scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")).decode()
        ended = time.monotonic()
        text = base64.b64encode(body).decode()
        self.asked.append(Asked(scope["method"], target, headers, text, started, ended))

    def _spoilt(self, scope: Scope) -> list[Message]:
        """A failure in place of an answer, if it is the turn of one: 503, a limit, half of a body."""
        if not scope["path"].startswith(_REMEMBERED):
            return []
        headers = dict(scope["headers"])
        if self.is_limited(headers.get(b"authorization", b"").decode().removeprefix("Bearer ")):
            return _failure(429, "rateLimitExceeded")
        if not self.spoil_every or self.counts["api"] % self.spoil_every:
            return []
        self.counts["spoilt"] += 1
        kind = self.counts["spoilt"] % 3
        return _failure(503, "backendError") if kind else _failure(429, "rateLimitExceeded", ("retry-after", "1"))

    async def _answer(self, scope: Scope, body: bytes) -> list[Message]:
        key = (scope["method"], scope["raw_path"], scope["query_string"], body)
        kept = self._answers.get(key)
        if kept is not None:
            return kept
        answer: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def keep(message: Message) -> None:
            answer.append(message)

        await self.inner(scope, receive, keep)
        if answer[0]["status"] == 200 and scope["path"].startswith(_REMEMBERED):
            self._answers[key] = answer
        return answer

    async def _told(self, scope: Scope, send: Send) -> None:
        query = parse_qs(scope["query_string"].decode())
        if scope["path"] == "/bench/latency":
            self.latency = float(query["seconds"][0])
        told: Any = {"asked": [asdict(each) for each in self.asked], "counts": self.counts}
        self.asked.clear()
        self.counts = Counter()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": json.dumps(told).encode()})


def _failure(status: int, reason: str, *headers: tuple[str, str]) -> list[Message]:
    body = json.dumps({"error": {"code": status, "message": "Spoilt", "errors": [{"reason": reason}]}}).encode()
    written = [(name.encode(), value.encode()) for name, value in (("content-type", "application/json"), *headers)]
    return [
        {"type": "http.response.start", "status": status, "headers": written},
        {"type": "http.response.body", "body": body},
    ]


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _kind(path: str) -> str:
    """What is asked: the token endpoint, who somebody is, or an API."""
    if path.startswith(_REMEMBERED):
        return "api"
    return "token" if path == "/token" else "identity"


def world() -> tuple[SimulatedGoogle, dict[str, Any]]:
    """One person with 25 events in the coming days, 50 messages in threads of two, 20 files; and what to ask for."""
    clock = SystemClock()
    gmail, drive, calendar = GmailService(clock), DriveService(clock), CalendarService(clock)
    for person in (ALICE, BEN):
        for service in (gmail, drive, calendar):
            service.add_person(person)
    first = (datetime.now(UTC) + timedelta(days=1)).replace(hour=7, minute=0, second=0, microsecond=0)
    for number in range(EVENTS):
        begins = first + timedelta(days=number // 5, hours=number % 5)
        calendar.add_event(ALICE.email, _event(number, begins))
    messages = [
        gmail.deliver(
            ALICE.email,
            _mail(number),
            labels=("INBOX", "UNREAD") if number % 3 else ("INBOX",),
            thread_key=f"thread {number // 2}",
        )
        for number in range(MESSAGES)
    ]
    text = "A line of a plain text file, as people keep them.\n" * 100
    for number in range(FILES):
        drive.add_file(ALICE.email, f"Report {number}.txt", text.encode(), "text/plain")
    document = drive.add_file(ALICE.email, "Minutes.txt", text.encode(), "text/plain")
    told = {
        "first_day": first.date().isoformat(),
        "messages": messages,
        # A thread has the id of its first message.
        "threads": messages[::2],
        "document": document,
    }
    return SimulatedGoogle((gmail, drive, calendar), [ALICE, BEN]), told


def _event(number: int, begins: datetime) -> dict[str, Any]:
    times = {name: {"dateTime": (begins + timedelta(minutes=m)).isoformat()} for name, m in (("start", 0), ("end", 45))}
    guests = [{"email": ALICE.email, "responseStatus": "accepted"}, {"email": f"guest{number}@example.com"}]
    return {
        "summary": f"Planning meeting number {number}",
        "location": f"Room {number % 7}",
        "description": "What we want to talk about. " * 10,
        "attendees": guests,
        **times,
    }


def _mail(number: int) -> bytes:
    subject = f"Number {number // 2} of the quarterly figures"
    answers = f"In-Reply-To: <n{number - 1}@example.com>\r\n" if number % 2 else ""
    return (
        f"From: Ben Example <ben{number}@example.com>\r\nTo: alice@example.com\r\n"
        f"Message-ID: <n{number}@example.com>\r\n{answers}Subject: {'Re: ' if answers else ''}{subject}\r\n"
        "Content-Type: text/html; charset=utf-8\r\n\r\n"
        f"<html><body><p>Dear Alice,</p>{'<p>These are the figures that you asked for.</p>' * 20}</body></html>"
    ).encode()


def main() -> None:
    client_id, client_secret, *every = sys.argv[1:]
    google, told = world()
    google.register_client(OAuthClient(client_id, client_secret, "Bench", ()))

    def account(person: Person) -> Account:
        grant = google.grant(person.email, google_scopes(CAPABILITIES), client_id)
        return Account(person.email, person.subject, sorted(grant.scopes), grant.refresh_token)

    app = Remembering(
        google.app,
        lambda token: google.app.world.book.owner(token) == BEN.email,
        spoil_every=int(every[0]) if every else 0,
    )
    config = uvicorn.Config(app, lifespan="off", http="httptools", ws="none", log_config=None, access_log=False)
    told |= {"account": account(ALICE), "limited": account(BEN)}
    asyncio.run(_serve(config, told), loop_factory=uvloop.new_event_loop)


async def _serve(config: uvicorn.Config, told: dict[str, Any]) -> None:
    socket = listen()
    ready = Ready(url=f"http://127.0.0.1:{socket.getsockname()[1]}", **told)
    server = uvicorn.Server(config)
    loop = asyncio.get_running_loop()

    def ended() -> None:
        if not os.read(sys.stdin.fileno(), 1024):
            loop.remove_reader(sys.stdin.fileno())
            server.should_exit = True

    loop.add_reader(sys.stdin.fileno(), ended)
    sys.stdout.write(json.dumps(asdict(ready)) + "\n")
    sys.stdout.flush()
    await server.serve([socket])


if __name__ == "__main__":
    main()
