"""Files, permissions and shared drives as Drive v3 shows them, whole: the front cuts them down to the asked fields."""

import hashlib
import mimetypes
from collections.abc import Sequence
from datetime import UTC, datetime

from google_workspace_mcp.sandbox.drive.documents import (
    DOCUMENT,
    FOLDER,
    NATIVE_PREFIX,
    PRESENTATION,
    SHORTCUT,
    SPREADSHEET,
)
from google_workspace_mcp.sandbox.drive.exports import EXPORT_FORMATS
from google_workspace_mcp.sandbox.drive.store import DriveStore, Item, Permission, SharedDrive, rank, user_permission_id
from google_workspace_mcp.sandbox.made import checksums
from google_workspace_mcp.sandbox.service import JSON

_PAGES = {
    DOCUMENT: "https://docs.google.com/document/d/{}/edit?usp=drivesdk",
    SPREADSHEET: "https://docs.google.com/spreadsheets/d/{}/edit?usp=drivesdk",
    PRESENTATION: "https://docs.google.com/presentation/d/{}/edit?usp=drivesdk",
    FOLDER: "https://drive.google.com/drive/folders/{}",
}
EXPORT_PATHS = {
    DOCUMENT: "/feeds/download/documents/export/Export",
    SPREADSHEET: "/spreadsheets/export",
    PRESENTATION: "/feeds/download/presentations/Export",
}


def moment(value: datetime) -> str:
    """A time as Drive prints it: UTC, milliseconds, `Z`."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def user(store: DriveStore, email: str, viewer: str) -> JSON:
    person = store.people.get(email)
    return {
        "kind": "drive#user",
        "displayName": person.name if person else email,
        "me": email == viewer,
        "permissionId": user_permission_id(email),
        "emailAddress": email,
    }


def permission(held: Permission, grants: Sequence[tuple[str, str]] = (), drive_id: str = "") -> JSON:
    """One permission; where some of it is inherited, with all `grants` of it: role, and where it comes from.

    Membership of the shared drive `drive_id` is inherited from that.
    """
    shown: JSON = {"kind": "drive#permission", "id": held.id, "type": held.kind, "role": held.role}
    if held.kind in {"user", "group"}:
        shown |= {
            "emailAddress": held.email,
            "displayName": held.name or held.email,
            "deleted": False,
            "pendingOwner": False,
        }
    elif held.kind == "domain":
        shown |= {"domain": held.domain, "displayName": held.domain, "allowFileDiscovery": held.discoverable}
    else:
        shown["allowFileDiscovery"] = held.discoverable
    if held.expires is not None:
        shown["expirationTime"] = moment(held.expires)
    if any(source for _, source in grants):
        shown["permissionDetails"] = [_grant(role, source, drive_id) for role, source in grants]
    return shown


def _grant(role: str, source: str, drive_id: str) -> JSON:
    told: JSON = {"permissionType": "member" if source and source == drive_id else "file", "role": role}
    # From which folder it comes is told in shared drives only.
    return told | {"inherited": bool(source)} | ({"inheritedFrom": source} if source and drive_id else {})


def permissions_of(store: DriveStore, item: Item) -> list[JSON]:
    """Everybody's permission on a file."""
    return [
        permission(
            held,
            store.grants(item, held.id) if item.drive_id or store.tells_inheritance else (),
            item.drive_id if item.id != item.drive_id else "",
        )
        for held, _ in store.permissions(item)
    ]


def drive(shared: SharedDrive, viewer: str) -> JSON:
    """The drive as a member sees it."""
    held = rank(shared.role(viewer) or "reader")
    manages, edits = held >= rank("organizer"), held >= rank("writer")
    return {
        "kind": "drive#drive",
        "id": shared.id,
        "name": shared.name,
        "colorRgb": "#0f9d58",
        "createdTime": moment(shared.created),
        "hidden": False,
        "capabilities": {
            "canAddChildren": edits,
            "canComment": held >= rank("commenter"),
            "canCopy": True,
            "canDeleteDrive": manages,
            "canDownload": True,
            "canEdit": edits,
            "canListChildren": True,
            "canManageMembers": manages,
            "canReadRevisions": True,
            "canRename": edits,
            "canRenameDrive": manages,
            "canShare": manages,
        },
        "restrictions": {
            "adminManagedRestrictions": False,
            "copyRequiresWriterPermission": False,
            "domainUsersOnly": False,
            "driveMembersOnly": False,
        },
    }


def file(store: DriveStore, item: Item, viewer: str) -> JSON:
    """The whole file resource as `viewer` sees it, who must have a role on it."""
    shown: JSON = {
        "kind": "drive#file",
        "id": item.id,
        "name": item.name,
        "mimeType": item.mime_type,
        "starred": viewer in item.starred_by,
        "trashed": store.trashed(item),
        "explicitlyTrashed": item.trashed_at is not None,
        "spaces": ["drive"],
        "version": str(item.version),
        "webViewLink": _PAGES.get(item.mime_type, "https://drive.google.com/file/d/{}/view?usp=drivesdk").format(
            item.id
        ),
        "iconLink": f"https://drive-thirdparty.googleusercontent.com/16/type/{item.mime_type}",
        "hasThumbnail": False,
        "createdTime": moment(item.created),
        "modifiedTime": moment(item.modified),
        "lastModifyingUser": user(store, item.modified_by, viewer),
        "modifiedByMe": viewer in item.changed,
        "viewedByMe": viewer in item.viewed,
        "isAppAuthorized": True,
        "copyRequiresWriterPermission": item.copy_requires_writer,
        "viewersCanCopyContent": not item.copy_requires_writer,
        "writersCanShare": item.writers_can_share,
        "quotaBytesUsed": str(len(item.data or b"")),
        "capabilities": _capabilities(store, item, viewer),
    }
    return shown | _personal(store, item, viewer) | _place(store, item, viewer) | _content(item) | _kind(store, item)


