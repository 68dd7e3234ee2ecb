"""A working week of meetings as an office has them: guests with answers, a video link, an agenda, a room.

The sample people's own calendars hold few guests, and Google's JSON of an event without any is half as long.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from google_workspace_mcp.sandbox.calendar.service import CalendarService
from google_workspace_mcp.sandbox.people.cast import BEN

OFFICE: Final = "c_office.example.com@group.calendar.google.com"
EVENTS: Final = 25
_ZONE: Final = "Europe/Berlin"
_TITLES: Final = ("Planning of the week", "Supplier call: lenses", "Review of the catalogue", "One to one with Priya")
_GUESTS: Final = (
    ("alice@example.com", "Alice Ferreira", "accepted"),
    ("priya@example.com", "Priya Raman", "tentative"),
    ("jonas.mueller@example.com", "Jonas Müller", "needsAction"),
    ("tomas@example.com", "Tomás Álvarez", "declined"),
    ("henrik@fjordparts.example", "Henrik Sø", "accepted"),
)
_AGENDA: Final = (
    "<p>Agenda:</p><ul><li>what became of last week's points</li><li>numbers, and who looks into them</li>"
    "<li>what has to be decided before Friday</li></ul><p>Please read the document beforehand.</p>"
)


def fill_office(calendar: CalendarService, now: datetime) -> None:
    """Five meetings on each of the five working days after `now`, of which one comes every day."""
    calendar.add_calendar(BEN.email, "Office", zone=_ZONE, calendar_id=OFFICE)
    monday = (now + timedelta(days=7 - now.weekday())).replace(hour=0, minute=0)
    rule = ["RRULE:FREQ=DAILY;COUNT=5"]
    _put(calendar, "Stand-up", monday + timedelta(hours=7, minutes=30), now, recurrence=rule)
    for day in range(5):
        for number, title in enumerate(_TITLES):
            _put(calendar, title, monday + timedelta(days=day, hours=8 + 2 * number), now)


def _put(calendar: CalendarService, title: str, start: datetime, now: datetime, **more: Any) -> None:
    times = {
        name: {"dateTime": moment.isoformat(), "timeZone": _ZONE}
        for name, moment in (("start", start), ("end", start + timedelta(minutes=45)))
    }
    guests = [
        {"email": email, "displayName": name, "responseStatus": answer}
        for email, name, answer in ((BEN.email, "Ben Okafor", "accepted"), *_GUESTS)
    ]
    event = {
        "summary": title,
        "location": "Room Köln, second floor",
        "description": _AGENDA,
        "attendees": guests,
        "conferenceData": {"createRequest": {"requestId": f"{title} {start:%j}"}},
        "reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 10}]},
    }
    calendar.add_event(OFFICE, {**event, **times, **more}, creator=BEN.email, created=now - timedelta(days=20))
