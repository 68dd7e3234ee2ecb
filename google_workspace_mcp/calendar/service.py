"""What the Calendar tools do: the requests to Google and what is made of their answers."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Self

from google_workspace_mcp.calendar.calendars import Calendars
from google_workspace_mcp.calendar.merging import CalendarPage, Merged, Position, key_of, merge
from google_workspace_mcp.calendar.models import EVENT_FIELDS, CalendarEntry, CalendarEvent
from google_workspace_mcp.calendar.moments import Span, span, zone_named
from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.errors import UserInputError, WorkspaceError
from google_workspace_mcp.core.tools.workspace import Workspace, Zone

# Constant, because the place in a page is kept by number; the largest `limit`, so that one page is enough for it.
_PAGE = 100
# Google may answer an empty page that others follow.
_MOST_EMPTY_PAGES = 3
_MOST_CALENDARS = 50
_LONGEST_QUERY = 500


@dataclass(frozen=True, slots=True)
class EventQuery:
    """What to list, as the caller words it: names or ids of calendars, times as `moments` reads them."""

    calendars: tuple[str, ...] = ()
    start: str = ""
    end: str = ""
    query: str = ""
    expanded: bool = True
    timezone: str = ""
    limit: int = 25


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a list has come. The range is kept because "from now" would move; `unseen` so that it stays told."""

    span: Span
    positions: Mapping[str, Position]
    unseen: frozenset[str] = frozenset()

    def state(self) -> dict[str, Any]:
        """As JSON for a cursor, short."""
        positions = {key: [p.page, p.used] if p.page else p.used for key, p in self.positions.items()}
        times = [int(self.span.start.timestamp()), int(self.span.end.timestamp())]
        return {"t": times, "p": positions, "x": sorted(self.unseen)}

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> Self:
        """From `state`, which came out of a sealed cursor."""
        start, end = (datetime.fromtimestamp(second, UTC) for second in state["t"])
        positions = {
            str(key): Position(used=at) if isinstance(at, int) else Position(str(at[0]), int(at[1]))
            for key, at in state["p"].items()
        }
        return cls(Span(start, end), positions, frozenset(state["x"]))


@dataclass(frozen=True, slots=True)
class Unseen:
    """A calendar that could not be read, and why in our own words."""

    calendar: str
    why: str


@dataclass(frozen=True, slots=True)
class EventsFound:
    """Events in time order; `rest` is None at the end."""

    events: tuple[CalendarEvent, ...]
    span: Span
    zone: Zone
    unseen: tuple[Unseen, ...]
    several: bool
    rest: Progress | None


class CalendarService:
    """Calendar for every account; what it keeps is lists of calendars, by connection."""

    def __init__(self, clock: Clock) -> None:
        self._calendars = Calendars(clock)

    @property
    def names(self) -> Calendars:
        """Calendars by name, for whatever else takes them so."""
        return self._calendars

    async def calendars(self, work: Workspace) -> tuple[CalendarEntry, ...]:
        """The calendars in the account's list, the primary one first."""
        return await self._calendars.of(work)

    async def events(self, work: Workspace, asked: EventQuery, progress: Progress | None = None) -> EventsFound:
        """The events of all the calendars merged, from `progress` on: two round trips, one with names and zone known.

        Raises:
            UserInputError: a time or zone that cannot be meant.
            NotFoundError, AmbiguousNameError: for a calendar's name.
            WorkspaceError: Google's refusal when no calendar at all could be read.
        """
        _check(asked)
        named = zone_named(asked.timezone) if asked.timezone else None
        own, entries = await asyncio.gather(
            _given(named) if named else work.zone(), self._calendars.named(work, asked.calendars)
        )
        if progress is None:
            start_positions = {key_of(entry.id): Position() for entry in entries}
            progress = Progress(span(asked.start, asked.end, own, work.clock.now()), start_positions)
        listing = _Listing(work, asked, own, progress)
        merged, unseen = await listing.read([entry for entry in entries if key_of(entry.id) in progress.positions])
        for entry in entries:
            if key_of(entry.id) in progress.unseen:
                unseen[entry.id] = Unseen(entry.name, "not readable when this list began")
        missing = frozenset(key_of(calendar_id) for calendar_id in unseen)
        rest = Progress(progress.span, merged.left, missing) if merged.left else None
        return EventsFound(merged.events, progress.span, own, tuple(unseen.values()), len(entries) > 1, rest)


@dataclass(frozen=True, slots=True)
class _Listing:
    """One reading of several calendars."""

    work: Workspace
    asked: EventQuery
    zone: Zone
    progress: Progress

    async def read(self, entries: Sequence[CalendarEntry]) -> tuple[Merged, dict[str, Unseen]]:
        pages: dict[str, CalendarPage] = {}
        unseen: dict[str, Unseen] = {}
        waiting = [(entry, self.progress.positions[key_of(entry.id)]) for entry in entries]
        for attempt in range(_MOST_EMPTY_PAGES + 1):
            answers = await self.work.google.execute_many([self._request(*each) for each in waiting])
            empty: list[tuple[CalendarEntry, Position]] = []
            for (entry, position), answer in zip(waiting, answers, strict=True):
                if isinstance(answer, WorkspaceError):
                    if len(entries) == len(unseen) + 1:
                        raise answer
                    unseen[entry.id] = Unseen(entry.name, answer.message)
                    pages.pop(key_of(entry.id), None)
                    continue
                page = self._page(answer, entry, position)
                pages[key_of(entry.id)] = page
                if page.next_page and not page.events and attempt < _MOST_EMPTY_PAGES:
                    empty.append((entry, Position(page.next_page)))
            waiting = empty
            if not waiting:
                break
        return merge(pages, self.asked.limit), unseen

    def _request(self, entry: CalendarEntry, position: Position) -> Any:
        asked, span_ = self.asked, self.progress.span
        return self.work.google.calendar.events.list(
            calendarId=entry.id,
            timeMin=span_.start.isoformat(timespec="seconds"),
            timeMax=span_.end.isoformat(timespec="seconds"),
            timeZone=self.zone.name,
            q=asked.query or None,
            singleEvents=asked.expanded,
            # Google sorts only what it has expanded.
            orderBy="startTime" if asked.expanded else None,
            # The account itself is kept of the attendees, which may be hundreds.
            maxAttendees=1,
            maxResults=_PAGE,
            pageToken=position.page or None,
            fields=f"nextPageToken,accessRole,items({EVENT_FIELDS})",
        )

    def _page(self, answer: dict[str, Any], entry: CalendarEntry, position: Position) -> CalendarPage:
        seen_as = replace(entry, role=str(answer.get("accessRole", entry.role)))
        events = [
            CalendarEvent.of(event, seen_as, self.work.address, self.zone)
            for event in answer.get("items", [])
            if event.get("status") != "cancelled" and "start" in event
        ]
        if not self.asked.expanded:
            events.sort(key=lambda event: (event.start, event.id))
        return CalendarPage(events, position, str(answer.get("nextPageToken", "")))


def _check(asked: EventQuery) -> None:
    if len(asked.calendars) > _MOST_CALENDARS:
        raise UserInputError(f"More than {_MOST_CALENDARS} calendars", next_step="Say `all`, or ask for fewer at once")
    if len(asked.query) > _LONGEST_QUERY:
        raise UserInputError(f"`query` is longer than {_LONGEST_QUERY} characters", next_step="Search for a few words")


async def _given(zone: Zone) -> Zone:
    return zone
