"""The zone of a person's times: asked once, and never a reason for another service's call to fail."""

import random
import time
from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest

from google_workspace_mcp.core.google.deadline import Deadline
from google_workspace_mcp.core.google.endpoints import GoogleEndpoints
from google_workspace_mcp.core.google.resources import GoogleResources
from google_workspace_mcp.core.google.session import GoogleSession
from google_workspace_mcp.core.google.transport import GoogleTransport, make_http_client
from google_workspace_mcp.core.tools.zones import Zones
from google_workspace_mcp.sandbox import faults
from google_workspace_mcp.sandbox.calendar import CalendarService
from google_workspace_mcp.sandbox.people.cast import BEN
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.support.clock import FakeClock

ASKS = "calendar.settings.get"


class Held:
    """A token source with one token."""

    address = BEN.email

    def __init__(self, token: str) -> None:
        self._token = token

    async def access_token(self, *, rejected: str | None = None) -> str:
        return self._token


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def google(clock: FakeClock) -> Iterator[SimulatedGoogle]:
    calendar = CalendarService(clock)
    calendar.add_person(BEN)
    with SimulatedGoogle((calendar,), (BEN,), clock=clock) as google:
        yield google


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    async with make_http_client() as client:
        yield client


def session(google: SimulatedGoogle, http: httpx2.AsyncClient, clock: FakeClock) -> GoogleSession:
    async def no_wait(_seconds: float) -> None:
        return

    transport = GoogleTransport(
        http, clock=clock, randomness=random.Random(1).random, observe=lambda _record: None, sleep=no_wait
    )
    token = google.grant(BEN.email, ["https://www.googleapis.com/auth/calendar.readonly"]).access_token
    resources = GoogleResources(GoogleEndpoints.of(google.url))
    return GoogleSession(transport, resources, Held(token), Deadline(time.monotonic))


async def test_the_calendar_setting_is_asked_for_once_an_hour(
    google: SimulatedGoogle, http: httpx2.AsyncClient, clock: FakeClock
) -> None:
    zones, one = Zones(clock), session(google, http, clock)
    for _ in range(3):
        zone = await zones.of(one, "c", readable=True)
        assert (zone.name, zone.known, zone.label) == ("America/New_York", True, "America/New_York")
    assert google.calls.methods().count(ASKS) == 1
    clock.advance(3600)
    await zones.of(session(google, http, clock), "c", readable=True)
    assert google.calls.methods().count(ASKS) == 2


async def test_without_the_right_to_read_it_nothing_is_asked(
    google: SimulatedGoogle, http: httpx2.AsyncClient, clock: FakeClock
) -> None:
    zone = await Zones(clock).of(session(google, http, clock), "c", readable=False)
    assert (zone.known, zone.label) == (False, "UTC (the account's own zone is unknown)")
    assert ASKS not in google.calls.methods()


@pytest.mark.parametrize("fault", [faults.server_error(503), faults.too_many_requests(None)])
async def test_a_failing_calendar_leaves_the_zone_unknown_until_it_answers(
    google: SimulatedGoogle, http: httpx2.AsyncClient, clock: FakeClock, fault: faults.Fault
) -> None:
    zones, one = Zones(clock), session(google, http, clock)
    google.faults.add(ASKS, fault)
    assert not (await zones.of(one, "c", readable=True)).known
    google.faults.clear()
    asked = google.calls.methods().count(ASKS)
    assert not (await zones.of(one, "c", readable=True)).known
    assert google.calls.methods().count(ASKS) == asked, "it is left alone for half a minute"
    clock.advance(30)
    assert (await zones.of(one, "c", readable=True)).name == "America/New_York"
