"""calendar_free_busy: when people and calendars are busy."""

import asyncio
from collections.abc import Sequence
from itertools import groupby
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from google_workspace_mcp.calendar.availability import Availability, availability
from google_workspace_mcp.calendar.calendars import PRIMARY
from google_workspace_mcp.calendar.moments import Span, span, zone_named
from google_workspace_mcp.calendar.people import People
from google_workspace_mcp.core.content.times import iso_minute, long_time
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace, Zone

NAME = "calendar_free_busy"
_DESCRIPTION = "When people, groups and calendars are busy. What cannot be seen is unknown, not free."
_MOST_TIMES = 600


class BusyTime(BaseModel):
    """A stretch of busy time, local with offset."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: str
    end: str


class BusyRow(BaseModel):
    """One calendar. With `unknown` nothing is known of it, and it is not to be taken as free."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    unknown: str = Field(default="", description="why nothing is known")
    busy: list[BusyTime] = []


class CalendarFreeBusyResult(Result):
    """Busy times between `start` and `end`. `complete` is False when a calendar is unknown or the range was cut."""

    zone: str = Field(description="IANA zone of the times")
    start: str
    end: str
    calendars: list[BusyRow]
    complete: bool
    cut: bool = Field(default=False, description="`end` is earlier than asked for: there was more than fits")

    def text(self) -> str:
        known = [row for row in self.calendars if not row.unknown]
        head = f"{len(self.calendars)} calendar{'' if len(self.calendars) == 1 else 's'}, {len(known)} seen"
        range_ = f"{long_time(self.start)} to {long_time(self.end)}"
        lines = [f"{head} · {self.account} · {range_} · {self.zone}"]
        for row in self.calendars:
            lines += _lines(row)
        if self.cut:
            lines.append(f"Only until {long_time(self.end)}: go on with start={self.end}")
        return "\n".join(lines)


def definition(people: People) -> ToolDefinition:
    """The tool on what knows people and their calendars."""

    async def run(
        work: Workspace,
        *,
        calendars: Annotated[tuple[str, ...], Field(description="addresses, names or ids; default primary")] = (),
        start: Annotated[str, Field(description="date, local time, or with offset; default now")] = "",
        end: Annotated[str, Field(description="same; default 7 days on")] = "",
        timezone: Annotated[str, Field(description="IANA", max_length=64)] = "",
    ) -> CalendarFreeBusyResult:
        named = zone_named(timezone) if timezone else None
        who, own = await asyncio.gather(people.meant(work, calendars or (PRIMARY.id,)), work.zone())
        zone = named or own
        asked = span(start, end, zone, work.clock.now())
        return _result(work, await availability(work, who, asked), asked, zone)

    return ToolDefinition(
        name=NAME,
        title="Free and busy times",
        description=_DESCRIPTION,
        kind=Kind.READ,
        service="calendar",
        capability="calendar.read",
        tier=Tier.EXTENDED,
        run=run,
        result=CalendarFreeBusyResult,
    )


def _result(work: Workspace, seen: Sequence[Availability], asked: Span, zone: Zone) -> CalendarFreeBusyResult:
    told = _fitting(seen, asked)
    return CalendarFreeBusyResult(
        account=work.address,
        zone=zone.label,
        start=iso_minute(told.start, zone.info),
        end=iso_minute(told.end, zone.info),
        calendars=[
            BusyRow(id=each.who.id, name=each.who.name, unknown=each.why, busy=_times(each.busy, told, zone))
            for each in seen
        ],
        complete=told == asked and all(each.known for each in seen),
        cut=told != asked,
    )


def _fitting(seen: Sequence[Availability], asked: Span) -> Span:
    """The range, cut for all alike where it holds more times than are told at once."""
    starts = sorted(each.start for one in seen for each in one.busy)
    if len(starts) <= _MOST_TIMES or starts[_MOST_TIMES] <= asked.start:
        return asked
    return Span(asked.start, starts[_MOST_TIMES])


def _times(busy: Sequence[Span], told: Span, zone: Zone) -> list[BusyTime]:
    return [
        BusyTime(start=iso_minute(each.start, zone.info), end=iso_minute(min(each.end, told.end), zone.info))
        for each in busy
        if each.start < told.end
    ]


def _lines(row: BusyRow) -> list[str]:
    name = row.name if row.id in (row.name, PRIMARY.id) else f"{row.name} ({row.id})"
    if row.unknown:
        return [f"{name}: unknown, not free: {row.unknown}"]
    if not row.busy:
        return [f"{name}: free throughout"]
    lines = [f"{name}: busy"]
    for day, times in groupby(row.busy, key=lambda each: each.start[:10] + each.start[16:]):
        begin = long_time(f"{day[:10]}T00:00{day[10:]}")
        lines.append(f"{begin[:14]} {begin[21:]}: {', '.join(_time(each) for each in times)}")
    return lines


def _time(each: BusyTime) -> str:
    if each.start[:10] == each.end[:10] and each.start[16:] == each.end[16:]:
        return f"{each.start[11:16]}-{each.end[11:16]}"
    return f"{each.start[11:16]} to {long_time(each.end)}"
