"""The tools that put files away: drive_trash, drive_delete_forever."""

from collections.abc import Sequence
from typing import Annotated, Literal, override

from pydantic import BaseModel, ConfigDict, Field

from google_workspace_mcp.core.content.wording import counted
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.disposing import MOST, Disposing, Gone
from google_workspace_mcp.drive.kinds import in_words
from google_workspace_mcp.drive.tools.outcome import DryRun

_FileIds = Annotated[list[str], Field(min_length=1, max_length=MOST)]


class GoneRow(BaseModel):
    """A file, and why nothing was done to it if so."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str = ""
    type: str = ""
    error: str = ""

    def words(self) -> str:
        named = f"{self.name} ({self.type}, {self.id})" if self.name else self.id
        return f"not done: {named}: {self.error}" if self.error else named


class GoneResult(Result):
    """What became of the files."""

    state: Literal["trashed", "restored", "deleted for good", "dry run"]
    files: tuple[GoneRow, ...]
    note: str = ""

    def text(self) -> str:
        done = sum(not row.error for row in self.files)
        verb = "dry run, nothing was done" if self.state == "dry run" else self.state
        lines = [f"{verb}: {counted(done, 'file')} · {self.account}", *(row.words() for row in self.files)]
        return "\n".join([*lines, *([self.note] if self.note else [])])

    @override
    def problem(self) -> str:
        return self.files[0].error if all(row.error for row in self.files) else ""


def definitions(disposing: Disposing) -> tuple[ToolDefinition, ...]:
    """The two tools."""

    async def trash(
        work: Workspace, *, file_ids: _FileIds, restore: bool = False, dry_run: DryRun = False
    ) -> GoneResult:
        gone = await disposing.trash(work, file_ids, restore=restore, dry_run=dry_run)
        return GoneResult(
            account=work.address,
            state="dry run" if dry_run else "restored" if restore else "trashed",
            files=_rows(gone),
            note="Everything in the folder goes along." if any(each.is_folder for each in gone) else "",
        )

    async def delete(work: Workspace, *, file_ids: _FileIds, dry_run: DryRun = False) -> GoneResult:
        gone = await disposing.delete(work, file_ids, dry_run=dry_run)
        return GoneResult(
            account=work.address,
            state="dry run" if dry_run else "deleted for good",
            files=_rows(gone),
            note="Everything in the folder would be deleted too." if any(each.is_folder for each in gone) else "",
        )

    return (
        ToolDefinition(
            name="drive_trash",
            title="Trash Drive files",
            description="Put files or folders into the trash, or `restore` them.",
            kind=Kind.WRITE,
            service="drive",
            capability="drive.write",
            tier=Tier.EXTENDED,
            run=trash,
            result=GoneResult,
        ),
        ToolDefinition(
            name="drive_delete_forever",
            title="Delete Drive files for good",
            description="Delete files or folders for good. Nobody can bring them back; drive_trash can be taken back.",
            kind=Kind.OUTWARD,
            service="drive",
            capability="drive.write",
            tier=Tier.FULL,
            run=delete,
            result=GoneResult,
            forever=True,
        ),
    )


def _rows(gone: Sequence[Gone]) -> tuple[GoneRow, ...]:
    return tuple(
        GoneRow(
            id=each.id,
            name=each.file.name if each.file else "",
            type=in_words(each.file.mime_type) if each.file else "",
            error=each.error,
        )
        for each in gone
    )
