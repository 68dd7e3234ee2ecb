"""What the Drive tools do: the requests to Google and what is made of their answers."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.content.documents.service import Documents
from google_workspace_mcp.core.content.times import start_of_day
from google_workspace_mcp.core.errors import NotFoundError, UserInputError
from google_workspace_mcp.core.google.ids import checked_id
from google_workspace_mcp.core.tools.documents import Wanted
from google_workspace_mcp.core.tools.workspace import Workspace, Zone
from google_workspace_mcp.drive.browsing import Browser
from google_workspace_mcp.drive.contents import content_of
from google_workspace_mcp.drive.files import Downloadable, metadata
from google_workspace_mcp.drive.folders import Folders, looks_like_id
from google_workspace_mcp.drive.given import checked_file_id
from google_workspace_mcp.drive.info import FileLooker
from google_workspace_mcp.drive.kinds import in_words
from google_workspace_mcp.drive.models import FILE_FIELDS, ROW_FIELDS, DriveFile, FilePage, FileText
from google_workspace_mcp.drive.paths import Path, Paths
from google_workspace_mcp.drive.placing import Placing
from google_workspace_mcp.drive.query import Conditions, build, checked_raw

ORDERS: Mapping[str, str] = {
    "modified": "modifiedTime desc",
    "created": "createdTime desc",
    "viewed": "viewedByMeTime desc",
    "name": "name_natural",
    "size": "quotaBytesUsed desc",
}


@dataclass(frozen=True, slots=True)
class Search:
    """A search as the caller words it: `conditions` without place and time, which are looked up here.

    `folder` and `shared_drive` are ids or names, `modified_after` and `modified_before` dates in the person's zone.
    """

    conditions: Conditions
    folder: str = ""
    shared_drive: str = ""
    modified_after: str = ""
    modified_before: str = ""
    order: str = ""
    limit: int = 20


@dataclass(frozen=True, slots=True)
class Place:
    """Where to search, as ids. It is kept in a cursor: Google's page token is good for one query only."""

    folder: str = ""
    drive: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of files, with the zone and the names of shared drives to show them by.

    `paths` are those of their folders by the file's id, as far as they are known or cost one round trip.
    """

    page: FilePage
    place: Place
    zone: Zone
    drive_names: Mapping[str, str]
    paths: Mapping[str, Path]


class DriveService:
    """Drive for every account; what it keeps is names, by connection.

    `browser` lists folders, `looker` tells about one file, `paths` has the names of folders, `placing` knows where
    things are put.
    """

    def __init__(self, clock: Clock, documents: Documents) -> None:
        self._folders = Folders(clock)
        self.paths = Paths(clock, self._folders)
        self.browser = Browser(self._folders, self.paths)
        self.looker = FileLooker(self._folders, self.paths)
        self.placing = Placing(clock, self._folders)
        self._documents = documents

    async def search(self, work: Workspace, search: Search, *, page: str = "", place: Place | None = None) -> Found:
        """One page of files. One round trip when the names in it are known, one more when folders of what was found
        are not; `place` and `page` come from a cursor.

        Raises:
            UserInputError: a date, an order or a raw query that cannot be meant.
            NotFoundError, AmbiguousNameError: for the folder or the shared drive.
        """
        _check(search)
        if place is None:
            place = await self._place(work, search)
        try:
            return await self._search(work, search, place, page)
        except NotFoundError:
            if page or not search.folder or place.folder != search.folder:
                raise
        # What looked like an id is none: it may still be a name.
        place = replace(place, folder=await self._folders.folder_id(work, search.folder))
        return await self._search(work, search, place, page)

    async def read(self, work: Workspace, file_id: str, wanted: Wanted) -> tuple[FileText, Zone]:
        """A file's text and the zone to show its time in: metadata, then content; a shortcut costs one trip more.

        Raises:
            UserInputError: no id, a kind of file that has no text to read here, or no such part in it.
            TooLargeError: over 20 MB and no plain text, or more than is unpacked here.
            RateLimitedError, UnavailableError: too many documents are being read.
        """
        file, zone = await asyncio.gather(self._metadata(work, checked_file_id(file_id)), work.zone())
        note = ""
        if file.is_shortcut:
            note = f"reached through the shortcut “{file.name}”"
            file = await self._metadata(work, checked_id(file.target_id, "file"))
        content = await content_of(work, self._documents, file, wanted, zone)
        return FileText(file, content.document, note, content.comments), zone

    async def to_download(self, work: Workspace, file_id: str) -> Downloadable:
        """What is known of a file whose bytes are wanted; a shortcut costs one trip more."""
        file = await metadata(work.google, checked_file_id(file_id))
        return await metadata(work.google, checked_id(file.target_id, "file")) if file.target_id else file

    async def _place(self, work: Workspace, search: Search) -> Place:
        async def folder() -> str:
            if not search.folder or looks_like_id(search.folder):
                return search.folder
            return await self._folders.folder_id(work, search.folder)

        async def drive() -> str:
            return await self._folders.drive_id(work, search.shared_drive) if search.shared_drive else ""

        folder_id, drive_id = await asyncio.gather(folder(), drive())
        return Place(folder_id, drive_id)

    async def _search(self, work: Workspace, search: Search, place: Place, page: str) -> Found:
        conditions = search.conditions
        if place.folder:
            conditions = replace(conditions, folders=(place.folder,))
        if search.modified_after or search.modified_before:
            zone = await work.zone()
            conditions = replace(
                conditions,
                modified_from=_day_start(search.modified_after, zone),
                modified_until=_day_start(search.modified_before, zone),
            )
        request = work.google.drive.files.list(
            q=build(conditions),
            orderBy=_order(search),
            pageSize=search.limit,
            pageToken=page or None,
            fields=f"nextPageToken,incompleteSearch,files({ROW_FIELDS})",
            supportsAllDrives=True,
            includeItemsFromAllDrives=True,
            corpora="drive" if place.drive else "allDrives",
            driveId=place.drive or None,
        )
        answer, zone, names = await asyncio.gather(
            work.google.execute(request), work.zone(), self._folders.known_drive_names(work)
        )
        found = _page(answer)
        paths = await self.paths.of(work, found.files, most_trips=1)
        return Found(found, place, zone, names, paths)

    async def _metadata(self, work: Workspace, file_id: str) -> DriveFile:
        request = work.google.drive.files.get(fileId=file_id, supportsAllDrives=True, fields=FILE_FIELDS)
        return DriveFile.of(await work.google.execute(request))


def _page(answer: dict[str, Any]) -> FilePage:
    return FilePage(
        files=tuple(DriveFile.of(file) for file in answer.get("files", [])),
        next_page=str(answer.get("nextPageToken", "")),
        searched_all=not answer.get("incompleteSearch", False),
    )


def _check(search: Search) -> None:
    """Refuses what Google would refuse, before anything is asked."""
    if search.order and search.conditions.ranked:
        raise UserInputError(
            "A full-text search comes by relevance and takes no other order",
            next_step="Leave `order` out, or search by `name` instead of `text`",
        )
    if search.conditions.raw:
        checked_raw(search.conditions.raw)
    after, before = _day(search.modified_after), _day(search.modified_before)
    if after and before and after >= before:
        raise UserInputError(
            "`modified_after` must be before `modified_before`", next_step="The second day is not included"
        )


def _order(search: Search) -> str | None:
    if search.order:
        return ORDERS[search.order]
    return None if search.conditions.ranked else ORDERS["modified"]


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise UserInputError("A date is not written as YYYY-MM-DD", next_step="Write it like 2026-03-31") from None


def _day_start(text: str, zone: Zone) -> datetime | None:
    day = _day(text)
    return start_of_day(day, zone.info) if day else None


def describe(file: DriveFile) -> str:
    """The kind of file in words; for a shortcut what it leads to."""
    if file.is_drive:
        return "shared drive"
    return (
        f"shortcut to {in_words(file.target_type)}"
        if file.is_shortcut and file.target_type
        else in_words(file.mime_type)
    )
