"""No descriptors, no disk, no place for passing files: the task says so, lives, and works again afterwards."""

import ast
import asyncio
import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from google_workspace_mcp.demo.client import Memory, PersonAtBrowser, connected
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.lifecycle.task import ROOT, Task, task

ALICE = "alice@example.com"
BEN = "ben@example.com"
PACKAGE = ROOT / "google_workspace_mcp"
# What lives on a developer's machine only.
SIMULATION = ("demo/", "sandbox/")


async def healthy(running: Task) -> bool:
    async with httpx2.AsyncClient(timeout=10, trust_env=False) as fresh:
        return (await fresh.get(f"{running.base}/health")).status_code == 200


async def searches(running: Task, email: str, memory: Memory) -> bool:
    async with asyncio.timeout(30), connected(running.mcp_url, PersonAtBrowser(email), memory=memory) as client:
        return not (await client.call_tool("gmail_search", {})).is_error


@pytest.mark.security("L-7")
async def test_a_task_without_descriptors_left_lives_and_answers_when_there_are_some_again(
    google: SimulatedGoogle, tmp_path: Path
):
    memory = Memory()
    with task(google, tmp_path) as running:
        assert await searches(running, ALICE, memory)
        before = running.limit(resource.RLIMIT_NOFILE, running.open_files() + 4)
        address = (urlsplit(running.base).hostname, urlsplit(running.base).port)
        with ExitStack() as crowd:
            for _ in range(40):
                crowd.enter_context(socket.create_connection(address, timeout=5))
            await asyncio.sleep(0.5)
            assert running.handle.poll() is None
        running.limit(resource.RLIMIT_NOFILE, before)
        assert await healthy(running)
        assert await searches(running, ALICE, memory)
        running.terminate()
        assert await running.ended() == 0
    assert running.events(), "all of the log is JSON"


@pytest.mark.security("L-7")
async def test_with_a_full_disk_who_is_connected_works_on_and_a_sign_in_fails_until_there_is_room(
    google: SimulatedGoogle, http: httpx2.AsyncClient, tmp_path: Path
):
    memory = Memory()
    with task(google, tmp_path) as running:
        assert await searches(running, ALICE, memory)
        # Every write of a file fails, as it does on a full disk; the log goes through a pipe.
        before = running.limit(resource.RLIMIT_FSIZE, 0)
        registration = {"redirect_uris": ["http://127.0.0.1:53682/callback"], "token_endpoint_auth_method": "none"}
        refused = await http.post(f"{running.base}/register", json=registration)
        assert refused.status_code >= 500
        assert str(tmp_path) not in refused.text
        assert await healthy(running)
        assert await searches(running, ALICE, memory)
        running.limit(resource.RLIMIT_FSIZE, before)
        assert await searches(running, BEN, Memory())
    assert running.events(), "all of the log is JSON"


def modules() -> Iterator[Path]:
    return (path for path in PACKAGE.rglob("*.py") if not path.relative_to(PACKAGE).as_posix().startswith(SIMULATION))


@pytest.mark.security("L-7")
def test_nothing_in_the_service_makes_a_passing_file():
    guilty = [
        path.relative_to(PACKAGE).as_posix()
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Import) and any(alias.name == "tempfile" for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module == "tempfile")
    ]
    assert guilty == []
