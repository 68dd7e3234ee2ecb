"""Creating, changing, moving, copying and deleting files."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from google_workspace_mcp.sandbox.drive import resources
from google_workspace_mcp.sandbox.drive.conversion import blank, convert
from google_workspace_mcp.sandbox.drive.documents import FOLDER, NATIVE_PREFIX, SHORTCUT, mime_type_of
from google_workspace_mcp.sandbox.drive.errors import file_not_found, invalid_value, may_not
from google_workspace_mcp.sandbox.drive.revisions import keep
from google_workspace_mcp.sandbox.drive.store import DriveStore, Item, Permission, rank, user_permission_id
from google_workspace_mcp.sandbox.service import JSON, Call, GoogleError, Media, Reply

_TEXTS = {"name": "name", "description": "description", "originalFilename": "original_name"}
_FLAGS = {"copyRequiresWriterPermission": "copy_requires_writer", "writersCanShare": "writers_can_share"}
_PROPERTIES = {"properties": "properties", "appProperties": "app_properties"}
_MOST_PROPERTY_BYTES = 124
# What needs no right but to see the file.
_ONES_OWN = frozenset({"starred", "viewedByMeTime"})


class Writing:
    """Answers the methods that change files."""

    def __init__(self, store: DriveStore) -> None:
        self._store = store

    def create(self, call: Call) -> JSON:
        """`drive.files.create`: metadata, bytes or both; converts when the type asked for is Google's own."""
        body = call.body or {}
        mime_type = str(body.get("mimeType") or (call.media.content_type if call.media else "") or "")
        mime_type = mime_type.partition(";")[0].strip() or "application/octet-stream"
        parent = self._parent(call, body.get("parents"))
        item = self._new(call, parent, str(body.get("name") or "Untitled"), mime_type)
        if mime_type == SHORTCUT:
            item.target = self._target(call, body)
        self._fill(item, call.media)
        self._describe(item, body, call.person.email)
        item.created = _moment(body, "createdTime") or item.created
        item.modified = _moment(body, "modifiedTime") or item.modified
        self._store.items[item.id] = item
        self._store.promised_ids.discard(item.id)
        return resources.file(self._store, item, call.person.email)

    def update(self, call: Call) -> JSON:
        """`drive.files.update`: name and the like, content as a new revision, place, trash, star."""
        item = self._item(call)
        body = call.body or {}
        if "parents" in body:
            raise GoogleError(
                403,
                "fieldNotWritable",
                "The parents field is not directly writable in update requests."
                " Use the addParents and removeParents parameters instead.",
            )
        moves = bool(call.params.get("addParents") or call.params.get("removeParents"))
        if (set(body) - _ONES_OWN - {"trashed"}) or call.media or moves:
            self._need(call, item, "writer")
        if "trashed" in body:
            self._trash(call, item, bool(body["trashed"]))
        if moves:
            self._move(call, item)
        if call.media:
            self._replace(item, call.media)
        self._describe(item, body, call.person.email)
        if call.media or set(body) - _ONES_OWN - {"trashed"}:
            self._touch(item, call.person.email, _moment(body, "modifiedTime"))
        item.version += 1
        return resources.file(self._store, item, call.person.email)

    def copy(self, call: Call) -> JSON:
        """`drive.files.copy`, beside the original where one may write there, in My Drive otherwise; can convert."""
        source = self._item(call)
        role = self._store.role(call.person.email, source) or "reader"
        if source.is_folder or (source.copy_requires_writer and rank(role) < rank("writer")):
            raise GoogleError(403, "cannotCopyFile", "This file cannot be copied by the user.")
        body = call.body or {}
        mime_type = str(body.get("mimeType") or source.mime_type)
        parent = self._parent(call, body.get("parents") or self._beside(call, source))
        item = self._new(call, parent, str(body.get("name") or f"Copy of {source.name}"), mime_type)
        item.native, item.data, item.target = source.native, source.data, source.target
        item.indexed_text, item.description = source.indexed_text, source.description
        item.app_properties, item.properties = dict(source.app_properties), dict(source.properties)
        if mime_type != source.mime_type:
            item.native, item.data = convert(Media(source.data or b"", source.mime_type), mime_type), None
        self._describe(item, body, call.person.email)
        self._store.items[item.id] = item
        self._store.promised_ids.discard(item.id)
        return resources.file(self._store, item, call.person.email)

    def delete(self, call: Call) -> Reply:
        """`drive.files.delete`: at once and for ever, a folder with all that is in it."""
        item = self._item(call)
        if not self._disposes(call.person.email, item, shared_role="organizer"):
            raise may_not()
        self._remove(item)
        return Reply()

    def empty_trash(self, call: Call) -> Reply:
        """`drive.files.emptyTrash` of My Drive, or of the shared drive that `driveId` names."""
        drive_id = str(call.params.get("driveId") or "")
        for item in list(self._store.items.values()):
            mine = item.drive_id == drive_id if drive_id else item.owner == call.person.email
            if mine and item.trashed_at and self._disposes(call.person.email, item, shared_role="organizer"):
                self._remove(item)
        return Reply()

    def generate_ids(self, call: Call) -> JSON:
        """`drive.files.generateIds`: ids that `create` and `copy` take, each for one file."""
        count = int(call.params.get("count") or 10)
        if not 1 <= count <= 1000:
            raise invalid_value("count")
        ids = [self._store.new_id() for _ in range(count)]
        self._store.promised_ids |= set(ids)
        return {"kind": "drive#generatedIds", "space": "drive", "ids": ids}

    def _new(self, call: Call, parent: Item, name: str, mime_type: str) -> Item:
        body = call.body or {}
        now, email = self._store.clock.now(), call.person.email
        item = Item(self._own_id(body, mime_type), name, mime_type, now, now, email, parent=parent.id)
        self._settle(item, parent, email)
        item.changed[email] = item.viewed[email] = now
        return item

    def _own_id(self, body: JSON, mime_type: str) -> str:
        wanted = str(body.get("id") or "")
        if not wanted:
            return self._store.new_id()
        if wanted in self._store.items:
            raise GoogleError(409, "fileIdInUse", "A file already exists with the provided ID.")
        native = mime_type.startswith(NATIVE_PREFIX) and mime_type not in {FOLDER, SHORTCUT}
        if wanted not in self._store.promised_ids or native:
            raise invalid_value("file.id", "The provided file ID is not usable.")
        return wanted

    def _settle(self, item: Item, parent: Item, email: str) -> None:
        """Gives a file to the drive of its folder: to the shared drive, or to the person."""
        item.drive_id = parent.drive_id
        owners = [held.id for held in item.permissions.values() if held.role == "owner"]
        if parent.drive_id:
            item.owner = ""
            for permission_id in owners:
                del item.permissions[permission_id]
        elif not item.owner:
            item.owner = email
            person = self._store.people[email]
            owner = Permission(user_permission_id(email), "user", "owner", email=email, name=person.name)
            item.permissions[owner.id] = owner

    def _parent(self, call: Call, parents: list[str] | None) -> Item:
        asked = parents or ["root"]
        if len(asked) > 1:
            raise GoogleError(403, "cannotAddParent", "Increasing the number of parents is not allowed")
        every = bool(call.params.get("supportsAllDrives"))
        folder = self._store.reachable(call.person.email, str(asked[0]), all_drives=every)
        if not folder.is_folder:
            raise GoogleError(403, "parentNotAFolder", "The specified parent is not a folder.")
        self._need(call, folder, "writer")
        return folder

    def _beside(self, call: Call, source: Item) -> list[str]:
        folder = self._store.items.get(source.parent)
        role = self._store.role(call.person.email, folder) if folder else None
        return [folder.id] if folder and role and rank(role) >= rank("writer") else ["root"]

    def _target(self, call: Call, body: JSON) -> str:
        wanted = str((body.get("shortcutDetails") or {}).get("targetId") or "")
        return self._store.reachable(call.person.email, wanted, all_drives=True).id

    def _fill(self, item: Item, media: Media | None) -> None:
        if not item.mime_type.startswith(NATIVE_PREFIX):
            item.data = media.data if media else b""
        elif media is None:
            item.native = blank(item.mime_type)
        else:
            item.native = convert(media, item.mime_type)

    def _replace(self, item: Item, media: Media) -> None:
        if item.native is not None:
            made = convert(media, mime_type_of(item.native))
            keep(item)
            item.native = made
        elif item.data is None:
            raise GoogleError(403, "fileNotDownloadable", "Only files with content can be given new content.")
        else:
            keep(item)
            item.data, item.indexed_text = media.data, ""
            item.mime_type = media.content_type.partition(";")[0].strip() or item.mime_type
        item.revision += 1

    def _describe(self, item: Item, body: JSON, email: str) -> None:
        for said, held in (_TEXTS | _FLAGS).items():
            if body.get(said) is not None:
                setattr(item, held, body[said])
        for said, held in _PROPERTIES.items():
            kept: dict[str, str] = getattr(item, held)
            for name, value in (body.get(said) or {}).items():
                if len(name.encode()) + len(str(value or "").encode()) > _MOST_PROPERTY_BYTES:
                    raise invalid_value(said, "The property is too long.")
                _ = kept.pop(name, None) if value is None else kept.update({name: str(value)})
        if body.get("starred") is not None:
            item.starred_by = (item.starred_by | {email}) if body["starred"] else (item.starred_by - {email})
        if seen := _moment(body, "viewedByMeTime"):
            item.viewed[email] = seen
        if body.get("mimeType") and item.data is not None:
            item.mime_type = str(body["mimeType"])

    def _move(self, call: Call, item: Item) -> None:
        added = [part for part in str(call.params.get("addParents") or "").split(",") if part]
        removed = {
            self._resolved(call, part) for part in str(call.params.get("removeParents") or "").split(",") if part
        }
        if item.root:
            raise may_not("The root folder cannot be moved.")
        if not added:
            item.parent = "" if item.parent in removed and not item.drive_id else item.parent
            return
        target = self._parent(call, added)
        if item.parent and item.parent not in removed and target.id != item.parent:
            raise GoogleError(403, "cannotAddParent", "Increasing the number of parents is not allowed")
        if any(step is item for step in self._store.line(target)):
            raise GoogleError(403, "cyclicFolderStructure", "A folder cannot be moved into itself.")
        if target.drive_id != item.drive_id and not self._disposes(call.person.email, item, shared_role="organizer"):
            raise may_not()
        item.parent = target.id
        for moved in self._tree(item):
            self._settle(moved, target, call.person.email)

    def _resolved(self, call: Call, file_id: str) -> str:
        return self._store.roots[call.person.email] if file_id == "root" else file_id

    def _trash(self, call: Call, item: Item, away: bool) -> None:
        if item.root or not self._disposes(call.person.email, item, shared_role="fileOrganizer"):
            raise may_not()
        item.trashed_at = self._store.clock.now() if away else None
        item.trashed_by = call.person.email if away else ""

    def _touch(self, item: Item, email: str, when: datetime | None) -> None:
        item.modified = when or self._store.clock.now()
        item.modified_by = email
        item.changed[email] = item.modified

    def _disposes(self, email: str, item: Item, *, shared_role: str) -> bool:
        role = self._store.role(email, item) or "reader"
        return not item.root and rank(role) >= rank(shared_role if item.drive_id else "owner")

    def _tree(self, item: Item) -> Iterator[Item]:
        yield item
        for child in self._store.children(item.id):
            yield from self._tree(child)

    def _remove(self, item: Item) -> None:
        for gone in list(self._tree(item)):
            self._store.items.pop(gone.id, None)

    def _item(self, call: Call) -> Item:
        item = self._store.reachable(
            call.person.email, str(call.params["fileId"]), all_drives=bool(call.params.get("supportsAllDrives"))
        )
        if item.root and call.method_id != "drive.files.update":
            raise file_not_found(item.id) if item.drive_id else may_not()
        return item

    def _need(self, call: Call, item: Item, least: str) -> None:
        if rank(self._store.role(call.person.email, item) or "reader") < rank(least):
            raise may_not()


def _moment(body: dict[str, Any], name: str) -> datetime | None:
    text = body.get(name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise invalid_value(name) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
