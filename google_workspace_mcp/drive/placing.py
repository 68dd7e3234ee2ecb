"""Where things are put, and who sees them there: what is put into a shared folder is shared with all who see that."""

from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import Final

from google_workspace_mcp.core.cache import Cache
from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.errors import GoogleRefusedError, NotFoundError, PolicyRefusedError
from google_workspace_mcp.core.policy.reach import Reach, Share
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.folders import Folders, looks_like_id
from google_workspace_mcp.drive.holders import Holder, holders_of, others

ROOT: Final = "root"
_ROOTS_LIVE: Final = 3600.0
_ROOTS_KEPT: Final = 2000
_AUDIENCES_LIVE: Final = 60.0
_AUDIENCES_KEPT: Final = 10_000
# Who may not see whom a folder is shared with, cannot rule out that it is everybody.
_ANYBODY: Final = Share("anyone")


class Placing:
    """Finds folders by id, name or path, and asks the operator's rules about those who see what is put there."""

    def __init__(self, clock: Clock, folders: Folders) -> None:
        self._folders = folders
        self._roots = Cache[str](clock, _ROOTS_LIVE, _ROOTS_KEPT)
        self._audiences = Cache[tuple[Share, ...]](clock, _AUDIENCES_LIVE, _AUDIENCES_KEPT)

    async def placed[T](self, work: Workspace, folder: str, put: Callable[[str], Awaitable[T]]) -> T:
        """What `put` gives for the id of that folder, empty for My Drive itself.

        Raises NotFoundError, AmbiguousNameError for the folder, and what `put` raises.
        """
        wanted = folder.strip()
        if not wanted or wanted == ROOT:
            return await put("")
        if not looks_like_id(wanted):
            found = await self._folders.folder_id(work, wanted)
            return await put("" if found == ROOT else found)
        try:
            return await put(wanted)
        except NotFoundError:
            # What looked like an id is none: it may still be a name.
            return await put(await self._folders.folder_id(work, wanted))

    async def permit(
        self, work: Workspace, folder_id: str, held: Callable[[], Awaitable[tuple[Holder, ...]]]
    ) -> tuple[Share, ...]:
        """Those who see that folder, but for the account itself, once the rules allow them to see what is put there.

        `held` tells who sees it already, and is asked only when it matters. Raises PolicyRefusedError. One round trip
        when the folder was not looked at in the last minute.
        """
        audience = await self._audience(work, folder_id)
        try:
            work.permit(Reach(shares=audience))
        except PolicyRefusedError:
            await _permit_the_rest(work, audience, {holder.share for holder in await held()})
        return audience

    async def _audience(self, work: Workspace, folder_id: str) -> tuple[Share, ...]:
        if not folder_id:
            return ()
        key = f"{work.connection_id}/{folder_id}"
        return await self._audiences.get_or_load(key, lambda: _audience(work, folder_id))

    async def root_id(self, work: Workspace) -> str:
        """The id that My Drive itself has as the parent of what lies in it."""
        return await self._roots.get_or_load(work.connection_id, lambda: _root(work))

    def forget(self, work: Workspace, folder_id: str) -> None:
        """A folder has been shared, or moved, or named in another way."""
        self._audiences.drop(f"{work.connection_id}/{folder_id}")
        self._folders.forget(work, folder_id)


async def _permit_the_rest(work: Workspace, audience: Iterable[Share], known: Collection[Share]) -> None:
    try:
        work.permit(Reach(shares=tuple(share for share in audience if share not in known)))
    except PolicyRefusedError as refused:
        raise PolicyRefusedError(
            "People see that folder with whom the operator does not allow this service to share things",
            next_step=f"Choose another folder, or leave it out. {refused.next_step}",
            reason=refused.reason,
        ) from None


async def nobody_yet() -> tuple[Holder, ...]:
    """For what is new: nobody sees it already."""
    return ()


async def _root(work: Workspace) -> str:
    return str((await work.google.execute(work.google.drive.files.get(fileId=ROOT, fields="id")))["id"])


async def _audience(work: Workspace, folder_id: str) -> tuple[Share, ...]:
    try:
        holders = await holders_of(work, folder_id)
    except GoogleRefusedError:
        return (_ANYBODY,)
    return tuple(holder.share for holder in others(holders, work.address))
