"""A place to call tools at: a simulated Google over real HTTP, and one person's account opened anew for every call."""

import random
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from google_workspace_mcp.core.content.cursor import Cursors
from google_workspace_mcp.core.google.deadline import Deadline
from google_workspace_mcp.core.google.endpoints import GoogleEndpoints
from google_workspace_mcp.core.google.resources import GoogleResources
from google_workspace_mcp.core.google.session import GoogleSession
from google_workspace_mcp.core.google.transport import GoogleTransport, make_http_client
from google_workspace_mcp.core.keys import Key, KeyRing
from google_workspace_mcp.core.tools.kinds import Result, ToolDefinition
from google_workspace_mcp.core.tools.schema import arguments_model
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.core.tools.zones import Zones
from google_workspace_mcp.sandbox.calls import round_trips
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.support.clock import FakeClock

SCOPES = ("https://www.googleapis.com/auth/drive.readonly", "https://www.googleapis.com/auth/calendar.readonly")


def friday_morning() -> FakeClock:
    """A clock on a Friday morning, two days before Europe's clocks change."""
    return FakeClock(datetime(2026, 3, 27, 8, 30, tzinfo=UTC))


@dataclass(frozen=True)
class OneToken:
    """The access token of one person, good for one call."""

    address: str
    token: str

    async def access_token(self, *, rejected: str | None = None) -> str:
        return self.token


class Desk:
    """Calls tools as one person. Every call is a new session, as in the service; names stay cached between calls."""

    def __init__(
        self, google: SimulatedGoogle, clock: FakeClock, email: str, tools: Sequence[ToolDefinition], http: Any
    ) -> None:
        self.google = google
        self.clock = clock
        self.email = email
        self.tools = {tool.name: tool for tool in tools}
        self._zones = Zones(clock)
        self._resources = GoogleResources(GoogleEndpoints.of(google.url))
        self._transport = GoogleTransport(
            http, clock=clock, randomness=random.Random(7).random, observe=lambda record: None, sleep=_no_sleep
        )
        self._cursors = Cursors(KeyRing((Key("k1", b"k" * 32),)), clock, random.Random(7).randbytes)

    async def call(self, name: str, /, **arguments: Any) -> Any:
        """The tool's result, its arguments checked as a caller's are. The log of calls then holds this one's."""
        tool = self.tools[name]
        checked = arguments_model(tool.run, name, with_account=False).model_validate(arguments)
        values = {field: getattr(checked, field) for field in type(checked).model_fields}
        self.google.calls.clear()
        result: Result = await tool.run(self.workspace(), **values)
        return result

    def workspace(self, connection_id: str = "") -> Workspace:
        token = OneToken(self.email, self.google.grant(self.email, SCOPES).access_token)
        session = GoogleSession(self._transport, self._resources, token, Deadline(time.monotonic))
        connection = connection_id or f"connection-{self.email}"
        return Workspace(
            google=session,
            address=self.email,
            connection_id=connection,
            clock=self.clock,
            zone=lambda: self._zones.of(session, connection, readable=True),
            cursors=self._cursors,
        )

    @property
    def methods(self) -> list[str]:
        """What the last call asked of Google."""
        return sorted(call.method for call in self.google.calls.all())

    @property
    def round_trips(self) -> int:
        return round_trips(self.google.calls.all())


@asynccontextmanager
async def desk_at(
    google: SimulatedGoogle, clock: FakeClock, email: str, tools: Sequence[ToolDefinition]
) -> AsyncGenerator[Desk]:
    """A desk whose connections to the simulated Google are closed at the end."""
    async with make_http_client() as http:
        yield Desk(google, clock, email, tools, http)


async def _no_sleep(seconds: float) -> None:
    return None
