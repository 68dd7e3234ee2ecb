from collections.abc import AsyncGenerator

import pytest

from tests.core.google.scripted import Bench, ScriptedServer, bench_for, scripted_server


@pytest.fixture
async def google() -> AsyncGenerator[ScriptedServer]:
    async with scripted_server() as server:
        yield server


@pytest.fixture
async def bench(google: ScriptedServer) -> AsyncGenerator[Bench]:
    async with bench_for(google.url) as made:
        yield made
