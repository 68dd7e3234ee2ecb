"""Fills the sample people's calendars around now, so that this week is never empty and the clock change never far."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.sandbox.calendar import CalendarService
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA, PEOPLE
from google_workspace_mcp.sandbox.service import JSON

TEAM = "c_team.example.com@group.calendar.google.com"
HOLIDAYS = "en.german#holiday@group.v.calendar.google.com"
_BERLIN, _NEW_YORK, _ROME = "Europe/Berlin", "America/New_York", "Europe/Rome"


def fill_events(calendar: CalendarService, clock: Clock) -> None:
    """Gives all sample people a calendar and fills them.

    There is a team calendar that Alice and Ben share, one of holidays that all can read, and Chiara's, of which Alice
    sees only when she is busy.
    """
    for person in PEOPLE:
        calendar.add_person(person)
    filler = _Filler(calendar, clock.now())
    filler.shared_calendars()
    filler.meetings()
    filler.own_days()
    filler.series()
    filler.others()


class _Filler:
    def __init__(self, calendar: CalendarService, now: datetime) -> None:
        self._calendar = calendar
        self._now = now
        today = now.astimezone(ZoneInfo(_BERLIN)).date()
        self._monday = today - timedelta(days=today.weekday())

    def shared_calendars(self) -> None:
        roles = {BEN.email: "writer", ALICE.domain: "reader"}
        self._calendar.add_calendar(
            ALICE.email, "Team", access=roles, calendar_id=TEAM, description="Everything that concerns all of us"
        )
        self._calendar.add_calendar(
            "holidays", "Holidays in Germany", zone=_BERLIN, access={"*": "reader"}, calendar_id=HOLIDAYS, color="10"
        )
        self._calendar.subscribe(ALICE.email, HOLIDAYS, color="10")
        self._calendar.share(CHIARA.email, ALICE.email, "freeBusyReader")
        for year in range(self._now.year - 1, self._now.year + 2):
            for name, month, day in (("New Year's Day", 1, 1), ("Labour Day", 5, 1), ("Day of German Unity", 10, 3)):
                self._put(HOLIDAYS, name, date(year, month, day), transparency="transparent", visibility="public")

    def meetings(self) -> None:
        """This week's meetings, one of them with guests who answered in every way."""
        self._put(
            ALICE.email,
            "Arc launch review",
            self._at(2, 14),
            minutes=60,
            location="Room Köln",
            description="<p>Agenda: <b>photos</b>, prices, repair promise.</p>Bring the second proof.",
            attendees=[
                _guest(ALICE.email, "accepted"),
                _guest(BEN.email, "tentative", comment="I may have to leave after half an hour"),
                _guest(CHIARA.email, "declined"),
                _guest("priya@example.com", "accepted", displayName="Priya Raman"),
                _guest("jonas.mueller@example.com", "needsAction", displayName="Jonas Müller", optional=True),
            ],
            conferenceData={"createRequest": {"requestId": "launch-review"}},
        )
        self._put(
            ALICE.email,
            "Call with Fjord Parts",
            self._at(3, 11, 30),
            minutes=45,
            location="+47 22 12 34 56",
            attendees=[_guest(ALICE.email, "accepted"), _guest("henrik@fjordparts.example", "accepted")],
        )
        self._put(
            ALICE.email, "Dentist", self._at(1, 8, 15), minutes=45, visibility="private", location="Praxis Dr. Süß"
        )
        self._put(ALICE.email, "Lunch with Helena", self._at(5, 12, 30), minutes=90, colorId="5")
        self._put(TEAM, "Offsite near Potsdam", self._day(10), days=3, location="Haus am See, Potsdam")
        self._put(TEAM, "Inventory", self._day(4), transparency="transparent")
        self._put(ALICE.email, "Milan furniture fair", self._day(38), days=4, location="Fiera Milano, Rho")

    def own_days(self) -> None:
        """Focus time, days out of office, where Alice works."""
        self._put(
            ALICE.email,
            "Focus time",
            self._at(4, 9),
            minutes=120,
            eventType="focusTime",
            focusTimeProperties={"autoDeclineMode": "declineNone", "chatStatus": "doNotDisturb"},
        )
        self._put(
            ALICE.email,
            "Out of office",
            self._at(14, 0),
            minutes=48 * 60,
            eventType="outOfOffice",
            outOfOfficeProperties={
                "autoDeclineMode": "declineAllConflictingInvitations",
                "declineMessage": "Back on Wednesday",
            },
        )
        self._put(
            ALICE.email,
            "Home",
            self._day(3),
            eventType="workingLocation",
            visibility="public",
            transparency="transparent",
            workingLocationProperties={"type": "homeOffice", "homeOffice": {}},
        )
        self._put(
            ALICE.email,
            "Ben's birthday",
            date(self._now.year - 1, 4, 12),
            recurrence=["RRULE:FREQ=YEARLY"],
            transparency="transparent",
            visibility="private",
            eventType="birthday",
            birthdayProperties={"type": "birthday"},
        )

    def series(self) -> None:
        """Meetings that began half a year ago and go on over both clock changes."""
        first = self._monday - timedelta(weeks=26)
        stand_up = self._put(
            TEAM,
            "Stand-up",
            _moment(first, 9, 30, _BERLIN),
            minutes=15,
            zone=_BERLIN,
            recurrence=["RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH"],
        )
        self._calendar.cancel_instance(TEAM, stand_up, self._at(1, 9, 30))
        with_new_york = self._put(
            ALICE.email,
            "Berlin and New York",
            _moment(first + timedelta(days=1), 10, 0, _NEW_YORK),
            minutes=30,
            zone=_NEW_YORK,
            description="Ten o'clock in New York, whatever that is in Berlin.",
            attendees=[_guest(ALICE.email, "accepted"), _guest(BEN.email, "accepted")],
            recurrence=["RRULE:FREQ=WEEKLY"],
            conferenceData={"createRequest": {"requestId": "berlin-new-york"}},
        )
        this_week = _moment(self._monday + timedelta(days=1), 10, 0, _NEW_YORK)
        moved = _moment(self._monday + timedelta(days=2), 11, 0, _NEW_YORK)
        self._calendar.change_instance(
            ALICE.email,
            with_new_york,
            this_week,
            _span(moved, 30, _NEW_YORK) | {"summary": "Berlin and New York (moved)"},
        )
        later = _moment(self._monday + timedelta(days=15), 10, 0, _NEW_YORK)
        self._calendar.cancel_instance(ALICE.email, with_new_york, later)
        self._put(
            ALICE.email,
            "Invoices",
            self._monday.replace(day=1) - timedelta(days=150),
            recurrence=["RRULE:FREQ=MONTHLY;BYMONTHDAY=-1"],
            transparency="transparent",
        )

    def others(self) -> None:
        """What Ben and Chiara do by themselves."""
        self._put(BEN.email, "Flight to Berlin", self._at(9, 18, zone=_NEW_YORK), minutes=480, zone=_NEW_YORK)
        self._put(BEN.email, "Gym", self._at(0, 7, zone=_NEW_YORK), zone=_NEW_YORK, recurrence=["RRULE:FREQ=DAILY"])
        self._put(
            CHIARA.email,
            "Catalogo: ultima correzione",
            self._at(2, 10, zone=_ROME),
            minutes=120,
            zone=_ROME,
            attendees=[_guest(CHIARA.email, "accepted"), _guest(ALICE.email, "needsAction")],
        )

    def _put(
        self,
        calendar_id: str,
        summary: str,
        start: date,
        *,
        minutes: int = 60,
        days: int = 1,
        zone: str = _BERLIN,
        **more: object,
    ) -> str:
        span = (
            _span(start, minutes, zone)
            if isinstance(start, datetime)
            else {"start": {"date": str(start)}, "end": {"date": str(start + timedelta(days=days))}}
        )
        created = self._now - timedelta(days=30 - len(summary) % 20)
        creator = "" if calendar_id in self._calendar.store.people else ALICE.email
        return self._calendar.add_event(
            calendar_id, {"summary": summary} | span | more, creator=creator, created=created
        )

    def _day(self, offset: int) -> date:
        """Days from this week's Monday."""
        return self._monday + timedelta(days=offset)

    def _at(self, offset: int, hour: int, minute: int = 0, *, zone: str = _BERLIN) -> datetime:
        return _moment(self._day(offset), hour, minute, zone)


def _moment(day: date, hour: int, minute: int, zone: str) -> datetime:
    return datetime.combine(day, time(hour, minute), ZoneInfo(zone))


def _span(start: datetime, minutes: int, zone: str) -> JSON:
    end = start.astimezone(ZoneInfo("UTC")) + timedelta(minutes=minutes)
    return {
        "start": {"dateTime": start.isoformat(), "timeZone": zone},
        "end": {"dateTime": end.isoformat(), "timeZone": zone},
    }


def _guest(email: str, answer: str, **more: object) -> JSON:
    return {"email": email, "responseStatus": answer} | more
