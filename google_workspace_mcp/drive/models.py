"""What Drive's answers become before they leave this room."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from google_workspace_mcp.core.content.characters import clean_line
from google_workspace_mcp.core.content.documents.model import DocumentText
from google_workspace_mcp.drive.kinds import SHORTCUT

# One mask for every reading of metadata, so that a file looks the same wherever it is shown.
FILE_FIELDS = (
    "id,name,mimeType,modifiedTime,headRevisionId,size,driveId,parents,trashed,ownedByMe,webViewLink,"
    "owners(displayName,emailAddress),shortcutDetails(targetId,targetMimeType)"
)
# Without `webViewLink`: a search row does not show it, and 50 of them are 4 kB.
ROW_FIELDS = (
    "id,name,mimeType,modifiedTime,size,driveId,parents,ownedByMe,owners(displayName,emailAddress),"
    "shortcutDetails(targetMimeType)"
)

# Drive takes names of 32 kB.
_LONGEST_NAME = 200
# Google's note on where the link came from; it changes nothing about the link.
_LINK_SOURCE = "?usp=drivesdk"


@dataclass(frozen=True, slots=True)
class DriveFile:
    """A file's metadata, names cleaned. `size` is in bytes, 0 for Google's own documents, which have none.

    `version` is another one after every change of the content; it is good only with `FILE_FIELDS`.
    """

    id: str
    name: str
    mime_type: str
    modified: datetime
    size: int
    owner: str
    drive_id: str
    parent: str
    link: str
    target_id: str
    target_type: str
    trashed: bool
    version: str

    @classmethod
    def of(cls, file: dict[str, Any]) -> Self:
        """From a `File` of Drive v3 with `FILE_FIELDS` or `ROW_FIELDS`."""
        shortcut: dict[str, Any] = file.get("shortcutDetails", {})
        return cls(
            id=str(file["id"]),
            name=clean_line(str(file.get("name", "")), _LONGEST_NAME) or "(no name)",
            mime_type=clean_line(str(file.get("mimeType", ""))),
            modified=datetime.fromisoformat(file["modifiedTime"]),
            size=int(file.get("size", 0)),
            owner=_owner(file),
            drive_id=str(file.get("driveId", "")),
            parent=next(iter(file.get("parents", [])), ""),
            link=str(file.get("webViewLink", "")).removesuffix(_LINK_SOURCE),
            target_id=str(shortcut.get("targetId", "")),
            target_type=str(shortcut.get("targetMimeType", "")),
            trashed=bool(file.get("trashed", False)),
            version=_version(file),
        )

    @property
    def is_shortcut(self) -> bool:
        return self.mime_type == SHORTCUT

    @property
    def is_drive(self) -> bool:
        """Whether it is the outermost folder of a shared drive, called "Drive" by Google whatever the drive's name."""
        return self.id == self.drive_id


def _version(file: dict[str, Any]) -> str:
    """Drive v3 has no etag: the time of the last change, and the revision of what has bytes, stand for it."""
    told = f"{file['modifiedTime']} {file.get('headRevisionId', '')}"
    return hashlib.sha256(told.encode()).hexdigest()[:10]


def _owner(file: dict[str, Any]) -> str:
    """`me`, an address, or a name where Google keeps the address back; empty in a shared drive, the owner itself."""
    if file.get("ownedByMe"):
        return "me"
    owner: dict[str, Any] = next(iter(file.get("owners", [])), {})
    return clean_line(str(owner.get("emailAddress") or owner.get("displayName") or ""))


@dataclass(frozen=True, slots=True)
class FilePage:
    """One page of a search. `searched_all` is False when Google did not look everywhere."""

    files: tuple[DriveFile, ...]
    next_page: str
    searched_all: bool


@dataclass(frozen=True, slots=True)
class FileText:
    """A file's text, or a piece of it, as a reader would see it. `note` says how it was reached.

    `comments` are those of Drive, where they were asked for.
    """

    file: DriveFile
    document: DocumentText
    note: str
    comments: str = ""


class FileRow(BaseModel):
    """A file as a search shows it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    type: str
    modified: str = Field(description="local time with offset")
    owner: str = Field(default="", description="`me`, an address, or empty in a shared drive")
    size: int = Field(default=0, description="bytes")
    shared_drive: str = ""
    path: str = Field(default="", description="of its folder; `…` stands for folders not looked up")
    suspicious: bool = Field(default=False, description="the name is meant for machines")
