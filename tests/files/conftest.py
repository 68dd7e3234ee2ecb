"""One deployed service for a module's tests."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.files.world import World, connect_people, world_in
from tests.support.clock import FakeClock


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world_in(tmp_path_factory.mktemp("service"), FakeClock()) as world:
        asyncio.run(connect_people(world))
        yield world
        assert world.google.violations == []


@pytest.fixture
async def world(shared: World) -> AsyncIterator[World]:
    async with type(shared.http)(timeout=30, trust_env=False) as http:
        shared.http = http
        shared.google.faults.clear()
        shared.google.calls.clear()
        yield shared
