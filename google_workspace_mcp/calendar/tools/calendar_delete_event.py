"""calendar_delete_event: an event, one date of a series, the rest of it or all of it, deleted."""

from google_workspace_mcp.calendar.changing import Changing
from google_workspace_mcp.calendar.deleting import Deleted, delete_event
from google_workspace_mcp.calendar.guests import Notify
from google_workspace_mcp.calendar.targets import Scope
from google_workspace_mcp.calendar.telling import told, without_text
from google_workspace_mcp.calendar.tools.arguments import Calendar, Etag, EventId, Written
from google_workspace_mcp.core.content.times import local_day
from google_workspace_mcp.core.tools.kinds import Kind, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace


def definition(changing: Changing) -> ToolDefinition:
    """The tool on this service."""

    async def run(
        work: Workspace,
        *,
        event_id: EventId,
        scope: Scope = "this",
        calendar: Calendar = "",
        notify: Notify = "",
        etag: Etag = "",
        dry_run: bool = False,
    ) -> Written:
        target = await changing.target(work, event_id, calendar, scope)
        return _told(work, await delete_event(work, target, notify, etag=etag, dry_run=dry_run))

    return ToolDefinition(
        name="calendar_delete_event",
        title="Delete an event",
        description="Delete an event, one date of a series, the rest or all.",
        kind=Kind.OUTWARD,
        service="calendar",
        capability="calendar.write",
        tier=Tier.EXTENDED,
        run=run,
        result=Written,
    )


def _told(work: Workspace, deleted: Deleted) -> Written:
    target = deleted.target
    day = local_day(target.original.wall.date())
    what = {"this": "", "following": f" from {day} on", "all": " as a whole series"}[target.scope]
    scope = what if target.master else ""
    gone = " from this account's calendar, and declined" if deleted.as_guest else ""
    return Written(
        account=work.address,
        state=f"would be deleted{gone}{scope}, nothing was done" if deleted.dry_run else f"deleted{gone}{scope}",
        event_id=str(deleted.event["id"]),
        facts=without_text(told(work, target.entry, deleted.event, target.zone)),
        mailed=list(deleted.mailed),
    )
