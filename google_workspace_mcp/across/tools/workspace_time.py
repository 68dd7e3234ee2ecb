"""workspace_time: what time it is for the person."""

from pydantic import Field

from google_workspace_mcp.core.content.times import iso_minute, local_time
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace

NAME = "workspace_time"
# Neither Calendar's settings nor any other method of Google's three APIs tells them: decision record 0041.
_WORKING_HOURS = "unknown: Google does not tell them, Mon-Fri 09:00-17:00 is assumed; ask the person"


class WorkspaceTimeResult(Result):
    """Now, in the zone of the person's calendar."""

    now: str = Field(description="local time with offset")
    weekday: str
    zone: str = Field(description="IANA zone, or UTC where it is not known")
    zone_known: bool
    offset: str = Field(description="from UTC")
    working_hours: str

    def text(self) -> str:
        place = self.zone if self.zone_known else f"{self.zone}, because the account's own zone is unknown"
        day, time, offset = self.now[:10], self.now[11:16], self.offset
        return f"{self.weekday} {day} {time} {offset} · {place} · {self.account}\nworking hours: {self.working_hours}"


def definition() -> ToolDefinition:
    """The tool."""

    async def run(work: Workspace) -> WorkspaceTimeResult:
        zone, now = await work.zone(), work.clock.now()
        shown = iso_minute(now, zone.info)
        return WorkspaceTimeResult(
            account=work.address,
            now=shown,
            weekday=local_time(now, zone.info)[:3],
            zone=zone.name,
            zone_known=zone.known,
            offset=shown[16:],
            working_hours=_WORKING_HOURS,
        )

    return ToolDefinition(
        name=NAME,
        title="What time it is",
        description="Now, weekday, time zone and offset of the person's calendar.",
        kind=Kind.READ,
        service="workspace",
        capability="",
        tier=Tier.EXTENDED,
        run=run,
        result=WorkspaceTimeResult,
    )
