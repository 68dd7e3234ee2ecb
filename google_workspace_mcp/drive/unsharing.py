"""Access that is taken away or changed, with a word on how somebody sees the file all the same."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from google_workspace_mcp.core.errors import GoogleRefusedError, NotFoundError, UserInputError, WorkspaceError
from google_workspace_mcp.core.google.calls import CallKind
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.exposure import ROLES
from google_workspace_mcp.drive.given import checked_file_id
from google_workspace_mcp.drive.grantees import Whom, whom
from google_workspace_mcp.drive.holders import Holder, holders_of, others, rank
from google_workspace_mcp.drive.models import DriveFile
from google_workspace_mcp.drive.placing import Placing
from google_workspace_mcp.drive.sharing import Access, permit
from google_workspace_mcp.drive.writing import looked_at


class Unsharing:
    """Takes access away. One object per process."""

    def __init__(self, placing: Placing) -> None:
        self._placing = placing

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
        )
        _own(holder, file)
        if role and rank(role) > rank(holder.grant.role):
            permit(work, who, role, mailed=False)
        if role and role == holder.direct:
            return replace(access, state="unchanged")
        above, _ = await asyncio.gather(
            _from_folder(work, file, holder), _nothing() if dry_run else self._changed(work, access, holder)
        )
        state = "dry run" if dry_run else access.state
        return replace(access, state=state, still=_still(replace(holder, inherited=above), rest, role))

    async def _changed(self, work: Workspace, access: Access, holder: Holder) -> None:
        permissions = work.google.drive.permissions
        where: dict[str, Any] = {"fileId": access.file.id, "permissionId": holder.grant.id, "supportsAllDrives": True}
        try:
            if access.role:
                request = permissions.update(body={"role": access.role}, fields="id,role", **where)
            else:
                request = permissions.delete(**where)
            await work.google.execute(request, kind=CallKind.REPEATABLE_WRITE)
        except GoogleRefusedError as refused:
            raise _from_above(holder, access.file) if refused.reason == "inherited" else refused from None
        except NotFoundError:
            # It was there a moment ago: a first attempt, whose answer was lost, has taken it away.
            if access.role:
                raise
        finally:
            self._placing.forget(work, access.file.id)


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
        raise _from_above(holder, file)


def _from_above(holder: Holder, file: DriveFile) -> UserInputError:
    source = holder.grant.source
    where = "shared drive" if source and source == file.drive_id else "folder"
    return UserInputError(
        f"That access comes from a {where} above, and cannot be changed on this file",
        next_step=f"Change it there, with drive_unshare on {source or file.parent or 'the folder'}; "
        f"it then counts for all that lies in that {where}",
        reason="inherited",
    )


async def _from_folder(work: Workspace, file: DriveFile, holder: Holder) -> str:
    """The role that comes from above. In My Drive Google need not tell it of the file: then its folder is looked at."""
    if holder.grant.told or not file.parent or file.drive_id:
        return holder.inherited
    try:
        above = await holders_of(work, file.parent)
    except WorkspaceError:
        # It is no failure of what was asked for, which may be done by now.
        return ""
    return next((each.grant.role for each in above if each.grant.id == holder.grant.id), "")


async def _nothing() -> None:
    """For a dry run."""


def _still(holder: Holder, rest: Sequence[Holder], role: str) -> tuple[str, ...]:
    """How somebody sees the file after this, in words: what inheritance, a domain or the link still gives them."""
    share = holder.share
    ways = [each.words() for each in rest if each.covers(share.kind, share.value)]
    if holder.inherited and (not role or rank(holder.inherited) > rank(role)):
        ways.insert(0, f"{ROLES.get(holder.inherited, holder.inherited)}, through a folder or shared drive above")
    if share.kind == "user":
        ways += [f"perhaps as a member of {each.grant.whom}" for each in rest if each.grant.kind == "group"]
    return tuple(ways)
