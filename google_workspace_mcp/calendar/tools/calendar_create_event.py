"""calendar_create_event: a new event, made once."""

from typing import Annotated

from pydantic import Field

from google_workspace_mcp.calendar.creating import Creating, Made, NewEvent
from google_workspace_mcp.calendar.guests import Notify
from google_workspace_mcp.calendar.kinds import EventKind
from google_workspace_mcp.calendar.options import Options
from google_workspace_mcp.calendar.telling import briefly, told
from google_workspace_mcp.calendar.tools.arguments import (
    Calendar,
    Color,
    Line,
    Reminders,
    Repeat,
    Several,
    Text,
    Time,
    Visibility,
    Written,
    Zone,
)
from google_workspace_mcp.core.tools.kinds import Kind, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace


def definition(creating: Creating) -> ToolDefinition:
    """The tool on this service."""

    async def run(
        work: Workspace,
        *,
        title: Line,
        start: Annotated[Time, Field(description="date or local time")],
        end: Annotated[Time, Field(description="or 45m")] = "",
        timezone: Zone = "",
        calendar: Calendar = "",
        description: Text = "",
        location: Line = "",
        attendees: Several = (),
        notify: Notify = "",
        meet: bool = False,
        repeat: Annotated[Repeat, Field(description="weekly on Mon until 2026-06-30")] = "",
        drive_file_ids: Several = (),
        color: Color = "",
        visibility: Visibility = "",
        reminders: Reminders = "",
        free: bool = False,
        kind: EventKind = "",
        decline: Annotated[bool, Field(description="invitations meanwhile")] = False,
        dry_run: bool = False,
    ) -> Written:
        options = Options(color, visibility, reminders, kind=kind, free=free, decline=decline)
        asked = NewEvent(
            title, start, end, timezone, calendar, description, location, attendees, notify, meet, repeat,
            drive_file_ids, options,
        )  # fmt: skip
        return _told(work, await creating.create(work, asked, dry_run=dry_run))

    return ToolDefinition(
        name="calendar_create_event",
        title="Create an event",
        description="Create an event; tells what clashes.",
        kind=Kind.OUTWARD,
        service="calendar",
        capability="calendar.write",
        tier=Tier.CORE,
        run=run,
        result=Written,
        once=True,
    )


def _told(work: Workspace, made: Made) -> Written:
    notes = ["What else is at that time could not be looked up."] if made.nearby.unseen else []
    if made.event.get("recurrence"):
        notes.append("Of the series only the first date was held against other events.")
    return Written(
        account=work.address,
        state="would be created, nothing was done" if made.dry_run else "created",
        event_id="" if made.dry_run else str(made.event["id"]),
        etag="" if made.dry_run else str(made.event.get("etag", "")),
        link=str(made.event.get("htmlLink", "")),
        facts=told(work, made.entry, made.event, made.zone),
        mailed=list(made.told),
        conflicts=[briefly(each, made.zone) for each in made.nearby.conflicts],
        twins=[briefly(each, made.zone) for each in made.nearby.twins],
        notes=notes,
    )
