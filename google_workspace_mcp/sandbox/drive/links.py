"""The exports that `exportLinks` lead to, on Google's host for documents: no limit of 10 MB."""

from collections.abc import Mapping

from google_workspace_mcp.sandbox.drive.exports import EXPORT_FORMATS, written
from google_workspace_mcp.sandbox.drive.resources import EXPORT_PATHS
from google_workspace_mcp.sandbox.drive.revisions import Revisions
from google_workspace_mcp.sandbox.drive.store import DriveStore, rank
from google_workspace_mcp.sandbox.service import GoogleError, Linked, Media, Person


class ExportLinks:
    """Answers the paths of export links, of the present content and of former ones."""

    def __init__(self, store: DriveStore, revisions: Revisions) -> None:
        self._store = store
        self._revisions = revisions

    def paths(self) -> Mapping[str, Linked]:
        """By path, what answers it."""
        return dict.fromkeys(EXPORT_PATHS.values(), self._export)

    def _export(self, person: Person, query: Mapping[str, str]) -> Media:
        item = self._store.reachable(person.email, query.get("id", ""), all_drives=True)
        role = self._store.role(person.email, item) or "reader"
        if item.copy_requires_writer and rank(role) < rank("writer"):
            raise GoogleError(403, "cannotDownloadFile", "This file cannot be downloaded by the user.")
        formats = {name: kind for kind, name in EXPORT_FORMATS.get(item.mime_type, {}).items()}
        kind = formats.get(query.get("exportFormat", ""))
        if item.native is None or kind is None:
            raise GoogleError(400, "badRequest", "The requested export is not supported.")
        native = item.native
        if number := query.get("revision"):
            native = self._revisions.find(item, number).native or native
        return Media(written(native, kind), kind)
