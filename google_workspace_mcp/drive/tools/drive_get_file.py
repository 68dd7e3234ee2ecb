"""drive_get_file: all about one file but its content."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from google_workspace_mcp.core.content.injection import caution, signs
from google_workspace_mcp.core.content.sizes import human_size
from google_workspace_mcp.core.content.tables import rows
from google_workspace_mcp.core.content.times import iso_minute, long_time
from google_workspace_mcp.core.content.wording import row_time
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.exposure import Grant
from google_workspace_mcp.drive.info import FileInfo
from google_workspace_mcp.drive.service import DriveService, describe

NAME = "drive_get_file"
_DESCRIPTION = (
    "A file or folder: where it is, whose, who has access, how far it is open and why. Shortcuts are followed."
)
# Beyond these a person would not read on; the line that sums up counts all.
_MOST_SHOWN = 50


class Access(BaseModel):
    """Who may do what."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(description="of the permission")
    who: str
    kind: str = Field(description="user, group, domain or anyone")
    may: str
    until: str = Field(default="", description="local time with offset")
    through: str = Field(default="", description="where it comes from, if not from the file itself")


class DriveGetFileResult(Result):
    """A file's metadata."""

    zone: str = Field(description="IANA zone of the times")
    id: str
    name: str
    type: str
    path: str = Field(default="", description="of the folder that it is in")
    folder: str = Field(default="", description="id of that folder")
    owner: str = Field(default="", description="`me`, an address, or empty in a shared drive")
    exposure: str = Field(description="how far it is open, and why")
    access: list[Access] = Field(default=[])
    access_known: bool = True
    you_may: list[str]
    created: str = Field(default="", description="local time with offset")
    modified: str = Field(description="local time with offset")
    modified_by: str = ""
    shared_by: str = ""
    size: int = Field(default=0, description="bytes")
    description: str = ""
    starred: bool = False
    trashed: bool = False
    version: str = Field(default="", description="for drive_update_file")
    link: str = ""
    note: str = ""
    suspicious: list[str] = Field(default=[], description="what in it is meant for machines")

    def text(self) -> str:
        facts = [self.type, human_size(self.size), f"owner {self.owner}" if self.owner else "", self.account]
        lines = [self.name, " · ".join(fact for fact in facts if fact), f"in: {self.path or '(no folder)'}"]
        lines[2] += f" ({self.folder})" if self.folder else ""
        by = f" by {self.modified_by}" if self.modified_by else ""
        lines.append(f"modified {long_time(self.modified)}{by} ({self.zone})")
        lines += [f"open to: {self.exposure}", f"you may: {', '.join(self.you_may)}"]
        lines += [f"{name}: {value}" for name, value in self._more() if value]
        if self.suspicious:
            lines.append(caution(self.suspicious))
        if self.access:
            shown = [(a.who, a.may, a.through, row_time(a.until) if a.until else "", a.id) for a in self.access]
            lines.append(rows(("who", "may", "through", "until", "permission"), shown))
        return "\n".join(lines)

    def _more(self) -> tuple[tuple[str, str], ...]:
        states = [word for word, held in (("starred", self.starred), ("in the trash", self.trashed)) if held]
        return (
            ("note", self.note),
            ("marks", ", ".join(states)),
            ("created", long_time(self.created) if self.created else ""),
            ("shared by", self.shared_by),
            ("description", self.description),
            ("version", self.version),
            ("link", self.link),
        )


def definition(service: DriveService) -> ToolDefinition:
    """The tool on this service."""

    async def run(
        work: Workspace, *, file_id: Annotated[str, Field(min_length=1, max_length=500)]
    ) -> DriveGetFileResult:
        return _result(work, await service.looker.info(work, file_id))

    return ToolDefinition(
        name=NAME,
        title="Look at a Drive file",
        description=_DESCRIPTION,
        kind=Kind.READ,
        service="drive",
        capability="drive.read",
        tier=Tier.EXTENDED,
        run=run,
        result=DriveGetFileResult,
    )


def _result(work: Workspace, info: FileInfo) -> DriveGetFileResult:
    file, zone = info.file, info.zone.info
    shown = (info.grants or ())[:_MOST_SHOWN]
    notes = [f"reached through the shortcut “{info.shortcut}”"] if info.shortcut else []
    if info.grants and len(info.grants) > _MOST_SHOWN:
        notes.append(f"the first {_MOST_SHOWN} of {len(info.grants)} are shown")
    return DriveGetFileResult(
        account=work.address,
        zone=info.zone.label,
        id=file.id,
        name=file.name,
        type=describe(file),
        path=info.path,
        folder=file.parent,
        owner=file.owner,
        exposure=info.exposure,
        access=[_access(grant, info) for grant in shown],
        access_known=info.grants is not None,
        you_may=list(info.may),
        created=iso_minute(info.created, zone) if info.created else "",
        modified=iso_minute(file.modified, zone),
        modified_by=info.modified_by,
        shared_by=info.shared_by,
        size=file.size,
        description=info.description,
        starred=info.starred,
        trashed=file.trashed,
        version=file.version,
        link=file.link,
        note="; ".join(notes),
        suspicious=signs("\n".join((file.name, info.path, info.description, info.modified_by))),
    )


def _access(grant: Grant, info: FileInfo) -> Access:
    return Access(
        id=grant.id,
        who=grant.whom,
        kind=grant.kind,
        may=grant.may,
        until=iso_minute(grant.expires, info.zone.info) if grant.expires else "",
        through=info.reasons.get(grant.id, ""),
    )
