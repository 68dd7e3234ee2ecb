"""A document that takes seconds to read: the service answers meanwhile, and no process outlives it."""

import asyncio
import time
from collections.abc import Generator
from pathlib import Path

import httpx2
import pytest
from mcp import Client
from mcp_types import CallToolResult

from google_workspace_mcp.core.clock import SystemClock
from google_workspace_mcp.demo.client import PersonAtBrowser, connected
from google_workspace_mcp.sandbox.people import sample_world
from google_workspace_mcp.sandbox.people.cast import ALICE
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.core.content.documents import hostile
from tests.core.content.documents.test_pool import lives
from tests.lifecycle.task import Task, task

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# While the document is read, so many checks must be answered. A blocked loop would answer none.
CHECKS = 5
PATIENCE = 30


@pytest.fixture(scope="module")
def shelf() -> Generator[tuple[SimulatedGoogle, str]]:
    """The sample people's Google, and the id of a file of Alice's that takes seconds to read."""
    world = sample_world(SystemClock())
    file_id = world.drive.add_file(ALICE.email, "huge.xlsx", hostile.million_hidden_cells(), XLSX)
    with SimulatedGoogle(world.services, world.people) as google:
        yield google, file_id


def children(running: Task) -> set[int]:
    """Processes that the task has started."""
    listed = Path(f"/proc/{running.handle.pid}/task/{running.handle.pid}/children").read_text()
    return {int(word) for word in listed.split()}


async def until_there_is_a_child(running: Task, reading: asyncio.Task[CallToolResult]) -> set[int]:
    async with asyncio.timeout(PATIENCE):
        while not (found := children(running)):
            assert not reading.done(), reading.result().content
            await asyncio.sleep(0.01)
    return found


async def read(client: Client, file_id: str) -> CallToolResult:
    return await client.call_tool("drive_read", {"file_id": file_id})


@pytest.mark.security("L-6")
async def test_health_is_answered_while_a_huge_document_is_read(shelf: tuple[SimulatedGoogle, str], tmp_path: Path):
    google, file_id = shelf
    with task(google, tmp_path) as running:
        async with (
            connected(running.mcp_url, PersonAtBrowser(ALICE.email)) as client,
            httpx2.AsyncClient(timeout=PATIENCE, trust_env=False) as http,
        ):
            reading = asyncio.create_task(read(client, file_id))
            await until_there_is_a_child(running, reading)
            seconds: list[float] = []
            while not reading.done():
                began = time.monotonic()
                assert (await http.get(f"{running.base}/health")).status_code == 200
                if not reading.done():
                    seconds.append(time.monotonic() - began)
            assert len(seconds) >= CHECKS
            assert sorted(seconds)[len(seconds) // 2] < 1
            assert not (await reading).is_error
        running.terminate()
        assert await running.ended() == 0


async def test_a_process_that_reads_ends_with_the_service_and_its_caller_is_told_to_try_again(
    shelf: tuple[SimulatedGoogle, str], tmp_path: Path
):
    google, file_id = shelf
    with task(google, tmp_path, drain=1, graceful=3) as running:
        async with connected(running.mcp_url, PersonAtBrowser(ALICE.email)) as client:
            reading = asyncio.create_task(read(client, file_id))
            started = await until_there_is_a_child(running, reading)
            running.terminate()
            assert (await reading).is_error
        assert await running.ended() == 0
        assert not any(lives(process) for process in started)
