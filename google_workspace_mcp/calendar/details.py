"""One event with all that a reader may ask about: guests and answers, its series, how to join, files."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from google_workspace_mcp.calendar.models import ANSWERS, CalendarEntry, CalendarEvent
from google_workspace_mcp.calendar.recurrence import phrase
from google_workspace_mcp.calendar.wording import description_text, person, span_words
from google_workspace_mcp.core.content.characters import clean_line
from google_workspace_mcp.core.content.html import VisibleText
from google_workspace_mcp.core.content.links import web_address
from google_workspace_mcp.core.content.times import local_day, local_time
from google_workspace_mcp.core.tools.workspace import Zone

DETAIL_FIELDS = (
    "id,etag,status,summary,description,location,start,end,updated,visibility,transparency,eventType,colorId,"
    "recurringEventId,originalStartTime,recurrence,hangoutLink,htmlLink,"
    "conferenceData(conferenceSolution/name,entryPoints(entryPointType,uri,label,pin)),"
    "organizer(email,displayName),attendeesOmitted,"
    "attendees(self,organizer,resource,optional,email,displayName,responseStatus,comment,additionalGuests),"
    "attachments(fileId,fileUrl,title,mimeType),reminders,guestsCanModify,guestsCanSeeOtherGuests,"
    "workingLocationProperties,outOfOfficeProperties/declineMessage"
)
SERIES_FIELDS = "id,recurrence"
# Google names an instance after its series and the start that the rule gives it.
_INSTANCE = re.compile(r"(.+)_\d{8}(?:T\d{6}Z)?")
_PLACES = {"homeOffice": "home", "officeLocation": "office"}


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody invited, or a room. `others` come along with them, unnamed."""

    email: str
    name: str
    answer: str
    optional: bool
    organizer: bool
    own: bool
    room: bool
    comment: str
    others: int

    @classmethod
    def of(cls, guest: dict[str, Any]) -> Self:
        """From an `EventAttendee` of Calendar v3."""
        return cls(
            email=clean_line(str(guest.get("email", "")), 120),
            name=clean_line(str(guest.get("displayName", "")), 80),
            answer=ANSWERS.get(str(guest.get("responseStatus", "")), ""),
            optional=bool(guest.get("optional", False)),
            organizer=bool(guest.get("organizer", False)),
            own=bool(guest.get("self", False)),
            room=bool(guest.get("resource", False)),
            comment=clean_line(str(guest.get("comment", "")), 200),
            others=int(guest.get("additionalGuests") or 0),
        )


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that hangs on the event. `file_id` is Drive's, where it lies there."""

    title: str
    url: str
    type: str
    file_id: str


@dataclass(frozen=True, slots=True)
class Series:
    """What an event is one of: the id of the whole, its rules, where this one was moved from, the zone they go by."""

    id: str
    rules: tuple[str, ...]
    moved_from: str
    zone: ZoneInfo | None

    @property
    def words(self) -> str:
        """The rule as a sentence, as far as it can be said in one."""
        return phrase(self.rules, self.zone)


@dataclass(frozen=True, slots=True)
class EventDetails:
    """An event, texts cleaned. `elsewhere` are its times in the zone that it was made in, where that is another."""

    event: CalendarEvent
    etag: str
    elsewhere: str
    text: VisibleText
    organizer: str
    guests: tuple[Guest, ...]
    guests_hidden: bool
    guests_may_change: bool
    join: str
    phone: str
    attachments: tuple[Attachment, ...]
    reminders: str
    visibility: str
    free: bool
    kind: str
    updated: datetime | None
    series: Series | None

    @classmethod
    def of(
        cls, answer: dict[str, Any], master: dict[str, Any], calendar: CalendarEntry, address: str, zone: Zone
    ) -> Self:
        """From an `Event` of Calendar v3 with `DETAIL_FIELDS`, and the one it is an instance of ({} when not known)."""
        event = CalendarEvent.of(answer, calendar, address, zone)
        updated = str(answer.get("updated", ""))
        return cls(
            event=event,
            etag=str(answer.get("etag", "")),
            elsewhere=_elsewhere(event, zone),
            text=description_text(str(answer.get("description", ""))),
            organizer=person(answer.get("organizer") or {}),
            guests=tuple(Guest.of(guest) for guest in answer.get("attendees") or ()),
            guests_hidden=bool(answer.get("attendeesOmitted")) or answer.get("guestsCanSeeOtherGuests") is False,
            guests_may_change=bool(answer.get("guestsCanModify")),
            join=_join(answer),
            phone=_phone(answer),
            attachments=tuple(_attachment(each) for each in answer.get("attachments") or ()),
            reminders=_reminders(answer.get("reminders") or {}),
            visibility=_known(answer, "visibility", ("private", "confidential", "public")),
            free=answer.get("transparency") == "transparent",
            kind=_kind(answer, event),
            updated=datetime.fromisoformat(updated).astimezone(UTC) if updated else None,
            series=_series(answer, master, event.made_in, zone),
        )


