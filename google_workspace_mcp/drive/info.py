"""One file in full: what it is, where, whose, and who may see it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from google_workspace_mcp.core.content.characters import clean_line
from google_workspace_mcp.core.errors import NotFoundError, WorkspaceError
from google_workspace_mcp.core.google.ids import checked_id
from google_workspace_mcp.core.tools.workspace import Workspace, Zone
from google_workspace_mcp.drive.exposure import Grant, grants, in_one_line
from google_workspace_mcp.drive.folders import Folders
from google_workspace_mcp.drive.given import checked_file_id
from google_workspace_mcp.drive.models import FILE_FIELDS, DriveFile
from google_workspace_mcp.drive.paths import Path, Paths

_USER = "displayName,emailAddress,me"
_PERMISSION = (
    "id,type,role,emailAddress,domain,displayName,allowFileDiscovery,expirationTime,deleted,"
    "permissionDetails(inherited,inheritedFrom)"
)
_FIELDS = (
    f"{FILE_FIELDS},description,starred,createdTime,permissions({_PERMISSION}),"
    f"lastModifyingUser({_USER}),sharingUser({_USER}),"
    "capabilities(canEdit,canComment,canShare,canDownload,canReadRevisions)"
)
_LONGEST_DESCRIPTION = 500
# Shared drives tell at most a hundred at a time.
_MOST_GRANTS = 100
_MAY = {"canEdit": "edit", "canComment": "comment", "canShare": "share", "canDownload": "download"}


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A file's metadata. `grants` is None where Google does not tell this account who has access."""

    file: DriveFile
    zone: Zone
    path: str
    description: str
    created: datetime | None
    modified_by: str
    shared_by: str
    starred: bool
    may: tuple[str, ...]
    exposure: str
    grants: tuple[Grant, ...] | None
    reasons: Mapping[str, str]
    more_grants: bool
    shortcut: str


class FileLooker:
    """Looks files up, with the names of the folders above them."""

    def __init__(self, folders: Folders, paths: Paths) -> None:
        self._folders = folders
        self._paths = paths

    async def info(self, work: Workspace, file_id: str) -> FileInfo:
        """All about a file: two round trips when its folders are known; a shortcut is followed for one more.

        Raises UserInputError for what is no id, NotFoundError.
        """
        raw, zone = await asyncio.gather(_get(work, checked_file_id(file_id)), work.zone())
        shortcut = ""
        if DriveFile.of(raw).is_shortcut:
            shortcut, raw = DriveFile.of(raw).name, await _target(work, DriveFile.of(raw))
        file = DriveFile.of(raw)
        paths, (held, more) = await asyncio.gather(self._paths.of(work, [file]), _grants(work, raw))
        path = paths[file.id]
        names = {folder.id: folder.name for folder in path.folders}
        if file.drive_id:
            names |= await self._folders.known_drive_names(work)
        if file.is_drive:
            file = replace(file, name=names.get(file.id, file.name))
        reasons = {grant.id: reason for grant in held or () if (reason := _reason(grant, file, path, names))}
        capabilities: dict[str, Any] = raw.get("capabilities") or {}
        return FileInfo(
            file=file,
            zone=zone,
            path="" if file.is_drive else path.words,
            description=clean_line(str(raw.get("description", "")), _LONGEST_DESCRIPTION),
            created=datetime.fromisoformat(raw["createdTime"]) if raw.get("createdTime") else None,
            modified_by=_name(raw.get("lastModifyingUser")),
            shared_by=_name(raw.get("sharingUser")),
            starred=bool(raw.get("starred")),
            may=("view", *(word for flag, word in _MAY.items() if capabilities.get(flag))),
            exposure=_exposure(held, more, raw, work.address, reasons),
            grants=held,
            reasons=reasons,
            more_grants=more,
            shortcut=shortcut,
        )


async def _get(work: Workspace, file_id: str) -> dict[str, Any]:
    return await work.google.execute(
        work.google.drive.files.get(fileId=file_id, supportsAllDrives=True, fields=_FIELDS)
    )


async def _target(work: Workspace, shortcut: DriveFile) -> dict[str, Any]:
    """What a shortcut leads to. Raises NotFoundError that says so when it leads nowhere for this account."""
    try:
        return await _get(work, checked_id(shortcut.target_id, "file"))
    except NotFoundError:
        raise NotFoundError(
            "The shortcut leads to a file that has gone or is not shared with this account",
            next_step="Ask whoever made the shortcut for access",
        ) from None


async def _grants(work: Workspace, raw: dict[str, Any]) -> tuple[tuple[Grant, ...] | None, bool]:
    """Who has access, and whether there are more; None when this account is not told."""
    if "permissions" in raw:
        return grants(raw["permissions"]), False
    if not raw.get("driveId"):
        return None, False
    # Files in shared drives do not bring them along.
    request = work.google.drive.permissions.list(
        fileId=raw["id"],
        supportsAllDrives=True,
        pageSize=_MOST_GRANTS,
        fields=f"nextPageToken,permissions({_PERMISSION})",
    )
    try:
        answer = await work.google.execute(request)
    except WorkspaceError:
        return None, False
    return grants(answer.get("permissions") or []), bool(answer.get("nextPageToken"))


def _reason(grant: Grant, file: DriveFile, path: Path, names: Mapping[str, str]) -> str:
    """Where a grant comes from, if not from the file itself."""
    if grant.source and grant.source == file.drive_id:
        return f"member of the shared drive “{names.get(grant.source, 'it is in')}”"
    if grant.source:
        return f"through the folder “{names[grant.source]}”" if grant.source in names else "through a folder"
    if (grant.told and not grant.inherited) or grant.role == "owner":
        return ""
    # My Drive does not say from which folder: it is the outermost of those that have it one after another.
    outermost = ""
    for folder in reversed(path.folders):
        if grant.id not in folder.permissions:
            break
        outermost = folder.name
    if outermost:
        return f"through the folder “{outermost}”"
    return "through a folder" if grant.inherited else ""


def _exposure(
    held: Sequence[Grant] | None, more: bool, raw: dict[str, Any], account: str, reasons: Mapping[str, str]
) -> str:
    if held is None and raw.get("driveId"):
        return "members of its shared drive; who else has access is told to editors only"
    if held is None:
        return "you and others; who has access is told to its editors only"
    line = in_one_line(held, account, reasons)
    return f"{line}; these are the first {_MOST_GRANTS}" if more else line


def _name(user: dict[str, Any] | None) -> str:
    """`me`, a name with its address, or either; empty for nobody."""
    if not user:
        return ""
    if user.get("me"):
        return "me"
    name, address = clean_line(str(user.get("displayName", "")), 100), clean_line(str(user.get("emailAddress", "")))
    return f"{name} <{address}>" if name and address and name != address else name or address
