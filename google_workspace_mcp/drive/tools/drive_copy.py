"""drive_copy: a copy of a file."""

from google_workspace_mcp.core.tools.kinds import Kind, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.tools.outcome import DryRun, FileId, FileResult, Folder, Name, told
from google_workspace_mcp.drive.writing import Writing


def definition(writing: Writing) -> ToolDefinition:
    """The tool on this service."""

    async def run(
        work: Workspace, *, file_id: FileId, name: Name = "", folder: Folder = "", dry_run: DryRun = False
    ) -> FileResult:
        return told(work, await writing.copy(work, file_id, name, folder, dry_run=dry_run), "copied")

    return ToolDefinition(
        name="drive_copy",
        title="Copy a Drive file",
        description="Copy a file into `folder`, else beside the original or into My Drive.",
        kind=Kind.WRITE,
        service="drive",
        capability="drive.write",
        tier=Tier.EXTENDED,
        run=run,
        result=FileResult,
        once=True,
    )
