"""Runs the image as a task would, and uses it as a client would: sign-in, three services, a stop while calls come.

Google is the simulated one, outside the container, on this machine's loopback address.
"""

import asyncio
import json
import subprocess
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

import httpx2
from mcp import Client

from google_workspace_mcp.core.clock import SystemClock
from google_workspace_mcp.core.http.server import listen
from google_workspace_mcp.demo.client import PersonAtBrowser, connected
from google_workspace_mcp.demo.world import Exports, demo_world
from google_workspace_mcp.sandbox.faults import latency
from google_workspace_mcp.sandbox.oauth.book import OAuthClient
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from scripts.image.engine import Engine

STOP_SECONDS = 60
_START_SECONDS = 60
_USE_SECONDS = 120
_SLOW_CALL_SECONDS = 4
# The engine itself needs a moment to deliver the signal.
_NOTICE_SECONDS = 10
_CLIENT_ID, _CLIENT_SECRET = "smoke.apps.googleusercontent.example", f"smoke-secret-{token_hex(8)}"
_TOOLS = ("accounts_list", "gmail_search", "drive_search", "calendar_list_events")


class SmokeError(Exception):
    """The image does not do what it must; the text says what."""


@dataclass
class Outcome:
    """What was seen: seconds from `run` to the first `/health`, seconds from SIGTERM to the end, and each check."""

    start_seconds: float = 0
    stop_seconds: float = 0
    passed: list[str] = field(default_factory=list[str])

    def check(self, what: str, holds: bool, seen: object = "") -> None:
        """Notes that `what` holds. Raises SmokeError when it does not."""
        if not holds:
            raise SmokeError(f"{what}: no. {seen}".rstrip())
        self.passed.append(what)


