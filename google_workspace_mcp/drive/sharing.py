"""Access that is given, changed and taken away: who gains it is known, and allowed by the operator, before it is."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from google_workspace_mcp.core.errors import (
    GoogleRefusedError,
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
from google_workspace_mcp.drive.exposure import ROLES
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
    """Gives and takes access. One object per process."""

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
        _permit(work, who, wanted.role, mailed=mailed)
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

    async def unshare(self, work: Workspace, file_id: str, of: str, role: str, *, dry_run: bool) -> Access:
        """Somebody's access taken away, or changed to `role`. Two round trips.

        Raises UserInputError for access that was not given on this file, NotFoundError for nobody's,
        PolicyRefusedError when it would become more than the operator allows.
        """
        checked = checked_file_id(file_id)
        file, holders = await asyncio.gather(looked_at(work, checked), holders_of(work, checked))
        holder = _named(holders, of)
        who = Whom(holder.share.kind, holder.address)
        rest = [each for each in holders if each is not holder]
        access = Access(
            state="changed" if role else "taken away",
            file=file,
            who=who,
            role=role,
            before=holder.grant.role,
            already=others(rest, work.address),
            still=_still(holder, rest, role),
        )
        _own(holder, file)
        if role and rank(role) > rank(holder.grant.role):
            _permit(work, who, role, mailed=False)
        if role and role == holder.direct:
            return replace(access, state="unchanged")
        if dry_run:
            return replace(access, state="dry run")
        await self._changed(work, access, holder)
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

    async def _changed(self, work: Workspace, access: Access, holder: Holder) -> None:
        permissions = work.google.drive.permissions
        where: dict[str, Any] = {"fileId": access.file.id, "permissionId": holder.grant.id, "supportsAllDrives": True}
        try:
            if access.role:
                request = permissions.update(body={"role": access.role}, fields="id,role", **where)
            else:
                request = permissions.delete(**where)
            await work.google.execute(request, kind=CallKind.REPEATABLE_WRITE)
        except NotFoundError:
            # It was there a moment ago: a first attempt, whose answer was lost, has taken it away.
            if access.role:
                raise
        finally:
            self._placing.forget(work, access.file.id)


def _permit(work: Workspace, who: Whom, role: str, *, mailed: bool) -> None:
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


def _named(holders: Sequence[Holder], of: str) -> Holder:
    """The one that is meant, by permission id or by name. Raises NotFoundError that says how they may see it anyway."""
    by_id = [holder for holder in holders if holder.grant.id == of.strip()]
    if by_id:
        return by_id[0]
    who = whom(of, group=False)
    found = next((holder for holder in holders if holder.is_for(who.kind, who.value)), None)
    if found is None:
        ways = [holder.words() for holder in holders if holder.covers(who.kind, who.value)]
        raise NotFoundError(
            "Nobody of that name was given access to this file",
            next_step=f"They may see it all the same by: {', '.join(ways)}" if ways else "drive_get_file lists who has",
            reason="no_permission",
        )
    return found


def _own(holder: Holder, file: DriveFile) -> None:
    """Raises for access that cannot be taken away here."""
    if holder.direct == "owner":
        raise GoogleRefusedError(
            "That is the owner, whose access cannot be changed", next_step="Leave it as it is", reason="owner"
        )
    if not holder.direct:
        source = holder.grant.source
        where = "shared drive" if source and source == file.drive_id else "folder"
        raise UserInputError(
            f"That access comes from a {where} above, and cannot be changed on this file",
            next_step=f"Change it there, with drive_unshare on {source or file.parent or 'the folder'}; "
            f"it then counts for all that lies in that {where}",
            reason="inherited",
        )


def _still(holder: Holder, rest: Sequence[Holder], role: str) -> tuple[str, ...]:
    """How somebody sees the file after this, in words: what inheritance, a domain or the link still gives them."""
    share = holder.share
    ways = [each.words() for each in rest if each.covers(share.kind, share.value)]
    if holder.inherited and (not role or rank(holder.inherited) > rank(role)):
        ways.insert(0, f"{ROLES.get(holder.inherited, holder.inherited)}, through a folder or shared drive above")
    if share.kind == "user":
        ways += [f"perhaps as a member of {each.grant.whom}" for each in rest if each.grant.kind == "group"]
    return tuple(ways)
