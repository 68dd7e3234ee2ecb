"""accounts_disconnect: end the connection to one of the caller's Google accounts."""

from typing import Annotated, Final

from pydantic import Field

from google_workspace_mcp.auth.connections import Connections
from google_workspace_mcp.auth.disconnect import AtGoogle, Disconnector
from google_workspace_mcp.core.principal import Caller
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition

_WORDS: Final = {
    AtGoogle.REVOKED: "the permission is revoked at Google",
    AtGoogle.SHARED: "somebody else works with this account here, so Google is not told: revoking would end their "
    "access too",
    AtGoogle.DEAD: "Google had ended the permission already",
    AtGoogle.UNKNOWN: "Google did not answer: the person can remove this service at myaccount.google.com/connections",
}


class DisconnectResult(Result):
    """What was done, or with `dry_run` would be."""

    alias: str
    disconnected: bool = False
    at_google: str = Field(description="What becomes of the permission at Google")

    def text(self) -> str:
        did = "Disconnected" if self.disconnected else "Would disconnect"
        stored = "all that was stored of it is deleted" if self.disconnected else "all that is stored would be deleted"
        return f"{did} {self.account} ({self.alias}): {stored}; {self.at_google}."


def definition(connections: Connections, disconnector: Disconnector) -> ToolDefinition:
    """The tool on these connections."""

    async def run(
        caller: Caller,
        *,
        account: Annotated[
            str, Field(description="Alias or address of one of your accounts", min_length=1, max_length=320)
        ],
        dry_run: bool = False,
    ) -> DisconnectResult:
        found = await connections.choose(caller.principal, account, fresh=True)
        act = disconnector.foresee if dry_run else disconnector.end
        outcome = await act(caller.principal, found)
        return DisconnectResult(
            account=found.address, alias=found.alias, disconnected=not dry_run, at_google=_WORDS[outcome]
        )

    return ToolDefinition(
        name="accounts_disconnect",
        title="Disconnect a Google account",
        description="Revoke a Google account's permission and delete what is stored. Ask the person first.",
        kind=Kind.OUTWARD,
        service="accounts",
        capability="",
        tier=Tier.EXTENDED,
        run=run,
        result=DisconnectResult,
    )
