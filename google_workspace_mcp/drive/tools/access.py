"""The tools that give and take access: drive_share, drive_unshare."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from google_workspace_mcp.core.content.times import iso_minute
from google_workspace_mcp.core.content.wording import counted
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.exposure import ROLES
from google_workspace_mcp.drive.holders import Holder
from google_workspace_mcp.drive.kinds import in_words
from google_workspace_mcp.drive.sharing import Access, Sharing, Wanted
from google_workspace_mcp.drive.tools.outcome import DryRun, FileId
from google_workspace_mcp.drive.unsharing import Unsharing

type _Role = Literal["reader", "commenter", "writer", "fileOrganizer", "organizer", "owner"]
type _NewRole = Literal["", "reader", "commenter", "writer", "fileOrganizer", "organizer"]
_MOST_NAMED = 10
_COUNTED = 100


class AccessResult(Result):
    """Who gains or loses access, or would; then who has it besides."""

    state: Literal["shared", "changed", "taken away", "unchanged", "dry run"]
    id: str
    name: str
    type: str
    who: str = Field(description="whose access it is")
    may: str = Field(default="", description="what they may do afterwards by it; empty = nothing")
    before: str = Field(default="", description="what they could do before")
    contents: str = Field(default="", description="what of a folder they see with it")
    until: str = Field(default="", description="local time with offset")
    notified: bool = Field(default=False, description="Google sends them a mail")
    still: list[str] = Field(default=[], description="how they see it all the same")
    others: list[str] = Field(default=[], description="who has access besides")
    note: str = ""

    def text(self) -> str:
        verb = "dry run, nothing was done" if self.state == "dry run" else self.state
        was = f", before: {self.before}" if self.before else ""
        lines = [f"{verb}: {self.name} · {self.type} · {self.account}", f"{self.who}: {self.may or 'no access'}{was}"]
        for name, value in (
            ("with it", self.contents),
            ("until", self.until),
            ("mail", "Google tells them" if self.notified else ""),
            ("still sees it by", "; ".join(self.still)),
            ("others with access", "; ".join(self.others)),
        ):
            if value:
                lines.append(f"{name}: {value}")
        return "\n".join([*lines, *([self.note] if self.note else [])])


def definitions(sharing: Sharing, unsharing: Unsharing) -> tuple[ToolDefinition, ...]:
    """The two tools."""

    async def share(
        work: Workspace,
        *,
        file_id: FileId,
        to: Annotated[str, Field(description="address, domain or `anyone`", min_length=1, max_length=320)],
        role: _Role = "reader",
        group: Annotated[bool, Field(description="the address is a group's")] = False,
        expires: Annotated[str, Field(description="last day, YYYY-MM-DD", max_length=40)] = "",
        message: Annotated[str, Field(max_length=2000)] = "",
        notify: Annotated[bool, Field(description="by mail")] = True,
        dry_run: DryRun = False,
    ) -> AccessResult:
        wanted = Wanted(file_id, to, role, group, expires, message, notify)
        return _told(work, await sharing.share(work, wanted, dry_run=dry_run))

    async def unshare(
        work: Workspace,
        *,
        file_id: FileId,
        who: Annotated[
            str, Field(description="address, domain, `anyone` or permission id", min_length=1, max_length=320)
        ],
        role: Annotated[_NewRole, Field(description="empty = take away")] = "",
        dry_run: DryRun = False,
    ) -> AccessResult:
        return _told(work, await unsharing.unshare(work, file_id, who, role, dry_run=dry_run))

    return (
        ToolDefinition(
            name="drive_share",
            title="Share a Drive file",
            description="Give one person, group, domain or anyone access to a file or folder. "
            "First show the person a dry_run: who would gain access.",
            kind=Kind.OUTWARD,
            service="drive",
            capability="drive.write",
            tier=Tier.EXTENDED,
            run=share,
            result=AccessResult,
            once=True,
        ),
        ToolDefinition(
            name="drive_unshare",
            title="Take access to a Drive file away",
            description="Take somebody's access away or change its role; says how they still see the file.",
            kind=Kind.WRITE,
            service="drive",
            capability="drive.write",
            tier=Tier.EXTENDED,
            run=unshare,
            result=AccessResult,
        ),
    )


def _told(work: Workspace, access: Access) -> AccessResult:
    zone = access.zone
    unchanged = access.state == "unchanged"
    return AccessResult(
        account=work.address,
        state=access.state,
        id=access.file.id,
        name=access.file.name,
        type=in_words(access.file.mime_type),
        who=access.who.words(),
        may=_may(access.before if unchanged else access.role),
        before=_may(access.before),
        contents=_contents(access),
        until=iso_minute(access.expires, zone.info) if access.expires and zone else "",
        notified=access.notified,
        still=list(access.still),
        others=_others(access.already),
        note="They have that already; drive_unshare gives a smaller role." if unchanged else "",
    )


def _may(role: str) -> str:
    return ROLES.get(role, role)


def _contents(access: Access) -> str:
    if not access.is_folder:
        return ""
    if not access.inside:
        return "everything in the folder"
    number = f"{_COUNTED} or more things" if access.inside >= _COUNTED else counted(access.inside, "thing")
    return f"everything in the folder: {number} directly in it"


def _others(holders: Iterable[Holder]) -> list[str]:
    """The widest first, the first few of them."""
    named = [holder.words() for holder in sorted(holders, key=lambda holder: -holder.grant.reach)]
    more = len(named) - _MOST_NAMED
    return [*named[:_MOST_NAMED], *([f"{more} more"] if more > 0 else [])]
