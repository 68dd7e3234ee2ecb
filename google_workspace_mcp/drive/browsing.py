"""What is in a folder, and in the folders in it."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched
from typing import Any

from google_workspace_mcp.core.errors import NotFoundError, UserInputError, WorkspaceError
from google_workspace_mcp.core.google.ids import checked_id
from google_workspace_mcp.core.tools.workspace import Workspace, Zone
from google_workspace_mcp.drive.folders import Folders, looks_like_id
from google_workspace_mcp.drive.kinds import FOLDER
from google_workspace_mcp.drive.models import FILE_FIELDS, ROW_FIELDS, DriveFile
from google_workspace_mcp.drive.paths import Paths
from google_workspace_mcp.drive.query import Conditions, build

# How many folders one request looks into: each is a clause of its query.
_FOLDERS_A_REQUEST = 50
_LARGEST_PAGE = 1000
_ROOT = "root"


@dataclass(frozen=True, slots=True)
class Asked:
    """A folder by id, name or path (empty: My Drive), how many levels of it, and how many entries in all."""

    folder: str = ""
    depth: int = 1
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in the listing. `level` 0 is directly in the folder; `unopened` is a folder that there was no room for."""

    file: DriveFile
    level: int = 0
    unopened: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """A folder's entries, folders first, each followed by what is in it.

    `place` is the id as it was asked for: the page token is good for that only, and the root has an alias.
    """

    folder: DriveFile
    place: str
    path: str
    entries: tuple[Entry, ...]
    next_page: str
    complete: bool
    zone: Zone


@dataclass(slots=True)
class _Tree:
    """What was found below a folder so far. `room` is how many more entries fit."""

    room: int
    children: dict[str, list[DriveFile]] = field(default_factory=dict[str, list[DriveFile]])
    unopened: set[str] = field(default_factory=set[str])
    cut: bool = False

    def take(self, files: Sequence[DriveFile]) -> list[DriveFile]:
        """Adds as many as there is room for; returns the folders among them."""
        self.cut = self.cut or len(files) > self.room
        taken = list(files[: self.room])
        self.room -= len(taken)
        for file in taken:
            self.children.setdefault(file.parent, []).append(file)
        return [file for file in taken if file.mime_type == FOLDER]

    def entries(self, folder_id: str, level: int = 0) -> Iterator[Entry]:
        for file in self.children.get(folder_id, ()):
            yield Entry(file, level, file.id in self.unopened)
            yield from self.entries(file.id, level + 1)


class Browser:
    """Lists folders."""

    def __init__(self, folders: Folders, paths: Paths) -> None:
        self._folders = folders
        self._paths = paths

    async def list(self, work: Workspace, asked: Asked, *, page: str = "", place: str = "") -> Listed:
        """One round trip for each level when the folder and those above it are known.

        `page` and `place` come from a cursor, which only a listing of one level has.

        Raises UserInputError for a file that is no folder, NotFoundError, AmbiguousNameError.
        """
        by_id = not asked.folder or looks_like_id(asked.folder) or asked.folder.strip() == _ROOT
        if not place:
            place = (asked.folder.strip() or _ROOT) if by_id else await self._folders.folder_id(work, asked.folder)
        try:
            return await self._list(work, asked, place, page)
        except NotFoundError:
            if page or not by_id or place == _ROOT:
                raise
        # What looked like an id is none: it may still be a name.
        return await self._list(work, asked, await self._folders.folder_id(work, asked.folder), "")

    async def _list(self, work: Workspace, asked: Asked, folder_id: str, page: str) -> Listed:
        metadata = work.google.drive.files.get(fileId=folder_id, supportsAllDrives=True, fields=FILE_FIELDS)
        raw, first, zone, drives = await asyncio.gather(
            work.google.execute(metadata),
            _first(work, folder_id, min(asked.limit, _LARGEST_PAGE), page),
            work.zone(),
            self._folders.known_drive_names(work),
        )
        folder = DriveFile.of(raw)
        if folder.is_shortcut and folder.target_type == FOLDER:
            return await self._list(work, asked, checked_id(folder.target_id, "folder"), "")
        if folder.mime_type != FOLDER:
            raise UserInputError(
                "That is a file, not a folder",
                next_step="drive_get_file tells about it, drive_read reads it",
                reason="not_a_folder",
            )
        if isinstance(first, WorkspaceError):
            raise first
        self._paths.learn(work, raw)
        # The alias of the root is not what its children name as their parent.
        tree = _Tree(asked.limit)
        folders = tree.take([DriveFile.of(file) for file in first.get("files", [])])
        next_page = str(first.get("nextPageToken", ""))
        path, _ = await asyncio.gather(self._path(work, folder, drives), _grow(work, tree, folders, asked.depth))
        return Listed(
            folder=folder,
            place=folder_id,
            path=path,
            entries=tuple(tree.entries(folder.id)),
            next_page=next_page if asked.depth == 1 else "",
            complete=not (next_page or tree.cut or tree.unopened or first.get("incompleteSearch")),
            zone=zone,
        )

    async def _path(self, work: Workspace, folder: DriveFile, drives: Mapping[str, str]) -> str:
        if folder.is_drive:
            return drives.get(folder.id, folder.name)
        above = (await self._paths.of(work, [folder]))[folder.id].words
        return f"{above}/{folder.name}" if above else folder.name


async def _first(work: Workspace, folder_id: str, size: int, page: str) -> dict[str, Any] | WorkspaceError:
    """The first level. That there is none is told once it is known what was asked for."""
    try:
        return await work.google.execute(_request(work, (folder_id,), size, page))
    except NotFoundError as error:
        return error


async def _grow(work: Workspace, tree: _Tree, folders: list[DriveFile], depth: int) -> None:
    """Looks into the folders, level by level, all of a level at once."""
    for _ in range(depth - 1):
        if not folders:
            return
        if not tree.room:
            tree.unopened |= {folder.id for folder in folders}
            return
        chunks = list(batched([folder.id for folder in folders], _FOLDERS_A_REQUEST, strict=False))
        size = min(tree.room + 1, _LARGEST_PAGE)
        answers = await work.google.execute_many([_request(work, chunk, size) for chunk in chunks])
        found: list[DriveFile] = []
        for chunk, answer in zip(chunks, answers, strict=True):
            if isinstance(answer, WorkspaceError):
                tree.unopened |= set(chunk)
                continue
            tree.cut = tree.cut or bool(answer.get("nextPageToken") or answer.get("incompleteSearch"))
            found += [DriveFile.of(file) for file in answer.get("files", [])]
        folders = tree.take(found)


def _request(work: Workspace, folders: tuple[str, ...], size: int, page: str = "") -> Any:
    return work.google.drive.files.list(
        q=build(Conditions(folders=folders)),
        orderBy="folder,name_natural",
        pageSize=size,
        pageToken=page or None,
        fields=f"nextPageToken,incompleteSearch,files({ROW_FIELDS})",
        corpora="allDrives",
        supportsAllDrives=True,
        includeItemsFromAllDrives=True,
    )
