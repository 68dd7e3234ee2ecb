"""What there is besides files: the account's storage, and its shared drives."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from google_workspace_mcp.core.content.characters import clean_line
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.query import plain, quote

_ABOUT = "user(displayName,emailAddress),storageQuota,maxUploadSize,canCreateDrives"
_CAPABILITIES = "canManageMembers,canAddChildren,canDeleteChildren,canComment"
_RESTRICTIONS = "domainUsersOnly,driveMembersOnly,copyRequiresWriterPermission"
_DRIVES = (
    f"nextPageToken,drives(id,name,createdTime,hidden,capabilities({_CAPABILITIES}),restrictions({_RESTRICTIONS}))"
)
_LIMITS = {
    "domainUsersOnly": "own domain only",
    "driveMembersOnly": "members only",
    "copyRequiresWriterPermission": "no download for readers",
}
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Storage:
    """Bytes. `limit` is 0 where there is none. `used` counts all of Google, `trash` is part of `drive`."""

    name: str
    limit: int
    used: int
    drive: int
    trash: int
    largest_upload: int
    may_create_drives: bool


async def storage(work: Workspace) -> Storage:
    """The account's storage, in one round trip."""
    answer = await work.google.execute(work.google.drive.about.get(fields=_ABOUT))
    quota: dict[str, Any] = answer.get("storageQuota") or {}
    user: dict[str, Any] = answer.get("user") or {}
    return Storage(
        name=clean_line(str(user.get("displayName", "")), _LONGEST_NAME),
        limit=int(quota.get("limit", 0)),
        used=int(quota.get("usage", 0)),
        drive=int(quota.get("usageInDrive", 0)),
        trash=int(quota.get("usageInDriveTrash", 0)),
        largest_upload=int(answer.get("maxUploadSize", 0)),
        may_create_drives=bool(answer.get("canCreateDrives")),
    )


@dataclass(frozen=True, slots=True)
class SharedDrive:
    """A shared drive that the account is a member of. `may` is what its role comes to, `limits` are restrictions."""

    id: str
    name: str
    may: str
    limits: tuple[str, ...]
    hidden: bool
    created: datetime | None

    @classmethod
    def of(cls, drive: dict[str, Any]) -> Self:
        """From a `Drive` of Drive v3."""
        capabilities: dict[str, Any] = drive.get("capabilities") or {}
        restrictions: dict[str, Any] = drive.get("restrictions") or {}
        created = drive.get("createdTime")
        return cls(
            id=str(drive["id"]),
            name=clean_line(str(drive.get("name", "")), _LONGEST_NAME) or "(no name)",
            may=_may(capabilities),
            limits=tuple(words for flag, words in _LIMITS.items() if restrictions.get(flag)),
            hidden=bool(drive.get("hidden")),
            created=datetime.fromisoformat(created) if created else None,
        )


async def shared_drives(work: Workspace, name: str, limit: int, page: str) -> tuple[tuple[SharedDrive, ...], str]:
    """A page of shared drives and the token of the next one, in one round trip. `name` is a beginning of a word."""
    request = work.google.drive.drives.list(
        q=f"name contains {quote(plain(name))}" if name else None,
        pageSize=limit,
        pageToken=page or None,
        fields=_DRIVES,
    )
    answer = await work.google.execute(request)
    found = tuple(SharedDrive.of(drive) for drive in answer.get("drives") or ())
    return found, str(answer.get("nextPageToken", ""))


def _may(capabilities: dict[str, Any]) -> str:
    for flag, words in (
        ("canManageMembers", "manage"),
        ("canDeleteChildren", "edit, move and delete"),
        ("canAddChildren", "edit"),
        ("canComment", "comment"),
    ):
        if capabilities.get(flag):
            return words
    return "view"
