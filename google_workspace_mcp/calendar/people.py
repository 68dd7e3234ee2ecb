"""Whose time is asked about: people by address, calendars and rooms by name or id, groups."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from google_workspace_mcp.calendar.calendars import ALL, PRIMARY, Calendars
from google_workspace_mcp.calendar.models import CalendarEntry
from google_workspace_mcp.calendar.moments import zone_named
from google_workspace_mcp.core.cache import Cache
from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.errors import UserInputError, WorkspaceError
from google_workspace_mcp.core.google.ids import checked_calendar_id
from google_workspace_mcp.core.tools.workspace import Workspace, Zone

# Google's own limit for one question.
MOST_CALENDARS = 50
# Such ids say nothing to a reader: the list of calendars has their names.
_UNREADABLE = ".calendar.google.com"
_ZONE_LIVES = 3600.0
_ZONES_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Who:
    """A person, calendar or group: the id that Google is asked with, the name that results use, the zone if known."""

    id: str
    name: str
    zone: Zone | None = None


class People:
    """Finds out who is meant and in which zones they are; zones are kept for an hour."""

    def __init__(self, clock: Clock, calendars: Calendars) -> None:
        self._calendars = calendars
        self._zones = Cache[str](clock, _ZONE_LIVES, _ZONES_KEPT)

    async def meant(self, work: Workspace, asked: Sequence[str]) -> tuple[Who, ...]:
        """Each one once, in the order given. The list of calendars is looked at for names, ids that are no
        addresses, and `all`.

        An address may be followed by a zone: `ben@example.com America/New_York`.

        Raises:
            UserInputError: more than Google takes, or a zone that there is not.
            NotFoundError, AmbiguousNameError: for a calendar's name.
        """
        found: dict[str, Who] = {}
        for text in (each.strip() for each in asked):
            for who in await self._meant_by(work, text) if text else ():
                found.setdefault(who.id.casefold(), who)
        if len(found) > MOST_CALENDARS:
            raise UserInputError(f"More than {MOST_CALENDARS} calendars", next_step="Ask for fewer at once")
        return tuple(found.values())

    async def with_zones(self, work: Workspace, people: Sequence[Who]) -> dict[str, Zone]:
        """The zones of those whose calendar tells one, by id: one step, and none for those that are kept."""
        known = {who.id: who.zone for who in people if who.zone}
        missing = [who.id for who in people if not who.zone and _is_sound(who.id)]
        kept = {each: self._zones.peek(_key(work, each)) for each in missing}
        asked = [each for each, name in kept.items() if name is None]
        requests = [_zone_request(work, each) for each in asked]
        for each, answer in zip(asked, await work.google.execute_many(requests), strict=True):
            # One that may not be seen has none; that is kept as well.
            name = "" if isinstance(answer, WorkspaceError) else str(answer.get("timeZone", ""))
            if not isinstance(answer, WorkspaceError) or not answer.retryable:
                self._zones.put(_key(work, each), name)
            kept[each] = name
        told = {each: zone for each, name in kept.items() if (zone := _zone(name or ""))}
        return known | told

    async def _meant_by(self, work: Workspace, text: str) -> tuple[Who, ...]:
        address, _, zone_name = text.partition(" ")
        if zone_name and "@" in address and "/" in zone_name:
            return (Who(checked_calendar_id(address), address, zone_named(zone_name.strip())),)
        if text.casefold() in (PRIMARY.id, work.address.casefold()):
            return (Who(PRIMARY.id, work.address),)
        if " " not in text and "@" in text and not text.casefold().endswith(_UNREADABLE):
            calendar_id = checked_calendar_id(text)
            return (Who(calendar_id, calendar_id),)
        entries = await self._calendars.named(work, (text,))
        if text.casefold() == ALL:
            entries = entries[:MOST_CALENDARS]
        return tuple(_who(work, entry) for entry in entries)


def _who(work: Workspace, entry: CalendarEntry) -> Who:
    if entry.primary:
        return Who(PRIMARY.id, work.address, _zone(entry.zone))
    return Who(entry.id, entry.name, _zone(entry.zone))


def _zone(name: str) -> Zone | None:
    try:
        return Zone(ZoneInfo(name)) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _zone_request(work: Workspace, calendar_id: str) -> Any:
    """A list of events tells its calendar's zone to those as well who may see busy times alone."""
    now = work.clock.now()
    return work.google.calendar.events.list(
        calendarId=calendar_id,
        timeMin=now.isoformat(timespec="seconds"),
        timeMax=(now + timedelta(minutes=1)).isoformat(timespec="seconds"),
        maxResults=1,
        fields="timeZone",
    )


def _is_sound(calendar_id: str) -> bool:
    """Members of groups are named by Google; even so their ids become part of a path."""
    try:
        return bool(checked_calendar_id(calendar_id))
    except UserInputError:
        return False


def _key(work: Workspace, calendar_id: str) -> str:
    return f"{work.connection_id} {calendar_id.casefold()}"
