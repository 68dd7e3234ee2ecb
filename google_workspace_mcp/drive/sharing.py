"""Access that is given: who gains it is known, and allowed by the operator, before it is."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from google_workspace_mcp.core.errors import (
    GoogleUnavailableError,
    NotFoundError,
    OutcomeUnknownError,
    PolicyRefusedError,
    UserInputError,
    WorkspaceError,
)
from google_workspace_mcp.core.google.calls import CallKind
from google_workspace_mcp.core.policy.reach import Reach, Share
from google_workspace_mcp.core.tools.workspace import Workspace, Zone
from google_workspace_mcp.drive.given import checked_file_id
from google_workspace_mcp.drive.grantees import Whom, checked_message, expiry, whom
from google_workspace_mcp.drive.holders import Holder, holders_of, others, rank
from google_workspace_mcp.drive.kinds import FOLDER, SHORTCUT
from google_workspace_mcp.drive.models import DriveFile
from google_workspace_mcp.drive.placing import Placing
from google_workspace_mcp.drive.query import Conditions, build
from google_workspace_mcp.drive.writing import looked_at

_MOST_COUNTED: Final = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """Access to be given, as the caller says it."""

    file_id: str
    to: str
    role: str = "reader"
    group: bool = False
    expires: str = ""
    message: str = ""
    notify: bool = True


@dataclass(frozen=True, slots=True)
class Access:
    """What became of somebody's access, or would. `already` are those who have access besides, `still` how this one has
    it all the same. `inside` is how many things lie in a folder, as far as they were counted.
    """

    state: Literal["shared", "changed", "taken away", "unchanged", "dry run"]
    file: DriveFile
    who: Whom
    role: str
    before: str = ""
    already: tuple[Holder, ...] = ()
    still: tuple[str, ...] = ()
    expires: datetime | None = None
    zone: Zone | None = None
    notified: bool = False
    inside: int = 0

    @property
    def is_folder(self) -> bool:
        return self.file.mime_type == FOLDER


class Sharing:
    """Gives access. One object per process."""

    def __init__(self, placing: Placing) -> None:
        self._placing = placing

    async def share(self, work: Workspace, wanted: Wanted, *, dry_run: bool) -> Access:
        """Access given to one person, group, domain or anyone, once. Two round trips.

        Raises UserInputError, PolicyRefusedError, GoogleRefusedError; GoogleUnavailableError when the answer is lost
        and the access is not there, OutcomeUnknownError when Google will not say.
        """
        who = whom(wanted.to, group=wanted.group)
        mailed = who.by_name and wanted.notify
        message = checked_message(wanted.message)
        if message and not mailed:
            raise UserInputError(
                "a message goes with a notification only, to people and groups",
                next_step="Leave `message` out, or notify",
                reason="message",
            )
        permit(work, who, wanted.role, mailed=mailed)
        file_id, zone = checked_file_id(wanted.file_id), await work.zone()
        until = expiry(wanted.expires, zone, work.clock.now(), who)
        file, holders, inside = await asyncio.gather(
            looked_at(work, file_id), holders_of(work, file_id), _inside(work, file_id, wanted=dry_run)
        )
        _no_shortcut(file)
        known = next((holder for holder in holders if holder.is_for(who.kind, who.value)), None)
        access = Access(
            state="shared",
            file=file,
            who=who,
            role=wanted.role,
            before=known.grant.role if known else "",
            already=others(holders, work.address),
            expires=until,
            zone=zone,
            notified=mailed,
            inside=inside,
        )
        if known and rank(known.grant.role) >= rank(wanted.role):
            return replace(access, state="unchanged", notified=False, expires=known.grant.expires)
        if dry_run:
            return replace(access, state="dry run")
        await self._given(work, access, message)
        return access

    async def _given(self, work: Workspace, access: Access, message: str) -> None:
        who, body = access.who, _permission(access)
        mail: dict[str, Any] = {"sendNotificationEmail": access.notified} if who.by_name else {}
        request = work.google.drive.permissions.create(
            fileId=access.file.id,
            body=body,
            supportsAllDrives=True,
            fields="id,role",
            **mail,
            **({"emailMessage": message} if message else {}),
        )
        try:
            await work.google.execute(request, kind=CallKind.SEND)
        except OutcomeUnknownError as lost:
            await _look_for(work, access, lost)
        finally:
            self._placing.forget(work, access.file.id)


def permit(work: Workspace, who: Whom, role: str, *, mailed: bool) -> None:
    """Ask whether the operator allows that access, and the mail about it. Raises PolicyRefusedError."""
    share = Share(who.kind, who.value, owner=role == "owner")
    work.permit(Reach(recipients=(who.value,) if mailed else (), shares=(share,)))
    if share.owner:
        raise PolicyRefusedError(
            "Ownership is never handed over by this service",
            next_step="The owner can hand the file over in Google Drive",
            reason="ownership",
        )


def _permission(access: Access) -> dict[str, Any]:
    who = access.who
    body: dict[str, Any] = {"type": who.kind, "role": access.role}
    if who.by_name:
        body["emailAddress"] = who.value
    elif who.kind == "domain":
        body["domain"] = who.value
    if access.expires:
        body["expirationTime"] = access.expires.isoformat(timespec="seconds").replace("+00:00", "Z")
    return body


async def _inside(work: Workspace, file_id: str, *, wanted: bool) -> int:
    """How many things lie directly in it, 100 at most; 0 for a file."""
    if not wanted:
        return 0
    request = work.google.drive.files.list(
        q=build(Conditions(folders=(file_id,))),
        corpora="allDrives",
        supportsAllDrives=True,
        includeItemsFromAllDrives=True,
        pageSize=_MOST_COUNTED,
        fields="files(id)",
    )
    try:
        return len((await work.google.execute(request)).get("files") or ())
    except NotFoundError:
        return 0


async def _look_for(work: Workspace, access: Access, lost: WorkspaceError) -> None:
    """Return when the access is there after all; nothing is sent a second time, because a mail may go with it."""
    try:
        holders = await holders_of(work, access.file.id)
    except WorkspaceError:
        raise OutcomeUnknownError(
            "Google was asked to share the file and the answer was lost: it may or may not be shared",
            next_step="Look who has access with drive_get_file before doing anything else",
            reason=lost.reason,
        ) from None
    who = access.who
    if not any(h.is_for(who.kind, who.value) and rank(h.grant.role) >= rank(access.role) for h in holders):
        raise GoogleUnavailableError(
            "Google did not answer, and has not shared the file", next_step="Try again a little later", reason="lost"
        )


def _no_shortcut(file: DriveFile) -> None:
    if file.mime_type == SHORTCUT:
        raise UserInputError(
            "That is a shortcut: sharing it gives no access to what it leads to",
            next_step=f"Share what it leads to, {file.target_id}",
            reason="shortcut",
        )
