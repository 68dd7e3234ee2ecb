"""Files for the tools that go across services."""

from datetime import datetime
from typing import Any

from google_workspace_mcp.core.content.characters import clean_line
from google_workspace_mcp.core.content.sizes import human_size
from google_workspace_mcp.core.content.times import local_time
from google_workspace_mcp.core.errors import NotFoundError, UserInputError
from google_workspace_mcp.core.google.ids import checked_id
from google_workspace_mcp.core.tools.across import Change, Changes, Document, Hit, Hits, Named, State
from google_workspace_mcp.core.tools.documents import Wanted
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.kinds import in_words
from google_workspace_mcp.drive.models import ROW_FIELDS, DriveFile
from google_workspace_mcp.drive.query import Conditions
from google_workspace_mcp.drive.service import DriveService, Found, Search, describe

_CHANGE_FIELDS = (
    "nextPageToken,newStartPageToken,"
    f"changes(changeType,removed,time,fileId,driveId,drive(name),file(trashed,{ROW_FIELDS}))"
)

# A document is read once, so as much of it as any tool gives at a time.
_MOST_CHARS = 80_000
_MORE = "the end is left out; drive_read goes on"


class FileSource:
    """Files in My Drive, shared files and shared drives."""

    named = Named("file", "files", "drive.read")

    def __init__(self, service: DriveService) -> None:
        self._service = service

    async def search(self, work: Workspace, query: str, limit: int) -> Hits:
        """Files that hold the words, best match first."""
        found = await self._service.search(work, Search(Conditions(text=query), limit=limit))
        items = tuple(_hit(file, found) for file in found.page.files)
        unseen = () if found.page.searched_all else ("Google did not search every shared drive",)
        return Hits(items, complete=not found.page.next_page and found.page.searched_all, unseen=unseen)

    async def fetch(self, work: Workspace, item_id: str) -> Document:
        """A file as drive_read shows it."""
        found, zone = await self._service.read(work, checked_id(item_id, "file"), Wanted(max_chars=_MOST_CHARS))
        file, document = found.file, found.document
        facts = {
            "kind": in_words(file.mime_type),
            "owner": file.owner,
            "modified": f"{local_time(file.modified, zone.info)} ({zone.label})",
            "size": human_size(file.size),
            "note": "; ".join(note for note in (found.note, *document.notes, _MORE * document.truncated) if note),
        }
        return Document(title=file.name, url=link_to(item_id), facts=facts, text=document.text)

    async def start(self, work: Workspace) -> State:
        request = work.google.drive.changes.getStartPageToken(supportsAllDrives=True, fields="startPageToken")
        return {"page": str((await work.google.execute(request))["startPageToken"])}

    async def since(self, work: Workspace, state: State, limit: int) -> Changes:
        """One page of Drive's changes. Drive tells each file once, by its last change."""
        request = work.google.drive.changes.list(
            pageToken=str(state["page"]),
            pageSize=limit,
            includeRemoved=True,
            supportsAllDrives=True,
            includeItemsFromAllDrives=True,
            fields=_CHANGE_FIELDS,
        )
        try:
            answer = await work.google.execute(request)
        except (NotFoundError, UserInputError):
            return Changes((), await self.start(work), start_over=True)
        page = str(answer.get("nextPageToken") or "")
        items = tuple(_change(change) for change in answer.get("changes") or ())
        return Changes(items, {"page": page or str(answer["newStartPageToken"])}, more=bool(page))


def link_to(file_id: str) -> str:
    """The file's own page, whatever kind it is."""
    return f"https://drive.google.com/open?id={file_id}"


def _hit(file: DriveFile, found: Found) -> Hit:
    path = found.paths[file.id].words
    when = local_time(file.modified, found.zone.info)
    facts = [describe(file), f"modified {when}", file.owner, f"in {path}" if path else ""]
    return Hit(file.id, file.name, link_to(file.id), " · ".join(fact for fact in facts if fact))


def _change(change: dict[str, Any]) -> Change:
    drive: dict[str, Any] = change.get("drive") or {}
    if change.get("changeType") == "drive":
        gone = bool(change.get("removed"))
        what = "shared drive no longer there for you" if gone else "shared drive changed"
        return Change(str(change.get("driveId", "")), what, clean_line(str(drive.get("name", "")), 200))
    when = datetime.fromisoformat(change["time"]) if change.get("time") else None
    file = change.get("file")
    if change.get("removed") or not file:
        return Change(str(change["fileId"]), "deleted, or no longer shared with you", when=when)
    shown = DriveFile.of(file)
    what = "in the trash" if shown.trashed else "new or changed"
    return Change(shown.id, what, shown.name, shown.owner, when)
