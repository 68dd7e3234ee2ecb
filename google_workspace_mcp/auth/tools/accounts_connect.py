"""accounts_connect: a link for the person to connect another Google account, or to allow more for one they have."""

from typing import Annotated

from pydantic import Field

from google_workspace_mcp.auth.links import ConnectLinks, Wish
from google_workspace_mcp.core.principal import Caller
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition


class ConnectResult(Result):
    """The link; `account` is the one it is for, or empty."""

    link: str = Field(description="Give it to the person; good once, in one browser")
    expires: str = Field(description="UTC")

    def text(self) -> str:
        which = self.account or "a Google account of their choice"
        return f"The person opens this link to connect {which}; good once, until {self.expires}: {self.link}"


def definition(links: ConnectLinks) -> ToolDefinition:
    """The tool that makes these links."""

    async def run(
        caller: Caller,
        *,
        allow: Annotated[
            list[Annotated[str, Field(max_length=40)]],
            Field(description="Services or capabilities: gmail, drive.read, …; empty = the usual ones", max_length=20),
        ] = [],  # noqa: B006 - read only, and pydantic copies it
        account: Annotated[
            str, Field(description="Account of yours to widen or reconnect; empty = another one", max_length=320)
        ] = "",
        alias: Annotated[str, Field(description="Name for it", max_length=40)] = "",
        default: Annotated[bool, Field(description="Make it the default")] = False,
    ) -> ConnectResult:
        link = await links.create(caller, Wish(allow=tuple(allow), account=account, alias=alias, default=default))
        return ConnectResult(account=link.address, link=link.url, expires=f"{link.expires_at:%H:%M}")

    return ToolDefinition(
        name="accounts_connect",
        title="Connect a Google account",
        description="Link for the person to connect another Google account, widen what one allows, or reconnect it.",
        kind=Kind.WRITE,
        service="accounts",
        capability="",
        tier=Tier.EXTENDED,
        run=run,
        result=ConnectResult,
    )
