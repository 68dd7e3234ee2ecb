"""A simulated Google Drive."""

from google_workspace_mcp.sandbox.drive.service import DriveService

_FILE = "kind,id,name,mimeType,teamDriveId,driveId"

# What Drive answers when a request has no `fields`, by method id. Methods that are not here answer everything.
DEFAULT_FIELDS: dict[str, str] = {
    "drive.files.list": f"kind,incompleteSearch,nextPageToken,files({_FILE})",
    "drive.files.get": _FILE,
    "drive.files.create": _FILE,
    "drive.files.update": _FILE,
    "drive.files.copy": _FILE,
    "drive.drives.list": "kind,nextPageToken,drives(kind,id,name)",
    "drive.drives.get": "kind,id,name",
    "drive.permissions.list": "kind,nextPageToken,permissions(kind,id,type,role)",
    "drive.permissions.get": "kind,id,type,role",
    "drive.permissions.create": "kind,id,type,role",
    "drive.permissions.update": "kind,id,type,role",
}

__all__ = ["DEFAULT_FIELDS", "DriveService"]
