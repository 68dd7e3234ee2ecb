"""The reads of single things: metadata, bytes, exports, permissions, shared drives, the account."""

from google_workspace_mcp.sandbox.drive import resources
from google_workspace_mcp.sandbox.drive.conversion import importable_types
from google_workspace_mcp.sandbox.drive.documents import FOLDER, NATIVE_PREFIX, SHORTCUT
from google_workspace_mcp.sandbox.drive.errors import (
    drive_not_found,
    fields_required,
    invalid_value,
    may_not,
    permission_not_found,
)
from google_workspace_mcp.sandbox.drive.exports import EXPORT_FORMATS, export
from google_workspace_mcp.sandbox.drive.store import DriveStore, Item, rank
from google_workspace_mcp.sandbox.service import JSON, Call, GoogleError, Media, Reply

_QUOTA = 15 * 1024**3


class Reading:
    """Answers the get methods."""

    def __init__(self, store: DriveStore) -> None:
        self._store = store

    def file(self, call: Call) -> JSON | Reply:
        """`drive.files.get`: metadata, or the bytes with `alt=media`."""
        item = self._item(call)
        if call.params.get("alt") != "media":
            return resources.file(self._store, item, call.person.email)
        if item.mime_type.startswith(NATIVE_PREFIX):
            raise GoogleError(
                403,
                "fileNotDownloadable",
                "Only files with binary content can be downloaded. Use Export with Docs Editors files.",
                location="alt",
            )
        self._refuse_copying(item, call)
        self._opened(item, call)
        return Reply(media=Media(item.data or b"", item.mime_type, item.made))

    def export(self, call: Call) -> Reply:
        """`drive.files.export`. Works in shared drives without `supportsAllDrives`, which the method does not have."""
        item = self._store.reachable(call.person.email, str(call.params["fileId"]), all_drives=True)
        if item.mime_type in {FOLDER, SHORTCUT} or item.native is None:
            raise GoogleError(403, "fileNotExportable", "Export only supports Docs Editors files.")
        self._refuse_copying(item, call)
        mime_type = str(call.params["mimeType"])
        data = export(item.native, mime_type)
        self._opened(item, call)
        return Reply(media=Media(data, mime_type))

    def permissions(self, call: Call) -> JSON:
        """`drive.permissions.list`; a person who may only read the file may not ask."""
        item = self._shared_item(call)
        held = resources.permissions_of(self._store, item)
        size = call.params.get("pageSize")
        start = self._start(call)
        end = len(held) if size is None else start + int(size)
        answer: JSON = {
            "kind": "drive#permissionList",
            "permissions": held[start:end],
        }
        if end < len(held):
            answer["nextPageToken"] = f"p{end}"
        return answer

    def permission(self, call: Call) -> JSON:
        """`drive.permissions.get`."""
        item = self._shared_item(call)
        wanted = str(call.params["permissionId"])
        for held in resources.permissions_of(self._store, item):
            if held["id"] == wanted:
                return held
        raise permission_not_found(wanted)

    def drive(self, call: Call) -> JSON:
        """`drive.drives.get`."""
        drive_id = str(call.params["driveId"])
        shared = self._store.drives.get(drive_id)
        if shared is None or shared.role(call.person.email) is None:
            raise drive_not_found(drive_id)
        return resources.drive(shared, call.person.email)

    def about(self, call: Call) -> JSON:
        """`drive.about.get`; without `fields` it is refused."""
        if not call.params.get("fields"):
            raise fields_required()
        viewer = call.person.email
        mine = [item for item in self._store.items.values() if item.owner == viewer and item.data is not None]
        used = sum(len(item.data or b"") for item in mine)
        trash = sum(len(item.data or b"") for item in mine if self._store.trashed(item))
        return {
            "kind": "drive#about",
            "user": resources.user(self._store, viewer, viewer),
            "storageQuota": {
                "limit": str(_QUOTA),
                "usage": str(used),
                "usageInDrive": str(used),
                "usageInDriveTrash": str(trash),
            },
            "exportFormats": {kind: list(formats) for kind, formats in EXPORT_FORMATS.items()},
            "importFormats": importable_types(),
            "maxUploadSize": str(5 * 1024**4),
            "canCreateDrives": True,
            "canCreateTeamDrives": True,
            "appInstalled": True,
        }

    def _item(self, call: Call) -> Item:
        return self._store.reachable(
            call.person.email, str(call.params["fileId"]), all_drives=bool(call.params.get("supportsAllDrives"))
        )

    def _shared_item(self, call: Call) -> Item:
        item = self._item(call)
        if rank(self._store.role(call.person.email, item) or "reader") < rank("writer"):
            raise may_not()
        return item

    def _start(self, call: Call) -> int:
        token = str(call.params.get("pageToken") or "p0")
        if not token.startswith("p") or not token[1:].isdecimal():
            raise invalid_value("pageToken")
        return int(token[1:])

    def _refuse_copying(self, item: Item, call: Call) -> None:
        role = self._store.role(call.person.email, item) or "reader"
        if item.copy_requires_writer and rank(role) < rank("writer"):
            raise GoogleError(403, "cannotDownloadFile", "This file cannot be downloaded by the user.")

    def _opened(self, item: Item, call: Call) -> None:
        item.viewed[call.person.email] = self._store.clock.now()
