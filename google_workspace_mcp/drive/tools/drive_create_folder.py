"""drive_create_folder: a new folder."""

from typing import Annotated

from pydantic import Field

from google_workspace_mcp.core.tools.kinds import Kind, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.tools.outcome import DryRun, FileResult, Folder, told
from google_workspace_mcp.drive.writing import Writing


def definition(writing: Writing) -> ToolDefinition:
    """The tool on this service."""

    async def run(
        work: Workspace,
        *,
        name: Annotated[str, Field(min_length=1, max_length=500)],
        folder: Folder = "",
        dry_run: DryRun = False,
    ) -> FileResult:
        return told(work, await writing.create_folder(work, name, folder, dry_run=dry_run), "created")

    return ToolDefinition(
        name="drive_create_folder",
        title="Create a folder",
        description="Create a folder in My Drive or in `folder`.",
        kind=Kind.WRITE,
        service="drive",
        capability="drive.write",
        tier=Tier.EXTENDED,
        run=run,
        result=FileResult,
        once=True,
    )
