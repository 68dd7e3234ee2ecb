"""calendar_find_time: when several people can meet, best first, and why."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from google_workspace_mcp.calendar.finding import Finder, TimeQuery, TimesFound
from google_workspace_mcp.calendar.slots import Party, Slot
from google_workspace_mcp.calendar.wording import span_words
from google_workspace_mcp.core.content.times import iso_minute, local_time, long_time
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace, Zone

NAME = "calendar_find_time"
_DESCRIPTION = "Find times to meet, best first."
_RANKED = "Order: everybody's hours, optional people, preferred hours, day, full and half hours."


class SlotRow(BaseModel):
    """A time that suits. `start` and `end` are local with offset; `elsewhere` has it for people in other zones."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: str
    end: str
    weekday: str
    elsewhere: list[str] = []
    rooms: list[str] = Field(default=[], description="free ones of those named")
    reasons: list[str] = Field(description="why it stands where it does")


class CalendarFindTimeResult(Result):
    """Slots, best first. `not_seen` may be busy at any of them: what is not known is not free."""

    zone: str = Field(description="IANA zone of the times")
    start: str = Field(description="beginning of the range, notice included")
    end: str
    slots: list[SlotRow]
    hours: str = Field(description="hours of work that were gone by, each in their own zone")
    hours_assumed: bool = Field(default=False, description="nobody named them")
    not_seen: list[str] = Field(default=[], description="calendars that could not be seen, and why")
    zone_assumed: list[str] = Field(default=[], description="people taken to be in the account's own zone")
    hint: str = Field(default="", description="what to try when there is nothing")

    def text(self) -> str:
        count = f"{len(self.slots)} slot{'' if len(self.slots) == 1 else 's'}"
        lines = [f"{count} · {self.account} · {long_time(self.start)} to {long_time(self.end)} · {self.zone}"]
        lines += [_line(number, slot) for number, slot in enumerate(self.slots, start=1)]
        lines += [f"not seen, may be busy: {name}" for name in self.not_seen]
        assumed = " assumed: Google tells nobody's" if self.hours_assumed else ""
        lines.append(f"hours{assumed}, each in their own zone: {self.hours}")
        if self.zone_assumed:
            lines.append(f"zone not known, own assumed: {', '.join(self.zone_assumed)}")
        lines.append(self.hint or _RANKED)
        return "\n".join(lines)


def definition(finder: Finder) -> ToolDefinition:
    """The tool on this finder."""

    async def run(
        work: Workspace,
        *,
        people: Annotated[tuple[str, ...], Field(description="besides oneself")] = (),
        minutes: int = 30,
        start: str = "",
        end: str = "",
        hours: Annotated[str, Field(description="default Mon-Fri 9-17")] = "",
        preferred_hours: str = "",
        buffer_minutes: int = 0,
        notice_minutes: int = 60,
        optional_people: tuple[str, ...] = (),
        rooms: Annotated[tuple[str, ...], Field(description="any one")] = (),
        timezone: str = "",
        limit: int = 5,
    ) -> CalendarFindTimeResult:
        asked = TimeQuery(
            people=people,
            minutes=minutes,
            start=start,
            end=end,
            hours=hours,
            preferred=preferred_hours,
            buffer=buffer_minutes,
            notice=notice_minutes,
            optional=optional_people,
            rooms=rooms,
            timezone=timezone,
            limit=limit,
        )
        return _result(work, asked, await finder.find(work, asked))

    return ToolDefinition(
        name=NAME,
        title="Find a time to meet",
        description=_DESCRIPTION,
        kind=Kind.READ,
        service="calendar",
        capability="calendar.read",
        tier=Tier.CORE,
        run=run,
        result=CalendarFindTimeResult,
    )


def _result(work: Workspace, asked: TimeQuery, found: TimesFound) -> CalendarFindTimeResult:
    return CalendarFindTimeResult(
        account=work.address,
        zone=found.zone.label,
        start=iso_minute(found.range.start, found.zone.info),
        end=iso_minute(found.range.end, found.zone.info),
        slots=[_row(slot, asked, found) for slot in found.slots],
        hours=found.hours.words,
        hours_assumed=not found.hours_given,
        not_seen=[f"{each.who.name} ({each.why})" for each in found.unseen],
        zone_assumed=list(found.zone_unknown),
        hint="" if found.slots else _hint(asked, found),
    )


def _row(slot: Slot, asked: TimeQuery, found: TimesFound) -> SlotRow:
    start, end, zone = _moment(slot.start), _moment(slot.end), found.zone
    return SlotRow(
        start=iso_minute(start, zone.info),
        end=iso_minute(end, zone.info),
        weekday=local_time(start, zone.info)[:3],
        elsewhere=_elsewhere(start, end, zone, found.parties),
        rooms=list(slot.rooms),
        reasons=_reasons(slot, asked),
    )


def _elsewhere(start: datetime, end: datetime, zone: Zone, parties: tuple[Party, ...]) -> list[str]:
    """The time for people whose clocks show another one, zone by zone."""
    here = span_words(start, end, zone)
    others: dict[str, tuple[str, list[str]]] = {}
    for party in parties:
        there = span_words(start, end, party.zone)
        if there != here:
            others.setdefault(party.zone.name, (there, []))[1].append(party.name)
    return [f"{there} {name} ({', '.join(names)})" for name, (there, names) in others.items()]


def _reasons(slot: Slot, asked: TimeQuery) -> list[str]:
    reasons = ["within everybody's hours"]
    if slot.outside:
        away = ", ".join(f"{name} by {_length(seconds)}" for name, seconds in slot.outside.items())
        reasons = [f"outside the hours of {away}"]
    if asked.optional:
        reasons.append(f"without {', '.join(slot.missing)}" if slot.missing else "optional people free")
    if asked.preferred:
        reasons.append("in preferred hours" if slot.preferred else "outside preferred hours")
    return reasons


def _length(seconds: int) -> str:
    hours, minutes = divmod(-(-seconds // 60), 60)
    return " ".join(part for part in (f"{hours} h" * bool(hours), f"{minutes} min" * bool(minutes)) if part)


def _hint(asked: TimeQuery, found: TimesFound) -> str:
    """What may find something where nothing was found."""
    if found.none_seen:
        return "No calendar that is needed can be seen, so no time can be called free."
    ways = ["a longer range", "a shorter meeting"]
    if asked.hours:
        ways.append("other hours")
    if asked.rooms:
        ways.append("other rooms")
    if asked.buffer:
        ways.append("a smaller buffer")
    return f"No time suits everybody; try {', '.join(ways)}."


def _line(number: int, slot: SlotRow) -> str:
    start, end = long_time(slot.start), long_time(slot.end)
    same = start[:14] == end[:14] and start[21:] == end[21:]
    time = f"{start[:20]}-{end[15:20]} {start[21:]}" if same else f"{start} to {end}"
    rooms = f"room: {', '.join(slot.rooms)}" if slot.rooms else ""
    return f"{number}. " + " · ".join(part for part in (time, *slot.elsewhere, rooms, *slot.reasons) if part)


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
