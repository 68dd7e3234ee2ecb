"""From a caller to one of their own Google accounts."""

import time

from google_workspace_mcp.auth import scopes as capability_scopes
from google_workspace_mcp.auth.connections import Connections
from google_workspace_mcp.auth.grants import Grants, ended
from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.content.cursor import Cursors
from google_workspace_mcp.core.errors import ScopeMissingError
from google_workspace_mcp.core.google.deadline import Deadline
from google_workspace_mcp.core.google.resources import GoogleResources
from google_workspace_mcp.core.google.session import GoogleSession
from google_workspace_mcp.core.google.transport import GoogleTransport
from google_workspace_mcp.core.principal import Caller
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.core.tools.zones import Zones

_ZONE_FROM = "calendar.read"


class ConnectedAccounts:
    """Opens accounts for tools."""

    def __init__(
        self,
        *,
        connections: Connections,
        grants: Grants,
        transport: GoogleTransport,
        resources: GoogleResources,
        cursors: Cursors,
        zones: Zones,
        clock: Clock,
        offer: tuple[str, ...],
    ) -> None:
        self._connections = connections
        self._grants = grants
        self._transport = transport
        self._resources = resources
        self._cursors = cursors
        self._zones = zones
        self._clock = clock
        self._offer = offer

    async def open(self, caller: Caller, account: str, capability: str) -> Workspace:
        """A workspace on that account. Raises NotConnectedError, ReauthRequiredError, ScopeMissingError."""
        connection = await self._connections.choose(caller.principal, account)
        if connection.dead:
            raise ended()
        allowed = capability_scopes.granted(connection.scopes, self._offer)
        if capability and capability not in allowed:
            raise ScopeMissingError(
                f"The person did not allow {capability} for this account at Google",
                next_step="The person can allow it on the account page, or by signing in again with this client",
                reason="not_granted",
            )
        tokens = self._grants.source(caller.principal, connection)
        session = GoogleSession(self._transport, self._resources, tokens, Deadline(time.monotonic), connection.id)
        return Workspace(
            google=session,
            address=connection.address,
            connection_id=connection.id,
            clock=self._clock,
            zone=lambda: self._zones.of(session, connection.id, readable=_ZONE_FROM in allowed),
            cursors=self._cursors.of(connection.id),
        )
