"""Fixtures of the simulator's own tests: in process for most, over a real socket where the socket matters."""

from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest

from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.sandbox.world import Recorder, StoppedClock, bearer, small_google


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def google(recorder: Recorder, clock: StoppedClock) -> SimulatedGoogle:
    return small_google(recorder, clock)


@pytest.fixture
def served(google: SimulatedGoogle) -> Iterator[SimulatedGoogle]:
    with google:
        yield google


@pytest.fixture
async def anyone(google: SimulatedGoogle) -> AsyncIterator[httpx2.AsyncClient]:
    """A client without a token, in process."""
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(google.app), base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture
async def alice(google: SimulatedGoogle) -> AsyncIterator[httpx2.AsyncClient]:
    """Alice's client, with every scope, in process."""
    transport = httpx2.ASGITransport(google.app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=bearer(google)) as client:
        yield client


@pytest.fixture
def connection(served: SimulatedGoogle) -> Iterator[httpx2.Client]:
    """Alice's client over a real socket."""
    with httpx2.Client(base_url=served.url, headers=bearer(served), timeout=10) as client:
        yield client
