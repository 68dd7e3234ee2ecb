"""accounts_list: which Google accounts the caller has connected, and how they are."""

from pydantic import BaseModel, ConfigDict, Field

from google_workspace_mcp.auth import scopes as capability_scopes
from google_workspace_mcp.auth.connections import Connection, Connections
from google_workspace_mcp.core.principal import Caller
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition


class AccountRow(BaseModel):
    """One connected account."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    alias: str = Field(description="Short name to pass as account")
    address: str
    allowed: tuple[str, ...] = Field(description="What the person allowed")
    connected: str = Field(description="When, UTC")
    healthy: bool
    next_step: str = Field("", description="What to do when not healthy")


class AccountsResult(Result):
    """The caller's accounts, the default one first; `account` is the default one's address."""

    accounts: tuple[AccountRow, ...] = ()

    def text(self) -> str:
        if not self.accounts:
            return "No Google account is connected. Sign in again with this client to connect one."
        lines = [f"{len(self.accounts)} connected, default {self.account}"]
        for row in self.accounts:
            state = "ok" if row.healthy else f"not usable: {row.next_step}"
            lines.append(f"{row.alias}\t{row.address}\t{', '.join(row.allowed)}\tsince {row.connected}\t{state}")
        return "\n".join(lines)


def definition(connections: Connections, offer: tuple[str, ...]) -> ToolDefinition:
    """The tool on these connections."""

    async def run(caller: Caller) -> AccountsResult:
        found = await connections.of(caller.principal)
        rows = tuple(_row(connection, offer) for connection in found)
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


def _row(connection: Connection, offer: tuple[str, ...]) -> AccountRow:
    return AccountRow(
        alias=connection.alias,
        address=connection.address,
        allowed=capability_scopes.granted(connection.scopes, offer),
        connected=f"{connection.connected_at:%Y-%m-%d}",
        healthy=not connection.dead,
        next_step="the person must sign in again with this client" if connection.dead else "",
    )
