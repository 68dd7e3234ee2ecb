"""calendar_list_events: what is on, in one calendar or many."""

import json
from dataclasses import asdict
from datetime import date
from itertools import groupby
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from google_workspace_mcp.calendar.models import CalendarEvent
from google_workspace_mcp.calendar.recurrence import phrase
from google_workspace_mcp.calendar.service import CalendarService, EventQuery, EventsFound, Progress
from google_workspace_mcp.core.content.injection import SUSPICIOUS, is_suspicious
from google_workspace_mcp.core.content.times import iso_minute, local_day, long_time
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace

NAME = "calendar_list_events"
_DESCRIPTION = "List or search events in time order, calendars merged. Default: primary calendar, next 7 days."


class EventRow(BaseModel):
    """An event as a list shows it. Times are local with offset; all-day events have dates, the last one included."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    start: str
    end: str
    all_day: bool = False
    calendar: str = Field(default="", description="when several are listed; empty = primary")
    place: str = ""
    answer: str = Field(default="", description="own answer: accepted, declined, maybe, unanswered")
    video: str = ""
    kind: str = ""
    colour: str = Field(default="", description="its own, if any")
    tentative: bool = False
    recurring: bool = False
    rules: list[str] = []
    repeats: str = Field(default="", description="the rule in words")
    suspicious: bool = Field(default=False, description="has text meant for machines")

    def line(self, day_offset: str) -> str:
        """Cells separated by tabs, empty ones left out: times, title, place, marks, calendar, id."""
        series = self.repeats or ("recurring" if self.recurring else "")
        kind = self.kind if self.kind.casefold() != self.title.casefold() else ""
        marks = [kind, "tentative" if self.tentative else "", self.answer, self.video, self.colour, series, *self.rules]
        if self.suspicious:
            marks.append(SUSPICIOUS)
        cells = [
            self._times(day_offset),
            self.title,
            f"@ {self.place}" if self.place else "",
            ", ".join(mark for mark in marks if mark),
            self.calendar,
            self.id,
        ]
        return "\t".join(cell for cell in cells if cell)

    def _times(self, day_offset: str) -> str:
        if self.all_day:
            return "all day" if self.end == self.start else f"all day to {local_day(date.fromisoformat(self.end))}"
        start, end = self.start[11:16], self.end[11:16]
        start_offset, end_offset = self.start[16:], self.end[16:]
        if start_offset != day_offset:
            start += f" {start_offset}"
        if end_offset != start_offset:
            end += f" {end_offset}"
        if self.end[:10] != self.start[:10]:
            end = f"{local_day(date.fromisoformat(self.end[:10]))} {end}"
        return f"{start}-{end}"


class CalendarListEventsResult(Result):
    """Events in time order. `complete` is False when there are more or a calendar was not seen."""

    zone: str = Field(description="IANA zone of the times")
    start: str = Field(description="beginning of the range")
    end: str = Field(description="end of the range, not included")
    events: list[EventRow]
    not_seen: list[str] = Field(default=[], description="calendars that could not be read, and why")
    complete: bool
    cursor: str = ""
    hint: str = Field(default="", description="what to try when there is nothing")

    def text(self) -> str:
        count = f"{len(self.events)} event{'' if len(self.events) == 1 else 's'}"
        # Days and offsets stand with the events: here they would be read twice.
        short = bool(self.events)
        start, end = (f"{at[:10]} {at[11:16]}" if short else long_time(at) for at in (self.start, self.end))
        lines = [f"{count} · {self.account} · {start} to {end} · {self.zone}"]
        lines += [f"not seen: {calendar}" for calendar in self.not_seen]
        offset = ""
        for day, rows in groupby(self.events, key=lambda row: row.start[:10]):
            offset, of_day = _day_lines(day, list(rows), offset)
            lines += of_day
        if self.cursor:
            lines.append(f"next: cursor={self.cursor}")
        if self.hint:
            lines.append(self.hint)
        return "\n".join(lines)


def definition(service: CalendarService) -> ToolDefinition:
    """The tool on this service."""

    async def run(
        work: Workspace,
        *,
        calendars: Annotated[tuple[str, ...], Field(description="names or ids; `all` = all shown")] = (),
        start: Annotated[str, Field(description="date, local time, or with offset; default now")] = "",
        end: Annotated[str, Field(description="same; a date is included")] = "",
        query: Annotated[str, Field(description="words in title, place, text, people")] = "",
        expanded: Annotated[bool, Field(description="false: series with their rules instead of occurrences")] = True,
        timezone: Annotated[str, Field(description="IANA; default the calendar's")] = "",
        limit: Annotated[int, Field(ge=1, le=100)] = 25,
        cursor: str = "",
    ) -> CalendarListEventsResult:
        asked = EventQuery(calendars, start, end, query, expanded, timezone, limit)
        bound = json.dumps([NAME, work.connection_id, asdict(asked)])
        progress = Progress.of(work.cursors.open(cursor, bound)) if cursor else None
        return _result(work, asked, await service.events(work, asked, progress), bound)

    return ToolDefinition(
        name=NAME,
        title="List events",
        description=_DESCRIPTION,
        kind=Kind.READ,
        service="calendar",
        capability="calendar.read",
        tier=Tier.CORE,
        run=run,
        result=CalendarListEventsResult,
    )


def _result(work: Workspace, asked: EventQuery, found: EventsFound, bound: str) -> CalendarListEventsResult:
    return CalendarListEventsResult(
        account=work.address,
        zone=found.zone.label,
        start=iso_minute(found.span.start, found.zone.info),
        end=iso_minute(found.span.end, found.zone.info),
        events=[_row(event, found) for event in found.events],
        not_seen=[f"{unseen.calendar} ({unseen.why})" if unseen.why else unseen.calendar for unseen in found.unseen],
        complete=found.rest is None and not found.unseen,
        cursor=work.cursors.seal(found.rest.state(), bound) if found.rest else "",
        hint=_hint(asked, found),
    )


def _row(event: CalendarEvent, found: EventsFound) -> EventRow:
    zone = found.zone.info
    return EventRow(
        id=event.id,
        title=event.title or ("busy" if event.busy else "(no title)"),
        start=event.first_day.isoformat() if event.first_day else iso_minute(event.start, zone),
        end=event.last_day.isoformat() if event.last_day else iso_minute(event.end, zone),
        all_day=event.all_day,
        calendar="" if event.of_primary or not found.several else event.calendar,
        place=event.place,
        answer=event.answer,
        video=event.video,
        kind=event.kind,
        colour=event.colour,
        tentative=event.tentative,
        recurring=event.recurring,
        rules=list(event.rules),
        repeats=phrase(event.rules, event.made_in),
        suspicious=is_suspicious(event.title, event.place),
    )


def _day_lines(day: str, rows: list[EventRow], usual: str) -> tuple[str, list[str]]:
    """The offset from here on, and the day with its events. Where the first timed event's differs from the usual one,
    which was told above, it stands beside the day."""
    offset = next((row.start[16:] for row in rows if not row.all_day), usual)
    told = f" {offset}" if offset != usual else ""
    return offset, [f"{local_day(date.fromisoformat(day))}{told}", *(row.line(offset) for row in rows)]


def _hint(asked: EventQuery, found: EventsFound) -> str:
    """What may find something where nothing was found."""
    if found.events or found.rest:
        return ""
    ways = ["another range"]
    if asked.query:
        ways.append("fewer words")
    if not asked.calendars:
        ways.append('calendars=["all"]')
    return f"Nothing here; try {' or '.join(ways)}."
