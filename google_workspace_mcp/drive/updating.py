"""Files that are changed: content as a new revision, name, place, description, star, in one request.

Drive v3 takes no condition with a change. So the file is looked at first, and what was read from it must still be what
it says; between the look and the change lies one round trip.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from google_workspace_mcp.core.errors import ConflictError, OutcomeUnknownError, UserInputError, WorkspaceError
from google_workspace_mcp.core.google.calls import JSON, CallKind
from google_workspace_mcp.core.google.ids import checked_id
from google_workspace_mcp.core.google.uploads import Content
from google_workspace_mcp.core.policy.reach import Share
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.given import checked_file_id
from google_workspace_mcp.drive.holders import known_holders
from google_workspace_mcp.drive.kinds import FOLDER, SHORTCUT, in_words
from google_workspace_mcp.drive.material import (
    NATIVE,
    OCTETS,
    FromMail,
    Material,
    Sources,
    checked_name,
    convertible,
    gathered,
    text_type,
)
from google_workspace_mcp.drive.models import FILE_FIELDS, DriveFile
from google_workspace_mcp.drive.once import MARK, new_mark
from google_workspace_mcp.drive.placing import Placing
from google_workspace_mcp.drive.writing import Written, given_up, looked_at

type Star = Literal["", "on", "off"]
_MARKED_FIELDS = f"{FILE_FIELDS},appProperties"


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of a file; what is empty stays as it is. `version` is what the caller has read."""

    file_id: str
    version: str = ""
    sources: Sources = field(default_factory=Sources)
    name: str = ""
    folder: str = ""
    description: str = ""
    star: Star = ""

    @property
    def words(self) -> list[str]:
        """What it changes, in words."""
        given = (
            ("content", self.sources.given),
            ("name", bool(self.name)),
            ("place", bool(self.folder)),
            ("description", bool(self.description)),
            ("star", bool(self.star)),
        )
        return [word for word, is_given in given if is_given]


@dataclass(frozen=True, slots=True)
class _Planned:
    """The request's parts. `before` is the file as it was."""

    before: DriveFile
    body: dict[str, Any]
    moves: dict[str, str]
    material: Material | None

    @property
    def parts(self) -> dict[str, Any]:
        return {"body": self.body, "moves": self.moves}


class Updating:
    """Changes files. One object per process."""

    def __init__(self, placing: Placing, from_mail: FromMail, randomness: Callable[[int], bytes]) -> None:
        self._placing = placing
        self._from_mail = from_mail
        self._randomness = randomness

    async def update(self, work: Workspace, change: Change, *, dry_run: bool) -> Written:
        """The file after the change. Two round trips.

        Raises:
            ConflictError: the file has changed since it was read.
            UserInputError: nothing to change, new content without a version, or of a kind that cannot be its content.
            NotFoundError, AmbiguousNameError: for the file, and the folder that it is to move to.
            PolicyRefusedError: people see that folder whom the operator does not allow.
            OutcomeUnknownError: Google's answer is lost and it will not say what the file is now.
        """
        if not change.words:
            raise UserInputError(
                "there is nothing to change", next_step="Give text, name, folder, description or star", reason="nothing"
            )
        _check_version(change)
        before, material = await asyncio.gather(
            looked_at(work, checked_file_id(change.file_id)),
            gathered(work, change.sources, change.name, "", self._from_mail),
        )
        _unchanged(change, before)
        material = _fitting(before, material, change) if material else None
        body = _body(change)

        async def put(folder_id: str) -> Written:
            moves, seen_by = await self._moves(work, before, folder_id) if change.folder else ({}, ())
            former = before.name if change.name else ""
            if dry_run:
                return Written(
                    change.name or before.name,
                    before.mime_type,
                    size=before.size,
                    seen_by=seen_by,
                    version=before.version,
                    former_name=former,
                )
            file, found = await self._applied(work, _Planned(before, body, moves, material))
            if before.mime_type == FOLDER and (moves or change.name):
                self._placing.forget(work, before.id)
            return Written(file.name, file.mime_type, file, file.size, seen_by, found, file.version, former)

        written = await self._placing.placed(work, change.folder, put) if change.folder else await put("")
        if material is not None and written.file is not None:
            await given_up(work, material)
        return written

    async def _moves(
        self, work: Workspace, before: DriveFile, folder_id: str
    ) -> tuple[dict[str, str], tuple[Share, ...]]:
        """The parameters that move it, none when it is there already, and who sees the folder that it newly lies in."""
        target = folder_id or await self._placing.root_id(work)
        if before.parent == target:
            return {}, ()
        seen_by = await self._placing.permit(work, folder_id, lambda: known_holders(work, before.id))
        return {"addParents": target, **({"removeParents": before.parent} if before.parent else {})}, seen_by

    async def _applied(self, work: Workspace, planned: _Planned) -> tuple[DriveFile, bool]:
        """The file after the change, and whether it had to be looked for. New content is never stored twice."""
        files, before = work.google.drive.files, planned.before
        if planned.material is None:
            request = files.update(
                fileId=before.id, body=planned.body, fields=FILE_FIELDS, supportsAllDrives=True, **planned.moves
            )
            answer = await work.google.execute(request, kind=CallKind.REPEATABLE_WRITE)
            return (DriveFile.of(answer), False) if answer else (await looked_at(work, before.id), True)
        return await stored(work, before, planned.material.content, new_mark(self._randomness), **planned.parts)


