"""drive_update_file: content, name, place, description, star."""

from typing import Annotated

from pydantic import Field

from google_workspace_mcp.core.tools.kinds import Kind, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.material import Sources
from google_workspace_mcp.drive.tools.outcome import DryRun, FileId, FileResult, Folder, Name, Text, UploadId, told
from google_workspace_mcp.drive.updating import Change, Star, Updating


def definition(updating: Updating) -> ToolDefinition:
    """The tool on this service."""

    async def run(
        work: Workspace,
        *,
        file_id: FileId,
        version: Annotated[str, Field(description="as read; new content needs it", max_length=40)] = "",
        text: Text = "",
        upload_id: UploadId = "",
        name: Name = "",
        folder: Folder = "",
        description: Annotated[str, Field(max_length=10_000)] = "",
        star: Star = "",
        dry_run: DryRun = False,
    ) -> FileResult:
        change = Change(file_id, version, Sources(text, upload_id), name, folder, description, star)
        written = await updating.update(work, change, dry_run=dry_run)
        former = f" (it was “{written.former_name}”)" if written.former_name else ""
        verb = "would change" if dry_run else "changed"
        return told(work, written, "changed", f"{verb}: {', '.join(change.words)}{former}")

    return ToolDefinition(
        name="drive_update_file",
        title="Change a Drive file",
        description="Replace a file's content (a new revision), rename, move, describe or star it, all at once. "
        "Refused when it changed since `version`.",
        kind=Kind.WRITE,
        service="drive",
        capability="drive.write",
        tier=Tier.EXTENDED,
        run=run,
        result=FileResult,
    )
