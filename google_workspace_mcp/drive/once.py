"""New things in Drive, each made once, also when Google's answer to the making is lost.

What takes an id of ours is made under one: a repetition then meets its own first attempt. What takes none (documents of
Google's own, conversions, copies) carries a mark that it is found again by.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from google_workspace_mcp.core.cache import Cache
from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.errors import (
    ConflictError,
    GoogleUnavailableError,
    NotFoundError,
    OutcomeUnknownError,
    WorkspaceError,
)
from google_workspace_mcp.core.google.calls import JSON
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.models import FILE_FIELDS
from google_workspace_mcp.drive.query import quote

MARK: Final = "gwmcp"
_MARK_BYTES: Final = 16
_IDS_AT_ONCE: Final = 20
_IDS_LIVE: Final = 3600.0
_ACCOUNTS_KEPT: Final = 2000
# Google's index of properties may be behind by a moment: a second look is worth more than a twin.
_LOOK_AGAIN: Final = (0.0, 2.0)


class OwnIds:
    """Ids that Google has promised, some in hand for each connection; each is given out once."""

    def __init__(self, clock: Clock) -> None:
        self._kept = Cache[list[str]](clock, _IDS_LIVE, _ACCOUNTS_KEPT)

    async def take(self, work: Workspace) -> str:
        """An id for a file or folder. One round trip when none is in hand."""
        ids = self._kept.peek(work.connection_id)
        if not ids:
            self._kept.drop(work.connection_id)
            ids = await self._kept.get_or_load(work.connection_id, lambda: self._promised(work))
        # Others may have waited for the same ids and taken them all.
        return ids.pop() if ids else await self.take(work)

    async def _promised(self, work: Workspace) -> list[str]:
        request = work.google.drive.files.generateIds(count=_IDS_AT_ONCE, space="drive", type="files", fields="ids")
        return [str(each) for each in (await work.google.execute(request))["ids"]]


@dataclass(frozen=True, slots=True)
class Made:
    """A file's metadata with `FILE_FIELDS`; `found` when the answer was lost and the file was found again."""

    file: JSON
    found: bool = False


async def made_under(work: Workspace, own_id: str, make: Callable[[], Awaitable[JSON]]) -> Made:
    """What `make` makes under this id. Raises what `make` raises, and OutcomeUnknownError when Google will not say."""
    request = work.google.drive.files.get(fileId=own_id, supportsAllDrives=True, fields=FILE_FIELDS)

    async def look() -> JSON | None:
        try:
            return await work.google.execute(request)
        except NotFoundError:
            return None

    made = await made_once(make, look)
    if made is None:
        raise GoogleUnavailableError(
            "Google did not answer, and has not made the file", next_step="Try again a little later", reason="lost"
        )
    return made


async def made_marked(work: Workspace, mark: str, make: Callable[[], Awaitable[JSON]]) -> Made:
    """What `make` makes with this mark among its properties. Raises what `make` raises, and OutcomeUnknownError when
    Google will not say, or the mark is not to be seen after two lost answers.
    """

    async def look() -> JSON | None:
        for wait in _LOOK_AGAIN:
            if wait:
                await work.google.pause(wait)
            if found := await _marked(work, mark):
                return found
        return None

    made = await made_once(make, look)
    if made is None:
        raise _unknown("not_found")
    return made


async def made_once(make: Callable[[], Awaitable[JSON]], look: Callable[[], Awaitable[JSON | None]]) -> Made | None:
    """`make` as a write that is not repeated blindly: after a lost answer, once more when `look` sees nothing.

    None when the second answer is lost too and there is still nothing to be seen.
    """
    try:
        return Made(await make())
    except OutcomeUnknownError as error:
        lost: WorkspaceError = error
    if (found := await _seen(look, lost)) is not None:
        return found
    try:
        return Made(await make())
    except (OutcomeUnknownError, ConflictError) as error:
        # A conflict is the first attempt, which came to its end after all.
        return await _seen(look, error)


async def _seen(look: Callable[[], Awaitable[JSON | None]], lost: WorkspaceError) -> Made | None:
    try:
        found = await look()
    except WorkspaceError:
        raise _unknown(lost.reason) from None
    return None if found is None else Made(found, found=True)


def new_mark(randomness: Callable[[int], bytes]) -> str:
    """A word that one write is found again by."""
    return randomness(_MARK_BYTES).hex()


async def _marked(work: Workspace, mark: str) -> JSON | None:
    request = work.google.drive.files.list(
        q=f"appProperties has {{ key='{MARK}' and value={quote(mark)} }}",
        corpora="allDrives",
        supportsAllDrives=True,
        includeItemsFromAllDrives=True,
        pageSize=1,
        fields=f"files({FILE_FIELDS})",
    )
    return next(iter((await work.google.execute(request)).get("files") or ()), None)


def _unknown(reason: str) -> OutcomeUnknownError:
    return OutcomeUnknownError(
        "The file was handed to Google and the answer was lost: it may or may not be there",
        next_step="Look for it by name with drive_search before doing anything else; do not simply repeat the call",
        reason=reason,
    )
