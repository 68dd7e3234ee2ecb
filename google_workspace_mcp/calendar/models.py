"""What Calendar's answers become before they leave this room."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from google_workspace_mcp.calendar.colours import EVENT_COLOURS, calendar_colour
from google_workspace_mcp.core.content.characters import clean_line
from google_workspace_mcp.core.content.times import start_of_day
from google_workspace_mcp.core.tools.workspace import Zone

EVENT_FIELDS = (
    "id,status,summary,location,start,end,visibility,eventType,colorId,recurringEventId,recurrence,hangoutLink,htmlLink,"
    "conferenceData/conferenceSolution/name,attendees(self,email,responseStatus)"
)
_LONGEST_TITLE = 200
_LONGEST_PLACE = 120
_KINDS = {
    "outOfOffice": "out of office",
    "focusTime": "focus time",
    "workingLocation": "working location",
    "birthday": "birthday",
    "fromGmail": "from a mail",
}
ANSWERS = {"accepted": "accepted", "declined": "declined", "tentative": "maybe", "needsAction": "unanswered"}


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A calendar in somebody's list. `role` is Google's: owner, writer, reader, freeBusyReader."""

    id: str
    name: str
    zone: str
    role: str
    colour: str
    primary: bool
    shown: bool

    @classmethod
    def of(cls, entry: dict[str, Any]) -> Self:
        """From a `CalendarListEntry` of Calendar v3."""
        return cls(
            id=str(entry["id"]),
            name=clean_line(str(entry.get("summaryOverride") or entry.get("summary") or entry["id"]), _LONGEST_PLACE),
            zone=str(entry.get("timeZone", "")),
            role=str(entry.get("accessRole", "")),
            colour=calendar_colour(clean_line(str(entry.get("backgroundColor", "")), 20)),
            primary=bool(entry.get("primary", False)),
            shown=bool(entry.get("selected", False)) or bool(entry.get("primary", False)),
        )


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """An event, texts cleaned, as one calendar shows it.

    A timed event has aware `start` and `end`; an all-day one has `first_day` and `last_day` besides, both of which it
    takes. `busy` means that only the time may be seen. `link` is Google's page of it, `colour` the one
    that it was given itself, `made_in` the zone by whose clock it repeats.
    """

    id: str
    calendar_id: str
    calendar: str
    of_primary: bool
    title: str
    start: datetime
    end: datetime
    first_day: date | None
    last_day: date | None
    place: str
    answer: str
    video: str
    kind: str
    tentative: bool
    busy: bool
    recurring: bool
    rules: tuple[str, ...]
    link: str = ""
    colour: str = ""
    made_in: ZoneInfo | None = None

    @property
    def all_day(self) -> bool:
        return self.first_day is not None

    @classmethod
    def of(cls, event: dict[str, Any], calendar: CalendarEntry, address: str, zone: Zone) -> Self:
        """From an `Event` of Calendar v3 with `EVENT_FIELDS`, read as the account `address`.

        An all-day event begins with the day in `zone`.
        """
        start, end = event.get("start", {}), event.get("end", {})
        first_day = date.fromisoformat(start["date"]) if "date" in start else None
        # Google's end is the day after; a broken one that is not later counts as one day.
        last_day = max(first_day, _day_before(end.get("date", ""), first_day)) if first_day else None
        title = clean_line(str(event.get("summary", "")), _LONGEST_TITLE)
        hidden = calendar.role == "freeBusyReader" or event.get("visibility") in ("private", "confidential")
        return cls(
            id=str(event["id"]),
            calendar_id=calendar.id,
            calendar=calendar.name,
            of_primary=calendar.primary,
            title=title,
            start=start_of_day(first_day, zone.info) if first_day else _instant(start),
            end=start_of_day(last_day + timedelta(days=1), zone.info) if last_day else _instant(end or start),
            first_day=first_day,
            last_day=last_day,
            place=clean_line(str(event.get("location", "")), _LONGEST_PLACE),
            answer=_answer(event, calendar, address),
            video=_video(event),
            kind=_KINDS.get(str(event.get("eventType", "")), ""),
            tentative=event.get("status") == "tentative",
            busy=hidden and not title,
            recurring="recurringEventId" in event or "recurrence" in event,
            rules=tuple(clean_line(str(line)) for line in event.get("recurrence", [])),
            link=str(event.get("htmlLink", "")),
            colour=EVENT_COLOURS.get(str(event.get("colorId", "")), ""),
            made_in=_zone(str(start.get("timeZone", ""))),
        )


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _instant(point: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(point["dateTime"]).astimezone(UTC)


def _day_before(text: str, otherwise: date) -> date:
    return date.fromisoformat(text) - timedelta(days=1) if text else otherwise


def _answer(event: dict[str, Any], calendar: CalendarEntry, address: str) -> str:
    """The account's own answer in a word; empty when it is not invited.

    Google marks as `self` whoever the calendar belongs to: in a colleague's calendar that is the colleague.
    """
    for attendee in event.get("attendees", []):
        own = calendar.primary or str(attendee.get("email", "")).casefold() == address.casefold()
        if attendee.get("self") and own:
            return ANSWERS.get(str(attendee.get("responseStatus", "")), "")
    return ""


def _video(event: dict[str, Any]) -> str:
    solution = event.get("conferenceData", {}).get("conferenceSolution", {}).get("name", "")
    if event.get("hangoutLink") or solution == "Google Meet":
        return "Meet"
    return clean_line(str(solution), 40)
