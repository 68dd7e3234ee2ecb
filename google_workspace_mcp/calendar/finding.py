"""Finds times that suit several people: who they are, when they are busy, when they work, and what suits best."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from google_workspace_mcp.calendar.availability import Availability, availability
from google_workspace_mcp.calendar.calendars import PRIMARY
from google_workspace_mcp.calendar.hours import USUAL, Hours, hours
from google_workspace_mcp.calendar.moments import Span, span, zone_named
from google_workspace_mcp.calendar.people import MOST_CALENDARS, People, Who
from google_workspace_mcp.calendar.slots import Party, Room, Slot, Stretch, Wishes, slots
from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.tools.workspace import Workspace, Zone

_LONGEST_MEETING = 24 * 60
_LONGEST_PAUSE = 8 * 60
_LONGEST_NOTICE = 60 * 24 * 60
_MOST_SLOTS = 20


@dataclass(frozen=True, slots=True)
class TimeQuery:
    """What is looked for, as the caller words it; lengths in minutes. The account itself always takes part."""

    people: tuple[str, ...] = ()
    minutes: int = 30
    start: str = ""
    end: str = ""
    hours: str = ""
    preferred: str = ""
    buffer: int = 0
    notice: int = 60
    optional: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    timezone: str = ""
    limit: int = 5


@dataclass(frozen=True, slots=True)
class TimesFound:
    """Slots, best first, in `zone`. `unseen` are calendars of which nothing is known; `zone_unknown` those people whose
    zone was taken to be the account's own; `hours_given` whether the caller named the hours."""

    slots: tuple[Slot, ...]
    parties: tuple[Party, ...]
    unseen: tuple[Availability, ...]
    zone_unknown: tuple[str, ...]
    range: Span
    zone: Zone
    hours: Hours
    hours_given: bool
    none_seen: bool


class Finder:
    """Finds times for any account."""

    def __init__(self, people: People) -> None:
        self._people = people

    async def find(self, work: Workspace, asked: TimeQuery) -> TimesFound:
        """The best times: two steps, one with names, zones and the account's own zone known.

        Raises:
            UserInputError: what cannot be meant, before Google is asked.
            NotFoundError, AmbiguousNameError: for a calendar's name.
        """
        _check(asked)
        wanted = hours(asked.hours) if asked.hours else USUAL
        preferred = hours(asked.preferred) if asked.preferred else None
        named = zone_named(asked.timezone) if asked.timezone else None
        own, meant = await asyncio.gather(work.zone(), self._meant(work, asked))
        zone, now = named or own, work.clock.now()
        within = span(asked.start, asked.end, zone, now)
        earliest = max(within.start, now + timedelta(minutes=asked.notice))
        if earliest >= within.end:
            # Nothing to ask Google for.
            return TimesFound((), (), (), (), within, zone, wanted, bool(asked.hours), none_seen=False)
        pause = timedelta(minutes=asked.buffer)
        seen, zones = await asyncio.gather(
            availability(work, meant.everybody, Span(earliest - pause, within.end + pause)),
            self._people.with_zones(work, meant.abroad),
        )
        zones |= await self._people.with_zones(work, _members(seen))
        parts = _Parts(meant, seen, zones, own, wanted, Span(earliest, within.end))
        wishes = Wishes(
            length=asked.minutes * 60,
            buffer=asked.buffer * 60,
            strict=bool(asked.hours),
            preferred=preferred.windows(zone, earliest, within.end) if preferred else None,
            limit=asked.limit,
        )
        return parts.found(wishes, zone, Span(earliest, within.end))

    async def _meant(self, work: Workspace, asked: TimeQuery) -> "_Meant":
        optional = await self._people.meant(work, asked.optional)
        left = _ids(optional)
        people = await self._people.meant(work, (PRIMARY.id, *asked.people))
        needed = tuple(who for who in people if who.id.casefold() not in left)
        there = left | _ids(people)
        rooms = tuple(who for who in await self._people.meant(work, asked.rooms) if who.id.casefold() not in there)
        if len(needed) + len(optional) + len(rooms) > MOST_CALENDARS:
            raise UserInputError(f"More than {MOST_CALENDARS} people and rooms", next_step="Ask for fewer at once")
        return _Meant(needed, optional, rooms)


@dataclass(frozen=True, slots=True)
class _Meant:
    """Who must be there, who may be, and the rooms of which one is needed."""

    needed: tuple[Who, ...]
    optional: tuple[Who, ...]
    rooms: tuple[Who, ...]

    @property
    def everybody(self) -> tuple[Who, ...]:
        return (*self.needed, *self.optional, *self.rooms)

    @property
    def abroad(self) -> list[Who]:
        """Those whose zone counts and is not the account's own."""
        return [who for who in (*self.needed, *self.optional) if who.id != PRIMARY.id]


@dataclass(frozen=True, slots=True)
class _Parts:
    """What Google told, to be made parties and rooms of."""

    meant: _Meant
    seen: Sequence[Availability]
    zones: dict[str, Zone]
    own: Zone
    hours: Hours
    span: Span

    def found(self, wishes: Wishes, zone: Zone, within: Span) -> TimesFound:
        rooms, optional = _ids(self.meant.rooms), _ids(self.meant.optional)
        people = [each for each in self.seen if each.asked not in rooms]
        parties = tuple(self._party(each, optional=each.asked in optional) for each in people if each.known)
        taken = [each for each in self.seen if each.asked in rooms and each.known]
        there = tuple(Room(each.who.name, _stretches(each.busy)) for each in taken)
        none_seen = not any(not party.optional for party in parties) or (bool(rooms) and not there)
        stretch = (int(within.start.timestamp()), int(within.end.timestamp()))
        return TimesFound(
            slots=() if none_seen else tuple(slots(parties, there, stretch, wishes, zone)),
            parties=parties,
            unseen=tuple(each for each in self.seen if not each.known),
            zone_unknown=tuple(each.who.name for each in people if each.known and not self._zone_of(each.who)),
            range=within,
            zone=zone,
            hours=self.hours,
            hours_given=wishes.strict,
            none_seen=none_seen,
        )

    def _party(self, each: Availability, *, optional: bool) -> Party:
        zone = self._zone_of(each.who) or self.own
        windows = self.hours.windows(zone, self.span.start, self.span.end)
        return Party(each.who.name, zone, _stretches(each.busy), windows, optional)

    def _zone_of(self, who: Who) -> Zone | None:
        return self.own if who.id == PRIMARY.id else self.zones.get(who.id)


def _members(seen: Sequence[Availability]) -> list[Who]:
    """Those who came out of groups: only now it is known whose zones count."""
    return [each.who for each in seen if each.known and each.asked != each.who.id.casefold()]


def _ids(people: Sequence[Who]) -> set[str]:
    return {who.id.casefold() for who in people}


def _stretches(busy: Sequence[Span]) -> list[Stretch]:
    return [(int(each.start.timestamp()), _up(each.end)) for each in busy]


def _up(moment: datetime) -> int:
    """Whole seconds, never less than it is."""
    return -int(-moment.timestamp() // 1)


def _check(asked: TimeQuery) -> None:
    limits = (
        ("minutes", asked.minutes, 5, _LONGEST_MEETING),
        ("buffer_minutes", asked.buffer, 0, _LONGEST_PAUSE),
        ("notice_minutes", asked.notice, 0, _LONGEST_NOTICE),
        ("limit", asked.limit, 1, _MOST_SLOTS),
    )
    for name, value, least, most in limits:
        if not least <= value <= most:
            raise UserInputError(
                f"`{name}` is not between {least} and {most}", next_step="Give one that is", reason="number"
            )
