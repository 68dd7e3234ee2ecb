"""The tools for whole calendars: calendar_create_calendar, calendar_share_calendar."""

from typing import Annotated, Literal

from pydantic import Field

from google_workspace_mcp.calendar.managing import Managing, Role, ShareKind
from google_workspace_mcp.calendar.tools.arguments import Calendar, Line, Text, Zone
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace

_Who = Annotated[str, Field(description="address or domain", max_length=320)]


class CalendarMade(Result):
    """A new calendar."""

    state: Literal["created", "dry run"]
    id: str = ""
    name: str
    zone: str

    def text(self) -> str:
        verb = "created" if self.state == "created" else "would be created, nothing was done"
        return f"calendar {self.name} ({self.zone}) {verb} · {self.account}{f' · {self.id}' if self.id else ''}"


class CalendarShared(Result):
    """Who has which access to a calendar now."""

    state: Literal["shared", "dry run"]
    calendar: str
    who: str
    before: str = Field(default="", description="of a dry run")
    access: str
    mailed: bool = False

    def text(self) -> str:
        calendar = self.calendar or self.account
        mail = " · Google mails them" if self.mailed else ""
        if self.state == "dry run":
            return f"{self.who}: {self.before} -> {self.access} in {calendar}{mail}, nothing was done · {self.account}"
        return f"{self.who}: {self.access} in {calendar}{mail} · {self.account}"


def definitions(managing: Managing) -> tuple[ToolDefinition, ...]:
    """Both tools."""

    async def create(
        work: Workspace, *, name: Line, timezone: Zone = "", description: Text = "", dry_run: bool = False
    ) -> CalendarMade:
        made = await managing.create(work, name, timezone, description, dry_run=dry_run)
        state = "dry run" if dry_run else "created"
        return CalendarMade(account=work.address, state=state, id=made.id, name=made.name, zone=made.zone)

    async def share(
        work: Workspace,
        *,
        role: Role,
        who: _Who = "",
        kind: ShareKind = "user",
        calendar: Calendar = "",
        notify: bool = False,
        dry_run: bool = False,
    ) -> CalendarShared:
        shared = await managing.share(work, calendar, kind, who, role, notify=notify, dry_run=dry_run)
        return CalendarShared(
            account=work.address,
            state="dry run" if dry_run else "shared",
            calendar=shared.calendar.name,
            who=shared.who,
            before=shared.before,
            access=shared.access,
            mailed=shared.mailed,
        )

    return (
        ToolDefinition(
            name="calendar_create_calendar",
            title="Create a calendar",
            description="Create a calendar of the account's own.",
            kind=Kind.WRITE,
            service="calendar",
            capability="calendar.write",
            tier=Tier.FULL,
            run=create,
            result=CalendarMade,
            once=True,
        ),
        ToolDefinition(
            name="calendar_share_calendar",
            title="Share a calendar",
            description="Give or, with `none`, take away access to a calendar.",
            kind=Kind.OUTWARD,
            service="calendar",
            capability="calendar.write",
            tier=Tier.FULL,
            run=share,
            result=CalendarShared,
        ),
    )
