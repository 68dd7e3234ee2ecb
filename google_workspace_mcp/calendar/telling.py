"""An event that was written, as its writer is told of it: its facts, and which of them are otherwise than before."""

from collections.abc import Mapping
from typing import Any

from google_workspace_mcp.calendar.details import EventDetails
from google_workspace_mcp.calendar.expansion import sentence
from google_workspace_mcp.calendar.facts import facts
from google_workspace_mcp.calendar.models import CalendarEntry, CalendarEvent
from google_workspace_mcp.calendar.timing import When
from google_workspace_mcp.calendar.wording import title_of, when
from google_workspace_mcp.core.content.characters import clean_line
from google_workspace_mcp.core.tools.workspace import Workspace, Zone

_LONGEST_TEXT = 300
# What says nothing about what was written.
_LEFT_OUT = frozenset({"updated", "own answer", "calendar", "organizer"})


def told(work: Workspace, entry: CalendarEntry, event: Mapping[str, Any], zone: Zone) -> dict[str, str]:
    """The facts of an event, by name, those that are empty left out. It may be one that is only to be."""
    given = {"id": "", **event}
    details = EventDetails.of(given, given, entry, work.address, zone)
    rules = [str(line) for line in event.get("recurrence") or ()]
    said = {"title": title_of(details.event), **facts(details, zone)}
    if rules:
        said["repeats"] = sentence(rules, When.of(event["start"], zone.info)) or ", ".join(details.event.rules)
    elif said.get("repeats"):
        said["repeats"] = "one date of a series"
    said["text"] = clean_line(details.text.text, _LONGEST_TEXT)
    return {name: value for name, value in said.items() if value and name not in _LEFT_OUT}


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """What is otherwise: name, before, after; "" for nothing. The former text may be anybody's: its length is told."""
    names = [name for name in dict.fromkeys([*after, *before]) if before.get(name) != after.get(name)]
    return [(name, _mentioned(name, before.get(name, "")), after.get(name, "")) for name in names]


def without_text(facts: Mapping[str, str]) -> dict[str, str]:
    """The facts of an event whose text may be anybody's: calendar_get_event shows that between markers."""
    return {name: value for name, value in facts.items() if name != "text"}


def _mentioned(name: str, value: str) -> str:
    return f"{len(value)} characters" if name == "text" and value else value


def briefly(event: CalendarEvent, zone: Zone) -> str:
    """An event in a line, with its id."""
    where = "" if event.of_primary else f" in {event.calendar}"
    return f"{title_of(event)}, {when(event, zone)}{where} ({event.id})"
