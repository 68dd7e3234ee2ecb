"""Keeps what Google granted, and leaves an audit line that says whether it was new or wider than before."""

from google_workspace_mcp.auth.connections import Connection, Connections, connection_id
from google_workspace_mcp.core.audit import Audit
from google_workspace_mcp.core.google.identity import GoogleIdentity
from google_workspace_mcp.core.google.oauth import TokenAnswer
from google_workspace_mcp.core.principal import Principal


class GrantKeeper:
    """The one place where a grant that came back from Google is stored."""

    def __init__(self, connections: Connections, audit: Audit) -> None:
        self._connections = connections
        self._audit = audit

    async def keep(
        self,
        principal: Principal,
        identity: GoogleIdentity,
        answer: TokenAnswer,
        *,
        client: str = "",
        alias: str = "",
        default: bool = False,
    ) -> Connection:
        """As `Connections.save`. Raises NoRefreshTokenError."""
        cid = connection_id(principal, identity.subject)
        before = next((c for c in await self._connections.of(principal) if c.id == cid), None)
        saved = await self._connections.save(principal, identity, answer, alias=alias, default=default)
        if before is None or before.dead:
            self._audit.record("grant", who=principal, client=client)
        elif not set(saved.scopes) <= set(before.scopes):
            self._audit.record("grant_widened", who=principal, client=client)
        return saved
