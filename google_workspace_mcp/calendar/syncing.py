"""What changed in several calendars, each from Google's sync token on.

A position is Google's token, and the token of the page while an interval has more of them. In the cursor a calendar
goes by a short name, whose length the model pays for.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from google_workspace_mcp.calendar.calendars import PRIMARY, Calendars
from google_workspace_mcp.calendar.merging import key_of
from google_workspace_mcp.calendar.models import EVENT_FIELDS, CalendarEntry, CalendarEvent
from google_workspace_mcp.calendar.wording import title_of, when
from google_workspace_mcp.core.errors import (
    GoogleRefusedError,
    NotFoundError,
    ScopeMissingError,
    UserInputError,
    WorkspaceError,
)
from google_workspace_mcp.core.tools.across import Change, Changes, State
from google_workspace_mcp.core.tools.workspace import Workspace, Zone

_PAGE = 2500
# Changes of what was over a month before they were first asked for are not told: a whole calendar would have to be
# gone through for a starting point.
_SYNCED = timedelta(days=30)
_MOST_PAGES = 40
# Each has a token in the cursor, which the model reads and sends with every call.
MOST_BESIDE = 4
_WRITABLE = ("owner", "writer")
# What tells that a calendar is not to be had, and not that Google is slow.
_CLOSED = (NotFoundError, GoogleRefusedError, ScopeMissingError)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a calendar stands."""

    sync: str
    page: str = ""

    def state(self) -> list[str]:
        return [self.sync, self.page] if self.page else [self.sync]


@dataclass(frozen=True, slots=True)
class _Told:
    """What one calendar told: its changes, and where it goes on; with `lost` it begins anew, or is gone."""

    items: tuple[Change, ...]
    place: _Place | None
    lost: bool = False


class Follower:
    """Follows the primary calendar, and beside it up to four that are shown and may be written to."""

    def __init__(self, calendars: Calendars) -> None:
        self._calendars = calendars

    async def start(self, work: Workspace) -> State:
        """A position at the end of each: lists are not asked for, their tokens alone."""
        entries = await self._followed(work)
        places = await asyncio.gather(*(_beginning(work, entry) for entry in entries))
        return _state({key_of(entry.id): place for entry, place in zip(entries, places, strict=True) if place})

    async def since(self, work: Workspace, state: State, limit: int) -> Changes:
        """The next changes of all of them, an event that is in several told once. One step."""
        places = _places(state)
        zone, listed = await asyncio.gather(work.zone(), self._listed(work, places))
        entries = [entry for entry in listed if key_of(entry.id) in places]
        requests = [_request(work, entry, places[key_of(entry.id)], limit) for entry in entries]
        outcomes = await work.google.execute_many(requests)
        told = [
            await _told(work, entry, places[key_of(entry.id)], outcome, zone)
            for entry, outcome in zip(entries, outcomes, strict=True)
        ]
        left = {key_of(entry.id): each.place for entry, each in zip(entries, told, strict=True) if each.place}
        return Changes(
            _once([each.items for each in told]),
            _state(left),
            more=any(place.page for place in left.values()),
            # A calendar that is no longer in the list has changed in ways that nobody tells.
            start_over=any(each.lost for each in told) or len(entries) < len(places),
        )

    async def _followed(self, work: Workspace) -> tuple[CalendarEntry, ...]:
        entries = await self._calendars.of(work)
        beside = [entry for entry in entries if entry.shown and not entry.primary and entry.role in _WRITABLE]
        return (PRIMARY, *beside[:MOST_BESIDE])

    async def _listed(self, work: Workspace, places: Mapping[str, _Place]) -> tuple[CalendarEntry, ...]:
        """The calendars that a cursor may be about; no list is needed where it is about the primary one alone."""
        if set(places) == {key_of(PRIMARY.id)}:
            return (PRIMARY,)
        return (PRIMARY, *(entry for entry in await self._calendars.of(work) if not entry.primary))


async def _beginning(work: Workspace, entry: CalendarEntry) -> _Place | None:
    """The end of the calendar's list. None for another's calendar that is not to be had."""
    page: dict[str, Any] = {}
    after = (work.clock.now() - _SYNCED).isoformat(timespec="seconds")
    try:
        for _ in range(_MOST_PAGES):
            request = work.google.calendar.events.list(
                calendarId=entry.id,
                timeMin=after,
                maxResults=_PAGE,
                pageToken=page.get("nextPageToken"),
                fields="nextPageToken,nextSyncToken",
            )
            page = await work.google.execute(request)
            if token := page.get("nextSyncToken"):
                return _Place(str(token))
    except _CLOSED:
        if entry.primary:
            raise
        return None
    raise UserInputError(
        "The calendar has too many events to follow", next_step="List the events instead", reason="calendar_size"
    )


def _request(work: Workspace, entry: CalendarEntry, place: _Place, limit: int) -> Any:
    return work.google.calendar.events.list(
        calendarId=entry.id,
        syncToken=place.sync,
        pageToken=place.page or None,
        maxResults=limit,
        maxAttendees=1,
        fields=f"nextPageToken,nextSyncToken,items({EVENT_FIELDS})",
    )


async def _told(
    work: Workspace, entry: CalendarEntry, place: _Place, outcome: dict[str, Any] | WorkspaceError, zone: Zone
) -> _Told:
    if isinstance(outcome, WorkspaceError):
        # 410 for a token that is too old comes as "not there", and so does a calendar that was closed.
        if isinstance(outcome, NotFoundError) or (not entry.primary and isinstance(outcome, _CLOSED)):
            return _Told((), await _beginning(work, entry), lost=True)
        raise outcome
    page = str(outcome.get("nextPageToken") or "")
    items = tuple(_change(item, entry, work, zone) for item in outcome.get("items") or ())
    return _Told(items, _Place(place.sync, page) if page else _Place(str(outcome["nextSyncToken"])))


def _change(item: dict[str, Any], entry: CalendarEntry, work: Workspace, zone: Zone) -> Change:
    where = "" if entry.primary else f"calendar {entry.name}"
    if item.get("status") == "cancelled" or "start" not in item:
        what = "one date of a series deleted" if "recurringEventId" in item else "deleted"
        return Change(f"{entry.id}/{item['id']}", what, about=where)
    event = CalendarEvent.of(item, entry, work.address, zone)
    about = " · ".join(part for part in (when(event, zone), where) if part)
    return Change(f"{entry.id}/{event.id}", "new or changed", title_of(event), about)


def _once(of_calendars: Sequence[tuple[Change, ...]]) -> tuple[Change, ...]:
    """An invitation is in the guest's calendar and in the one that it was made in, under the same id.

    One that was moved is as well: deleted in one, new in the other, and both are told.
    """
    found: dict[tuple[str, str], Change] = {}
    for change in (change for items in of_calendars for change in items):
        found.setdefault((change.id.rpartition("/")[2], change.what), change)
    return tuple(found.values())


def _state(places: Mapping[str, _Place]) -> State:
    return {"at": {key: place.state() for key, place in places.items()}}


def _places(state: State) -> dict[str, _Place]:
    if "sync" in state:
        # Cursors are good for a month: those made before other calendars were followed know the primary one.
        return {key_of(PRIMARY.id): _Place(str(state["sync"]), str(state.get("page") or ""))}
    return {str(key): _Place(*(str(token) for token in tokens)) for key, tokens in state["at"].items()}
