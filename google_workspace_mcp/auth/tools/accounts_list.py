"""accounts_list: which Google accounts the caller has connected, and how they are."""

from pydantic import BaseModel, ConfigDict, Field

from google_workspace_mcp.auth import scopes as capability_scopes
from google_workspace_mcp.auth.connections import Connection, Connections
from google_workspace_mcp.auth.grants import Grants
from google_workspace_mcp.core.google.endings import ACCOUNT_GONE, explain
from google_workspace_mcp.core.principal import Caller
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition


class AccountRow(BaseModel):
    """One connected account."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    alias: str = Field(description="Short name to pass as account")
    address: str
    default: bool = False
    allowed: tuple[str, ...] = Field((), description="What the person allowed")
    can_add: tuple[str, ...] = Field((), description="What accounts_connect can ask for")
    connected: str = Field(description="When, UTC")
    last_used: str = Field("", description="UTC, as far as known")
    healthy: bool
    trouble: str = ""
    next_step: str = ""

    def line(self) -> str:
        """The row as the model reads it."""
        name = f"{self.alias} (default)" if self.default else self.alias
        used = f", last used {self.last_used}" if self.last_used else ""
        state = "ok" if self.healthy else f"not usable: {self.trouble}. {self.next_step}."
        parts = [name, self.address, ", ".join(self.allowed) or "nothing allowed"]
        if self.can_add:
            parts.append(f"can add {', '.join(self.can_add)}")
        return "\t".join((*parts, f"since {self.connected}{used}", state))


class AccountsResult(Result):
    """The caller's accounts, the default one first; `account` is the default one's address."""

    accounts: tuple[AccountRow, ...] = ()

    def text(self) -> str:
        if not self.accounts:
            return "No Google account is connected. accounts_connect gives a link to connect one."
        lines = [f"{len(self.accounts)} connected, default {self.account}"]
        return "\n".join((*lines, *(row.line() for row in self.accounts)))


def definition(connections: Connections, grants: Grants, offer: tuple[str, ...]) -> ToolDefinition:
    """The tool on these connections."""

    async def run(caller: Caller) -> AccountsResult:
        found = await connections.of(caller.principal)
        rows = tuple(_row(c, grants, offer, is_default=not place) for place, c in enumerate(found))
        return AccountsResult(account=found[0].address if found else "", accounts=rows)

    return ToolDefinition(
        name="accounts_list",
        title="List connected Google accounts",
        description="Your connected Google accounts: alias, address, what was allowed, health and what to do about it.",
        kind=Kind.READ,
        service="accounts",
        capability="",
        tier=Tier.CORE,
        run=run,
        result=AccountsResult,
    )


def _row(connection: Connection, grants: Grants, offer: tuple[str, ...], *, is_default: bool) -> AccountRow:
    allowed = capability_scopes.granted(connection.scopes, offer)
    used = grants.last_used(connection)
    return AccountRow(
        alias=connection.alias,
        address=connection.address,
        default=is_default,
        allowed=allowed,
        can_add=tuple(name for name in offer if name not in allowed),
        connected=f"{connection.connected_at:%Y-%m-%d}",
        last_used=f"{used:%Y-%m-%d %H:%M}" if used else "",
        healthy=not connection.dead,
        trouble=explain(connection.dead).words if connection.dead else "",
        next_step=_next_step(connection),
    )


def _next_step(connection: Connection) -> str:
    if not connection.dead:
        return ""
    how = (
        "" if connection.dead == ACCOUNT_GONE else f": accounts_connect with account {connection.alias} gives the link"
    )
    return f"{explain(connection.dead).next_step}{how}"
