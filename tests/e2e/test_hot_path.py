"""A warm call asks Google for what it needs, and does nothing else that could be waited for."""

import asyncio
import re
import sys
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, override

import httpx2
import pytest

from google_workspace_mcp.core.tools.kinds import Kind
from google_workspace_mcp.sandbox import faults
from google_workspace_mcp.sandbox.calls import round_trips
from google_workspace_mcp.sandbox.people import sample_world
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.support.clock import FakeClock
from tests.support.oauth import HandClient
from tests.support.stack import Stack, running

# What the audit hooks of Python tell of files, names, sockets and processes.
_IO = ("open", "os.listdir", "os.scandir", "socket.connect", "socket.getaddrinfo", "socket.__new__", "subprocess.Popen")
_NOT_THE_SERVICE = ("MainThread", "simulated-google")
_RANGE = {"start": "2026-03-27", "end": "2026-04-10", "timezone": "Europe/Berlin", "calendars": ["all"]}


class Watch:
    """Input and output of the service's threads while `on`. An audit hook stays for good, so there is one of it."""

    def __init__(self) -> None:
        self.on = False
        self.seen: list[str] = []
        sys.addaudithook(self._heard)

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.on and event in _IO and threading.current_thread().name not in _NOT_THE_SERVICE:
            self.seen.append(f"{event} {arguments[:1]}")

    @contextmanager
    def watching(self) -> Generator[list[str]]:
        self.seen, self.on = [], True
        try:
            yield self.seen
        finally:
            self.on = False


