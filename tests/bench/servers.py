"""What is measured, each in a process of its own on one core: the service, and bare applications to compare it with."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.quick import Ready

ROOT = Path(__file__).resolve().parents[2]
CLIENT_ID, CLIENT_SECRET = "bench.apps.googleusercontent.example", "bench-secret"
_PAGE = os.sysconf("SC_PAGE_SIZE")
_SCHEDULED = 2  # CPUCLOCK_SCHED of Linux: a process's CPU time in nanoseconds


@dataclass(frozen=True)
class Cores:
    """The core of what is measured, and the one of everything else; the same one where there is no other."""

    measured: int
    rest: int

    @classmethod
    def of_this_machine(cls) -> "Cores":
        cores = sorted(os.sched_getaffinity(0))
        return cls(cores[-1], cores[0])


@dataclass(frozen=True)
class Server:
    """A running process and its address."""

    name: str
    url: str
    pid: int
    started: float

    def cpu(self) -> float:
        """Seconds of processor time that it has used, all its threads together."""
        return time.clock_gettime((~self.pid << 3) | _SCHEDULED)

    def memory(self) -> int:
        """Bytes of it that are in memory."""
        return int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE

    def wait_for(self, path: str, patience: float = 150.0) -> float:
        """Seconds from its start until that path answers 200."""
        request = f"GET {path} HTTP/1.1\r\nHost: {self.url.removeprefix('http://')}\r\nConnection: close\r\n\r\n"
        while time.perf_counter() - self.started < patience:
            if self._answer(request.encode()).startswith(b"HTTP/1.1 200"):
                return time.perf_counter() - self.started
            time.sleep(0.004)
        raise RuntimeError(f"{self.name} did not start")

    def _answer(self, request: bytes) -> bytes:
        host, _, port = self.url.removeprefix("http://").partition(":")
        try:
            with socket.create_connection((host, int(port)), timeout=5) as connection:
                connection.sendall(request)
                return connection.recv(100)
        except OSError:
            return b""


@contextmanager
def google(core: int, *, spoil_every: int = 0) -> Generator[Ready]:
    """The simulated Google with remembered answers, on that core; it fails every so many requests."""
    command = [sys.executable, "-m", "tests.bench.quick", CLIENT_ID, CLIENT_SECRET, str(spoil_every)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        os.sched_setaffinity(process.pid, {core})
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Ready.read(process.stdout.readline())
        finally:
            process.stdin.close()
            process.wait(timeout=20)


def service_environment(port: int, metrics_port: int, google_url: str, folder: Path) -> dict[str, str]:
    """The settings of the service as an operator gives them, with its store in `folder`."""
    return {
        "GWMCP_BASE_URL": f"http://127.0.0.1:{port}",
        "GWMCP_HOST": "127.0.0.1",
        "GWMCP_PORT": str(port),
        "GWMCP_METRICS_PORT": str(metrics_port),
        "GWMCP_GOOGLE_URL": google_url,
        "GWMCP_GOOGLE_CLIENT_ID": CLIENT_ID,
        "GWMCP_GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
        "GWMCP_STORE": f"file://{folder}/store",
    }


@contextmanager
def service(core: int, environment: Mapping[str, str], folder: Path) -> Generator[Server]:
    """The service as `main.py serve` runs it."""
    command = [sys.executable, str(ROOT / "main.py"), "serve"]
    with _process("service", command, core, folder, environment, port=int(environment["GWMCP_PORT"])) as server:
        yield server


@contextmanager
def bare(kind: str, core: int, folder: Path) -> Generator[Server]:
    """One of the applications of `tests.bench.bare`."""
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.bare", kind, str(port)]
    with _process(kind, command, core, folder, {"PYTHONPATH": str(ROOT)}, port=port) as server:
        yield server


@contextmanager
def _process(
    name: str, command: list[str], core: int, folder: Path, environment: Mapping[str, str], *, port: int
) -> Generator[Server]:
    others = {key: value for key, value in os.environ.items() if not key.startswith("GWMCP_")}
    started = time.perf_counter()
    # In the folder no .env of the developer's is found.
    with (
        (folder / f"{name}.log").open("wb") as log,
        subprocess.Popen(
            command,
            cwd=folder,
            env={**others, **environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        ) as process,
    ):
        os.sched_setaffinity(process.pid, {core})
        try:
            yield Server(name, f"http://127.0.0.1:{port}", process.pid, started)
        finally:
            # Its store is thrown away with it: there is nothing to end well.
            process.kill()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
