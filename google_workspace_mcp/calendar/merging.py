"""Several calendars read as one list in time order, page by page, nothing twice and nothing left out."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from google_workspace_mcp.calendar.models import CalendarEvent


@dataclass(frozen=True, slots=True)
class Position:
    """Where a calendar stands: Google's token of the page, and how many of its events have been given already."""

    page: str = ""
    used: int = 0


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """One page of a calendar's events in time order, and the token of the one after it."""

    events: Sequence[CalendarEvent]
    position: Position
    next_page: str


@dataclass(frozen=True, slots=True)
class Merged:
    """The next events of all calendars, and where each calendar that has more goes on."""

    events: tuple[CalendarEvent, ...]
    left: Mapping[str, Position]


def key_of(calendar_id: str) -> str:
    """A short name for a calendar inside a cursor, whose length the model pays for."""
    return hashlib.sha256(calendar_id.encode()).hexdigest()[:10]


def merge(pages: Mapping[str, CalendarPage], limit: int) -> Merged:
    """At most `limit` events, earliest first. It stops early where a page ends that others follow.

    The following page may begin before the other calendars' next events, so nothing after that point is certain yet.
    """
    heads = {key: page.position.used for key, page in pages.items()}
    taken: list[CalendarEvent] = []
    while len(taken) < limit and not any(_ran_out(pages[key], at) for key, at in heads.items()):
        ready = [key for key, at in heads.items() if at < len(pages[key].events)]
        if not ready:
            break
        earliest = min(ready, key=lambda key: _order(pages[key].events[heads[key]]))
        taken.append(pages[earliest].events[heads[earliest]])
        heads[earliest] += 1
    left = {key: _position(pages[key], at) for key, at in heads.items()}
    return Merged(tuple(taken), {key: position for key, position in left.items() if position is not None})


def _ran_out(page: CalendarPage, at: int) -> bool:
    return at >= len(page.events) and bool(page.next_page)


def _position(page: CalendarPage, at: int) -> Position | None:
    if at < len(page.events):
        return Position(page.position.page, at)
    return Position(page.next_page) if page.next_page else None


def _order(event: CalendarEvent) -> tuple[float, float, str]:
    # All-day events come first on their day, the longer one before the shorter.
    return (event.start.timestamp(), -event.end.timestamp(), event.id)
