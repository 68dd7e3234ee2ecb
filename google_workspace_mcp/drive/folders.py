"""Folders and shared drives by the names that people use for them."""

import asyncio
import re
from collections.abc import Callable, Sequence
from typing import Any

from google_workspace_mcp.core.cache import Cache
from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.content.characters import clean_line
from google_workspace_mcp.core.errors import AmbiguousNameError, NotFoundError, UserInputError, WorkspaceError
from google_workspace_mcp.core.google.ids import checked_id
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.models import DriveFile
from google_workspace_mcp.drive.query import Conditions, build

_NAMES_LIVE = 600.0
_ACCOUNTS_KEPT = 2000
_FOLDERS_KEPT = 10_000
_MOST_LEVELS = 10
_MOST_CANDIDATES = 10
# Enough for a common name at the first level of a path; each becomes a clause of the next level's query.
_MOST_FOUND = 50
_DRIVES_A_PAGE = 100
_MOST_DRIVE_PAGES = 5
_ROOT_NAMES = frozenset({"root", "my drive"})
# Drive's ids are 19 characters (shared drives) to 44 long and mix cases with digits; hardly any folder name looks so.
_ID_LIKE = re.compile(r"(?=.*\d)(?=.*[A-Z])[A-Za-z0-9_-]{19,60}")
# Where paths in results begin that have no folder at their beginning.
SHARED = "Shared with me"
LEFT_OUT = "…"
_NOWHERE = frozenset({SHARED.casefold(), LEFT_OUT})
_FOLDER_FIELDS = "files(id,name,mimeType,modifiedTime,parents,driveId,ownedByMe,owners(displayName,emailAddress))"


def looks_like_id(value: str) -> bool:
    """Whether a value for a folder or shared drive is taken for an id first and for a name second."""
    return _ID_LIKE.fullmatch(value) is not None


class Folders:
    """Looks names up once per connection and keeps them for ten minutes."""

    def __init__(self, clock: Clock) -> None:
        self._folders = Cache[str](clock, _NAMES_LIVE, _FOLDERS_KEPT)
        self._drives = Cache[dict[str, str]](clock, _NAMES_LIVE, _ACCOUNTS_KEPT)
        self._told: list[Callable[[Workspace, str], None]] = []

    async def folder_id(self, work: Workspace, path: str) -> str:
        """The id of the folder at a name or a path such as `Reports/2026`.

        A path begins anywhere unless its first part is `My Drive`, or the name of a shared drive; as results show it
        it is one too (`Shared with me/…`). Not known yet, it costs one round trip per level.

        Raises:
            NotFoundError: no folder there.
            AmbiguousNameError: several; the candidates are in the message.
            UserInputError: more than ten levels, or no name at all.
        """
        names = [name.strip() for name in path.strip("/ ").split("/") if name.strip()]
        if names and names[0].casefold() in _NOWHERE:
            names = _below_nowhere(names)
        if not 0 < len(names) <= _MOST_LEVELS:
            raise UserInputError(
                f"A folder path has 1 to {_MOST_LEVELS} names", next_step="Give the folder's id instead"
            )
        if names[0].lower() in _ROOT_NAMES and len(names) == 1:
            return "root"
        key = "/".join([work.connection_id, *names])
        return await self._folders.get_or_load(key, lambda: self._look_up(work, names))

    def forget(self, work: Workspace, folder_id: str) -> None:
        """That folder is no longer where it was, or is called something else."""
        self._folders.drop_value(f"{work.connection_id}/", folder_id)
        for tell in self._told:
            tell(work, folder_id)

    def on_forget(self, tell: Callable[[Workspace, str], None]) -> None:
        """Calls that too whenever a folder is to be forgotten: for whoever keeps other things of folders."""
        self._told.append(tell)

    async def drive_names(self, work: Workspace) -> dict[str, str]:
        """Names of the account's shared drives by id."""
        return await self._drives.get_or_load(work.connection_id, lambda: _load_drives(work))

    async def known_drive_names(self, work: Workspace) -> dict[str, str]:
        """As `drive_names`, but empty when Google does not tell: a missing name must not fail a search."""
        try:
            return await self.drive_names(work)
        except WorkspaceError:
            return {}

    async def drive_id(self, work: Workspace, name: str) -> str:
        """The id of a shared drive by its name or id. Raises NotFoundError, or AmbiguousNameError with candidates."""
        if looks_like_id(name):
            return checked_id(name, "shared drive")
        names = await self.drive_names(work)
        found = await self._drives_called(work, name.strip())
        if len(found) == 1:
            return found[0]
        if found:
            raise AmbiguousNameError(
                f"{len(found)} shared drives have that name: {', '.join(found[:_MOST_CANDIDATES])}",
                next_step="Give the id of the one that is meant",
            )
        raise NotFoundError("This account has no shared drive of that name", next_step=_known_drives(names))

    async def _look_up(self, work: Workspace, names: Sequence[str]) -> str:
        parents: list[str] = []
        found: list[DriveFile] = []
        drives: list[str] = []
        for level, name in enumerate(names):
            if level == 0 and name.lower() in _ROOT_NAMES:
                parents = ["root"]
                continue
            if level == 0:
                found, drives = await asyncio.gather(_named(work, name, ()), self._drives_called(work, name))
            else:
                found, drives = await _named(work, name, tuple(parents)), []
            parents = [*(folder.id for folder in found), *drives]
            if not parents:
                raise NotFoundError(
                    "No folder of that name or path"
                    if len(names) == 1
                    else f"No folder at level {level + 1} of that path",
                    next_step="Search with type=folder to see the folders there are",
                )
        if len(parents) > 1:
            raise await _ambiguous(work, found, drives)
        return parents[0]

    async def _drives_called(self, work: Workspace, name: str) -> list[str]:
        """Ids of shared drives of that name: such an id is also that of the drive's outermost folder."""
        names = await self.known_drive_names(work)
        return [drive_id for drive_id, known in names.items() if known.casefold() == name.casefold()]


