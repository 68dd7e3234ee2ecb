"""When people and calendars are busy, as far as Google tells: what cannot be seen is unknown, never free."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from google_workspace_mcp.calendar.calendars import PRIMARY
from google_workspace_mcp.calendar.moments import Span
from google_workspace_mcp.calendar.people import MOST_CALENDARS, Who
from google_workspace_mcp.core.content.characters import clean_line
from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.tools.workspace import Workspace

# Google refuses somewhere above two months.
LONGEST = timedelta(days=62)
_MOST_IN_GROUP = 50
_WHY = {
    "notFound": "this account may not see it, or there is no such calendar",
    "groupTooBig": "the group has too many members to ask for",
    "tooManyCalendarsRequested": "too many calendars were asked for at once",
}
_NO_ANSWER = "Google could not say; try again"


@dataclass(frozen=True, slots=True)
class Availability:
    """The busy times of one calendar, in order and apart from each other; with `why` they are unknown.

    `asked` is the id, in small letters, that Google was asked with: for the member of a group, the group's.
    """

    who: Who
    busy: tuple[Span, ...] = ()
    why: str = ""
    asked: str = ""

    @property
    def known(self) -> bool:
        return not self.why


async def availability(work: Workspace, people: Sequence[Who], span: Span) -> tuple[Availability, ...]:
    """Of each of them, groups by their members: one step. Raises UserInputError for a range over 62 days."""
    if span.end - span.start > LONGEST:
        raise UserInputError(
            f"The range is longer than {LONGEST.days} days", next_step="Ask for a shorter one", reason="time_range"
        )
    body = {
        "timeMin": span.start.isoformat(timespec="seconds"),
        "timeMax": span.end.isoformat(timespec="seconds"),
        "timeZone": "UTC",
        "groupExpansionMax": _MOST_IN_GROUP,
        "calendarExpansionMax": MOST_CALENDARS,
        "items": [{"id": who.id} for who in people],
    }
    answer = await work.google.execute(work.google.calendar.freebusy.query(body=body))
    calendars = {key.casefold(): value for key, value in (answer.get("calendars") or {}).items()}
    groups = {key.casefold(): value for key, value in (answer.get("groups") or {}).items()}
    seen: dict[str, Availability] = {}
    for who in people:
        for each in _of(who, calendars, groups, work.address.casefold()):
            seen.setdefault(each.who.id.casefold(), each)
    return tuple(seen.values())


def _of(who: Who, calendars: Mapping[str, Any], groups: Mapping[str, Any], own: str) -> Sequence[Availability]:
    key = who.id.casefold()
    if key in groups:
        return _of_group(who, groups[key], calendars)
    given = calendars.get(key) or (calendars.get(own) if key == PRIMARY.id else None)
    return (_one(who, given, key),)


def _of_group(group: Who, given: dict[str, Any], calendars: Mapping[str, Any]) -> Sequence[Availability]:
    members = [str(each) for each in given.get("calendars") or ()]
    key = group.id.casefold()
    if given.get("errors") or not members:
        return (Availability(group, why=_why(given.get("errors") or ()), asked=key),)
    return [
        _one(Who(each, f"{clean_line(each, 120)} (of {group.name})"), calendars.get(each.casefold()), key)
        for each in members
    ]


def _one(who: Who, given: dict[str, Any] | None, asked: str) -> Availability:
    if given is None or given.get("errors"):
        return Availability(who, why=_why((given or {}).get("errors") or ()), asked=asked)
    try:
        spans = [Span(_moment(each["start"]), _moment(each["end"])) for each in given.get("busy") or ()]
    except (KeyError, ValueError, TypeError):
        return Availability(who, why=_NO_ANSWER, asked=asked)
    return Availability(who, merged(spans), asked=asked)


def merged(spans: Sequence[Span]) -> tuple[Span, ...]:
    """The same time as spans that neither overlap nor touch."""
    apart: list[Span] = []
    for span in sorted(spans, key=lambda each: each.start):
        if apart and span.start <= apart[-1].end:
            apart[-1] = Span(apart[-1].start, max(apart[-1].end, span.end))
        else:
            apart.append(span)
    return tuple(apart)


def _why(errors: Sequence[dict[str, Any]]) -> str:
    reasons = [str(error.get("reason", "")) for error in errors]
    return next((_WHY[reason] for reason in reasons if reason in _WHY), _NO_ANSWER)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without an offset")
    return moment.astimezone(UTC)
