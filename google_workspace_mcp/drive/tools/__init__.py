"""The Drive tools, in the order that clients see them."""

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.content.documents.service import Documents
from google_workspace_mcp.core.tools.kinds import ToolDefinition
from google_workspace_mcp.drive.service import DriveService
from google_workspace_mcp.drive.tools import drive_download, drive_read, drive_search


def tools(clock: Clock, documents: Documents, service: DriveService | None = None) -> tuple[ToolDefinition, ...]:
    """All Drive tools on one service object, which keeps names of folders and shared drives per connection.

    It may be shared with whoever else needs it.
    """
    service = service or DriveService(clock, documents)
    return tuple(module.definition(service) for module in (drive_search, drive_read, drive_download))
