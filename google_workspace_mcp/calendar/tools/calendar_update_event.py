"""calendar_update_event: an event, one date of a series, the rest of it or all of it, changed and nothing else."""

from collections.abc import Mapping
from typing import Literal

from google_workspace_mcp.calendar.changes import Change
from google_workspace_mcp.calendar.changing import Changed, Changing
from google_workspace_mcp.calendar.guests import Notify
from google_workspace_mcp.calendar.options import Options
from google_workspace_mcp.calendar.targets import Scope
from google_workspace_mcp.calendar.telling import differences, told
from google_workspace_mcp.calendar.tools.arguments import (
    Calendar,
    Color,
    Etag,
    EventId,
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

type _Switch = Literal["yes", "no", ""]
_SWITCHED: Mapping[_Switch, bool] = {"yes": True, "no": False}


def definition(changing: Changing) -> ToolDefinition:
    """The tool on this service."""

    async def run(
        work: Workspace,
        *,
        event_id: EventId,
        scope: Scope = "this",
        calendar: Calendar = "",
        title: Line = "",
        start: Time = "",
        end: Time = "",
        description: Text = "",
        location: Line = "",
        add_attendees: Several = (),
        remove_attendees: Several = (),
        notify: Notify = "",
        repeat: Repeat = "",
        timezone: Zone = "",
        meet: _Switch = "",
        color: Color = "",
        visibility: Visibility = "",
        reminders: Reminders = "",
        free: _Switch = "",
        etag: Etag = "",
        dry_run: bool = False,
    ) -> Written:
        asked = Change(
            title, start, end, description, location, add_attendees, remove_attendees, repeat,
            Options(color, visibility, reminders, timezone, free=_SWITCHED.get(free), meet=_SWITCHED.get(meet)),
        )  # fmt: skip
        target = await changing.target(work, event_id, calendar, scope)
        return _told(work, await changing.change(work, target, asked, notify, etag=etag, dry_run=dry_run))

    return ToolDefinition(
        name="calendar_update_event",
        title="Change an event",
        description="Change an event or series; `-` empties.",
        kind=Kind.OUTWARD,
        service="calendar",
        capability="calendar.write",
        tier=Tier.CORE,
        run=run,
        result=Written,
    )


def _told(work: Workspace, changed: Changed) -> Written:
    target = changed.target
    before, after = (told(work, target.entry, each, target.zone) for each in (changed.before, changed.after))
    what = {"this": "", "following": " from that date on", "all": " as a whole series"}
    scope = what[target.scope] if target.master else ""
    return Written(
        account=work.address,
        state=f"would be changed{scope}, nothing was done" if changed.dry_run else f"changed{scope}",
        event_id=str(changed.before.get("id", "") if changed.dry_run else changed.after["id"]),
        etag="" if changed.dry_run else str(changed.after.get("etag", "")),
        link=str(changed.after.get("htmlLink", "")),
        facts={"title": after.get("title", "")},
        changes=differences(before, after),
        mailed=list(changed.mailed),
        notes=list(changed.notes),
    )
