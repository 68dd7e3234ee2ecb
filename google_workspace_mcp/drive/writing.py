"""Folders, files and copies that are made, each once."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.errors import GoogleRefusedError, UserInputError
from google_workspace_mcp.core.google.calls import JSON, CallKind
from google_workspace_mcp.core.policy.reach import Share
from google_workspace_mcp.core.storage.base import StorageError
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.given import checked_file_id
from google_workspace_mcp.drive.holders import known_holders
from google_workspace_mcp.drive.kinds import FOLDER
from google_workspace_mcp.drive.material import (
    NATIVE,
    OCTETS,
    FromMail,
    Material,
    Native,
    Sources,
    checked_name,
    convertible,
    gathered,
    in_memory,
    stem,
    type_of,
)
from google_workspace_mcp.drive.models import FILE_FIELDS, DriveFile
from google_workspace_mcp.drive.once import MARK, Made, OwnIds, made_marked, made_under, new_mark
from google_workspace_mcp.drive.placing import Placing, nobody_yet

_GOOGLES: Final = "application/vnd.google-apps."


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file as the caller words it: `native` is the kind of Google's that it is to become, `folder` an id, name or
    path, empty for My Drive.
    """

    name: str = ""
    sources: Sources = field(default_factory=Sources)
    native: Native = ""
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """What was made or changed, or would be: then `file` is None and `name` and `mime_type` say what it would be.

    `seen_by` are those who see it through the folder that it was put into. `found` when Google's answer was lost and
    the file was found again. `former_name` is what a file that is renamed was called.
    """

    name: str
    mime_type: str
    file: DriveFile | None = None
    size: int = 0
    seen_by: tuple[Share, ...] = ()
    found: bool = False
    version: str = ""
    former_name: str = ""


class Writing:
    """Makes things in Drive. One object per process."""

    def __init__(self, clock: Clock, placing: Placing, from_mail: FromMail, randomness: Callable[[int], bytes]) -> None:
        """`from_mail` fetches files of mail; `randomness` makes the words that files are found again by."""
        self._placing = placing
        self._from_mail = from_mail
        self._randomness = randomness
        self._ids = OwnIds(clock)

    async def create_folder(self, work: Workspace, name: str, folder: str, *, dry_run: bool) -> Written:
        """A new folder. One round trip.

        Raises UserInputError for the name, NotFoundError and AmbiguousNameError for the folder that it is to lie in,
        PolicyRefusedError when people see that folder whom the operator does not allow.
        """
        called = _named(name)

        async def put(folder_id: str) -> Written:
            own_id, seen_by = await self._allowed(work, folder_id, with_id=not dry_run)
            if dry_run:
                return Written(called, FOLDER, seen_by=seen_by)
            body = {"id": own_id, "name": called, "mimeType": FOLDER, **_parents(folder_id)}
            made = await made_under(work, own_id, lambda: _create(work, body))
            return _written(made, seen_by)

        return await self._placing.placed(work, folder, put)

    async def create_file(self, work: Workspace, new: NewFile, *, dry_run: bool) -> Written:
        """A new file of that content, or an empty one. One round trip, above 5 MB as many as it has pieces.

        Raises as `create_folder` does, and UserInputError for content that cannot become what it is to.
        """
        target = NATIVE.get(new.native, "")
        material = await gathered(work, new.sources, new.name, target, self._from_mail)
        name, material = _prepared(new.name, material, target)
        kind = target or (material.media_type if material else OCTETS)

        async def put(folder_id: str) -> Written:
            own_id, seen_by = await self._allowed(work, folder_id, with_id=not (dry_run or target))
            if dry_run:
                size = 0 if target or material is None else material.size
                return Written(name, kind, size=size, seen_by=seen_by)
            body = {"name": name, "mimeType": kind, **_parents(folder_id)}
            return _written(await self._made(work, body, own_id, material), seen_by)

        written = await self._placing.placed(work, new.folder, put)
        if material is not None and written.file is not None:
            await given_up(work, material)
        return written

    async def copy(self, work: Workspace, file_id: str, name: str, folder: str, *, dry_run: bool) -> Written:
        """A copy beside the original, or in that folder. One round trip.

        Raises as `create_folder` does, and UserInputError for a folder, which cannot be copied.
        """
        source = checked_file_id(file_id)
        called = checked_name(name)

        async def put(folder_id: str) -> Written:
            seen_by = await self._placing.permit(work, folder_id, lambda: known_holders(work, source))
            if dry_run:
                file = await looked_at(work, source)
                return Written(called or f"Copy of {file.name}", file.mime_type, size=file.size, seen_by=seen_by)
            mark = new_mark(self._randomness)
            body = {"appProperties": {MARK: mark}, **({"name": called} if called else {}), **_parents(folder_id)}
            return _written(await made_marked(work, mark, lambda: _copy(work, source, body)), seen_by)

        try:
            return await self._placing.placed(work, folder, put)
        except GoogleRefusedError as refused:
            if refused.reason == "no_download" and (await looked_at(work, source)).mime_type == FOLDER:
                raise no_folder_copies() from None
            raise

    async def _allowed(self, work: Workspace, folder_id: str, *, with_id: bool) -> tuple[str, tuple[Share, ...]]:
        """An id of ours, if one is wanted, and who sees the folder, once the operator's rules are asked about them."""

        async def own_id() -> str:
            return await self._ids.take(work) if with_id else ""

        return await asyncio.gather(own_id(), self._placing.permit(work, folder_id, nobody_yet))

    async def _made(self, work: Workspace, body: dict[str, Any], own_id: str, material: Material | None) -> Made:
        if own_id:
            whole = {**body, "id": own_id}
            return await made_under(work, own_id, lambda: _stored(work, whole, material))
        mark = new_mark(self._randomness)
        whole = {**body, "appProperties": {MARK: mark}}
        return await made_marked(work, mark, lambda: _stored(work, whole, material))


