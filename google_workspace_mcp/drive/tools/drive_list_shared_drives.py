"""drive_list_shared_drives: the shared drives of which the account is a member."""

import json
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from google_workspace_mcp.core.content.injection import SUSPICIOUS, is_suspicious
from google_workspace_mcp.core.content.tables import rows
from google_workspace_mcp.core.content.wording import counted
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.account import SharedDrive, shared_drives
from google_workspace_mcp.drive.query import LONGEST_TEXT
from google_workspace_mcp.drive.service import DriveService

NAME = "drive_list_shared_drives"


class SharedDriveRow(BaseModel):
    """A shared drive."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(description="also of its outermost folder")
    name: str
    you_may: str
    limits: list[str] = Field(default=[], description="who or what is kept out")
    created: str = Field(default="", description="date")
    hidden: bool = Field(default=False, description="from the person's own view")
    suspicious: bool = Field(default=False, description="the name is meant for machines")


class DriveListSharedDrivesResult(Result):
    """Shared drives."""

    drives: list[SharedDriveRow]
    complete: bool
    cursor: str = ""

    def text(self) -> str:
        more = "" if self.complete else ", not all"
        lines = [f"{counted(len(self.drives), 'shared drive')}{more} · {self.account}"]
        if self.drives:
            headers = ("name", "you may", "created", "limits", "marks", "id")
            lines.append(rows(headers, [_cells(row) for row in self.drives]))
        return "\n".join([*lines, f"next: cursor={self.cursor}"] if self.cursor else lines)


def definition(_service: DriveService) -> ToolDefinition:
    """The tool; it needs nothing that is kept."""

    async def run(
        work: Workspace,
        *,
        name: Annotated[str, Field(description="beginnings of words", max_length=LONGEST_TEXT)] = "",
        limit: Annotated[int, Field(ge=1, le=100)] = 50,
        cursor: str = "",
    ) -> DriveListSharedDrivesResult:
        bound = json.dumps([NAME, work.connection_id, name, limit])
        page = str(work.cursors.open(cursor, bound)["page"]) if cursor else ""
        found, following = await shared_drives(work, name, limit, page)
        return DriveListSharedDrivesResult(
            account=work.address,
            drives=[_row(drive) for drive in found],
            complete=not following,
            cursor=work.cursors.seal({"page": following}, bound) if following else "",
        )

    return ToolDefinition(
        name=NAME,
        title="List shared drives",
        description="Shared drives of the account and what it may do in them.",
        kind=Kind.READ,
        service="drive",
        capability="drive.read",
        tier=Tier.EXTENDED,
        run=run,
        result=DriveListSharedDrivesResult,
    )


def _row(drive: SharedDrive) -> SharedDriveRow:
    return SharedDriveRow(
        id=drive.id,
        name=drive.name,
        you_may=drive.may,
        limits=list(drive.limits),
        created=f"{drive.created:%Y-%m-%d}" if drive.created else "",
        hidden=drive.hidden,
        suspicious=is_suspicious(drive.name),
    )


def _cells(row: SharedDriveRow) -> tuple[str, ...]:
    marks = ", ".join(mark for mark, held in (("hidden", row.hidden), (SUSPICIOUS, row.suspicious)) if held)
    return (row.name, row.you_may, row.created, ", ".join(row.limits), marks, row.id)
