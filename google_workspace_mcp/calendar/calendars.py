"""Calendars by the names that people use for them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from google_workspace_mcp.calendar.models import CalendarEntry
from google_workspace_mcp.core.cache import Cache
from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.errors import AmbiguousNameError, NotFoundError
from google_workspace_mcp.core.google.ids import checked_calendar_id
from google_workspace_mcp.core.tools.workspace import Workspace

ALL = "all"
PRIMARY = CalendarEntry("primary", "", zone="", role="", colour="", primary=True, shown=True)
_LIST_LIVES = 600.0
_LISTS_KEPT = 2000
_MOST_PAGES = 4
_MOST_NAMES = 20
_FIELDS = "nextPageToken,items(id,summary,summaryOverride,timeZone,accessRole,backgroundColor,primary,selected)"


class Calendars:
    """Each account's list of calendars, kept for ten minutes."""

    def __init__(self, clock: Clock) -> None:
        self._lists = Cache[tuple[CalendarEntry, ...]](clock, _LIST_LIVES, _LISTS_KEPT)

    async def of(self, work: Workspace) -> tuple[CalendarEntry, ...]:
        """The calendars in the account's list, the primary one first, then by name."""
        return await self._lists.get_or_load(work.connection_id, lambda: _load(work))

    def changed(self, work: Workspace) -> None:
        """Forget the account's list, which is another one now."""
        self._lists.drop(work.connection_id)

    async def named(self, work: Workspace, asked: Sequence[str]) -> tuple[CalendarEntry, ...]:
        """The calendars that are meant: the primary one when none is named, those shown in Google Calendar for `all`.

        Names count without regard to case. An id that is not in the list is taken as it is: it may still be readable.

        Raises:
            NotFoundError: no calendar of that name; the message tells which there are.
            AmbiguousNameError: several of that name, with their ids.
        """
        wanted = [name.strip() for name in asked if name.strip()]
        if all(name.casefold() == PRIMARY.id for name in wanted):
            return (PRIMARY,)
        entries = await self.of(work)
        if any(name.casefold() == ALL for name in wanted):
            return tuple(entry for entry in entries if entry.shown)
        found = {entry.id: entry for entry in (_one(entries, name) for name in wanted)}
        return tuple(found.values())


def _one(entries: Sequence[CalendarEntry], name: str) -> CalendarEntry:
    if name.casefold() == PRIMARY.id:
        return next((entry for entry in entries if entry.primary), PRIMARY)
    for entry in entries:
        if entry.id == name:
            return entry
    matches = [entry for entry in entries if entry.name.casefold() == name.casefold()]
    if len(matches) == 1:
        return matches[0]
    if matches:
        candidates = "; ".join(f"{entry.id} ({_told(entry)})" for entry in matches[:_MOST_NAMES])
        raise AmbiguousNameError(
            f"{len(matches)} calendars have that name: {candidates}",
            next_step="Give the id of the one that is meant",
        )
    if "@" in name:
        calendar_id = checked_calendar_id(name)
        return replace(PRIMARY, id=calendar_id, name=calendar_id, primary=False)
    names = ", ".join(entry.name for entry in entries[:_MOST_NAMES])
    raise NotFoundError(
        "This account has no calendar of that name",
        next_step=f"Its calendars are: {names}" if names else "Leave `calendars` out",
    )


def _told(entry: CalendarEntry) -> str:
    return ", ".join(part for part in (entry.role, entry.zone) if part)


async def _load(work: Workspace) -> tuple[CalendarEntry, ...]:
    entries: list[CalendarEntry] = []
    page: dict[str, Any] = {}
    for _ in range(_MOST_PAGES):
        request = work.google.calendar.calendar_list.list(
            maxResults=250, pageToken=page.get("nextPageToken"), fields=_FIELDS
        )
        page = await work.google.execute(request)
        entries += [CalendarEntry.of(entry) for entry in page.get("items", [])]
        if not page.get("nextPageToken"):
            break
    return tuple(sorted(entries, key=lambda entry: (not entry.primary, entry.name.casefold(), entry.id)))