def _below_nowhere(names: list[str]) -> list[str]:
    """The rest of such a path, which may begin anywhere. Raises NotFoundError where there is no rest."""
    if len(names) > 1:
        return names[1:]
    raise NotFoundError(
        "What is shared with this account lies in no folder",
        next_step="Search for it: drive_search with `sharedWithMe` as `query`",
    )


async def _named(work: Workspace, name: str, parents: tuple[str, ...]) -> list[DriveFile]:
    request = work.google.drive.files.list(
        q=build(Conditions(exact_name=name, type="folder", folders=parents)),
        corpora="allDrives",
        supportsAllDrives=True,
        includeItemsFromAllDrives=True,
        pageSize=_MOST_FOUND,
        fields=_FOLDER_FIELDS,
    )
    answer = await work.google.execute(request)
    return [DriveFile.of(file) for file in answer.get("files", [])]


async def _ambiguous(work: Workspace, found: Sequence[DriveFile], drives: Sequence[str]) -> AmbiguousNameError:
    """The candidates told apart: where each one is, whose it is, and its id."""
    shown = found[:_MOST_CANDIDATES]
    parents = [folder.parent for folder in shown if folder.parent]
    requests = [
        work.google.drive.files.get(fileId=parent, supportsAllDrives=True, fields="id,name") for parent in parents
    ]
    answers = await work.google.execute_many(requests)
    places = {
        str(answer["id"]): clean_line(str(answer.get("name", "")))
        for answer in answers
        if not isinstance(answer, WorkspaceError)
    }
    lines = [_candidate(folder, places.get(folder.parent, "")) for folder in shown]
    lines += [f"{drive_id} (a shared drive)" for drive_id in drives[:_MOST_CANDIDATES]]
    return AmbiguousNameError(
        f"{len(found) + len(drives)} folders have that name: {'; '.join(lines)}",
        next_step="Give the id of the one that is meant",
    )


def _candidate(folder: DriveFile, place: str) -> str:
    owner = folder.owner or ("shared drive" if folder.drive_id else "")
    facts = [fact for fact in (f"in {place}" if place else "", f"owner {owner}" if owner else "") if fact]
    return f"{folder.id} ({', '.join([*facts, f'changed {folder.modified:%Y-%m-%d}'])})"


async def _load_drives(work: Workspace) -> dict[str, str]:
    names: dict[str, str] = {}
    page: dict[str, Any] = {}
    for _ in range(_MOST_DRIVE_PAGES):
        request = work.google.drive.drives.list(
            pageSize=_DRIVES_A_PAGE, pageToken=page.get("nextPageToken"), fields="nextPageToken,drives(id,name)"
        )
        page = await work.google.execute(request)
        names |= {str(drive["id"]): clean_line(str(drive.get("name", ""))) for drive in page.get("drives", [])}
        if not page.get("nextPageToken"):
            break
    return names


def _known_drives(names: dict[str, str]) -> str:
    if not names:
        return "Leave `shared_drive` out: it has none"
    listed = ", ".join(sorted(names.values(), key=str.casefold)[:_MOST_CANDIDATES])
    return f"Its shared drives are: {listed}"
