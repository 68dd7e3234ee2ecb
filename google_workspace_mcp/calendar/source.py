"""Events for the tools that go across services."""

import asyncio
from datetime import datetime, timedelta

from google_workspace_mcp.calendar.calendars import ALL
from google_workspace_mcp.calendar.facts import facts
from google_workspace_mcp.calendar.models import CalendarEvent
from google_workspace_mcp.calendar.reading import EventReader
from google_workspace_mcp.calendar.recurrence import phrase
from google_workspace_mcp.calendar.service import CalendarService, EventQuery
from google_workspace_mcp.calendar.syncing import MOST_BESIDE, Follower
from google_workspace_mcp.calendar.wording import title_of, when
from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.tools.across import Changes, Document, Hit, Hits, Named, State
from google_workspace_mcp.core.tools.workspace import Workspace, Zone

_PAST, _FUTURE = timedelta(days=90), timedelta(days=365)
_ALL_FOUND = 100
_COVERS = f"the primary calendar and up to {MOST_BESIDE} others that may be written to, from a month ago on"


class EventSource:
    """Events of the calendars that are shown in Google Calendar; changes of those that the account works in."""

    named = Named("event", "events", "calendar.read", covers=_COVERS)

    def __init__(self, service: CalendarService) -> None:
        self._service = service
        self._follower = Follower(service.names)

    async def search(self, work: Workspace, query: str, limit: int) -> Hits:
        """Events of the last 90 days and the next year, series as one: what is to come first, then what was last."""
        now = work.clock.now()
        asked = EventQuery(
            calendars=(ALL,),
            start=(now - _PAST).isoformat(timespec="minutes"),
            end=(now + _FUTURE).isoformat(timespec="minutes"),
            query=query,
            expanded=False,
            limit=_ALL_FOUND,
        )
        found = await self._service.events(work, asked)
        nearest = sorted(found.events, key=lambda event: _distance(event, now))
        items = tuple(_hit(event, found.zone) for event in nearest[:limit])
        unseen = tuple(f"calendar {each.calendar}: {each.why}" for each in found.unseen)
        return Hits(items, complete=len(nearest) <= limit and found.rest is None and not unseen, unseen=unseen)

    async def fetch(self, work: Workspace, item_id: str) -> Document:
        """One event with its guests, files and text."""
        if "/" not in item_id:
            raise UserInputError(
                "That is not the id of an event",
                next_step="Take the id unchanged from a search result",
                reason="bad_id",
            )
        reader = EventReader(self._service.names)
        (entry, event_id), zone = await asyncio.gather(reader.calendar_of(work, item_id, ""), work.zone())
        details = await reader.read(work, entry, event_id, zone)
        event = details.event
        return Document(title_of(event), event.link, facts(details, zone), details.text.text)

    async def start(self, work: Workspace) -> State:
        return await self._follower.start(work)

    async def since(self, work: Workspace, state: State, limit: int) -> Changes:
        return await self._follower.since(work, state, limit)


def _distance(event: CalendarEvent, now: datetime) -> tuple[bool, float]:
    # A series that was found has dates in the range, wherever it began.
    if event.recurring or event.end >= now:
        return False, max(event.start, now).timestamp()
    return True, -event.start.timestamp()


def _id(event: CalendarEvent) -> str:
    return f"{event.calendar_id}/{event.id}"


def _hit(event: CalendarEvent, zone: Zone) -> Hit:
    series = phrase(event.rules, event.made_in) or ("recurring" if event.recurring else "")
    facts = [when(event, zone), series, event.place, "" if event.of_primary else f"calendar {event.calendar}"]
    return Hit(_id(event), title_of(event), event.link, " · ".join(fact for fact in facts if fact))
