"""What a file held before, as far as Google tells."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from google_workspace_mcp.core.content.characters import clean_line
from google_workspace_mcp.core.tools.workspace import Workspace, Zone
from google_workspace_mcp.drive.beside import led_by, with_file
from google_workspace_mcp.drive.models import DriveFile

_PAGE = 1000
# Google tells the oldest first, and the newest are wanted: so all of them are asked for, within reason.
_MOST_PAGES = 5
_FIELDS = (
    "nextPageToken,revisions(id,modifiedTime,mimeType,size,keepForever,published,"
    "lastModifyingUser(displayName,emailAddress,me))"
)
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Revision:
    """A content that the file had, or has. `size` is 0 for Google's own documents."""

    id: str
    modified: datetime
    by: str
    size: int
    kept: bool
    published: bool

    @classmethod
    def of(cls, revision: dict[str, Any]) -> Self:
        """From a `Revision` of Drive v3."""
        user: dict[str, Any] = revision.get("lastModifyingUser") or {}
        name = str(user.get("emailAddress") or user.get("displayName") or "")
        return cls(
            id=str(revision["id"]),
            modified=datetime.fromisoformat(revision["modifiedTime"]),
            by="me" if user.get("me") else clean_line(name, _LONGEST_NAME),
            size=int(revision.get("size", 0)),
            kept=bool(revision.get("keepForever")),
            published=bool(revision.get("published")),
        )


@dataclass(frozen=True, slots=True)
class Revisions:
    """A file's revisions, the present one first. `complete` is False when there were more than are asked for."""

    file: DriveFile
    revisions: tuple[Revision, ...]
    complete: bool
    zone: Zone
    note: str


async def revisions_of(work: Workspace, file_id: str) -> Revisions:
    """One round trip for a thousand of them; a shortcut is followed for one more.

    Raises UserInputError, NotFoundError, GoogleRefusedError for what has no revisions or does not tell them.
    """
    file, (found, complete), shortcut = await with_file(work, file_id, lambda wanted: _all(work, wanted))
    return Revisions(file, tuple(reversed(found)), complete, await work.zone(), led_by(shortcut))


async def _all(work: Workspace, file_id: str) -> tuple[list[Revision], bool]:
    found: list[Revision] = []
    page = ""
    for _ in range(_MOST_PAGES):
        request = work.google.drive.revisions.list(
            fileId=file_id, pageSize=_PAGE, pageToken=page or None, fields=_FIELDS
        )
        answer = await work.google.execute(request)
        found += [Revision.of(revision) for revision in answer.get("revisions") or ()]
        page = str(answer.get("nextPageToken", ""))
        if not page:
            break
    return found, not page
