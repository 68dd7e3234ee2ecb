"""Alice's calendar to write in, Ben's and Chiara's beside it, and a team's that Alice may write to."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from google_workspace_mcp.calendar.tools import tools
from google_workspace_mcp.sandbox.calendar import CalendarService
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.support.clock import FakeClock
from tests.support.workspace import Mailroom, open_workspace

CALENDAR = "https://www.googleapis.com/auth/calendar"
DRIVE = "https://www.googleapis.com/auth/drive.readonly"


@dataclass
class Book:
    """The simulated Calendar, looked into from behind."""

    service: CalendarService
    team: str

    def event(self, event_id: str, calendar: str = ALICE.email) -> Any:
        """The event as it is kept."""
        return self.service.store.events[(calendar, event_id)]

    @property
    def mails(self) -> list[tuple[str, str]]:
        return [(each.kind, each.recipient) for each in self.service.notifications]

    def count(self, calendar: str = ALICE.email) -> int:
        """How many events there are, deleted ones left out."""
        events = self.service.store.events.values()
        return sum(event.calendar_id == calendar and event.status != "cancelled" for event in events)


def timed(start: str, end: str, zone: str = "Europe/Berlin") -> dict[str, Any]:
    return {"start": {"dateTime": start, "timeZone": zone}, "end": {"dateTime": end, "timeZone": zone}}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 3, 27, 8, 30, tzinfo=UTC))


@pytest.fixture
def book(clock: FakeClock) -> Book:
    service = CalendarService(clock)
    for person in (ALICE, BEN, CHIARA):
        service.add_person(person)
    return Book(service, service.add_calendar(BEN.email, "Team", access={ALICE.email: "writer"}))


@pytest.fixture
def google(book: Book, clock: FakeClock) -> Iterator[SimulatedGoogle]:
    with SimulatedGoogle([book.service], [ALICE, BEN, CHIARA], clock=clock) as google:
        yield google
        assert google.violations == []


@pytest.fixture
async def desk(google: SimulatedGoogle, clock: FakeClock) -> AsyncIterator[Mailroom]:
    async with open_workspace(google, ALICE.email, [CALENDAR], tools(clock), clock) as desk:
        yield desk


@pytest.fixture
async def ben(google: SimulatedGoogle, clock: FakeClock) -> AsyncIterator[Mailroom]:
    async with open_workspace(google, BEN.email, [CALENDAR], tools(clock), clock) as desk:
        yield desk


async def instances(desk: Mailroom, start: str = "2026-03-01", end: str = "2027-12-31", **more: Any) -> list[Any]:
    """Everything in that time, expanded, as the listing shows it."""
    found = await desk.call("calendar_list_events", start=start, end=end, limit=100, **more)
    assert not found.cursor
    return list(found.events)
