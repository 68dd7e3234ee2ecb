"""drive_list_folder: what is in a folder."""

import json
from dataclasses import asdict
from typing import Annotated

from pydantic import Field

from google_workspace_mcp.core.content.injection import SUSPICIOUS, is_suspicious
from google_workspace_mcp.core.content.sizes import human_size
from google_workspace_mcp.core.content.tables import rows
from google_workspace_mcp.core.content.times import iso_minute
from google_workspace_mcp.core.content.wording import counted, row_time
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.browsing import Asked, Entry, Listed
from google_workspace_mcp.drive.models import FileRow
from google_workspace_mcp.drive.service import DriveService, describe
from google_workspace_mcp.drive.wording import usual_offset

NAME = "drive_list_folder"
_DESCRIPTION = "What is in a folder, folders first; with `depth` a tree."
_UNOPENED = "not opened"


class FolderRow(FileRow):
    """A file in a folder."""

    level: int = Field(default=0, description="0 is in the folder itself, 1 in one in it")
    unopened: bool = Field(default=False, description="a folder that there was no room to look into")


class DriveListFolderResult(Result):
    """What is in a folder, each folder followed by what is in it."""

    zone: str = Field(description="IANA zone of the times")
    id: str
    path: str
    trashed: bool = False
    files: list[FolderRow]
    complete: bool
    cursor: str = ""

    def text(self) -> str:
        more = "" if self.complete else ", not all"
        lines = [f"{self.path} ({self.id})", f"{counted(len(self.files), 'entry', 'entries')}{more} · {self.account}"]
        usual = usual_offset(row.modified for row in self.files)
        lines[1] += f" · times in {self.zone} {usual}".rstrip()
        if self.trashed:
            lines.append("In the trash, with what is in it: drive_search with `trashed` shows that.")
        if self.files:
            headers = ("name", "type", "modified", "owner", "size", "marks", "id")
            lines.append(rows(headers, [_cells(row, usual) for row in self.files]))
        if self.cursor:
            lines.append(f"next: cursor={self.cursor}")
        elif not self.complete:
            lines.append("List a folder by itself to see all that is in it.")
        return "\n".join(lines)


def definition(service: DriveService) -> ToolDefinition:
    """The tool on this service."""

    async def run(
        work: Workspace,
        *,
        folder: Annotated[str, Field(description="id, name or path (Reports/2026); empty = My Drive")] = "",
        depth: Annotated[int, Field(description="levels", ge=1, le=5)] = 1,
        limit: Annotated[int, Field(ge=1, le=200)] = 50,
        cursor: str = "",
    ) -> DriveListFolderResult:
        asked = Asked(folder, depth, limit)
        bound = json.dumps([NAME, work.connection_id, asdict(asked)], sort_keys=True)
        state = work.cursors.open(cursor, bound) if cursor else {"page": "", "folder": ""}
        found = await service.browser.list(work, asked, page=str(state["page"]), place=str(state["folder"]))
        return _result(work, found, bound)

    return ToolDefinition(
        name=NAME,
        title="List a Drive folder",
        description=_DESCRIPTION,
        kind=Kind.READ,
        service="drive",
        capability="drive.read",
        tier=Tier.EXTENDED,
        run=run,
        result=DriveListFolderResult,
    )


def _result(work: Workspace, found: Listed, bound: str) -> DriveListFolderResult:
    state = {"page": found.next_page, "folder": found.place}
    return DriveListFolderResult(
        account=work.address,
        zone=found.zone.label,
        id=found.folder.id,
        path=found.path,
        trashed=found.folder.trashed,
        files=[_row(entry, found) for entry in found.entries],
        complete=found.complete,
        cursor=work.cursors.seal(state, bound) if found.next_page else "",
    )


def _row(entry: Entry, found: Listed) -> FolderRow:
    file = entry.file
    return FolderRow(
        id=file.id,
        name=file.name,
        type=describe(file),
        modified=iso_minute(file.modified, found.zone.info),
        owner=file.owner,
        size=file.size,
        suspicious=is_suspicious(file.name, file.owner),
        level=entry.level,
        unopened=entry.unopened,
    )


def _cells(row: FolderRow, usual: str) -> tuple[str, ...]:
    marks = ", ".join(mark for mark, held in ((_UNOPENED, row.unopened), (SUSPICIOUS, row.suspicious)) if held)
    name = f"{'>' * row.level} {row.name}" if row.level else row.name
    return (name, row.type, row_time(row.modified, usual), row.owner, human_size(row.size), marks, row.id)
