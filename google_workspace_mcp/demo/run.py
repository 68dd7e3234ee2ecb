"""`make demo`: the whole service on one machine in one minute, with nothing but this project."""

import asyncio
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from google_workspace_mcp.app import Service, build
from google_workspace_mcp.core.clock import SystemClock
from google_workspace_mcp.core.http.server import RunningServer, listen
from google_workspace_mcp.core.logging import configure_logging
from google_workspace_mcp.core.settings import PREFIX, Settings, SettingsError
from google_workspace_mcp.demo.connect import connection_lines
from google_workspace_mcp.demo.tour import tour
from google_workspace_mcp.demo.world import Exports, demo_world
from google_workspace_mcp.sandbox.oauth.book import OAuthClient
from google_workspace_mcp.sandbox.server import SimulatedGoogle

_HOST = "127.0.0.1"
_CLIENT_ID = "demo.apps.googleusercontent.example"
_CLIENT_SECRET = "demo-secret"  # noqa: S105 - known to the simulated Google only


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What the command line gave. Paths are a person's own exports."""

    mail: Path | None = None
    calendar: Path | None = None
    files: Path | None = None
    port: int = 8000
    once: bool = False


def run_demo(options: DemoOptions, environ: Mapping[str, str]) -> int:
    """Start everything, show the tour, stay up until Ctrl-C; the exit status comes back."""
    _refuse_other_addresses(environ, options.port)
    configure_logging("error", json=False)
    began = time.monotonic()
    _refuse_taken_ports(options.port)
    with _simulated_google(options) as google, _service(google, options.port) as service:
        person = google.people[0]
        say(f"Simulated Google and service are up after {time.monotonic() - began:.1f} s.")
        say(f"A client signs in as {person.name}.")
        # Whoever has seen enough of the tour ends it in the same way.
        with suppress(KeyboardInterrupt):
            asyncio.run(tour(service.settings.mcp_url, person.email, say))
            say(connection_lines(service.settings.mcp_url, service.settings.base_url, google.url))
            if options.once:
                return 0
            _until_interrupted()
        say("\nStopped. Nothing was kept.")
    return 0


def say(text: str) -> None:
    """Print at once: the demo is often watched through a pipe."""
    print(text, flush=True)


def _refuse_other_addresses(environ: Mapping[str, str], port: int) -> None:
    wanted = environ.get(f"{PREFIX}BASE_URL", "").rstrip("/")
    if wanted and wanted not in (f"http://{_HOST}:{port}", f"http://localhost:{port}"):
        raise SettingsError(
            [
                f"{PREFIX}BASE_URL is {wanted}, but the demo lets anyone sign in as anyone and stays on this machine: "
                f"unset it, or run `python main.py serve` for a real deployment"
            ]
        )


def _refuse_taken_ports(port: int) -> None:
    for number in (port, port + 1) if port else ():
        try:
            listen(_HOST, number).close()
        except OSError:
            raise SettingsError([f"port {number} is taken: choose another pair, such as make demo PORT=8200"]) from None


@contextmanager
def _simulated_google(options: DemoOptions) -> Generator[SimulatedGoogle]:
    world = demo_world(SystemClock(), Exports(options.mail, options.calendar, options.files), say)
    port = options.port + 1 if options.port else 0
    with SimulatedGoogle(world.services, world.people, port=port) as google:
        yield google


@contextmanager
def _service(google: SimulatedGoogle, port: int) -> Generator[Service]:
    folder = Path(tempfile.mkdtemp(prefix="gwmcp-demo-"))
    listener = listen(_HOST, port)
    settings = Settings(
        _env_file=None,  # pyright: ignore[reportCallIssue]
        base_url=f"http://{_HOST}:{listener.getsockname()[1]}",
        google_url=google.url,
        google_client_id=_CLIENT_ID,
        google_client_secret=SecretStr(_CLIENT_SECRET),
        store=f"file://{folder}/store",
        metrics_port=0,
    )
    google.register_client(OAuthClient(_CLIENT_ID, _CLIENT_SECRET, "Google Workspace MCP", (settings.redirect_uri,)))
    try:
        service = build(settings)
        with RunningServer(service.app, listener, lifecycle=service.lifecycle):
            yield service
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _until_interrupted() -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
