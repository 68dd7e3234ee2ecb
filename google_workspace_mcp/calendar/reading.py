"""Reads one event, and with an instance the series that it belongs to."""

from dataclasses import replace
from typing import Any

from google_workspace_mcp.calendar.calendars import PRIMARY, Calendars
from google_workspace_mcp.calendar.details import DETAIL_FIELDS, SERIES_FIELDS, EventDetails, series_of
from google_workspace_mcp.calendar.models import CalendarEntry
from google_workspace_mcp.core.errors import NotFoundError, UserInputError, WorkspaceError
from google_workspace_mcp.core.google.ids import checked_calendar_id, checked_id
from google_workspace_mcp.core.tools.workspace import Workspace, Zone

_KIND = "event:"


def checked_event_id(given: str) -> str:
    """`event` or `calendar/event`, both in the form of Google's ids. Raises UserInputError."""
    of_calendar, slash, own_id = given.removeprefix(_KIND).rpartition("/")
    if slash:
        # Names have no part in such an id: what is in front of the slash is an id alone.
        checked_calendar_id(of_calendar)
    checked_id(own_id, "event")
    return f"{of_calendar}{slash}{own_id}"


class EventReader:
    """Events by id; calendars may be given by name."""

    def __init__(self, calendars: Calendars) -> None:
        self._calendars = calendars

    async def calendar_of(self, work: Workspace, event_id: str, calendar: str) -> tuple[CalendarEntry, str]:
        """The calendar and the event's own id: an id of the form `calendar/event` names its calendar itself.

        Raises UserInputError for what is no id, NotFoundError and AmbiguousNameError for a calendar's name.
        """
        of_calendar, _, own_id = checked_event_id(event_id).rpartition("/")
        entries = await self._calendars.named(work, (of_calendar or calendar or PRIMARY.id,))
        if len(entries) != 1:
            raise UserInputError("An event is in one calendar", next_step="Name the one that it was listed in")
        return entries[0], own_id

    async def read(self, work: Workspace, entry: CalendarEntry, event_id: str, zone: Zone) -> EventDetails:
        """The event with its series: one step, since an instance's id begins with the id of its series.

        Raises NotFoundError for one that is not there or has been deleted.
        """
        guess = series_of(event_id)
        requests = [self._request(work, entry, event_id, DETAIL_FIELDS)]
        if guess:
            requests.append(self._request(work, entry, guess, SERIES_FIELDS))
        answer, *rest = await work.google.execute_many(requests)
        if isinstance(answer, WorkspaceError):
            raise answer
        if answer.get("status") == "cancelled" or "start" not in answer:
            raise NotFoundError("The event has been deleted", next_step="List or search events again", reason="event")
        master = next((each for each in rest if not isinstance(each, WorkspaceError)), {})
        whole = str(answer.get("recurringEventId", ""))
        if whole and whole != guess:
            master = await self._series(work, entry, whole)
        seen_as = replace(entry, name=work.address if entry.primary else entry.name)
        return EventDetails.of(answer, master, seen_as, work.address, zone)

    async def _series(self, work: Workspace, entry: CalendarEntry, series_id: str) -> dict[str, Any]:
        try:
            return await work.google.execute(self._request(work, entry, series_id, SERIES_FIELDS))
        except NotFoundError:
            return {}  # a guest may be invited to one instance alone

    def _request(self, work: Workspace, entry: CalendarEntry, event_id: str, fields: str) -> Any:
        return work.google.calendar.events.get(calendarId=entry.id, eventId=event_id, fields=fields)
