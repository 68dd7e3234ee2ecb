"""A running service with people who can sign in; their accounts are empty, which sign-in does not mind."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from google_workspace_mcp.sandbox.people.cast import PEOPLE
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.support.clock import FakeClock
from tests.support.oauth import HandClient
from tests.support.stack import Stack, running


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def google(clock: FakeClock) -> Iterator[SimulatedGoogle]:
    with SimulatedGoogle((), PEOPLE, clock=clock) as google:
        yield google


@pytest.fixture
def settings() -> dict[str, Any]:
    """What a module wants to be set otherwise."""
    return {}


@pytest.fixture
def stack(google: SimulatedGoogle, clock: FakeClock, tmp_path: Path, settings: dict[str, Any]) -> Iterator[Stack]:
    with running(google, tmp_path, prefix="/workspace", clock=clock, **settings) as stack:
        yield stack


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(timeout=20, trust_env=False) as client:
        yield client


@pytest.fixture
async def client(stack: Stack, http: httpx2.AsyncClient) -> HandClient:
    client = HandClient(stack.settings.base_url, http)
    assert (await client.register()).status_code == 201
    return client
