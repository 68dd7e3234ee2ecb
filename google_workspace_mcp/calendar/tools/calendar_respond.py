"""calendar_respond: an invitation answered, for one date or the series."""

from typing import Annotated, Literal

from pydantic import Field

from google_workspace_mcp.calendar.answering import Answer, Answered, respond
from google_workspace_mcp.calendar.changing import Changing
from google_workspace_mcp.calendar.telling import told
from google_workspace_mcp.calendar.tools.arguments import Calendar, EventId, Written
from google_workspace_mcp.core.tools.kinds import Kind, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace

_Comment = Annotated[str, Field(max_length=1000)]


def definition(changing: Changing) -> ToolDefinition:
    """The tool on this service."""

    async def run(
        work: Workspace,
        *,
        event_id: EventId,
        answer: Answer,
        comment: _Comment = "",
        scope: Literal["this", "all"] = "this",
        calendar: Calendar = "",
        dry_run: bool = False,
    ) -> Written:
        target = await changing.target(work, event_id, calendar, scope)
        return _told(work, await respond(work, target, answer, comment, dry_run=dry_run))

    return ToolDefinition(
        name="calendar_respond",
        title="Answer an invitation",
        description="Answer an invitation; the organizer is told.",
        kind=Kind.OUTWARD,
        service="calendar",
        capability="calendar.write",
        tier=Tier.EXTENDED,
        run=run,
        result=Written,
    )


def _told(work: Workspace, answered: Answered) -> Written:
    target = answered.target
    facts = told(work, target.entry, answered.event, target.zone)
    series = " for the whole series" if target.master else ""
    same = answered.before == answered.after
    return Written(
        account=work.address,
        state=f"would be answered{series}, nothing was done" if answered.dry_run else f"answered{series}",
        event_id=str(answered.event["id"]),
        link=str(answered.event.get("htmlLink", "")),
        facts={name: facts[name] for name in ("title", "when", "repeats") if name in facts},
        changes=[] if same else [("answer", answered.before, answered.after)],
        mailed=[] if same else list(answered.mailed),
        notes=[f"The answer was {answered.after} already."] if same else [],
    )
