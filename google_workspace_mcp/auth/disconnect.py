"""Ending a connection: what is stored here is destroyed, and Google is told unless somebody else still needs it."""

from enum import Enum
from typing import Protocol

from google_workspace_mcp.auth.connections import Connection, Connections
from google_workspace_mcp.auth.grants import Grants
from google_workspace_mcp.core.audit import Audit
from google_workspace_mcp.core.errors import WorkspaceError
from google_workspace_mcp.core.principal import Owner


class Revoker(Protocol):
    """Takes a grant back at Google."""

    async def revoke(self, token: str) -> None:
        """Raises a WorkspaceError when Google does not do it."""
        ...


class AtGoogle(Enum):
    """What became of the permission at Google."""

    REVOKED = "revoked"
    SHARED = "shared"
    """Left alone: Google's revocation ends the whole application's permission, and another principal holds one."""
    DEAD = "dead"
    """Google had ended it before."""
    UNKNOWN = "unknown"
    """Google did not answer; what was stored here is destroyed all the same."""


class Disconnector:
    """Ends connections, for the account page, the tool, the HTTP interface and the operator alike."""

    def __init__(self, connections: Connections, grants: Grants, revoker: Revoker, audit: Audit) -> None:
        self._connections = connections
        self._grants = grants
        self._revoker = revoker
        self._audit = audit

    async def foresee(self, owner: Owner, connection: Connection) -> AtGoogle:
        """What `end` would do at Google, if Google answers."""
        if connection.dead:
            return AtGoogle.DEAD
        shared = await self._connections.elsewhere(owner, connection.google_subject)
        return AtGoogle.SHARED if shared else AtGoogle.REVOKED

    async def end(self, owner: Owner, connection: Connection) -> AtGoogle:
        """Delete first, then tell Google: if Google does not answer, nothing here can use the grant any more."""
        foreseen = await self.foresee(owner, connection)
        await self._connections.forget(owner, connection)
        self._grants.drop(connection)
        outcome = await self._at_google(connection, foreseen)
        self._audit.record("disconnect", who=owner, reason=f"google_{outcome.value}")
        return outcome

    async def _at_google(self, connection: Connection, foreseen: AtGoogle) -> AtGoogle:
        if foreseen is not AtGoogle.REVOKED:
            return foreseen
        try:
            await self._revoker.revoke(connection.refresh_token.get_secret_value())
        except WorkspaceError:
            return AtGoogle.UNKNOWN
        return AtGoogle.REVOKED
