"""drive_search: finding files."""

import json
from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import Field

from google_workspace_mcp.core.content.injection import SUSPICIOUS, is_suspicious
from google_workspace_mcp.core.content.sizes import human_size
from google_workspace_mcp.core.content.tables import rows
from google_workspace_mcp.core.content.times import iso_minute
from google_workspace_mcp.core.content.wording import row_time
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.kinds import FileType
from google_workspace_mcp.drive.models import DriveFile, FileRow
from google_workspace_mcp.drive.query import Conditions
from google_workspace_mcp.drive.service import DriveService, Found, Place, Search, describe
from google_workspace_mcp.drive.wording import short_path, usual_offset

NAME = "drive_search"
_DESCRIPTION = "Find files, own and shared, in all drives; newest first, with `text` the best match first."

type Order = Literal["", "modified", "created", "viewed", "name", "size"]


class DriveSearchResult(Result):
    """Files found. `complete` is False when there are more, or Google did not look everywhere."""

    zone: str = Field(description="IANA zone of the times")
    files: list[FileRow]
    complete: bool
    searched_everywhere: bool = True
    cursor: str = ""
    hint: str = Field(default="", description="what to try when there is nothing")

    def text(self) -> str:
        count = f"{len(self.files)} file{'' if len(self.files) == 1 else 's'}"
        more = "" if self.complete else ", not all"
        usual = usual_offset(row.modified for row in self.files)
        lines = [f"{count}{more} · {self.account} · times in {self.zone} {usual}".rstrip()]
        if self.files:
            headers = ("name", "type", "modified", "owner", "size", "in", "marks", "id")
            lines.append(rows(headers, [_cells(row, usual) for row in self.files]))
        if not self.searched_everywhere:
            lines.append("Google did not search everywhere: name a shared_drive to search it thoroughly")
        if self.cursor:
            lines.append(f"next: cursor={self.cursor}")
        if self.hint:
            lines.append(self.hint)
        return "\n".join(lines)


def definition(service: DriveService) -> ToolDefinition:
    """The tool on this service."""

    async def run(
        work: Workspace,
        *,
        text: Annotated[str, Field(description='words or "phrase" in the content')] = "",
        name: Annotated[str, Field(description="beginnings of words in the name")] = "",
        type: FileType = "",
        owner: Annotated[str, Field(description="address or `me`")] = "",
        folder: Annotated[str, Field(description="id, name or path; direct children only")] = "",
        modified_after: Annotated[str, Field(description="YYYY-MM-DD, included")] = "",
        modified_before: Annotated[str, Field(description="YYYY-MM-DD, excluded")] = "",
        shared_drive: Annotated[str, Field(description="name or id")] = "",
        trashed: Annotated[bool, Field(description="search the trash instead")] = False,
        order: Annotated[Order, Field(description="not with `text`")] = "",
        query: Annotated[str, Field(description="extra condition in Drive's `q` syntax")] = "",
        limit: Annotated[int, Field(ge=1, le=50)] = 20,
        cursor: str = "",
    ) -> DriveSearchResult:
        conditions = Conditions(text=text, name=name, type=type, owner=owner, trashed=trashed, raw=query)
        search = Search(conditions, folder, shared_drive, modified_after, modified_before, order, limit)
        bound = json.dumps([NAME, work.connection_id, asdict(search)], sort_keys=True)
        if not cursor:
            found = await service.search(work, search)
        else:
            state = work.cursors.open(cursor, bound)
            place = Place(str(state["folder"]), str(state["drive"]))
            found = await service.search(work, search, page=str(state["page"]), place=place)
        return _result(work, search, found, bound)

    return ToolDefinition(
        name=NAME,
        title="Search Drive",
        description=_DESCRIPTION,
        kind=Kind.READ,
        service="drive",
        capability="drive.read",
        tier=Tier.CORE,
        run=run,
        result=DriveSearchResult,
    )


def _result(work: Workspace, search: Search, found: Found, bound: str) -> DriveSearchResult:
    page = found.page
    state: dict[str, Any] = {"page": page.next_page, **asdict(found.place)}
    return DriveSearchResult(
        account=work.address,
        zone=found.zone.label,
        files=[_row(file, found) for file in page.files],
        complete=page.searched_all and not page.next_page,
        searched_everywhere=page.searched_all,
        cursor=work.cursors.seal(state, bound) if page.next_page else "",
        hint="" if page.files or page.next_page else _hint(search),
    )


def _hint(search: Search) -> str:
    """What may find something where nothing was found."""
    asked, ways = search.conditions, ["fewer conditions"]
    if asked.name and not asked.text:
        ways.append("text instead of name")
    if asked.text and not asked.name:
        ways.append("name instead of text")
    if search.folder:
        ways.append("no folder (only its direct children are looked at)")
    if not asked.trashed:
        ways.append("trashed")
    return f"Nothing found; try {', or '.join(ways)}."


def _row(file: DriveFile, found: Found) -> FileRow:
    return FileRow(
        id=file.id,
        name=file.name,
        type=describe(file),
        modified=iso_minute(file.modified, found.zone.info),
        owner=file.owner,
        size=file.size,
        shared_drive=found.drive_names.get(file.drive_id, "(shared drive)") if file.drive_id else "",
        path=found.paths[file.id].words,
        suspicious=is_suspicious(file.name, file.owner),
    )


def _cells(row: FileRow, usual: str) -> tuple[str, ...]:
    marks = SUSPICIOUS if row.suspicious else ""
    size = human_size(row.size)
    return (row.name, row.type, row_time(row.modified, usual), row.owner, size, short_path(row.path), marks, row.id)
