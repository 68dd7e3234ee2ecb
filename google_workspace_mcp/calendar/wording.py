"""How people, times and texts of events are worded."""

import re
from datetime import date, datetime
from typing import Any

from google_workspace_mcp.calendar.models import CalendarEvent
from google_workspace_mcp.core.content.characters import clean, clean_line
from google_workspace_mcp.core.content.html import VisibleText, visible_text
from google_workspace_mcp.core.content.times import local_day, local_time
from google_workspace_mcp.core.tools.workspace import Zone

_TAG = re.compile(r"(<[^<>]*>)")


def title_of(event: CalendarEvent) -> str:
    """The title, or a word for what has none."""
    return event.title or ("busy" if event.busy else "(no title)")


def when(event: CalendarEvent, zone: Zone) -> str:
    """`Mon 2026-03-30 14:00-15:00 +02:00`, or the days that an all-day event takes."""
    first, last = event.first_day, event.last_day
    if first and last:
        return _all_day(first) if first == last else f"{_all_day(first)} to {_all_day(last)}"
    return span_words(event.start, event.end, zone)


def span_words(start: datetime, end: datetime, zone: Zone) -> str:
    """`Mon 2026-03-30 14:00-15:00 +02:00`; the end repeats neither day nor offset where they are the start's."""
    begins, ends = local_time(start, zone.info), local_time(end, zone.info)
    same = begins[:14] == ends[:14] and begins[21:] == ends[21:]
    return f"{begins[:20]}-{ends[15:20]} {begins[21:]}" if same else f"{begins} to {ends}"


def person(party: dict[str, Any]) -> str:
    """`Ben Okafor <ben@example.com>`, or what there is of it."""
    name, address = clean_line(str(party.get("displayName", "")), 80), clean_line(str(party.get("email", "")), 120)
    return f"{name} <{address}>" if name and address else name or address


def description_text(description: str) -> VisibleText:
    """What a person sees of an event's description: HTML or plain text, in both of which a line end ends the line."""
    if "<" not in description and "&" not in description:
        return VisibleText(clean(description), 0, complete=True)
    pieces = _TAG.split(description)
    pieces[::2] = [piece.replace("\n", "<br>\n") for piece in pieces[::2]]
    return visible_text("".join(pieces))


def _all_day(day: date) -> str:
    return f"{local_day(day)} all day"
