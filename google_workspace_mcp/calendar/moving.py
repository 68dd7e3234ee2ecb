"""Events moved from one calendar to another, which then organizes them. Guests are not mailed."""

import asyncio
from dataclasses import dataclass

from google_workspace_mcp.calendar.calendars import Calendars
from google_workspace_mcp.calendar.details import series_of
from google_workspace_mcp.calendar.models import CalendarEntry
from google_workspace_mcp.calendar.reading import EventReader
from google_workspace_mcp.calendar.writes import get
from google_workspace_mcp.core.errors import (
    GoogleUnavailableError,
    NotFoundError,
    OutcomeUnknownError,
    UserInputError,
    WorkspaceError,
)
from google_workspace_mcp.core.google.calls import JSON, CallKind
from google_workspace_mcp.core.tools.workspace import Workspace, Zone


@dataclass(frozen=True, slots=True)
class Moved:
    """The event, where it was and where it is."""

    event: JSON
    source: CalendarEntry
    target: CalendarEntry
    zone: Zone
    dry_run: bool


class Moving:
    """Moves events, found by the names of calendars."""

    def __init__(self, calendars: Calendars) -> None:
        self._calendars = calendars
        self._reader = EventReader(calendars)

    async def move(self, work: Workspace, event_id: str, calendar: str, to: str, *, dry_run: bool) -> Moved:
        """The event in its new calendar: one step when names are known.

        Raises UserInputError for one date of a series, NotFoundError, AmbiguousNameError, OutcomeUnknownError.
        """
        source, own_id = await self._reader.calendar_of(work, event_id, calendar)
        targets, zone = await asyncio.gather(self._calendars.named(work, (to,)), work.zone())
        if len(targets) != 1 or targets[0].id == source.id:
            raise UserInputError("An event moves to one other calendar", next_step="Name it in `to`", reason="calendar")
        if series := series_of(own_id):
            raise UserInputError(
                "One date of a series cannot be moved by itself",
                next_step=f"Move the whole series, {series}, or delete this date and create an event there",
                reason="scope",
            )
        if dry_run:
            return Moved(await get(work, source, own_id), source, targets[0], zone, dry_run=True)
        return Moved(await _moved(work, source, own_id, targets[0]), source, targets[0], zone, dry_run=False)


async def _moved(work: Workspace, source: CalendarEntry, event_id: str, target: CalendarEntry) -> JSON:
    """A second attempt would not find it: after a lost answer it is looked for where it should be, and where it was."""
    request = work.google.calendar.events.move(
        calendarId=source.id, eventId=event_id, destination=target.id, sendUpdates="none"
    )
    try:
        return await work.google.execute(request, kind=CallKind.CREATE)
    except OutcomeUnknownError as lost:
        found = [await _there(work, entry, event_id, lost) for entry in (target, source)]
    if found[0] is not None:
        return found[0]
    if found[1] is None:
        raise NotFoundError("The event is in neither calendar", next_step="Search for it", reason="gone")
    raise GoogleUnavailableError(
        "The event was not moved: Google did not answer", next_step="Try again a little later", reason="lost"
    )


async def _there(work: Workspace, entry: CalendarEntry, event_id: str, lost: OutcomeUnknownError) -> JSON | None:
    try:
        event = await get(work, entry, event_id)
    except NotFoundError:
        return None
    except WorkspaceError:
        raise lost from None
    return None if event.get("status") == "cancelled" else event
