"""Two weeks around a clock change: Alice's calendars, a team's, a colleague's busy times, one that nobody may see."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from google_workspace_mcp.calendar.tools import tools
from google_workspace_mcp.sandbox.calendar import CalendarService
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.drive.desk import Desk, desk_at, friday_morning
from tests.support.clock import FakeClock

STANDUP_RULE = "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"


@dataclass
class Calendars:
    """The service and the ids of what is there."""

    service: CalendarService
    team: str
    holidays: str
    closed: str
    standup: str
    review: str


def timed(start: str, end: str, zone: str = "Europe/Berlin") -> dict[str, Any]:
    return {"start": {"dateTime": start, "timeZone": zone}, "end": {"dateTime": end, "timeZone": zone}}


def days(first: str, after: str) -> dict[str, Any]:
    return {"start": {"date": first}, "end": {"date": after}}


def guests(**answers: str) -> list[dict[str, str]]:
    addresses = {"alice": ALICE.email, "ben": BEN.email, "chiara": CHIARA.email}
    return [{"email": addresses[name], "responseStatus": answer} for name, answer in answers.items()]


def fill(calendar: CalendarService) -> Calendars:
    for person in (ALICE, BEN, CHIARA):
        calendar.add_person(person)
    alice, ben = ALICE.email, BEN.email
    standup = calendar.add_event(
        alice,
        {"summary": "Standup", "recurrence": [STANDUP_RULE], **timed("2026-03-02T09:00:00", "2026-03-02T09:15:00")},
    )
    meet = {"createRequest": {"requestId": "r1"}}
    review = calendar.add_event(
        ben,
        {
            "summary": "Launch\u200b review",
            "location": "Room 4",
            "conferenceData": meet,
            "attendees": guests(alice="tentative", ben="accepted", chiara="declined"),
            **timed("2026-03-30T14:00:00", "2026-03-30T15:00:00"),
        },
    )
    calendar.add_event(alice, {"summary": "Fair in Milan", **days("2026-03-31", "2026-04-03")})
    calendar.add_event(alice, {"summary": "Night shift", **timed("2026-03-28T22:00:00", "2026-03-29T06:00:00")})
    focus = {"eventType": "focusTime", "focusTimeProperties": {}}
    calendar.add_event(alice, {"summary": "Write", **focus, **timed("2026-04-01T13:00:00", "2026-04-01T15:00:00")})
    team = calendar.add_calendar(ben, "Team", access={alice: "reader"})
    calendar.add_event(team, {"summary": "Team lunch", **timed("2026-03-30T12:00:00", "2026-03-30T13:00:00")})
    secret = {"summary": "Salary talk", "visibility": "private"}
    calendar.add_event(team, {**secret, **timed("2026-03-30T16:00:00", "2026-03-30T17:00:00")})
    holidays = calendar.add_calendar(ben, "Holidays", access={alice: "reader"})
    calendar.add_event(holidays, {"summary": "Good Friday", **days("2026-04-03", "2026-04-04")})
    closed = calendar.add_calendar(CHIARA.email, "Atelier")
    return Calendars(calendar, team, holidays, closed, standup, review)


@pytest.fixture
def clock() -> FakeClock:
    return friday_morning()


@pytest.fixture
def calendars(clock: FakeClock) -> Calendars:
    return fill(CalendarService(clock))


@pytest.fixture
def google(calendars: Calendars, clock: FakeClock) -> Iterator[SimulatedGoogle]:
    with SimulatedGoogle([calendars.service], [ALICE, BEN, CHIARA], clock=clock) as google:
        yield google
        assert google.violations == []


@pytest.fixture
async def desk(google: SimulatedGoogle, clock: FakeClock) -> AsyncIterator[Desk]:
    async with desk_at(google, clock, ALICE.email, tools(clock)) as desk:
        yield desk