class Relay:
    """Passes bytes on to the simulated Google and counts the connections that are made."""

    def __init__(self) -> None:
        self.accepted = 0
        self.target = 0
        self._under_way: set[asyncio.Task[Any]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        task = asyncio.current_task()
        assert task is not None
        self._under_way.add(task)
        there, back = await asyncio.open_connection("127.0.0.1", self.target)
        try:
            await asyncio.gather(_passed_on(reader, back), _passed_on(there, writer))
        finally:
            for each in (back, writer):
                each.close()
            self._under_way.discard(task)

    async def ended(self) -> None:
        """Return when both sides have closed all connections."""
        async with asyncio.timeout(20):
            await asyncio.gather(*self._under_way)


async def _passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()


class RelayedGoogle(SimulatedGoogle):
    """The simulated Google, known to the service by the relay's address."""

    relay_url = ""

    @property
    @override
    def url(self) -> str:
        return self.relay_url


@dataclass
class Warm:
    """A service and somebody signed in whose every call is warm."""

    stack: Stack
    relay: Relay
    client: HandClient
    token: str
    calls: dict[str, dict[str, Any]]

    async def call(self, tool: str) -> None:
        result = await self.client.call(self.token, tool, **self.calls[tool])
        assert not result.get("isError"), result

    def store_operations(self) -> float:
        """Everything that was done in the store or with its keys until now."""
        text = self.stack.service.metrics.render()
        return sum(float(number) for number in re.findall(r"^gwmcp_store_operations_total\{.*\} (.*)$", text, re.M))

    async def result(self, tool: str, **arguments: Any) -> dict[str, Any]:
        return (await self.client.call(self.token, tool, **arguments))["structuredContent"]


# Round trips of a warm call, one after another, at most: the contract of each tool that reads.
ROUND_TRIPS = {
    "accounts_list": 0,
    "calendar_find_time": 2,
    "calendar_free_busy": 1,
    "calendar_get_event": 1,
    "calendar_list_calendars": 1,
    "calendar_list_events": 2,
    "drive_about": 1,
    "drive_download": 2,
    "drive_get_file": 2,
    "drive_list_comments": 1,
    "drive_list_folder": 1,
    "drive_list_shared_drives": 1,
    "drive_read": 2,
    "drive_search": 1,
    "fetch": 2,
    "gmail_get_attachment": 2,
    "gmail_list_drafts": 2,
    "gmail_list_labels": 2,
    "gmail_read": 1,
    "gmail_read_thread": 1,
    "gmail_search": 2,
    "search": 2,
    "workspace_changes": 1,
    "workspace_time": 1,
}

# A hundred calls, and no more of Google's units than one person has in a minute.
ROUNDS = 6
# Documents are read by a process of their own, which is spoken to and started when it is needed.
READ_ELSEWHERE = frozenset({"drive_read"})


@pytest.fixture(scope="module")
def watch() -> Watch:
    return Watch()


@pytest.fixture
async def warm(tmp_path: Path) -> AsyncIterator[Warm]:
    # The clock stands still: nothing that is kept for a minute is looked up again.
    clock, relay = FakeClock(), Relay()
    world = sample_world(clock)
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    google = RelayedGoogle(world.services, world.people, clock=clock)
    google.relay_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    with google:
        relay.target = int(SimulatedGoogle.url.__get__(google).rpartition(":")[2])
        async with _signed_in(google, relay, clock, tmp_path) as warm:
            yield warm
        await relay.ended()
    server.close()
    await server.wait_closed()


@asynccontextmanager
async def _signed_in(google: RelayedGoogle, relay: Relay, clock: FakeClock, folder: Path) -> AsyncGenerator[Warm]:
    with running(google, folder, clock=clock, quota_share=1.0) as stack:
        async with httpx2.AsyncClient(timeout=40, trust_env=False) as http:
            client = HandClient(stack.settings.base_url, http)
            await client.register()
            warm = Warm(stack, relay, client, (await client.tokens(ALICE.email))["access_token"], {})
            mail = (await warm.result("gmail_search", limit=5))["rows"]
            with_file = (await warm.result("gmail_search", query="filename:csv", limit=1))["rows"][0]
            files = (await warm.result("drive_search", type="document", limit=1))["files"]
            events = (await warm.result("calendar_list_events", limit=1))["events"]
            warm.calls = {
                "accounts_list": {},
                "calendar_find_time": {"people": [BEN.email], "rooms": ["Team"], "minutes": 15},
                "calendar_free_busy": {"calendars": [ALICE.email, BEN.email]},
                "calendar_get_event": {"event_id": events[0]["id"]},
                "calendar_list_calendars": {},
                "calendar_list_events": _RANGE,
                "drive_about": {},
                "drive_download": {"file_id": files[0]["id"]},
                "drive_get_file": {"file_id": files[0]["id"]},
                "drive_list_comments": {"file_id": files[0]["id"]},
                "drive_list_folder": {"folder": f"Reports/{clock.now().year}/Q3"},
                "drive_list_shared_drives": {},
                "drive_read": {"file_id": files[0]["id"]},
                "drive_search": {"limit": 20},
                # Its text is read by another process; the link has the same way to Google.
                "fetch": {"id": f"mail:{mail[0]['id']}"},
                "gmail_get_attachment": {"message_id": with_file["id"], "mode": "link"},
                "gmail_list_drafts": {},
                "gmail_list_labels": {"counts": True},
                "gmail_read": {"message_ids": [row["id"] for row in mail]},
                "gmail_read_thread": {"thread_ids": [row.get("thread_id", row["id"]) for row in mail[:2]]},
                "gmail_search": {"limit": 5, "after": "2025-01-01", "label": "INBOX"},
                "search": {"query": "lamp"},
                "workspace_changes": {},
                "workspace_time": {},
            }
            for tool in [*warm.calls, *warm.calls]:
                await warm.call(tool)
            yield warm


async def test_a_hundred_warm_calls_do_nothing_but_ask_google(warm: Warm, watch: Watch):
    google = warm.stack.google
    watched = [tool for tool in warm.calls if tool not in READ_ELSEWHERE]
    google.calls.clear()
    for tool in watched:
        await warm.call(tool)
    once = google.calls.methods()
    google.calls.clear()
    operations, connections = warm.store_operations(), warm.relay.accepted

    with watch.watching() as seen:
        for _ in range(ROUNDS):
            for tool in watched:
                await warm.call(tool)

    assert seen == []
    assert warm.store_operations() == operations
    assert warm.relay.accepted == connections
    assert sorted(google.calls.methods()) == sorted(once * ROUNDS)
    assert [method for method in once if method.startswith("oauth.")] == []


async def test_the_watch_sees_what_a_cold_call_does(warm: Warm, watch: Watch):
    operations = warm.store_operations()
    with watch.watching() as seen:
        await warm.client.tokens("ben@example.com")
    assert seen != []
    assert warm.store_operations() > operations


async def test_no_reading_tool_takes_more_round_trips_than_its_contract_says(warm: Warm):
    google = warm.stack.google
    # Late enough that what is asked for side by side overlaps.
    for api in ("gmail.*", "drive.*", "calendar.*"):
        google.faults.add(api, faults.latency(0.06))
    taken: dict[str, int] = {}
    for tool in warm.calls:
        google.calls.clear()
        await warm.call(tool)
        taken[tool] = round_trips(google.calls.all())

    assert {tool: trips for tool, trips in taken.items() if trips > ROUND_TRIPS[tool]} == {}


async def test_every_reading_tool_is_among_those_that_are_counted(tmp_path: Path):
    with SimulatedGoogle((), [ALICE]) as google, running(google, tmp_path) as stack:
        reading = {p.definition.name for p in stack.service.runner.tools if p.definition.kind is Kind.READ}
    assert reading == set(ROUND_TRIPS)
