"""What a caller wants otherwise, as the fields that say so, and nothing beside them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from google_workspace_mcp.calendar.creating import meet_request
from google_workspace_mcp.calendar.guests import Guest, invited, with_changes
from google_workspace_mcp.calendar.moments import zone_named
from google_workspace_mcp.calendar.options import Options
from google_workspace_mcp.calendar.rules import rule_of
from google_workspace_mcp.calendar.splitting import moved, without
from google_workspace_mcp.calendar.targets import Target
from google_workspace_mcp.calendar.timing import Timing, When, changed_timing
from google_workspace_mcp.calendar.wishes import colour_id, description, line, reminders, visibility
from google_workspace_mcp.core.errors import GoogleRefusedError, UserInputError
from google_workspace_mcp.core.google.calls import JSON

NOTHING: Final = "-"


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be otherwise, in a caller's words; an empty value leaves that as it is, `-` takes it away."""

    title: str = ""
    start: str = ""
    end: str = ""
    description: str = ""
    location: str = ""
    add: Sequence[str] = ()
    remove: Sequence[str] = ()
    repeat: str = ""
    options: Options = field(default_factory=Options)

    @property
    def moves(self) -> bool:
        return bool(self.start or self.end or self.options.timezone)


def plain_body(asked: Change, event: Mapping[str, Any], randomness: Callable[[int], bytes]) -> dict[str, Any]:
    """The fields to write, all but times and recurrence, as a merge patch (RFC 7396)."""
    body: dict[str, Any] = {}
    if asked.title:
        body["summary"] = line(asked.title, "title")
    if asked.description:
        body["description"] = _or_nothing(asked.description, description)
    if asked.location:
        body["location"] = _or_nothing(asked.location, lambda value: line(value, "location"))
    if asked.add or asked.remove:
        body["attendees"] = _guests(asked, event)
    if asked.options.meet and not event.get("conferenceData"):
        body |= meet_request(randomness)
    if asked.options.meet is False and event.get("conferenceData"):
        body["conferenceData"] = None
    if asked.options.reminders:
        body["reminders"] = reminders(asked.options.reminders)
    if asked.options.visibility:
        body["visibility"] = visibility(asked.options.visibility)
    if asked.options.color:
        body["colorId"] = _or_nothing(asked.options.color, colour_id)
    if asked.options.free is not None:
        body["transparency"] = "transparent" if asked.options.free else "opaque"
    return body


def moved_one(asked: Change, target: Target) -> Timing:
    """Start and end of the event that was named, moved as asked."""
    zone = zone_named(asked.options.timezone) if asked.options.timezone else target.zone
    shown = Timing.of(target.event, target.zone.info)
    return changed_timing(shown, asked.start, asked.end, zone, named=bool(asked.options.timezone))


def moved_series(asked: Change, target: Target, first: Timing) -> Timing:
    """Start and end of a series that begins with `first`, moved as far as the date that was named is to move."""
    if not asked.moves:
        return first
    new = moved_one(asked, target)
    by = new.start.wall - target.original.wall if asked.start else timedelta()
    start = new.start.at_wall(first.start.wall + by)
    keeps_length = new.all_day == first.all_day and not asked.end
    return first.starting(start) if keeps_length else new.starting(start)


def recurring(asked: Change, target: Target, lines: Sequence[str], old: When, new: When) -> list[str]:
    """The recurrence of a series whose first date goes from `old` to `new`. Deleted dates stay deleted."""
    if asked.repeat:
        return [] if asked.repeat.strip() == NOTHING else [rule_of(asked.repeat, new)]
    by = new.wall - old.wall
    moved_lines = moved(lines, old, new) if new != old else tuple(lines)
    # Google knows a deleted date by its time and series: at another time, or in another series, it would come back.
    gone = [wall + by for _, wall in target.unlike(cancelled=True)]
    return list(without(moved_lines, new, gone))


def merged(held: Mapping[str, Any], change: Mapping[str, Any]) -> JSON:
    """What a merge patch makes of an event (RFC 7396)."""
    result = dict(held)
    if "conferenceData" in change and change["conferenceData"] is None:
        # Google tells the link a second time, and takes it away with the conference.
        result.pop("hangoutLink", None)
    for name, value in change.items():
        inner = result.get(name)
        if value is None:
            result.pop(name, None)
        elif isinstance(value, Mapping):
            result[name] = merged(inner if isinstance(inner, Mapping) else {}, value)
        else:
            result[name] = value
    return result


def nothing_to_change() -> UserInputError:
    """The failure for a change that changes nothing."""
    return UserInputError("There is nothing to change", next_step="Say what is to be otherwise", reason="no_change")


def _or_nothing(value: str, read: Callable[[str], str]) -> str | None:
    return None if value.strip() == NOTHING else read(value)


def _guests(asked: Change, event: Mapping[str, Any]) -> list[Guest]:
    if event.get("attendeesOmitted"):
        # The list would be written back without those that Google does not show.
        raise GoogleRefusedError(
            "Google does not show this account all guests, so it cannot change who is invited",
            next_step="Ask the organizer",
            reason="guests_hidden",
        )
    held: list[Guest] = list(event.get("attendees") or ())
    return with_changes(held, invited(asked.add, "add_attendees"), invited(asked.remove, "remove_attendees"))
