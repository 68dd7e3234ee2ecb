"""drive_restore_revision: a former content brought back."""

from typing import Annotated

from pydantic import Field

from google_workspace_mcp.core.content.times import local_time
from google_workspace_mcp.core.tools.kinds import Kind, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.restoring import Restoring
from google_workspace_mcp.drive.tools.outcome import DryRun, FileId, FileResult, told


def definition(restoring: Restoring) -> ToolDefinition:
    """The tool on this service."""

    async def run(
        work: Workspace,
        *,
        file_id: FileId,
        revision_id: Annotated[str, Field(min_length=1, max_length=256)],
        dry_run: DryRun = False,
    ) -> FileResult:
        restored = await restoring.restore(work, file_id, revision_id, dry_run=dry_run)
        when = f"{local_time(restored.of, restored.zone.info)} ({restored.zone.label})"
        verb = "would become" if dry_run else "is now"
        return told(work, restored.written, "restored", f"the content of {when} {verb} the newest revision")

    return ToolDefinition(
        name="drive_restore_revision",
        title="Restore a revision",
        description="Make a former content of a file its newest revision; not for Google's own documents.",
        kind=Kind.WRITE,
        service="drive",
        capability="drive.write",
        tier=Tier.FULL,
        run=run,
        result=FileResult,
    )
