"""A task: the service in a process of its own, to be signalled and starved."""

import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import httpx2

from google_workspace_mcp.core.http.server import listen
from google_workspace_mcp.sandbox.oauth.book import OAuthClient
from google_workspace_mcp.sandbox.server import SimulatedGoogle

ROOT = Path(__file__).resolve().parents[2]
CLIENT_ID = "lifecycle.apps.googleusercontent.example"
CLIENT_SECRET = "lifecycle-secret"
# Seconds that starting may take on a busy machine.
PATIENCE = 60


@dataclass
class Task:
    """`base` is where it answers; `log` what it has printed, by a pipe as in a container."""

    base: str
    handle: subprocess.Popen[str]
    log: list[str] = field(default_factory=list[str])

    @property
    def mcp_url(self) -> str:
        return f"{self.base}/mcp"

    def terminate(self) -> float:
        """Sends SIGTERM; the monotonic moment of it."""
        self.handle.send_signal(signal.SIGTERM)
        return time.monotonic()

    @property
    def address(self) -> str:
        """`host:port`."""
        return self.base.removeprefix("http://")

    async def ended(self, seconds: float = 30) -> int:
        """The exit status, within so many seconds."""
        return await asyncio.to_thread(self.handle.wait, seconds)

    def limit(self, kind: int, soft: int) -> int:
        """Lowers or restores one of the process's soft limits; what it was before."""
        before, hard = resource.prlimit(self.handle.pid, kind)
        resource.prlimit(self.handle.pid, kind, (soft, hard))
        return before

    def open_files(self) -> int:
        return len(os.listdir(f"/proc/{self.handle.pid}/fd"))

    def read(self, output: IO[str]) -> None:
        """Keeps what is printed, until the process ends."""
        self.log.extend(iter(output.readline, ""))

    def events(self) -> list[dict[str, Any]]:
        """The log. Raises ValueError for a line that is not JSON."""
        return [json.loads(line) for line in self.log]


@contextmanager
def task(google: SimulatedGoogle, folder: Path, *, drain: float = 0, graceful: int = 5, **more: str) -> Generator[Task]:
    """A task alone, its own public address, with its store in `folder` and `more` settings by name."""
    base = f"http://127.0.0.1:{free_port()}"
    google.register_client(OAuthClient(CLIENT_ID, CLIENT_SECRET, "Lifecycle", (f"{base}/auth/google/callback",)))
    settings = {
        "GWMCP_BASE_URL": base,
        "GWMCP_GOOGLE_URL": google.url,
        "GWMCP_GOOGLE_CLIENT_ID": CLIENT_ID,
        "GWMCP_GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
        "GWMCP_STORE": f"file://{folder}/store",
        **{f"GWMCP_{name.upper()}": value for name, value in more.items()},
    }
    with launched(base, settings, drain=drain, graceful=graceful) as running:
        yield running


def free_port(host: str = "127.0.0.1") -> int:
    with listen(host) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def launched(base: str, settings: Mapping[str, str], *, drain: float, graceful: int) -> Generator[Task]:
    """A running task that answers `/ready` at `base`. It is killed at the end if it still runs."""
    command = [sys.executable, "-m", "tests.lifecycle.process", str(drain), str(graceful)]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "GWMCP_PORT": base.rpartition(":")[2], **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as handle:
        running = Task(base, handle)
        assert handle.stdout is not None
        reader = threading.Thread(target=running.read, args=[handle.stdout], daemon=True)
        reader.start()
        try:
            _until_ready(running)
            yield running
        finally:
            if handle.poll() is None:
                handle.kill()
            reader.join(PATIENCE)


def _until_ready(running: Task) -> None:
    end = time.monotonic() + PATIENCE
    while running.handle.poll() is None and time.monotonic() < end:
        try:
            if httpx2.get(f"{running.base}/ready", timeout=5, trust_env=False).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.05)
    raise RuntimeError(f"the task did not start: {running.log}")