@dataclass(frozen=True, slots=True)
class Container:
    """A running container and the address it answers on."""

    engine: Engine
    name: str
    base: str

    def python(self, code: str) -> Any:
        """What a Python expression in the container evaluates to, by way of JSON."""
        return json.loads(
            self.engine.output("exec", self.name, "python", "-c", f"import json, os, sys; print(json.dumps({code}))")
        )

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command in the container, however it ends."""
        words = [*self.engine.command, "exec", self.name, *command]
        return subprocess.run(words, capture_output=True, text=True, check=False, timeout=_START_SECONDS)

    def logs(self) -> list[str]:
        """Both streams, line by line."""
        done = subprocess.run([*self.engine.command, "logs", self.name], capture_output=True, text=True, check=True)
        return (done.stdout + done.stderr).splitlines()


def try_out(engine: Engine, tag: str) -> Outcome:
    """Starts, uses and stops the image. Raises SmokeError at the first thing that is wrong."""
    outcome = Outcome()
    world = demo_world(SystemClock(), Exports(), lambda _: None)
    with SimulatedGoogle(world.services, world.people) as google, _container(engine, tag, google) as (container, began):
        google.register_client(
            OAuthClient(_CLIENT_ID, _CLIENT_SECRET, "Smoke", (f"{container.base}/auth/google/callback",))
        )
        outcome.start_seconds = _until_healthy(container) - began
        _look_from_inside(container, outcome)
        asyncio.run(_use_and_stop(container, google, outcome))
        _read_the_log(container.logs(), outcome)
    return outcome


@contextmanager
def _container(engine: Engine, tag: str, google: SimulatedGoogle) -> Generator[tuple[Container, float]]:
    name = f"gwmcp-smoke-{token_hex(4)}"
    with listen() as probe:
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    settings = {
        "GWMCP_PORT": port,
        "GWMCP_METRICS_PORT": 0,
        "GWMCP_BASE_URL": base,
        "GWMCP_GOOGLE_URL": google.url,
        "GWMCP_GOOGLE_CLIENT_ID": _CLIENT_ID,
        "GWMCP_GOOGLE_CLIENT_SECRET": _CLIENT_SECRET,
        "GWMCP_STORE": "file:///data/store",
    }
    environment = [f"--env={key}={value}" for key, value in settings.items()]
    command = engine.run_arguments("--detach", f"--name={name}", f"--volume={name}:/data", *environment, tag)
    began = time.monotonic()
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=_START_SECONDS)
        yield Container(engine, name, base), began
    finally:
        for remove in (("rm", "--force", name), ("volume", "rm", "--force", name)):
            subprocess.run([*engine.command, *remove], check=False, capture_output=True, timeout=_START_SECONDS)


def _until_healthy(container: Container) -> float:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        try:
            if httpx2.get(f"{container.base}/health", timeout=2, trust_env=False).status_code == 200:
                return time.monotonic()
        except httpx2.TransportError:
            time.sleep(0.02)
    raise SmokeError(f"/health did not answer within {_START_SECONDS} s:\n" + "\n".join(container.logs()[-20:]))


def _look_from_inside(container: Container, outcome: Outcome) -> None:
    uid, pid = container.python("[os.getuid(), os.getpid()]")
    outcome.check("it runs as a numeric user that is not root", uid == 10001 and pid > 1, uid)
    writable = container.python(
        '[d for d in ("/", "/app", "/tmp", "/var/tmp", "/run", "/etc") if os.access(d, os.W_OK)]'
    )
    outcome.check("nothing but the volume can be written to", writable == [], writable)
    capabilities = container.python('[l for l in open("/proc/1/status") if l.startswith(("CapEff", "CapBnd"))]')
    outcome.check("it has no capability", all(int(line.split()[1], 16) == 0 for line in capabilities), capabilities)
    container.engine.output("exec", container.name, "python", "/app/healthcheck.py")
    outcome.check("the container's own health check passes", True)
    # As ECS would: the command in the place of `serve`, without a shell.
    doctor = container.run("python", "main.py", "doctor")
    outcome.check("doctor finds nothing wrong from inside", doctor.returncode == 0, doctor.stdout)


async def _use_and_stop(container: Container, google: SimulatedGoogle, outcome: Outcome) -> None:
    person = PersonAtBrowser(google.people[0].email)
    async with asyncio.timeout(_USE_SECONDS), httpx2.AsyncClient(timeout=20, trust_env=False) as http:
        async with connected(f"{container.base}/mcp", person) as client:
            ready = await http.get(f"{container.base}/ready")
            outcome.check("/ready says ready", ready.status_code == 200 and ready.json() == {"status": "ready"}, ready)
            for tool in _TOOLS:
                await _call(client, tool, outcome)
            outcome.check("one sign-in was enough", person.sign_ins == 1, person.sign_ins)
            slow = latency(_SLOW_CALL_SECONDS)
            google.faults.add("gmail.users.messages.list", slow, times=1)
            in_flight = asyncio.create_task(_call(client, "gmail_search", outcome, "while it is being stopped"))
            await _until(lambda: not google.faults.active())
            began = time.monotonic()
            stop = await _stop(container)
            await _until_draining(http, container, outcome)
            await _call(client, "drive_search", outcome, "although it came after the signal")
            await in_flight
        code = await stop.wait()
    outcome.stop_seconds = time.monotonic() - began
    outcome.check("it was stopped within the stop timeout", code == 0 and outcome.stop_seconds < STOP_SECONDS, code)
    status = container.engine.output("inspect", "--format={{.State.ExitCode}}", container.name)
    outcome.check("it ended with 0", status == "0", status)


async def _call(client: Client, tool: str, outcome: Outcome, when: str = "") -> None:
    result = await client.call_tool(tool, {})
    outcome.check(f"{tool} answers {when}".rstrip(), not result.is_error, result.content)


async def _stop(container: Container) -> asyncio.subprocess.Process:
    command = [*container.engine.command, "stop", f"--time={STOP_SECONDS}", container.name]
    return await asyncio.create_subprocess_exec(*command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


async def _until(holds: Callable[[], bool]) -> None:
    while True:
        if holds():
            return
        await asyncio.sleep(0.02)


async def _until_draining(http: httpx2.AsyncClient, container: Container, outcome: Outcome) -> None:
    async with asyncio.timeout(_NOTICE_SECONDS):
        while True:
            ready = await http.get(f"{container.base}/ready")
            if ready.status_code == 503:
                break
            await asyncio.sleep(0.05)
    outcome.check("/ready says draining", ready.json() == {"status": "draining"}, ready.json())


def _read_the_log(lines: list[str], outcome: Outcome) -> None:
    strange = [line for line in lines if not line.startswith("{")]
    outcome.check("every line of the log is JSON", bool(lines) and strange == [], strange[:3])
    told = [line for line in lines if _CLIENT_SECRET in line or "@example.com" in line or "Traceback" in line]
    outcome.check("no secret, address or traceback is in the log", told == [], told[:3])
