"""From a caller to one of their own Google accounts."""

import time

from google_workspace_mcp.auth import scopes as capability_scopes
from google_workspace_mcp.auth.connections import Connection, Connections
from google_workspace_mcp.auth.grants import Grants, ended
from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.content.cursor import Cursors
from google_workspace_mcp.core.errors import NotConnectedError, ReauthRequiredError, ScopeMissingError
from google_workspace_mcp.core.files.links import DownloadLinks, Holder
from google_workspace_mcp.core.files.uploads import Uploads
from google_workspace_mcp.core.google.deadline import TOOL_SECONDS, Deadline, Stopping
from google_workspace_mcp.core.google.resources import GoogleResources
from google_workspace_mcp.core.google.session import GoogleSession
from google_workspace_mcp.core.google.transport import GoogleTransport
from google_workspace_mcp.core.principal import Caller, Owner, StoredOwner
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.core.tools.zones import Zones

_ZONE_FROM = "calendar.read"
# A download goes at its reader's pace; one that takes longer can be continued by another request.
TRANSFER_SECONDS = 3600.0


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
        links: DownloadLinks,
        uploads: Uploads,
        zones: Zones,
        clock: Clock,
        offer: tuple[str, ...],
        stopping: Stopping | None = None,
    ) -> None:
        self._connections = connections
        self._grants = grants
        self._transport = transport
        self._resources = resources
        self._cursors = cursors
        self._links = links
        self._uploads = uploads
        self._zones = zones
        self._clock = clock
        self._offer = offer
        self._stopping = stopping

    async def open(self, caller: Caller, account: str, *any_of: str) -> Workspace:
        """A workspace on that account, which must allow one of these capabilities, if any are named.

        Raises NotConnectedError, ReauthRequiredError, ScopeMissingError.
        """
        try:
            connection = await self._usable(caller.principal, account, any_of, fresh=False)
        except (NotConnectedError, ReauthRequiredError, ScopeMissingError):
            # The person may have done a moment ago, on another task, what they would now be told to do.
            connection = await self._usable(caller.principal, account, any_of, fresh=True)
        allowed = capability_scopes.granted(connection.scopes, self._offer)
        session = self._session(caller.principal, connection, TOOL_SECONDS)
        return Workspace(
            google=session,
            address=connection.address,
            connection_id=connection.id,
            clock=self._clock,
            zone=lambda: self._zones.of(session, connection.id, readable=_ZONE_FROM in allowed),
            cursors=self._cursors.of(connection.id),
            links=self._links.of(Holder(caller.principal.key, connection.id, _since(connection))),
            uploads=self._uploads.of(caller.principal),
            barred=lambda capability: None if capability in allowed else _not_granted(capability),
        )

    async def session(self, holder: Holder, capability: str) -> GoogleSession:
        """For a long transfer that was promised earlier: the connection is read anew, and must be the same one.

        Raises NotConnectedError when it has ended since, ReauthRequiredError, ScopeMissingError.
        """
        owner = StoredOwner(holder.owner_key)
        connection = await self._usable(owner, holder.connection_id, (capability,), fresh=True)
        if _since(connection) != holder.since:
            raise NotConnectedError("The account was disconnected since", reason="other_connection")
        return self._session(owner, connection, TRANSFER_SECONDS)

    def _session(self, owner: Owner, connection: Connection, seconds: float) -> GoogleSession:
        tokens = self._grants.source(owner, connection)
        deadline = Deadline(time.monotonic, seconds, stopping=self._stopping)
        return GoogleSession(self._transport, self._resources, tokens, deadline, connection.id)

    async def _usable(self, owner: Owner, account: str, any_of: tuple[str, ...], *, fresh: bool) -> Connection:
        connection = await self._connections.choose(owner, account, fresh=fresh)
        if connection.dead:
            raise ended(connection.dead)
        if any_of and {*any_of}.isdisjoint(capability_scopes.granted(connection.scopes, self._offer)):
            raise _not_granted(any_of[0])
        return connection


def _since(connection: Connection) -> int:
    return int(connection.connected_at.timestamp() * 1000)


def _not_granted(capability: str) -> ScopeMissingError:
    return ScopeMissingError(
        f"The person did not allow {capability} for this account at Google",
        next_step="The person can allow it on the account page, or by signing in again with this client",
        reason="not_granted",
        capability=capability,
    )
