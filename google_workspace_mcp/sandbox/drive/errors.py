"""Drive's refusals, in Google's status, reason and words."""

from google_workspace_mcp.sandbox.service import GoogleError


def file_not_found(file_id: str) -> GoogleError:
    """404, for ids that do not exist and for files that the person may not know of."""
    return GoogleError(404, "notFound", f"File not found: {file_id}.", location="fileId")


def drive_not_found(drive_id: str) -> GoogleError:
    return GoogleError(404, "notFound", f"Shared drive not found: {drive_id}", location="driveId")


def permission_not_found(permission_id: str) -> GoogleError:
    return GoogleError(404, "notFound", f"Permission not found: {permission_id}.", location="permissionId")


def comment_not_found(comment_id: str) -> GoogleError:
    return GoogleError(404, "notFound", f"Comment not found: {comment_id}.", location="commentId")


def reply_not_found(reply_id: str) -> GoogleError:
    return GoogleError(404, "notFound", f"Reply not found: {reply_id}.", location="replyId")


def revision_not_found(revision_id: str) -> GoogleError:
    return GoogleError(404, "notFound", f"Revision not found: {revision_id}.", location="revisionId")


def fields_required() -> GoogleError:
    """400, for methods that have no default mask."""
    return GoogleError(400, "required", "The 'fields' parameter is required for this method.", location="fields")


def invalid_value(location: str, message: str = "Invalid Value") -> GoogleError:
    """400 `invalid`, as for a malformed `q`, page token or sort key."""
    return GoogleError(400, "invalid", message, location=location)


def may_not(message: str = "The user does not have sufficient permissions for this file.") -> GoogleError:
    """403 for somebody who can see the file but has too small a role for the change."""
    return GoogleError(403, "insufficientFilePermissions", message)