def _written(made: Made, seen_by: tuple[Share, ...]) -> Written:
    file = DriveFile.of(made.file)
    return Written(file.name, file.mime_type, file, file.size, seen_by, made.found, file.version)


async def given_up(work: Workspace, material: Material) -> None:
    """Let go of an upload that has been used. Best effort: what stays is gone within its hour."""
    if not material.upload_id:
        return
    try:
        await work.uploads.release(material.upload_id)
    except StorageError:
        return


def no_folder_copies() -> UserInputError:
    """Google copies files only."""
    return UserInputError(
        "A folder cannot be copied",
        next_step="Make a folder with drive_create_folder and copy the files into it one by one",
        reason="folder_copy",
    )


def _prepared(name: str, material: Material | None, target: str) -> tuple[str, Material | None]:
    """The name, and the content as it is sent: of a type that becomes the target, never one of Google's own."""
    if material is None:
        called = _named(name)
        return called, None if target else in_memory(called, type_of(called), b"")
    if target:
        return _named(name or stem(material.name)), convertible(material, target)
    kind = material.media_type.partition(";")[0].strip().lower()
    if kind == OCTETS or kind.startswith(_GOOGLES):
        material = material.typed(type_of(name or material.name))
    return _named(name or material.name), material


def _named(name: str) -> str:
    called = checked_name(name)
    if not called:
        raise UserInputError("a new file needs a name", next_step="Give a name", reason="no_name")
    return called


def _parents(folder_id: str) -> dict[str, list[str]]:
    return {"parents": [folder_id]} if folder_id else {}


async def _stored(work: Workspace, body: dict[str, Any], material: Material | None) -> JSON:
    if material is None:
        return await _create(work, body)
    files = work.google.drive.files

    return await work.google.upload(
        lambda media: files.create(body=body, media_body=media, fields=FILE_FIELDS, supportsAllDrives=True),
        material.content,
        kind=CallKind.CREATE,
        progress=work.progress,
    )


async def _create(work: Workspace, body: dict[str, Any]) -> JSON:
    request = work.google.drive.files.create(body=body, fields=FILE_FIELDS, supportsAllDrives=True)
    return await work.google.execute(request, kind=CallKind.CREATE)


async def _copy(work: Workspace, source: str, body: dict[str, Any]) -> JSON:
    request = work.google.drive.files.copy(fileId=source, body=body, fields=FILE_FIELDS, supportsAllDrives=True)
    return await work.google.execute(request, kind=CallKind.CREATE)


async def looked_at(work: Workspace, file_id: str) -> DriveFile:
    """The file's metadata. Raises NotFoundError."""
    request = work.google.drive.files.get(fileId=file_id, supportsAllDrives=True, fields=FILE_FIELDS)
    return DriveFile.of(await work.google.execute(request))
