"""M-11, and what load balancers are told."""

import pytest

from google_workspace_mcp.core.http.health import Lifecycle
from tests.core.http.shells import PUBLIC, Shell, Ticking, shell


async def ready(running: Shell) -> tuple[int, dict[str, str]]:
    answer = await running.call("GET", "http://10.0.3.7:8000/ready")
    return answer.status_code, answer.json()


@pytest.mark.parametrize(
    "url", ["http://10.0.3.7:8000/health", f"{PUBLIC}/ws/health", "http://10.0.3.7:8000/ws/health"]
)
async def test_health_says_no_more_than_that_the_process_lives(url: str):
    running = shell()
    running.lifecycle.degraded("store")
    running.lifecycle.drain()
    answer = await running.call("GET", url)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_readiness_follows_the_life_of_the_process():
    running = shell()
    assert await ready(running) == (503, {"status": "starting"})
    running.lifecycle.started()
    assert await ready(running) == (200, {"status": "ready"})
    running.lifecycle.drain()
    assert await ready(running) == (503, {"status": "draining"})


async def test_a_failing_store_shows_as_degraded_and_never_as_unready():
    running = shell()
    running.lifecycle.started()
    running.lifecycle.degraded("store")
    assert await ready(running) == (200, {"status": "degraded", "reason": "store"})
    assert "gwmcp_degraded 1.0" in running.metrics.render()
    running.lifecycle.degraded(None)
    assert await ready(running) == (200, {"status": "ready"})
    assert "gwmcp_degraded 0.0" in running.metrics.render()


async def test_health_cannot_be_posted_to():
    answer = await shell().call("POST", f"{PUBLIC}/ws/health")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


async def test_answers_while_draining_ask_the_caller_to_open_a_new_connection():
    running = shell()
    assert "connection" not in (await running.call("POST", f"{PUBLIC}/ws/mcp")).headers
    running.lifecycle.drain()
    assert (await running.call("POST", f"{PUBLIC}/ws/mcp")).headers["connection"] == "close"


def test_the_time_left_counts_down_from_the_first_drain():
    clock = Ticking()
    lifecycle = Lifecycle(clock)
    assert lifecycle.time_left() is None
    lifecycle.drain(40)
    clock.seconds = 15
    lifecycle.drain(40)
    assert lifecycle.time_left() == 25
    clock.seconds = 100
    assert lifecycle.time_left() == 0


async def test_the_shell_has_started_when_the_application_inside_has():
    running = shell()
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    states: list[str] = []

    async def receive() -> dict[str, str]:
        states.append(running.lifecycle.readiness)
        return next(messages)

    async def send(_message: object) -> None:
        return

    await running.app({"type": "lifespan", "state": {}}, receive, send)
    assert states == ["starting", "ready"]
