"""Ids as callers give them."""

from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.google.ids import checked_id


def checked_file_id(file_id: str) -> str:
    """The id, trimmed. Raises UserInputError, for a link with a word on where its id is."""
    value = file_id.strip()
    if "://" in value or value.startswith(("docs.google.com", "drive.google.com")):
        raise UserInputError(
            "That is a link, not a file id",
            next_step="Give the part of it after /d/ (or after id=) up to the next slash",
            reason="bad_id",
        )
    return checked_id(value, "file")
