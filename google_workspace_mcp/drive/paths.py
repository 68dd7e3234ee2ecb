"""Where files are: the folders above them, by name, as far as the account may see them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from google_workspace_mcp.core.cache import Cache
from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.content.characters import clean_line
from google_workspace_mcp.core.errors import NotFoundError, WorkspaceError
from google_workspace_mcp.core.google.many import Outcome
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.folders import LEFT_OUT, SHARED, Folders
from google_workspace_mcp.drive.models import DriveFile

_LIVE = 600.0
_FOLDERS_KEPT = 50_000
# Drive allows 100 levels in a shared drive; whoever goes deeper gets the end of the path.
_MOST_LEVELS = 20
_FIELDS = "id,name,parents,driveId,ownedByMe,permissionIds"
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder above a file. `permissions` are ids of permissions on it, where the account may see them."""

    id: str
    name: str
    parent: str = ""
    drive_id: str = ""
    mine: bool = False
    closed: bool = False
    permissions: frozenset[str] = frozenset()

    @classmethod
    def of(cls, file: dict[str, Any]) -> Self:
        """From a `File` of Drive v3."""
        return cls(
            id=str(file["id"]),
            name=clean_line(str(file.get("name", "")), _LONGEST_NAME) or "(no name)",
            parent=next(iter(file.get("parents") or ()), ""),
            drive_id=str(file.get("driveId", "")),
            mine=bool(file.get("ownedByMe")),
            permissions=frozenset(map(str, file.get("permissionIds") or ())),
        )


@dataclass(frozen=True, slots=True)
class Path:
    """The folders above a file, the outermost first. `words` is what people would write: `My Drive/Reports/2026`."""

    words: str
    folders: tuple[Folder, ...] = ()


@dataclass(slots=True)
class _Known:
    """What one call has learned, kept apart from the cache, which may let go of it meanwhile."""

    folders: dict[str, Folder] = field(default_factory=dict[str, Folder])


class Paths:
    """Looks folders up once per connection, level by level, and keeps them for ten minutes."""

    def __init__(self, clock: Clock, folders: Folders) -> None:
        self._cache = Cache[Folder](clock, _LIVE, _FOLDERS_KEPT)
        self._folders = folders
        folders.on_forget(self.forget)

    async def of(
        self, work: Workspace, files: Collection[DriveFile], *, most_trips: int = _MOST_LEVELS
    ) -> Mapping[str, Path]:
        """The path of the folder that each file is in, by the file's id.

        One round trip for each level that is not known yet, however many files there are, and at most `most_trips`.
        `…` stands for what is left out for that, or because Google does not tell: a place is not worth failing for.
        """
        drives = await self._folders.known_drive_names(work) if any(file.drive_id for file in files) else {}
        known = _Known({drive_id: Folder(drive_id, name, drive_id=drive_id) for drive_id, name in drives.items()})
        wanted = {file.parent for file in files if file.parent}
        for _ in range(most_trips):
            missing = self._recall(work, wanted, known)
            if not missing:
                break
            wanted = await self._load(work, missing, known)
        self._recall(work, wanted, known)
        return {file.id: _path(file, known.folders) for file in files}

    def learn(self, work: Workspace, file: dict[str, Any]) -> None:
        """Keeps a folder whose metadata came along with something else, if all of it did."""
        if {"name", "parents"} <= file.keys():
            folder = Folder.of(file)
            self._cache.put(_key(work, folder.id), folder)

    def forget(self, work: Workspace, folder_id: str) -> None:
        """To be called when a folder has got another name or place, or has gone."""
        self._cache.drop(_key(work, folder_id))

    def _recall(self, work: Workspace, wanted: Collection[str], known: _Known) -> list[str]:
        """Takes what is kept of these folders and those above them; what is not kept is returned."""
        missing: dict[str, None] = {}
        for folder_id in wanted:
            current = folder_id
            for _ in range(_MOST_LEVELS):
                if not current or current in missing:
                    break
                folder = known.folders.get(current) or self._cache.peek(_key(work, current))
                if folder is None:
                    missing[current] = None
                    break
                known.folders[current] = folder
                current = folder.parent
        return list(missing)

    async def _load(self, work: Workspace, missing: list[str], known: _Known) -> set[str]:
        """Asks for these folders; returns those that are above them."""
        requests = [work.google.drive.files.get(fileId=i, supportsAllDrives=True, fields=_FIELDS) for i in missing]
        outcomes = await work.google.execute_many(requests)
        above: set[str] = set()
        for folder_id, outcome in zip(missing, outcomes, strict=True):
            folder = _found(folder_id, outcome)
            known.folders[folder_id] = folder
            if not isinstance(outcome, WorkspaceError) or isinstance(outcome, NotFoundError):
                self._cache.put(_key(work, folder_id), folder)
            if folder.parent:
                above.add(folder.parent)
        return above


def _found(folder_id: str, outcome: Outcome) -> Folder:
    return Folder(folder_id, "", closed=True) if isinstance(outcome, WorkspaceError) else Folder.of(outcome)


def _key(work: Workspace, folder_id: str) -> str:
    return f"{work.connection_id}/{folder_id}"


def _path(file: DriveFile, folders: Mapping[str, Folder]) -> Path:
    line: list[Folder] = []
    current = file.parent
    while current and len(line) < _MOST_LEVELS:
        folder = folders.get(current)
        if folder is None or folder.closed or folder in line:
            break
        line.append(folder)
        current = folder.parent
    line.reverse()
    names = [folder.name for folder in line]
    top = line[0] if line else None
    if file.drive_id:
        if top is None or top.id != file.drive_id:
            names.insert(0, LEFT_OUT if top else "(shared drive)")
    elif current and (top is None or not folders.get(current, top).closed):
        names.insert(0, LEFT_OUT)
    elif not (top.mine if top else file.owner == "me"):
        names.insert(0, SHARED)
    return Path("/".join(names), tuple(line))
