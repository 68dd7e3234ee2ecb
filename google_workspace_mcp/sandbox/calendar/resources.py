"""Events and calendars as Calendar v3 shows them, to this person, in this zone."""

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass

from google_workspace_mcp.sandbox.calendar.palette import CALENDAR_COLORS
from google_workspace_mcp.sandbox.calendar.store import Calendar, CalendarStore, Entry, Event, Shown
from google_workspace_mcp.sandbox.calendar.times import millis
from google_workspace_mcp.sandbox.service import JSON, Person

_HIDDEN_FROM_READERS = frozenset({"private", "confidential"})


@dataclass(frozen=True, slots=True)
class View:
    """Who looks, through which calendar, with which role, and in which zone times are shown."""

    store: CalendarStore
    person: Person
    calendar: Calendar
    role: str
    zone: str
    max_attendees: int | None = None

    def event(self, shown: Shown) -> JSON:
        """The event resource, reduced to a busy block where the role or the event's visibility says so."""
        event = shown.event
        if shown.cancelled:
            return _cancelled(self, shown)
        personal = self._personal(event)
        private = personal.get("visibility") in _HIDDEN_FROM_READERS
        if self.role == "freeBusyReader" or (private and self.role in {"reader", "writerWithoutPrivateAccess"}):
            return self._busy_block(shown)
        return self._frame(shown) | personal | self._people(event)

    def _personal(self, event: Event) -> JSON:
        """What the event says, with what this calendar's owner set for themself in its place."""
        said = {name: value for name, value in event.fields.items() if name != "attendees"}
        if event.calendar_id != self.calendar.id:
            said = {name: value for name, value in said.items() if name not in {"reminders", "colorId"}}
            said |= event.personal.get(self.calendar.id, {})
        said.setdefault("reminders", {"useDefault": True})
        said.setdefault("eventType", "default")
        return said

    def _frame(self, shown: Shown) -> JSON:
        event = shown.event
        frame = self._busy_block(shown) | {
            "htmlLink": html_link(shown.id, self.calendar.id),
            "created": millis(event.created),
            "updated": millis(event.updated),
            "iCalUID": event.ical_uid,
            "sequence": event.sequence,
        }
        del frame["visibility"]
        if event.recurrence and not shown.is_instance:
            frame["recurrence"] = list(event.recurrence)
        return frame

    def _busy_block(self, shown: Shown) -> JSON:
        return {
            "kind": "calendar#event",
            "etag": shown.event.etag,
            "id": shown.id,
            "status": shown.event.status,
            "start": shown.start.json(self.zone),
            "end": shown.end.json(self.zone),
            "visibility": "private",
            "eventType": shown.event.fields.get("eventType", "default"),
        } | self.series_of(shown)

    def series_of(self, shown: Shown) -> JSON:
        if shown.original is None:
            return {}
        series = shown.event.series or shown.event.id
        return {"recurringEventId": series, "originalStartTime": shown.original.json(self.zone)}

    def _people(self, event: Event) -> JSON:
        said: JSON = {
            "creator": self._party(event.creator, event.creator == self.calendar.id),
            "organizer": self._party(event.organizer, event.organizer == self.calendar.id),
        }
        guests = [self._guest(event, guest) for guest in event.guests()]
        if not guests:
            return said
        hides = event.fields.get("guestsCanSeeOtherGuests") is False and event.organizer != self.calendar.id
        if hides or (self.max_attendees is not None and len(guests) > self.max_attendees):
            guests = [guest for guest in guests if guest.get("self")]
            said["attendeesOmitted"] = True
        return said | ({"attendees": guests} if guests else {})

    def _party(self, email: str, is_self: bool) -> JSON:
        person, calendar = self.store.people.get(email), self.store.calendars.get(email)
        name = person.name if person else (calendar.summary if calendar else "")
        return {"email": email} | ({"displayName": name} if name else {}) | ({"self": True} if is_self else {})

    def _guest(self, event: Event, guest: JSON) -> JSON:
        shown = dict(guest)
        person = self.store.people.get(guest["email"])
        if person is not None:
            shown.setdefault("displayName", person.name)
        if guest["email"] == event.organizer:
            shown["organizer"] = True
        if guest["email"] == self.calendar.id:
            shown["self"] = True
        return shown


def _cancelled(view: View, shown: Shown) -> JSON:
    """What is left of a deleted event: enough to take it out of a copy."""
    left: JSON = {"kind": "calendar#event", "etag": shown.event.etag, "id": shown.id, "status": "cancelled"}
    return left | view.series_of(shown)


def html_link(event_id: str, calendar_id: str) -> str:
    eid = urlsafe_b64encode(f"{event_id} {calendar_id}".encode()).decode().rstrip("=")
    return f"https://www.google.com/calendar/event?eid={eid}"


def etag(*parts: object) -> str:
    """An etag that changes when one of the parts does."""
    text = "\n".join(str(part) for part in parts)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:16]}"'


def calendar(held: Calendar) -> JSON:
    """The `Calendar` resource."""
    shown: JSON = {
        "kind": "calendar#calendar",
        "etag": etag(held),
        "id": held.id,
        "summary": held.summary,
        "timeZone": held.zone,
        "conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]},
    }
    return shown | {name: value for name, value in _told(held).items() if value}


def list_entry(held: Calendar, entry: Entry, role: str) -> JSON:
    """The `CalendarListEntry` resource."""
    color = CALENDAR_COLORS[entry.color]
    shown: JSON = {
        "kind": "calendar#calendarListEntry",
        "etag": etag(held, entry),
        "id": held.id,
        "summary": held.summary,
        "timeZone": held.zone,
        "colorId": entry.color,
        "backgroundColor": color["background"],
        "foregroundColor": color["foreground"],
        "accessRole": role,
        "defaultReminders": list(entry.reminders),
        "conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]},
    }
    flags = {"selected": entry.selected, "hidden": entry.hidden, "primary": held.primary and role == "owner"}
    told = _told(held) | flags | {"summaryOverride": entry.name}
    return shown | {name: value for name, value in told.items() if value}


def _told(held: Calendar) -> JSON:
    return {"description": held.description, "location": held.location}
