"""A file's content as text: fetched as it is, exported, beside the API, or piece by piece."""

import asyncio
from dataclasses import dataclass, replace
from typing import Any

from google_workspace_mcp.core.content.documents.model import DocumentText
from google_workspace_mcp.core.content.documents.service import MOST_BYTES, Documents
from google_workspace_mcp.core.errors import TooLargeError, WorkspaceError
from google_workspace_mcp.core.tools.documents import Unread, Wanted, read_document
from google_workspace_mcp.core.tools.workspace import Workspace, Zone
from google_workspace_mcp.drive.comment_list import comments_beside
from google_workspace_mcp.drive.models import DriveFile
from google_workspace_mcp.drive.pieces import piece_of
from google_workspace_mcp.drive.reading import PLAINER, Way, link_step, way_to_read


@dataclass(frozen=True, slots=True)
class Content:
    """A file's text, and with remarks what people have said about it in Drive."""

    document: DocumentText
    comments: str = ""


async def content_of(work: Workspace, documents: Documents, file: DriveFile, wanted: Wanted, zone: Zone) -> Content:
    """The text of a file that is no shortcut, in one round trip; an export over Google's limit takes up to three more.

    Raises what `DriveService.read` names.
    """
    way = way_to_read(file)
    if way.in_pieces:
        document, comments = await asyncio.gather(
            piece_of(work, file, wanted, link_step(file)), comments_beside(work, file.id, zone, wanted.remarks)
        )
        return Content(document, comments)
    fetched, comments = await asyncio.gather(
        _fetched(work, file, way), comments_beside(work, file.id, zone, wanted.remarks)
    )
    unread = Unread(fetched.data, fetched.media_type, file.name, link_step(file))
    document = await read_document(work, documents, unread, wanted)
    if fetched.note:
        document = replace(document, notes=(fetched.note, *document.notes))
    return Content(document, comments)


@dataclass(frozen=True, slots=True)
class _Fetched:
    data: bytes
    media_type: str
    note: str = ""


async def _fetched(work: Workspace, file: DriveFile, way: Way) -> _Fetched:
    try:
        data = await work.google.download(_request(work, file, way.export_as), max_bytes=MOST_BYTES)
        return _Fetched(data, way.media_type)
    except TooLargeError:
        if not way.export_as:
            raise
    if (linked := await _linked(work, file, way.export_as)) is not None:
        return _Fetched(linked, way.media_type)
    kind, words = PLAINER[file.mime_type]
    try:
        data = await work.google.download(_request(work, file, kind), max_bytes=MOST_BYTES)
    except TooLargeError as error:
        error.next_step = link_step(file)
        raise
    return _Fetched(data, kind, words)


async def _linked(work: Workspace, file: DriveFile, kind: str) -> bytes | None:
    """The export by the address that Google names beside the API; None where that does not help either."""
    try:
        request = work.google.drive.files.get(fileId=file.id, supportsAllDrives=True, fields="exportLinks")
        links: dict[str, Any] = (await work.google.execute(request)).get("exportLinks") or {}
        return await work.google.download_export(str(links[kind]), max_bytes=MOST_BYTES) if kind in links else None
    except WorkspaceError:
        return None


def _request(work: Workspace, file: DriveFile, export_as: str) -> Any:
    if export_as:
        return work.google.drive.files.export_media(fileId=file.id, mimeType=export_as)
    return work.google.drive.files.get_media(fileId=file.id, supportsAllDrives=True)