async def stored(
    work: Workspace,
    before: DriveFile,
    content: Content,
    mark: str,
    *,
    body: Mapping[str, Any] = MappingProxyType({}),
    moves: Mapping[str, str] = MappingProxyType({}),
) -> tuple[DriveFile, bool]:
    """The file with that content as its newest revision, and whether it had to be looked for.

    Raises ConflictError when the answer is lost and somebody else has changed the file meanwhile, OutcomeUnknownError
    when Google will not say what the file is now.
    """
    files = work.google.drive.files
    marked = {**body, "appProperties": {MARK: mark}}
    fixed = {"fileId": before.id, "fields": FILE_FIELDS, "supportsAllDrives": True, **moves}
    for attempt in (1, 2):
        try:
            answer = await work.google.upload(
                lambda media: files.update(body=marked, media_body=media, **fixed),
                content,
                kind=CallKind.CREATE,
                progress=work.progress,
            )
            return DriveFile.of(answer), attempt > 1
        except OutcomeUnknownError as lost:
            after = await _after(work, before, mark, lost)
            if after is not None:
                return after, True
    raise _unknown("lost")


def _check_version(change: Change) -> None:
    if change.sources.given and not change.version:
        raise UserInputError(
            "new content needs the version of the file that it replaces",
            next_step="Read the file with drive_read, or look at it with drive_get_file, and give its version",
            reason="no_version",
        )


def _unchanged(change: Change, before: DriveFile) -> None:
    if change.version and change.version.strip() != before.version:
        raise ConflictError(
            "The file has changed since it was read, and nothing was done",
            next_step="Read it again, and decide on what it says now",
            reason="changed",
        )


def _body(change: Change) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if change.name:
        body["name"] = checked_name(change.name)
    if change.description:
        body["description"] = change.description
    if change.star:
        body["starred"] = change.star == "on"
    return body


def _fitting(before: DriveFile, material: Material, change: Change) -> Material:
    """The content as a type that the file can have. Raises UserInputError."""
    if before.mime_type in NATIVE.values():
        if change.sources.text:
            material = material.typed(text_type(before.name, before.mime_type))
        return convertible(material, before.mime_type)
    if before.mime_type in (FOLDER, SHORTCUT) or before.mime_type.startswith("application/vnd.google-apps."):
        raise _no_content(before)
    if not change.sources.text:
        return material.typed(before.mime_type) if material.media_type == OCTETS else material
    if not before.mime_type.startswith("text/") and before.mime_type not in _TEXTS:
        raise UserInputError(
            f"A file of the kind “{in_words(before.mime_type)}” is not made of text",
            next_step="Send the new bytes with files_create_upload, and give upload_id",
            reason="not_text",
        )
    return material.typed(before.mime_type)


_TEXTS = frozenset(
    {"application/json", "application/xml", "application/javascript", "application/x-yaml", "image/svg+xml", OCTETS}
)


def _no_content(before: DriveFile) -> UserInputError:
    target = checked_id(before.target_id, "file") if before.mime_type == SHORTCUT and before.target_id else ""
    return UserInputError(
        f"A {in_words(before.mime_type)} has no content to replace",
        next_step=f"It leads to the file {target}" if target else "Create a new file",
        reason="no_content",
    )


async def _after(work: Workspace, before: DriveFile, mark: str, lost: WorkspaceError) -> DriveFile | None:
    """The file once it carries the mark; None when it is still as it was, so that the change can be sent again."""
    request = work.google.drive.files.get(fileId=before.id, supportsAllDrives=True, fields=_MARKED_FIELDS)
    try:
        found: JSON = await work.google.execute(request)
    except WorkspaceError:
        raise _unknown(lost.reason) from None
    if (found.get("appProperties") or {}).get(MARK) == mark:
        return DriveFile.of(found)
    if DriveFile.of(found).version != before.version:
        raise ConflictError(
            "Google did not answer, and meanwhile somebody else has changed the file; nothing of this call is in it",
            next_step="Read it again, and decide on what it says now",
            reason="changed",
        )
    return None


def _unknown(reason: str) -> OutcomeUnknownError:
    return OutcomeUnknownError(
        "The new content was handed to Google and the answer was lost: it may or may not be in the file",
        next_step="Read the file before doing anything else; do not simply repeat the call",
        reason=reason,
    )
