"""One person's account on a simulated Google, opened anew for every call, as the service does it."""

import random
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.content.cursor import Cursors
from google_workspace_mcp.core.errors import WorkspaceError
from google_workspace_mcp.core.google.deadline import Deadline
from google_workspace_mcp.core.google.endpoints import GoogleEndpoints
from google_workspace_mcp.core.google.protection import Protection
from google_workspace_mcp.core.google.quota import UserLimits
from google_workspace_mcp.core.google.resources import GoogleResources
from google_workspace_mcp.core.google.session import GoogleSession
from google_workspace_mcp.core.google.transport import GoogleTransport, make_http_client
from google_workspace_mcp.core.keys import Key, KeyRing
from google_workspace_mcp.core.policy.reach import Reach
from google_workspace_mcp.core.tools.kinds import ToolDefinition
from google_workspace_mcp.core.tools.schema import arguments_model
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.core.tools.zones import Zones
from google_workspace_mcp.sandbox.calls import round_trips
from google_workspace_mcp.sandbox.server import SimulatedGoogle


@dataclass(frozen=True)
class OneToken:
    address: str
    token: str

    async def access_token(self, *, rejected: str | None = None) -> str:
        return self.token


class Mailroom:
    """Calls tools as one person. Every call is a new session; what tools and zones keep, stays between calls."""

    def __init__(
        self,
        google: SimulatedGoogle,
        email: str,
        scopes: Sequence[str],
        *,
        tools: Sequence[ToolDefinition],
        clock: Clock,
        transport: GoogleTransport,
        url: str = "",
    ) -> None:
        self.google = google
        self.email = email
        self._token = google.grant(email, scopes).access_token
        self._tools = {tool.name: tool for tool in tools}
        self._clock = clock
        self._zones = Zones(clock)
        self._resources = GoogleResources(GoogleEndpoints.of(url or google.url))
        self._transport = transport
        self.reached: list[Reach] = []
        """Whom calls asked to be allowed to reach; all of them are."""
        self.barred: dict[str, WorkspaceError] = {}
        """Capabilities that calls are told they may not use, and why."""
        self._cursors = Cursors(KeyRing((Key("k1", b"k" * 32),)), clock, random.Random(7).randbytes)

    def open(self) -> Workspace:
        """A workspace for one call."""
        session = GoogleSession(
            self._transport, self._resources, OneToken(self.email, self._token), Deadline(time.monotonic)
        )
        connection = f"connection-{self.email}"
        return Workspace(
            google=session,
            address=self.email,
            connection_id=connection,
            clock=self._clock,
            zone=lambda: self._zones.of(session, connection, readable=True),
            cursors=self._cursors.of(self.email),
            permit=self.reached.append,
            barred=self.barred.get,
        )

    async def call(self, name: str, /, **arguments: Any) -> Any:
        """The tool's result, its arguments checked by its own schema. The log of calls then holds this call's."""
        tool = self._tools[name]
        checked = arguments_model(tool.run, name, with_account=False).model_validate(arguments)
        values = {field: getattr(checked, field) for field in type(checked).model_fields}
        self.google.calls.clear()
        return await tool.run(self.open(), **values)

    @property
    def round_trips(self) -> int:
        """The most requests one after another in the last call."""
        return round_trips(self.google.calls.all())

    @property
    def methods(self) -> list[str]:
        """What the last call asked of Google."""
        return sorted(call.method for call in self.google.calls.all())


@asynccontextmanager
async def open_workspace(
    google: SimulatedGoogle,
    email: str,
    scopes: Sequence[str],
    tools: Sequence[ToolDefinition],
    clock: Clock,
    *,
    room: type[Mailroom] = Mailroom,
    url: str = "",
) -> AsyncGenerator[Mailroom]:
    """The person's account with these scopes; its connections to the simulated Google are closed at the end.

    `url` is where Google is called, if not at its own address.
    """
    async with make_http_client() as http:
        transport = GoogleTransport(
            http,
            clock=clock,
            randomness=random.Random(7).random,
            observe=lambda record: None,
            sleep=_at_once,
            # Units have tests of their own; here a whole mailbox may be read without waiting for them.
            protection=Protection.of(time.monotonic, limits=UserLimits(share=1000.0)),
        )
        yield room(google, email, scopes, tools=tools, clock=clock, transport=transport, url=url)


async def _at_once(seconds: float) -> None:
    return None
