"""From what a client writes to an event that is kept: checks, defaults, a Meet link when one is asked for."""

import hashlib
import re
from copy import deepcopy
from datetime import datetime

from google_workspace_mcp.sandbox.calendar.recurrence import check_recurrence
from google_workspace_mcp.sandbox.calendar.store import Calendar, CalendarStore, Event
from google_workspace_mcp.sandbox.calendar.times import When, read_when
from google_workspace_mcp.sandbox.service import JSON, GoogleError, bad_request

# What clients write and everybody sees the same; the rest of a body is read-only and dropped, as Google drops it.
SHARED_FIELDS = (
    "summary", "description", "location", "attendees", "anyoneCanAddSelf", "guestsCanInviteOthers", "guestsCanModify",
    "guestsCanSeeOtherGuests", "conferenceData", "hangoutLink", "attachments", "extendedProperties", "source",
    "eventType", "focusTimeProperties", "outOfOfficeProperties", "workingLocationProperties", "birthdayProperties",
)  # fmt: skip
# What a guest may set for themself alone.
PERSONAL_FIELDS = ("reminders", "colorId", "transparency", "visibility")
_ID = re.compile(r"[a-v0-9]{5,1024}")
_OWN_CALENDAR_ONLY = frozenset({"focusTime", "outOfOffice", "workingLocation"})


def make_event(
    store: CalendarStore, calendar: Calendar, body: JSON, *, creator: str, created: datetime | None = None
) -> Event:
    """A new event, kept and returned.

    Raises:
        GoogleError: 400 for times, recurrence or ids that Google refuses; 409 for an id that is taken.
    """
    event_id = str(body.get("id") or store.new_id())
    if not _ID.fullmatch(event_id):
        raise GoogleError(400, "invalid", "Invalid resource id value.", location="resource.id")
    if (calendar.id, event_id) in store.events:
        raise GoogleError(409, "duplicate", "The requested identifier already exists.")
    start, end = read_span(body, calendar.zone)
    recurrence = read_recurrence(body, start)
    now = created or store.clock.now()
    event = Event(
        event_id,
        calendar.id,
        {},
        start,
        end,
        now,
        now,
        store.next_change(),
        str(body.get("iCalUID") or f"{event_id}@google.com"),
        creator,
        calendar.id,
        recurrence,
        str(body.get("status") or "confirmed"),
    )
    write_fields(event, body, calendar)
    store.put(event)
    return event


def read_span(body: JSON, zone: str) -> tuple[When, When]:
    """Start and end.

    Raises:
        GoogleError: 400 when one is missing, they are of two kinds, or the end is before the start.
    """
    for name in ("start", "end"):
        if not body.get(name):
            raise GoogleError(400, "required", f"Missing {name} time.", location=name)
    start, end = read_when(body["start"], zone, "start"), read_when(body["end"], zone, "end")
    if start.all_day != end.all_day:
        raise bad_request("Start and end times must either both be date or both be dateTime.")
    if end.instant(zone) < start.instant(zone) or (start.all_day and end.value == start.value):
        raise GoogleError(400, "timeRangeEmpty", "The specified time range is empty.")
    return start, end


def read_recurrence(body: JSON, start: When) -> list[str]:
    """The recurrence lines of a body, checked."""
    lines = [str(line) for line in body.get("recurrence") or ()]
    if lines and not start.all_day and not body["start"].get("timeZone"):
        raise bad_request("Missing time zone definition for start time.", location="start.timeZone")
    check_recurrence(start, lines)
    return lines


def write_fields(event: Event, body: JSON, calendar: Calendar) -> None:
    """Puts what a body says into an event."""
    fields = {name: deepcopy(body[name]) for name in (*SHARED_FIELDS, *PERSONAL_FIELDS) if body.get(name) is not None}
    kind = fields.get("eventType", "default")
    if kind in _OWN_CALENDAR_ONLY and (not calendar.primary or (event.start.all_day and kind != "workingLocation")):
        raise GoogleError(
            400, "eventTypeRestriction", "Events of this type can only be timed events on a primary calendar."
        )
    if "attendees" in fields:
        fields["attendees"] = _guests(fields["attendees"])
    conference = fields.get("conferenceData") or {}
    # Clients cannot write the link: it is what the conference says.
    fields.pop("hangoutLink", None)
    if conference.get("createRequest") and not conference.get("entryPoints"):
        _meet(event, fields)
    elif (conference.get("conferenceSolution") or {}).get("key", {}).get("type") == "hangoutsMeet":
        fields["hangoutLink"] = conference["entryPoints"][0]["uri"]
    event.fields = fields
    # A guest's own settings go when the guest does.
    event.personal = {email: said for email, said in event.personal.items() if event.invites(email)}


def _guests(given: list[JSON]) -> list[JSON]:
    guests: dict[str, JSON] = {}
    for guest in given:
        email = str(guest.get("email") or "").strip().lower()
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
            raise GoogleError(400, "invalid", "Invalid attendee email.", location="attendees")
        kept = {name: value for name, value in guest.items() if name not in {"self", "organizer", "id"}}
        guests[email] = {"responseStatus": "needsAction"} | kept | {"email": email}
    return list(guests.values())


def _meet(event: Event, fields: JSON) -> None:
    """A Meet conference as Google makes one for a `createRequest`."""
    request: JSON = fields["conferenceData"]["createRequest"]
    seed = f"{event.calendar_id} {event.id} {request.get('requestId')}"
    digest = hashlib.sha256(seed.encode()).digest()
    letters = "".join(chr(ord("a") + byte % 26) for byte in digest)
    code = f"{letters[:3]}-{letters[3:7]}-{letters[7:10]}"
    link = f"https://meet.google.com/{code}"
    fields["hangoutLink"] = link
    fields["conferenceData"] = {
        "createRequest": {
            "requestId": str(request.get("requestId") or ""),
            "conferenceSolutionKey": {"type": "hangoutsMeet"},
            "status": {"statusCode": "success"},
        },
        "entryPoints": [{"entryPointType": "video", "uri": link, "label": link.removeprefix("https://")}],
        "conferenceSolution": {"key": {"type": "hangoutsMeet"}, "name": "Google Meet"},
        "conferenceId": code,
    }
