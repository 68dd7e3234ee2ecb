"""drive_create_file: a new file, of text, an upload or a file of a mail; as it is, or as a document of Google's."""

from typing import Annotated

from pydantic import Field

from google_workspace_mcp.core.tools.kinds import Kind, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.material import Native, Sources
from google_workspace_mcp.drive.tools.outcome import DryRun, FileResult, Folder, Name, Text, UploadId, told
from google_workspace_mcp.drive.writing import NewFile, Writing


def definition(writing: Writing) -> ToolDefinition:
    """The tool on this service."""

    async def run(
        work: Workspace,
        *,
        name: Name = "",
        text: Text = "",
        upload_id: UploadId = "",
        message_id: Annotated[str, Field(max_length=256)] = "",
        part: Annotated[str, Field(max_length=300)] = "",
        convert_to: Native = "",
        folder: Folder = "",
        dry_run: DryRun = False,
    ) -> FileResult:
        new = NewFile(name, Sources(text, upload_id, message_id, part), convert_to, folder)
        return told(work, await writing.create_file(work, new, dry_run=dry_run), "created")

    return ToolDefinition(
        name="drive_create_file",
        title="Create a Drive file",
        description="Create a file from text, upload or mail; `convert_to` takes Markdown, HTML, CSV, Office.",
        kind=Kind.WRITE,
        service="drive",
        capability="drive.write",
        tier=Tier.CORE,
        run=run,
        result=FileResult,
        once=True,
    )
