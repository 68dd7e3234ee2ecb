"""New events: everything about them said at once, made once, with what is in the way at that time."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from google_workspace_mcp.calendar.calendars import PRIMARY, Calendars
from google_workspace_mcp.calendar.files import Files
from google_workspace_mcp.calendar.guests import Notify, invited, key_of, others, reached, send_updates
from google_workspace_mcp.calendar.kinds import fitting, kind_body, usual_title
from google_workspace_mcp.calendar.models import CalendarEntry
from google_workspace_mcp.calendar.moments import zone_named
from google_workspace_mcp.calendar.nearby import Nearby, look_around
from google_workspace_mcp.calendar.options import Options
from google_workspace_mcp.calendar.rules import rule_of
from google_workspace_mcp.calendar.timing import Timing, new_timing, require_known
from google_workspace_mcp.calendar.wishes import colour_id, description, line, reminders, visibility
from google_workspace_mcp.calendar.writes import insert, new_id
from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.google.calls import JSON
from google_workspace_mcp.core.tools.workspace import Workspace, Zone


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event in a caller's words."""

    title: str
    start: str
    end: str = ""
    timezone: str = ""
    calendar: str = ""
    description: str = ""
    location: str = ""
    attendees: Sequence[str] = ()
    notify: Notify = ""
    meet: bool = False
    repeat: str = ""
    files: Sequence[str] = ()
    options: Options = field(default_factory=Options)


@dataclass(frozen=True, slots=True)
class Made:
    """The event as Google has it, or as it would be; `nearby` is what else is at that time."""

    entry: CalendarEntry
    event: JSON
    zone: Zone
    nearby: Nearby
    told: Sequence[str]
    dry_run: bool


class Creating:
    """Makes events. One object per process; `randomness` is for their ids."""

    def __init__(self, calendars: Calendars, randomness: Callable[[int], bytes]) -> None:
        self._calendars = calendars
        self._randomness = randomness

    async def create(self, work: Workspace, asked: NewEvent, *, dry_run: bool) -> Made:
        """The event, made once: one step when zone and names are known, one more with files.

        Raises UserInputError, PolicyRefusedError, and OutcomeUnknownError when an answer was lost for good.
        """
        entry, zone = await self._place(work, asked)
        timing = fitting(asked.options.kind, new_timing(asked.start, asked.end, zone))
        guests = invited(asked.attendees, "attendees")
        people = others(guests, work.address)
        updates = send_updates(asked.notify, people)
        body = self._body(asked, entry, zone, timing) | _guest_list(guests, work.address)
        work.permit(reached(asked.notify, people, people))
        if asked.files:
            body["attachments"] = await Files().attached(work, asked.files)
        around = look_around(work, entry, timing, str(body.get("summary", "")), str(body["id"]))
        told = people if updates != "none" else ()
        if dry_run:
            return Made(entry, body, zone, await around, told, dry_run=True)
        looking = asyncio.create_task(around)
        try:
            made = await insert(work, entry, body, updates)
        finally:
            nearby = await looking
        return Made(entry, made, zone, nearby, told, dry_run=False)

    async def _place(self, work: Workspace, asked: NewEvent) -> tuple[CalendarEntry, Zone]:
        named = zone_named(asked.timezone) if asked.timezone else None
        entries = await self._calendars.named(work, (asked.calendar or PRIMARY.id,))
        if len(entries) != 1:
            raise UserInputError("An event is in one calendar", next_step="Name one", reason="calendar")
        return entries[0], named or await work.zone()

    def _body(self, asked: NewEvent, entry: CalendarEntry, zone: Zone, timing: Timing) -> dict[str, Any]:
        title = line(asked.title, "title") or usual_title(asked.options.kind, asked.location)
        if not title and not asked.options.kind:
            raise UserInputError("An event needs a title", next_step="Give title", reason="title")
        kind = kind_body(
            asked.options.kind,
            asked.location,
            bool(asked.options.decline),
            primary=entry.primary,
            guests=bool(asked.attendees),
        )
        body: dict[str, Any] = {"id": new_id(self._randomness), "summary": title, **timing.body()}
        if asked.repeat:
            if not timing.all_day:
                require_known(zone)
            body["recurrence"] = [rule_of(asked.repeat, timing.start)]
        if asked.description:
            body["description"] = description(asked.description)
        if asked.location and asked.options.kind != "working_location":
            body["location"] = line(asked.location, "location")
        if asked.meet:
            body |= meet_request(self._randomness)
        if asked.options.reminders:
            body["reminders"] = reminders(asked.options.reminders)
        if asked.options.visibility:
            body["visibility"] = visibility(asked.options.visibility)
        if asked.options.color:
            body["colorId"] = colour_id(asked.options.color)
        if asked.options.free:
            body["transparency"] = "transparent"
        return body | kind


def meet_request(randomness: Callable[[int], bytes]) -> dict[str, Any]:
    """The fields by which Google makes a Meet link for an event."""
    key = {"conferenceSolutionKey": {"type": "hangoutsMeet"}}
    return {"conferenceData": {"createRequest": {"requestId": new_id(randomness), **key}}}


def _guest_list(guests: Sequence[dict[str, Any]], address: str) -> dict[str, Any]:
    """Whoever makes an event and is among its guests has accepted."""
    own = address.casefold()
    listed = [guest | ({"responseStatus": "accepted"} if key_of(guest) == own else {}) for guest in guests]
    return {"attendees": listed} if listed else {}
