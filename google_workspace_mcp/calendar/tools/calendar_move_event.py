"""calendar_move_event: an event moved to another calendar."""

from google_workspace_mcp.calendar.moving import Moved, Moving
from google_workspace_mcp.calendar.telling import told
from google_workspace_mcp.calendar.tools.arguments import Calendar, EventId, Written
from google_workspace_mcp.core.tools.kinds import Kind, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace


def definition(moving: Moving) -> ToolDefinition:
    """The tool on this service."""

    async def run(
        work: Workspace, *, event_id: EventId, to: Calendar, calendar: Calendar = "", dry_run: bool = False
    ) -> Written:
        return _told(work, await moving.move(work, event_id, calendar, to, dry_run=dry_run))

    return ToolDefinition(
        name="calendar_move_event",
        title="Move an event",
        description="Move an event or a whole series to another calendar. Nobody is mailed.",
        kind=Kind.WRITE,
        service="calendar",
        capability="calendar.write",
        tier=Tier.EXTENDED,
        run=run,
        result=Written,
    )


def _told(work: Workspace, moved: Moved) -> Written:
    entry = moved.source if moved.dry_run else moved.target
    facts = told(work, entry, moved.event, moved.zone)
    names = [each.name or work.address for each in (moved.source, moved.target)]
    return Written(
        account=work.address,
        state="would be moved, nothing was done" if moved.dry_run else "moved",
        event_id=str(moved.event["id"]),
        link=str(moved.event.get("htmlLink", "")),
        facts={name: facts[name] for name in ("title", "when", "repeats") if name in facts},
        changes=[("calendar", names[0], names[1])],
    )