def _personal(store: DriveStore, item: Item, viewer: str) -> JSON:
    shown: JSON = {}
    if viewer in item.viewed:
        shown["viewedByMeTime"] = moment(item.viewed[viewer])
    if viewer in item.changed:
        shown["modifiedByMeTime"] = moment(item.changed[viewer])
    if viewer in item.shared and item.owner != viewer:
        when, who = item.shared[viewer]
        shown["sharedWithMeTime"] = moment(when)
        shown["sharingUser"] = user(store, who, viewer)
    if item.trashed_at is not None and item.drive_id:
        shown["trashedTime"] = moment(item.trashed_at)
        shown["trashingUser"] = user(store, item.trashed_by, viewer)
    if item.description:
        shown["description"] = item.description
    if item.properties:
        shown["properties"] = dict(item.properties)
    if item.app_properties:
        shown["appProperties"] = dict(item.app_properties)
    return shown


def _place(store: DriveStore, item: Item, viewer: str) -> JSON:
    held = store.permissions(item)
    shown: JSON = {}
    folder = store.items.get(item.parent)
    if folder is not None and store.role(viewer, folder) is not None:
        # A file that was shared alone shows no folder to whom the folder is closed.
        shown["parents"] = [folder.id]
    if item.drive_id:
        shown |= {"driveId": item.drive_id, "teamDriveId": item.drive_id, "hasAugmentedPermissions": False}
        shown["permissionIds"] = [permission.id for permission, _ in held]
        return shown
    shown |= {
        "owners": [user(store, item.owner, viewer)],
        "ownedByMe": item.owner == viewer,
        "shared": any(entry.email != item.owner for entry, _ in held),
    }
    role = store.role(viewer, item)
    if role and rank(role) >= rank("writer"):
        # Only editors see who else has access.
        shown["permissions"] = permissions_of(store, item)
        shown["permissionIds"] = [entry.id for entry, _ in held]
    return shown


def _content(item: Item) -> JSON:
    content = item.made or item.data
    if content is None:
        return {}
    md5, sha1, sha256 = checksums(content)
    suffix = item.name.rpartition(".")[2] if "." in item.name else ""
    return {
        "size": str(len(content)),
        "md5Checksum": md5,
        "sha1Checksum": sha1,
        "sha256Checksum": sha256,
        "headRevisionId": revision_id(item, item.revision),
        "originalFilename": item.original_name or item.name,
        "fullFileExtension": suffix,
        "fileExtension": suffix or (mimetypes.guess_extension(item.mime_type) or "").removeprefix("."),
        "webContentLink": f"https://drive.google.com/uc?id={item.id}&export=download",
    }


def revision_id(item: Item, number: int) -> str:
    """The id of a content, another one after each upload; Google's own documents simply count them."""
    if item.mime_type.startswith(NATIVE_PREFIX):
        return str(number)
    return "0B" + hashlib.sha256(f"{item.id}:{number}".encode()).hexdigest()[:40]


def export_links(file_id: str, mime_type: str, *, revision: str = "") -> dict[str, str]:
    """Where a document, or one of its revisions, is exported beside the API; by media type."""
    asked = f"id={file_id}" + (f"&revision={revision}" if revision else "")
    formats = EXPORT_FORMATS.get(mime_type, {})
    base = f"https://docs.google.com{EXPORT_PATHS.get(mime_type, '')}"
    return {kind: f"{base}?{asked}&exportFormat={name}" for kind, name in formats.items()}


def _kind(store: DriveStore, item: Item) -> JSON:
    if item.mime_type == SHORTCUT:
        target = store.items.get(item.target)
        details = {"targetId": item.target}
        if target is not None:
            details["targetMimeType"] = target.mime_type
        return {"shortcutDetails": details}
    if item.mime_type == FOLDER:
        return {"folderColorRgb": "#8f8f8f"}
    links = export_links(item.id, item.mime_type)
    return {"exportLinks": links} if links else {}


def _capabilities(store: DriveStore, item: Item, viewer: str) -> dict[str, bool]:
    role = store.role(viewer, item) or "reader"
    edits = rank(role) >= rank("writer")
    owns = rank(role) >= (rank("fileOrganizer") if item.drive_id else rank("owner"))
    copies = edits or not item.copy_requires_writer
    native = item.mime_type.startswith(NATIVE_PREFIX)
    return {
        "canAddChildren": edits and item.is_folder,
        "canComment": rank(role) >= rank("commenter"),
        "canCopy": copies and not item.is_folder,
        "canDelete": owns and not item.root,
        "canDownload": copies and not item.is_folder,
        "canEdit": edits,
        "canListChildren": item.is_folder,
        "canModifyContent": edits and not item.is_folder,
        "canMoveItemWithinDrive": edits and not item.root,
        "canReadRevisions": not item.is_folder and (edits or not native),
        "canRemoveChildren": edits and item.is_folder,
        "canRename": edits and not item.root,
        "canShare": owns or (edits and item.writers_can_share and not item.drive_id),
        "canTrash": owns and not item.root,
        "canUntrash": owns and not item.root,
    }
