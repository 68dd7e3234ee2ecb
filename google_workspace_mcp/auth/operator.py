"""What an operator does about connections: see them, try one, end one. Addresses are shown only when asked for."""

from collections.abc import AsyncIterator

from google_workspace_mcp.auth.connections import Connection, Connections
from google_workspace_mcp.auth.disconnect import AtGoogle, Disconnector
from google_workspace_mcp.auth.grants import Grants
from google_workspace_mcp.core.errors import WorkspaceError
from google_workspace_mcp.core.google.endings import explain
from google_workspace_mcp.core.principal import StoredOwner

_AT_GOOGLE = {
    AtGoogle.REVOKED: "revoked at Google",
    AtGoogle.SHARED: "not revoked at Google, because another connection of the same account needs it",
    AtGoogle.DEAD: "Google had ended it already",
    AtGoogle.UNKNOWN: "Google did not answer; what was stored is deleted all the same",
}


class Operator:
    """Works on the connections of all principals."""

    def __init__(self, connections: Connections, grants: Grants, disconnector: Disconnector) -> None:
        self._connections = connections
        self._grants = grants
        self._disconnector = disconnector

    async def list(self, *, show_addresses: bool) -> AsyncIterator[str]:
        """One line per connection: id, owner's key, alias, when connected, state."""
        async for owner, connection in self._connections.everyone():
            named = [connection.alias, connection.address] if show_addresses else [connection.alias]
            state = f"dead ({connection.dead})" if connection.dead else "ok"
            since = f"{connection.connected_at:%Y-%m-%d}"
            yield "  ".join((connection.id, owner, *named, f"since {since}", state))

    async def test(self, connection_id: str) -> tuple[bool, str]:
        """Refresh once, and say how it went."""
        found = await self._find(connection_id)
        if found is None:
            return False, _UNKNOWN
        owner, connection = found
        if connection.dead:
            ending = explain(connection.dead)
            return False, f"dead: {ending.words}. {ending.next_step}."
        try:
            await self._grants.token(owner, connection, None)
        except WorkspaceError as error:
            return False, f"{error.code}: {error.sentence()}"
        return True, "ok: Google gave an access token"

    async def revoke(self, connection_id: str) -> tuple[bool, str]:
        """End the connection."""
        found = await self._find(connection_id)
        if found is None:
            return False, _UNKNOWN
        outcome = await self._disconnector.end(*found)
        return outcome is not AtGoogle.UNKNOWN, f"deleted; {_AT_GOOGLE[outcome]}"

    async def _find(self, connection_id: str) -> tuple[StoredOwner, Connection] | None:
        async for owner, connection in self._connections.everyone():
            if connection.id == connection_id:
                return StoredOwner(owner), connection
        return None


_UNKNOWN = "there is no connection of that id: `connections list` has them"
