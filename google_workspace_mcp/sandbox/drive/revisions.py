"""Former contents of files, and the present one as the last of them."""

from collections.abc import Callable
from datetime import timedelta

from google_workspace_mcp.sandbox.drive import resources
from google_workspace_mcp.sandbox.drive.documents import NATIVE_PREFIX
from google_workspace_mcp.sandbox.drive.errors import may_not, revision_not_found
from google_workspace_mcp.sandbox.drive.paging import next_page, waiting
from google_workspace_mcp.sandbox.drive.store import DriveStore, Item, Revision, rank
from google_workspace_mcp.sandbox.made import checksums
from google_workspace_mcp.sandbox.service import JSON, Call, GoogleError, Media, Reply

# "Manage file revisions": content that is not kept for ever goes 30 days after newer content came, or after 100 more.
_LIFE = timedelta(days=30)
_MOST_KEPT = 100


def keep(item: Item) -> None:
    """Puts the present content among the former ones. To be called before it is replaced."""
    item.past.append(_head(item))


class Revisions:
    """Answers `drive.revisions.*`. They have no `supportsAllDrives` and reach every drive."""

    def __init__(self, store: DriveStore) -> None:
        self._store = store

    def list_revisions(self, call: Call) -> JSON:
        """`drive.revisions.list`, the oldest first."""
        item = self._item(call)
        known = {resources.revision_id(item, revision.number): revision for revision in self._left(item)}
        ids, size = waiting(self._store, call), int(call.params["pageSize"])
        ids = [*known] if ids is None else ids
        shown = [self._shown(item, known[wanted], call) for wanted in ids[:size] if wanted in known]
        return {"kind": "drive#revisionList", "revisions": shown} | next_page(self._store, call, ids, size)

    def get(self, call: Call) -> JSON | Reply:
        """`drive.revisions.get`: what is known of it, or its bytes with `alt=media`."""
        item = self._item(call)
        revision = self.find(item, str(call.params["revisionId"]))
        if call.params.get("alt") != "media":
            return self._shown(item, revision, call)
        if revision.data is None and revision.made is None:
            raise GoogleError(
                403,
                "fileNotDownloadable",
                "Only files with binary content can be downloaded. Use Export with Docs Editors files.",
                location="alt",
            )
        return Reply(media=Media(revision.data or b"", revision.mime_type, revision.made))

    def update(self, call: Call) -> JSON:
        """`drive.revisions.update`: whether it is kept for ever."""
        item = self._item(call)
        if rank(self._store.role(call.person.email, item) or "reader") < rank("writer"):
            raise may_not()
        revision = self.find(item, str(call.params["revisionId"]))
        kept = (call.body or {}).get("keepForever")
        if kept is not None and revision.number == item.revision:
            item.keep_forever = bool(kept)
        elif kept is not None:
            revision.keep_forever = bool(kept)
        return self._shown(item, self.find(item, str(call.params["revisionId"])), call)

    def find(self, item: Item, revision_id: str) -> Revision:
        """The revision with that id. Raises 404."""
        for revision in self._left(item):
            if resources.revision_id(item, revision.number) == revision_id:
                return revision
        raise revision_not_found(revision_id)

    def handlers(self) -> dict[str, Callable[[Call], JSON | Reply]]:
        """Handlers by discovery method id."""
        return {
            "drive.revisions.get": self.get,
            "drive.revisions.list": self.list_revisions,
            "drive.revisions.update": self.update,
        }

    def _item(self, call: Call) -> Item:
        item = self._store.reachable(call.person.email, str(call.params["fileId"]), all_drives=True)
        if item.native is None and item.data is None and item.made is None:
            raise GoogleError(403, "revisionsNotSupported", "The file does not support revisions.")
        edits = rank(self._store.role(call.person.email, item) or "reader") >= rank("writer")
        if item.mime_type.startswith(NATIVE_PREFIX) and not edits:
            raise may_not()
        return item

    def _left(self, item: Item) -> list[Revision]:
        """Those that Google has not thrown away yet; of its own documents it keeps all."""
        if item.native is not None:
            return [*item.past, _head(item)]
        now = self._store.clock.now()
        ended = [revision.modified + _LIFE for revision in [*item.past, _head(item)][1:]]
        recent = {revision.number for revision in item.past[-_MOST_KEPT:]}
        left = [
            revision
            for revision, end in zip(item.past, ended, strict=True)
            if revision.keep_forever or (end > now and revision.number in recent)
        ]
        return [*left, _head(item)]

    def _shown(self, item: Item, revision: Revision, call: Call) -> JSON:
        shown: JSON = {
            "kind": "drive#revision",
            "id": resources.revision_id(item, revision.number),
            "mimeType": revision.mime_type,
            "modifiedTime": resources.moment(revision.modified),
            "lastModifyingUser": resources.user(self._store, revision.modified_by, call.person.email),
        }
        content = revision.made or revision.data
        if content is None:
            links = resources.export_links(item.id, revision.mime_type, revision=str(revision.number))
            return shown | {"published": False, "exportLinks": links}
        return shown | {
            "keepForever": revision.keep_forever,
            "md5Checksum": checksums(content)[0],
            "originalFilename": revision.original_name or item.name,
            "size": str(len(content)),
        }


def _head(item: Item) -> Revision:
    return Revision(
        item.revision,
        item.modified,
        item.modified_by,
        item.mime_type,
        item.data,
        item.native,
        item.made,
        item.original_name,
        item.keep_forever,
    )