def series_of(event_id: str) -> str:
    """The id of the series that an instance's id begins with; empty for other ids."""
    match = _INSTANCE.fullmatch(event_id)
    return match[1] if match else ""


def host_of(url: str) -> str:
    """Where an address really leads."""
    return urlsplit(url).hostname or ""


def _series(answer: dict[str, Any], master: dict[str, Any], own: ZoneInfo | None, zone: Zone) -> Series | None:
    whole = str(answer.get("recurringEventId") or ("recurrence" in answer and answer["id"]) or "")
    if not whole:
        return None
    lines = answer.get("recurrence") or (master.get("recurrence") if master.get("id") == whole else None) or ()
    original, start = answer.get("originalStartTime") or {}, answer.get("start") or {}
    return Series(whole, tuple(clean_line(str(line), 500) for line in lines), _moved(original, start, zone), own)


def _moved(original: dict[str, Any], start: dict[str, Any], zone: Zone) -> str:
    """When the rule would have it, in words; empty when it is there."""
    if day := original.get("date"):
        return "" if start.get("date") == day else local_day(date.fromisoformat(day))
    if not original.get("dateTime"):
        return ""
    ruled = datetime.fromisoformat(original["dateTime"])
    if start.get("dateTime") and datetime.fromisoformat(start["dateTime"]) == ruled:
        return ""
    return local_time(ruled, zone.info)


def _elsewhere(event: CalendarEvent, zone: Zone) -> str:
    if event.all_day or event.made_in is None:
        return ""
    own = Zone(event.made_in)
    there = span_words(event.start, event.end, own)
    return "" if there == span_words(event.start, event.end, zone) else f"{there} {own.name}"


def _join(answer: dict[str, Any]) -> str:
    points = (answer.get("conferenceData") or {}).get("entryPoints") or ()
    video = [str(point.get("uri", "")) for point in points if point.get("entryPointType") == "video"]
    return next((url for given in (str(answer.get("hangoutLink", "")), *video) if (url := web_address(given))), "")


def _phone(answer: dict[str, Any]) -> str:
    for point in (answer.get("conferenceData") or {}).get("entryPoints") or ():
        number = str(point.get("uri", ""))
        if point.get("entryPointType") == "phone" and number.startswith("tel:"):
            pin = clean_line(str(point.get("pin", "")), 20)
            return clean_line(number.removeprefix("tel:"), 40) + (f" PIN {pin}" if pin else "")
    return ""


def _attachment(given: dict[str, Any]) -> Attachment:
    url = web_address(str(given.get("fileUrl", "")))
    return Attachment(
        title=clean_line(str(given.get("title", "")), 120) or "(no title)",
        url=url,
        type=clean_line(str(given.get("mimeType", "")), 100),
        file_id=clean_line(str(given.get("fileId", "")), 100),
    )


def _reminders(given: dict[str, Any]) -> str:
    if given.get("useDefault"):
        return "those of the calendar"
    return ", ".join(
        f"{clean_line(str(each.get('method', '')), 20)} {_before(int(each.get('minutes') or 0))}"
        for each in given.get("overrides") or ()
    )


def _before(minutes: int) -> str:
    for size, unit in ((1440, "day"), (60, "hour")):
        if minutes and minutes % size == 0:
            count = minutes // size
            return f"{count} {unit}{'' if count == 1 else 's'} before"
    return f"{minutes} min before"


def _known(answer: dict[str, Any], name: str, words: tuple[str, ...]) -> str:
    return str(answer[name]) if answer.get(name) in words else ""


def _kind(answer: dict[str, Any], event: CalendarEvent) -> str:
    """The kind in words, with where a working location is."""
    where: dict[str, Any] = answer.get("workingLocationProperties") or {}
    label = str((where.get("customLocation") or where.get("officeLocation") or {}).get("label", ""))
    place = clean_line(label, 80) or _PLACES.get(str(where.get("type", "")), "")
    return f"{event.kind}: {place}" if event.kind and place else event.kind
