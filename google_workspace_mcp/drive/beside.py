"""What belongs to a file, asked for together with the file itself."""

import asyncio
from collections.abc import Awaitable, Callable

from google_workspace_mcp.core.errors import WorkspaceError
from google_workspace_mcp.core.google.ids import checked_id
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.given import checked_file_id
from google_workspace_mcp.drive.models import FILE_FIELDS, DriveFile


async def with_file[T](
    work: Workspace, file_id: str, ask: Callable[[str], Awaitable[T]]
) -> tuple[DriveFile, T, DriveFile | None]:
    """The file, what `ask` gives for its id, and the shortcut that led to it, if one did.

    Both are asked for at once; a shortcut is followed for one round trip more. Raises UserInputError for what is no
    id, NotFoundError, and whatever `ask` raises.
    """

    async def settled(wanted: str) -> T | WorkspaceError:
        try:
            return await ask(wanted)
        except WorkspaceError as error:
            return error  # it may only say that a shortcut has no such thing

    shortcut: DriveFile | None = None
    wanted = checked_file_id(file_id)
    while True:
        raw, outcome = await asyncio.gather(
            work.google.execute(work.google.drive.files.get(fileId=wanted, supportsAllDrives=True, fields=FILE_FIELDS)),
            settled(wanted),
        )
        file = DriveFile.of(raw)
        if file.is_shortcut and shortcut is None:
            shortcut, wanted = file, checked_id(file.target_id, "file")
            continue
        if isinstance(outcome, WorkspaceError):
            raise outcome
        return file, outcome, shortcut


def led_by(shortcut: DriveFile | None) -> str:
    """A note about the shortcut, for a result."""
    return f"reached through the shortcut “{shortcut.name}”" if shortcut else ""
