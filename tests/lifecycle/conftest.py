from collections.abc import AsyncGenerator, Generator

import httpx2
import pytest

from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.clients.deployment import sample_google


@pytest.fixture(scope="module")
def sample() -> Generator[SimulatedGoogle]:
    with sample_google() as google:
        yield google


@pytest.fixture
def google(sample: SimulatedGoogle) -> Generator[SimulatedGoogle]:
    """The sample people's Google, without the faults and grants of an earlier test."""
    yield sample
    sample.faults.clear()
    for person in sample.people:
        sample.revoke(person.email)


@pytest.fixture
async def http() -> AsyncGenerator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(timeout=20, trust_env=False) as client:
        yield client
