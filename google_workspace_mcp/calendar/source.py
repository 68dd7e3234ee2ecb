"""Events for the tools that go across services."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from google_workspace_mcp.calendar.calendars import ALL, PRIMARY
from google_workspace_mcp.calendar.facts import facts
from google_workspace_mcp.calendar.models import EVENT_FIELDS, CalendarEvent
from google_workspace_mcp.calendar.reading import EventReader
from google_workspace_mcp.calendar.recurrence import phrase
from google_workspace_mcp.calendar.service import CalendarService, EventQuery
from google_workspace_mcp.calendar.wording import title_of, when
from google_workspace_mcp.core.errors import NotFoundError, UserInputError
from google_workspace_mcp.core.tools.across import Change, Changes, Document, Hit, Hits, Named, State
from google_workspace_mcp.core.tools.workspace import Workspace, Zone

_PAST, _FUTURE = timedelta(days=90), timedelta(days=365)
_ALL_FOUND = 100
_PAGE = 2500
# Changes of what was over a month before they were first asked for are not told: a whole calendar would have to be
# gone through for a starting point.
_SYNCED = timedelta(days=30)
_MOST_PAGES = 40


class EventSource:
    """Events of the calendars that are shown in Google Calendar; changes of the primary one."""

    named = Named("event", "events", "calendar.read", covers="the primary calendar, from a month ago on")

    def __init__(self, service: CalendarService) -> None:
        self._service = service

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
        """A sync token, which Google gives at the end of a list; the list itself is not asked for."""
        page: dict[str, Any] = {}
        after = (work.clock.now() - _SYNCED).isoformat(timespec="seconds")
        for _ in range(_MOST_PAGES):
            request = work.google.calendar.events.list(
                calendarId=PRIMARY.id,
                timeMin=after,
                maxResults=_PAGE,
                pageToken=page.get("nextPageToken"),
                fields="nextPageToken,nextSyncToken",
            )
            page = await work.google.execute(request)
            if token := page.get("nextSyncToken"):
                return {"sync": str(token)}
        raise UserInputError(
            "The calendar has too many events to follow", next_step="List the events instead", reason="calendar_size"
        )

    async def since(self, work: Workspace, state: State, limit: int) -> Changes:
        request = work.google.calendar.events.list(
            calendarId=PRIMARY.id,
            syncToken=str(state["sync"]),
            pageToken=str(state.get("page") or "") or None,
            maxResults=limit,
            maxAttendees=1,
            fields=f"nextPageToken,nextSyncToken,items({EVENT_FIELDS})",
        )
        try:
            answer, zone = await asyncio.gather(work.google.execute(request), work.zone())
        except NotFoundError:
            return Changes((), await self.start(work), start_over=True)
        page = str(answer.get("nextPageToken") or "")
        items = tuple(_change(item, work, zone) for item in answer.get("items") or ())
        left = {"sync": state["sync"], "page": page} if page else {"sync": str(answer["nextSyncToken"])}
        return Changes(items, left, more=bool(page))


def _distance(event: CalendarEvent, now: datetime) -> tuple[bool, float]:
    # A series that was found has dates in the range, wherever it began.
    if event.recurring or event.end >= now:
        return False, max(event.start, now).timestamp()
    return True, -event.start.timestamp()


def _id(event: CalendarEvent) -> str:
    return f"{event.calendar_id}/{event.id}"


def _hit(event: CalendarEvent, zone: Zone) -> Hit:
    series = phrase(event.rules) or ("recurring" if event.recurring else "")
    facts = [when(event, zone), series, event.place, "" if event.of_primary else f"calendar {event.calendar}"]
    return Hit(_id(event), title_of(event), event.link, " · ".join(fact for fact in facts if fact))


def _change(item: dict[str, Any], work: Workspace, zone: Zone) -> Change:
    if item.get("status") == "cancelled" or "start" not in item:
        one_of_many = "recurringEventId" in item
        return Change(f"{PRIMARY.id}/{item['id']}", "one date of a series deleted" if one_of_many else "deleted")
    event = CalendarEvent.of(item, PRIMARY, work.address, zone)
    return Change(_id(event), "new or changed", title_of(event), when(event, zone))
