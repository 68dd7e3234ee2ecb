"""A former content brought back, as the newest revision of its file."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from google_workspace_mcp.core.errors import GoogleRefusedError, UserInputError
from google_workspace_mcp.core.google.ids import checked_id
from google_workspace_mcp.core.google.uploads import SMALL, Content
from google_workspace_mcp.core.tools.workspace import Workspace, Zone
from google_workspace_mcp.drive.given import checked_file_id
from google_workspace_mcp.drive.models import DriveFile
from google_workspace_mcp.drive.once import new_mark
from google_workspace_mcp.drive.reading import link_step
from google_workspace_mcp.drive.updating import stored
from google_workspace_mcp.drive.writing import Written, looked_at

_FIELDS = "modifiedTime,mimeType,size"


@dataclass(frozen=True, slots=True)
class Restored:
    """The file with the content that it had at `of`."""

    written: Written
    of: datetime
    zone: Zone


class Restoring:
    """Brings former contents back. One object per process."""

    def __init__(self, randomness: Callable[[int], bytes]) -> None:
        self._randomness = randomness

    async def restore(self, work: Workspace, file_id: str, revision_id: str, *, dry_run: bool) -> Restored:
        """The file with the revision's bytes. Three round trips, above 5 MB as many as it has pieces.

        Raises GoogleRefusedError for Google's own documents, whose former versions the API does not hand out,
        NotFoundError, ConflictError, OutcomeUnknownError.
        """
        checked, wanted = checked_file_id(file_id), checked_id(revision_id.strip(), "revision")
        revisions = work.google.drive.revisions
        before, revision, zone = await asyncio.gather(
            looked_at(work, checked),
            work.google.execute(revisions.get(fileId=checked, revisionId=wanted, fields=_FIELDS)),
            work.zone(),
        )
        if "size" not in revision:
            raise GoogleRefusedError(
                "Google does not hand out former versions of its own documents",
                next_step=f"The person can restore it there, by File, Version history. {link_step(before)}",
                reason="no_revisions",
            )
        of, size = datetime.fromisoformat(revision["modifiedTime"]), int(revision["size"])
        written = Written(before.name, str(revision["mimeType"]), size=size, version=before.version)
        if dry_run:
            return Restored(written, of, zone)
        content = await _content(work, before, wanted, size, str(revision["mimeType"]))
        file, found = await stored(work, before, content, new_mark(self._randomness))
        return Restored(
            Written(file.name, file.mime_type, file, file.size, found=found, version=file.version), of, zone
        )


async def _content(work: Workspace, file: DriveFile, revision_id: str, size: int, media_type: str) -> Content:
    """The revision's bytes: at hand when they are few, else fetched piece by piece as they are sent."""
    request: Any = work.google.drive.revisions.get_media(fileId=file.id, revisionId=revision_id)
    if size <= SMALL:
        data = await work.google.download(request, max_bytes=SMALL)
        if len(data) != size:
            raise _differs()

        async def at_hand(offset: int, length: int) -> bytes:
            return data[offset : offset + length]

        return Content(size, media_type, at_hand)

    async def fetched(offset: int, length: int) -> bytes:
        piece = bytearray()
        async with aclosing(work.google.stream(request, max_bytes=size, start=offset, stop=offset + length)) as chunks:
            async for chunk in chunks:
                piece += chunk
        return bytes(piece)

    return Content(size, media_type, fetched)


def _differs() -> UserInputError:
    return UserInputError(
        "The revision is no longer what it was a moment ago",
        next_step="Look with drive_list_revisions",
        reason="changed",
    )
