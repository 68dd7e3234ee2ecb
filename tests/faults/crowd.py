"""Many users of one process, against a simulated Google in another."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from google_workspace_mcp.core.clock import SystemClock
from google_workspace_mcp.core.errors import WorkspaceError
from google_workspace_mcp.core.google.calls import CallKind
from google_workspace_mcp.core.google.client import make_http_client
from google_workspace_mcp.core.google.deadline import Deadline
from google_workspace_mcp.core.google.endpoints import GoogleEndpoints
from google_workspace_mcp.core.google.records import CallRecord
from google_workspace_mcp.core.google.resources import GoogleResources
from google_workspace_mcp.core.google.session import GoogleSession
from google_workspace_mcp.core.google.transport import GoogleTransport
from tests.bench.google import Bench
from tests.support.workspace import OneToken

_PAGE = 4096


def memory() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE


@dataclass
class Tally:
    """How the calls of one user ended."""

    ok: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)

    @property
    def answered(self) -> int:
        return self.ok + self.failed.total()


class Crowd:
    """Users, each with a key of their own, and how their calls ended."""

    def __init__(self, transport: GoogleTransport, resources: GoogleResources, bench: Bench) -> None:
        self._transport = transport
        self._resources = resources
        self._bench = bench
        self.tallies: dict[str, Tally] = {}
        self.records: Counter[str] = Counter()

    def tally(self, user: str) -> Tally:
        return self.tallies.setdefault(user, Tally())

    async def read(self, user: str, *, limited: bool = False) -> None:
        """One call of the user's: a message is read. `limited` users get nothing but 429."""
        session = self._session(user, self._bench.limited_token if limited else self._bench.token)
        await self._count(user, session, session.gmail.messages.get(userId="me", id=self._bench.messages[0]))

    async def write(self, user: str, name: str) -> None:
        """One call of the user's that must never be repeated: a label is made."""
        session = self._session(user, self._bench.token)
        request = session.gmail.labels.create(userId="me", body={"name": name})
        await self._count(user, session, request, CallKind.CREATE)

    async def labels(self) -> list[str]:
        """Names of all labels that the users have made."""
        session = self._session("operator", self._bench.token)
        found = await session.execute(session.gmail.labels.list(userId="me"))
        return [label["name"] for label in found["labels"] if label["type"] == "user"]

    def _session(self, user: str, token: str) -> GoogleSession:
        tokens = OneToken("alice@example.com", token)
        return GoogleSession(self._transport, self._resources, tokens, Deadline(time.monotonic), user)

    async def _count(self, user: str, session: GoogleSession, request, kind: CallKind = CallKind.READ) -> None:
        tally = self.tally(user)
        try:
            await session.execute(request, kind=kind)
        except WorkspaceError as error:
            tally.failed[error.reason] += 1
            if error.retry_after:
                tally.waits.append(error.retry_after)
        else:
            tally.ok += 1


@asynccontextmanager
async def crowd_at(bench: Bench) -> AsyncGenerator[Crowd]:
    """A crowd without users yet; waits before retries are a hundredth of the real ones."""
    counted: Counter[str] = Counter()

    def observe(record: CallRecord) -> None:
        counted[f"{record.outcome}:{record.reason}" if record.sent else f"kept:{record.reason}"] += 1

    async with make_http_client() as http:
        transport = GoogleTransport(
            http, clock=SystemClock(), randomness=random.Random(7).random, observe=observe, sleep=_shortly
        )
        crowd = Crowd(transport, GoogleResources(GoogleEndpoints.of(bench.url)), bench)
        crowd.records = counted
        yield crowd


async def _shortly(seconds: float) -> None:
    await asyncio.sleep(seconds / 100)
