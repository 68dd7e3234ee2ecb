"""drive_list_revisions: what a file held before, and whose hand changed it."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from google_workspace_mcp.core.content.sizes import human_size
from google_workspace_mcp.core.content.tables import rows
from google_workspace_mcp.core.content.times import iso_minute
from google_workspace_mcp.core.content.wording import counted, row_time
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.revision_list import Revisions, revisions_of
from google_workspace_mcp.drive.service import DriveService

NAME = "drive_list_revisions"
_DESCRIPTION = "Versions of a file, the present one first: when, by whom, how large."
_NOT_EACH = "of its own documents Google keeps some versions together and tells only the last of them"
_THIRTY_DAYS = "a version that is not kept goes 30 days after a newer one came"


class RevisionRow(BaseModel):
    """A version."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    modified: str = Field(description="local time with offset")
    by: str = ""
    size: int = Field(default=0, description="bytes")
    current: bool = False
    kept: bool = Field(default=False, description="for ever")
    published: bool = Field(default=False, description="on the web")


class DriveListRevisionsResult(Result):
    """Versions of a file, the present one first."""

    zone: str = Field(description="IANA zone of the times")
    id: str
    name: str
    revisions: list[RevisionRow]
    total: int = Field(description="as far as Google tells")
    complete: bool
    note: str = ""

    def text(self) -> str:
        more = "" if self.complete else f" of {self.total}"
        lines = [self.name, f"{counted(len(self.revisions), 'version')}{more} · {self.account} · times in {self.zone}"]
        lines.append(rows(("modified", "by", "size", "marks", "id"), [_cells(row) for row in self.revisions]))
        return "\n".join([*lines, f"Note: {self.note}."])


def definition(_service: DriveService) -> ToolDefinition:
    """The tool; it needs nothing that is kept."""

    async def run(
        work: Workspace,
        *,
        file_id: Annotated[str, Field(min_length=1, max_length=500)],
        limit: Annotated[int, Field(ge=1, le=200)] = 20,
    ) -> DriveListRevisionsResult:
        return _result(work, await revisions_of(work, file_id), limit)

    return ToolDefinition(
        name=NAME,
        title="List versions of a Drive file",
        description=_DESCRIPTION,
        kind=Kind.READ,
        service="drive",
        capability="drive.read",
        tier=Tier.FULL,
        run=run,
        result=DriveListRevisionsResult,
    )


def _result(work: Workspace, found: Revisions, limit: int) -> DriveListRevisionsResult:
    shown = [
        RevisionRow(
            id=revision.id,
            modified=iso_minute(revision.modified, found.zone.info),
            by=revision.by,
            size=revision.size,
            current=number == 0 and found.complete,
            kept=revision.kept,
            published=revision.published,
        )
        for number, revision in enumerate(found.revisions[:limit])
    ]
    native = not any(revision.size for revision in found.revisions)
    notes = (found.note, _NOT_EACH if native else _THIRTY_DAYS, "" if found.complete else "newer ones are not told")
    return DriveListRevisionsResult(
        account=work.address,
        zone=found.zone.label,
        id=found.file.id,
        name=found.file.name,
        revisions=shown,
        total=len(found.revisions),
        complete=found.complete and len(shown) == len(found.revisions),
        note="; ".join(note for note in notes if note),
    )


def _cells(row: RevisionRow) -> tuple[str, ...]:
    marks = (("current", row.current), ("kept", row.kept), ("published", row.published))
    held = ", ".join(mark for mark, holds in marks if holds)
    return (row_time(row.modified), row.by, human_size(row.size), held, row.id)
