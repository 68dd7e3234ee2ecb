"""A calendar as somebody has it after years: a week's list, free and busy times, and a time for twelve people."""

import random
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from google_workspace_mcp.calendar.tools import tools
from google_workspace_mcp.sandbox.calendar import CalendarService
from google_workspace_mcp.sandbox.people.cast import ALICE
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from google_workspace_mcp.sandbox.service import Person
from tests.drive.desk import Desk, desk_at, friday_morning
from tests.support.clock import FakeClock

BEGIN = datetime(2021, 1, 4, tzinfo=UTC)
WEEK = datetime(2026, 3, 30, tzinfo=UTC)
ZONES = ("Europe/Berlin", "America/New_York", "Europe/London", "Asia/Kathmandu")
# Far more than either takes, also beside other tests: what is found is what is tested, and the times are printed.
AT_MOST = 60.0


@dataclass(frozen=True)
class Size:
    events: int
    series: int
    people: int


SIZES = (
    pytest.param(Size(300, 20, 4), id="small"),
    pytest.param(Size(20_000, 300, 12), id="full", marks=[pytest.mark.proof, pytest.mark.timeout(600)]),
)


@dataclass
class Years:
    """The calendar, who else there is, and when the single events of the week begin."""

    service: CalendarService
    people: list[Person]
    size: Size
    in_week: int


def span(start: datetime, minutes: int) -> dict[str, Any]:
    return {
        name: {"dateTime": moment.isoformat(), "timeZone": "Europe/Berlin"}
        for name, moment in (("start", start), ("end", start + timedelta(minutes=minutes)))
    }


def filled(clock: FakeClock, size: Size) -> Years:
    service, chance = CalendarService(clock), random.Random(9)
    people = [
        Person(f"p{number}@example.com", f"Person {number}", f"2{number:020}", ZONES[number % len(ZONES)])
        for number in range(size.people)
    ]
    for person in (ALICE, *people):
        service.add_person(person)
    in_week = 0
    for number in range(size.events):
        start = BEGIN + timedelta(days=chance.randrange(7 * 365), minutes=15 * chance.randrange(96))
        in_week += WEEK <= start < WEEK + timedelta(days=7)
        service.add_event(ALICE.email, {"summary": f"Single {number}", **span(start, 15)})
    for number in range(size.series):
        start = BEGIN + timedelta(days=number % 365, minutes=15 * chance.randrange(96))
        rule = ["RRULE:FREQ=WEEKLY"]
        # Series by the clock of a zone without changes: each has one date in every week.
        times = {name: {**each, "timeZone": "UTC"} for name, each in span(start, 5).items()}
        service.add_event(ALICE.email, {"summary": f"Series {number}", "recurrence": rule, **times})
    for person in people:
        for _ in range(40):
            start = WEEK + timedelta(minutes=15 * chance.randrange(7 * 96))
            service.add_event(person.email, {"summary": "x", **span(start, 30)})
    return Years(service, people, size, in_week)


@pytest.fixture(scope="module", params=SIZES)
def years(request: pytest.FixtureRequest) -> Years:
    return filled(friday_morning(), request.param)


@pytest.fixture
def google(years: Years) -> Iterator[SimulatedGoogle]:
    with SimulatedGoogle([years.service], [ALICE, *years.people], clock=friday_morning()) as google:
        yield google
        assert google.violations == []


@pytest.fixture
async def desk(google: SimulatedGoogle) -> AsyncIterator[Desk]:
    clock = friday_morning()
    async with desk_at(google, clock, ALICE.email, tools(clock)) as desk:
        yield desk


async def timed(desk: Desk, years: Years, what: str, /, **arguments: Any) -> Any:
    """The answer, its time and that of the simulated Google within it printed."""
    started = time.perf_counter()
    result = await desk.call(what, **arguments)
    taken = time.perf_counter() - started
    google = sum(call.ended - call.started for call in desk.google.calls.api_calls())
    print(f"\n{what} {years.size}: {taken:.2f} s, of which the simulated Google {google:.2f} s")  # noqa: T201
    assert taken < AT_MOST
    return result


async def test_a_week_is_listed_whole(desk: Desk, years: Years):
    week = {"start": "2026-03-30T00:00Z", "end": "2026-04-06T00:00Z"}
    seen: list[str] = []
    cursor = ""
    for _ in range(20):
        found = await timed(desk, years, "calendar_list_events", **week, limit=100, cursor=cursor)
        seen += [row.id for row in found.events]
        cursor = found.cursor
        if not cursor:
            break
    assert len(seen) == len(set(seen))
    began = [event for event in seen if event]
    # What began before the week and reaches into it is listed as well: at most a quarter of an hour's worth.
    assert 0 <= len(began) - years.in_week - years.size.series <= 5


async def test_a_time_is_found_for_everybody(desk: Desk, years: Years):
    people = [person.email for person in years.people]
    range_ = {"start": "2026-03-30", "end": "2026-04-05"}
    found = await timed(desk, years, "calendar_find_time", people=people, minutes=15, hours="any", **range_)
    told = await timed(desk, years, "calendar_free_busy", calendars=["primary", *people], **range_)
    again = await timed(desk, years, "calendar_find_time", people=people, minutes=15, hours="any", **range_)
    assert again == found
    assert not found.not_seen
    assert found.slots
    busy = [
        (datetime.fromisoformat(each.start), datetime.fromisoformat(each.end))
        for row in told.calendars
        for each in row.busy
    ]
    assert len(told.calendars) == years.size.people + 1
    covered = datetime.fromisoformat(told.end)
    for slot in found.slots:
        start, end = datetime.fromisoformat(slot.start), datetime.fromisoformat(slot.end)
        if end <= covered:
            assert all(over <= start or begin >= end for begin, over in busy)
