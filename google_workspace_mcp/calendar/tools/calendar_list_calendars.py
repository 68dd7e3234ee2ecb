"""calendar_list_calendars: which calendars there are."""

from pydantic import BaseModel, ConfigDict, Field

from google_workspace_mcp.calendar.models import CalendarEntry
from google_workspace_mcp.calendar.service import CalendarService
from google_workspace_mcp.core.content.tables import rows
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace

NAME = "calendar_list_calendars"
_DESCRIPTION = "List the calendars of the account: name, zone, what may be done in them, colour, id."
_ROLES = {
    "owner": "owner",
    "writer": "may change events",
    "reader": "may read",
    "freeBusyReader": "free/busy only",
}


class CalendarRow(BaseModel):
    """A calendar in the account's list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    role: str = ""
    zone: str = Field(default="", description="IANA zone of the calendar")
    colour: str = ""
    primary: bool = False
    hidden: bool = Field(default=False, description="not ticked in Google Calendar")


class CalendarListCalendarsResult(Result):
    """The calendars, the primary one first, then by name."""

    calendars: list[CalendarRow]

    def text(self) -> str:
        count = f"{len(self.calendars)} calendar{'' if len(self.calendars) == 1 else 's'}"
        headers = ("name", "role", "zone", "colour", "marks", "id")
        return "\n".join([f"{count} · {self.account}", rows(headers, [_cells(row) for row in self.calendars])])


def definition(service: CalendarService) -> ToolDefinition:
    """The tool on this service."""

    async def run(work: Workspace) -> CalendarListCalendarsResult:
        entries = await service.calendars(work)
        return CalendarListCalendarsResult(account=work.address, calendars=[_row(entry) for entry in entries])

    return ToolDefinition(
        name=NAME,
        title="List calendars",
        description=_DESCRIPTION,
        kind=Kind.READ,
        service="calendar",
        capability="calendar.read",
        tier=Tier.EXTENDED,
        run=run,
        result=CalendarListCalendarsResult,
    )


def _row(entry: CalendarEntry) -> CalendarRow:
    return CalendarRow(
        id=entry.id,
        name=entry.name,
        role=_ROLES.get(entry.role, entry.role),
        zone=entry.zone,
        colour=entry.colour,
        primary=entry.primary,
        hidden=not entry.shown,
    )


def _cells(row: CalendarRow) -> tuple[str, ...]:
    marks = ", ".join(mark for mark, held in (("primary", row.primary), ("hidden", row.hidden)) if held)
    return (row.name, row.role, row.zone, row.colour, marks, row.id)
