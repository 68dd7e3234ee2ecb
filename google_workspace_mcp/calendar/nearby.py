"""What else is at the time of an event: what it would clash with, and whether it is there already."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from google_workspace_mcp.calendar.calendars import PRIMARY
from google_workspace_mcp.calendar.models import EVENT_FIELDS, CalendarEntry, CalendarEvent
from google_workspace_mcp.calendar.timing import Timing
from google_workspace_mcp.core.errors import WorkspaceError
from google_workspace_mcp.core.tools.workspace import Workspace, Zone

_MOST = 50
_LONGEST = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Nearby:
    """Events that take the same time, and those that look like the very same one; `unseen` when nobody could look."""

    conflicts: tuple[CalendarEvent, ...] = ()
    twins: tuple[CalendarEvent, ...] = ()
    unseen: bool = False


async def look_around(work: Workspace, entry: CalendarEntry, timing: Timing, title: str, own_id: str) -> Nearby:
    """What is at that time in its calendar and in the primary one. Its failure is told, and stops nothing."""
    entries = [entry] if entry.primary else [entry, PRIMARY]
    zone = Zone(timing.start.zone)
    answers = await asyncio.gather(*(_listed(work, each, timing) for each in entries), return_exceptions=True)
    conflicts: dict[str, CalendarEvent] = {}
    twins: dict[str, CalendarEvent] = {}
    unseen = False
    for each, answer in zip(entries, answers, strict=True):
        if isinstance(answer, WorkspaceError):
            unseen = True
            continue
        if isinstance(answer, BaseException):
            raise answer
        for item in answer.get("items") or ():
            if item.get("status") == "cancelled" or "start" not in item or str(item["id"]).startswith(own_id):
                continue
            event = CalendarEvent.of(item, each, work.address, zone)
            if title and event.title.casefold() == title.casefold() and event.start == timing.start.instant:
                twins.setdefault(event.id, event)
            elif _takes_time(item, event):
                conflicts.setdefault(event.id, event)
    return Nearby(tuple(conflicts.values()), tuple(twins.values()), unseen)


async def _listed(work: Workspace, entry: CalendarEntry, timing: Timing) -> dict[str, Any]:
    end = min(timing.end.instant, timing.start.instant + _LONGEST)
    request = work.google.calendar.events.list(
        calendarId=entry.id,
        timeMin=timing.start.instant.isoformat(timespec="seconds"),
        timeMax=end.isoformat(timespec="seconds"),
        singleEvents=True,
        orderBy="startTime",
        maxAttendees=1,
        maxResults=_MOST,
        fields=f"items({EVENT_FIELDS},transparency)",
    )
    return await work.google.execute(request)


def _takes_time(item: Mapping[str, Any], event: CalendarEvent) -> bool:
    free = item.get("transparency") == "transparent" or item.get("eventType") in ("workingLocation", "birthday")
    return not free and event.answer != "declined"
