"""The Drive tools, in the order that clients see them."""

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.content.documents.service import Documents
from google_workspace_mcp.core.tools.kinds import ToolDefinition
from google_workspace_mcp.drive.service import DriveService
from google_workspace_mcp.drive.tools import (
    drive_about,
    drive_download,
    drive_get_file,
    drive_list_comments,
    drive_list_folder,
    drive_list_revisions,
    drive_list_shared_drives,
    drive_read,
    drive_search,
)

_MODULES = (
    drive_search,
    drive_list_folder,
    drive_get_file,
    drive_read,
    drive_download,
    drive_list_shared_drives,
    drive_list_comments,
    drive_list_revisions,
    drive_about,
)


def tools(clock: Clock, documents: Documents, service: DriveService | None = None) -> tuple[ToolDefinition, ...]:
    """All Drive tools on one service object, which keeps names of folders and shared drives per connection.

    It may be shared with whoever else needs it.
    """
    service = service or DriveService(clock, documents)
    return tuple(module.definition(service) for module in _MODULES)
