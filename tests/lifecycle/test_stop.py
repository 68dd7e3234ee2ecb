"""SIGTERM in the middle of work: what a rolling deployment does to every task."""

import asyncio
import time
from pathlib import Path

import httpx2
import pytest
from mcp import Client
from mcp.client.client import ConnectMode
from mcp_types import CallToolResult, TextContent

from google_workspace_mcp.demo.client import PersonAtBrowser, connected
from google_workspace_mcp.sandbox.faults import latency
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.lifecycle.task import task
from tests.support.collector import collecting
from tests.support.waiting import until

ALICE = "alice@example.com"
LISTING = "gmail.users.messages.list"


def words(result: CallToolResult) -> str:
    return " ".join(block.text for block in result.content if isinstance(block, TextContent))


async def in_flight(client: Client, google: SimulatedGoogle, seconds: float) -> asyncio.Task[CallToolResult]:
    """A search that waits for Google when this returns."""
    google.faults.add(LISTING, latency(seconds), times=1)
    call = asyncio.create_task(client.call_tool("gmail_search", {}))
    await until(lambda: not google.faults.active())
    return call


@pytest.mark.security("L-1")
async def test_calls_in_flight_and_calls_that_still_come_are_answered(
    google: SimulatedGoogle, http: httpx2.AsyncClient, tmp_path: Path
):
    with task(google, tmp_path, drain=2) as running:
        async with connected(running.mcp_url, PersonAtBrowser(ALICE)) as client:
            call = await in_flight(client, google, 1.5)
            signalled = running.terminate()
            readiness = await http.get(f"{running.base}/ready")
            assert time.monotonic() - signalled < 2
            assert (readiness.status_code, readiness.json()) == (503, {"status": "draining"})
            assert not (await client.call_tool("drive_search", {})).is_error
            assert not (await call).is_error
        assert await running.ended() == 0
        assert time.monotonic() - signalled < 2 + 5
    assert "Traceback" not in "".join(running.log)


@pytest.mark.security("L-1")
@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_call_in_flight_when_the_listener_closes_has_the_graceful_time_left(
    google: SimulatedGoogle, tmp_path: Path, mode: ConnectMode
):
    with task(google, tmp_path, drain=0.5, graceful=20) as running:
        async with connected(running.mcp_url, PersonAtBrowser(ALICE), mode=mode) as client:
            # The client lists the tools to check its first result: nobody would answer that any more.
            await client.list_tools()
            call = await in_flight(client, google, 3)
            running.terminate()
            assert not (await call).is_error
        assert await running.ended() == 0


@pytest.mark.security("L-1")
async def test_nobody_is_turned_away_as_long_as_the_drain_delay_lasts(google: SimulatedGoogle, tmp_path: Path):
    with task(google, tmp_path, drain=2) as running:
        async with connected(running.mcp_url, PersonAtBrowser(ALICE)) as client:

            async def ask_on(until: float) -> list[bool]:
                failed: list[bool] = []
                while time.monotonic() < until:
                    failed.append((await client.call_tool("accounts_list", {})).is_error)
                return failed

            end = running.terminate() + 1.5
            async with asyncio.timeout(20):
                answers = await asyncio.gather(*(ask_on(end) for _ in range(4)))
        assert await running.ended() == 0
    assert min(len(failed) for failed in answers) > 1
    assert not any(any(failed) for failed in answers)


@pytest.mark.security("L-1")
async def test_a_read_that_cannot_finish_in_time_is_answered_with_try_again(google: SimulatedGoogle, tmp_path: Path):
    with task(google, tmp_path, drain=1, graceful=3) as running:
        async with connected(running.mcp_url, PersonAtBrowser(ALICE)) as client:
            call = await in_flight(client, google, 15)
            signalled = running.terminate()
            result = await call
            answered = time.monotonic() - signalled
        assert await running.ended() == 0
        assert time.monotonic() - signalled < 1 + 3 + 5
    assert result.is_error
    assert "The same call may be tried again after 1 s" in words(result)
    assert "being replaced" in words(result)
    assert answered < 4, "before it would have been cut off"


@pytest.mark.security("L-1")
async def test_a_call_that_comes_late_has_only_the_time_that_is_left(google: SimulatedGoogle, tmp_path: Path):
    with task(google, tmp_path, drain=2, graceful=2) as running:
        async with connected(running.mcp_url, PersonAtBrowser(ALICE)) as client:
            await client.call_tool("accounts_list", {})
            google.faults.add(LISTING, latency(15), times=1)
            signalled = running.terminate()
            result = await client.call_tool("gmail_search", {})
            answered = time.monotonic() - signalled
        assert await running.ended() == 0
    assert "being replaced" in words(result)
    assert answered < 4, "before it would have been cut off"


async def test_the_last_figures_and_spans_leave_before_the_process_ends(google: SimulatedGoogle, tmp_path: Path):
    with (
        collecting() as collector,
        task(
            google, tmp_path, drain=1, emf_namespace="Ours", otlp_endpoint=collector.url, log_level="error"
        ) as running,
    ):
        async with connected(running.mcp_url, PersonAtBrowser(ALICE)) as client:
            call = await in_flight(client, google, 0.5)
            signalled = running.terminate()
            assert not (await call).is_error
        assert await running.ended() == 0
        took = time.monotonic() - signalled
    lines = [line for line in running.events() if line["event"] == "figures"]
    *rounds, drain = lines
    assert sum(line["Reads"] for line in rounds) == 1
    assert rounds[0]["ToolCalls"] == 0
    assert 1 <= drain["DrainSeconds"] <= took
    assert "tool gmail_search" in {span.name for span in collector.spans}
