"""The official conformance suite: the MCP endpoint by both revisions, and the authorization server below a prefix."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from google_workspace_mcp.administration import add_client
from google_workspace_mcp.app import build
from google_workspace_mcp.core.http.server import RunningServer, listen
from google_workspace_mcp.demo.walker import SignInWalker
from google_workspace_mcp.sandbox.people.cast import PEOPLE
from google_workspace_mcp.sandbox.server import OAuthClient, SimulatedGoogle
from tests.clients.everything import completions, everything
from tests.clients.node import INSTALL_SECONDS, Finished, Node
from tests.support.oauth import HandClient
from tests.support.stack import CLIENT_ID, CLIENT_SECRET, running, settings_for

pytestmark = [
    pytest.mark.node,
    pytest.mark.timeout(INSTALL_SECONDS + 240),
    # The suite for 2025-11-25 has a tool that logs to the client, which the SDK warns about.
    pytest.mark.filterwarnings("ignore:The logging capability is deprecated"),
]

# A stateless service has no way back to a client of the handshake era, and keeps no subscriptions.
CANNOT = Path(__file__).parent / "conformance-2025-11-25.yaml"
ALICE = "alice@example.com"


class Bearing:
    """Lets the suite in, which knows no sign-in: a request without a token is given one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.token = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self.token and not dict(scope["headers"]).get(b"authorization"):
            headers = [*scope["headers"], (b"authorization", f"Bearer {self.token}".encode())]
            scope = {**scope, "headers": headers}
        await self._app(scope, receive, send)


@dataclass
class Endpoint:
    """A service with the suite's tools beside its own."""

    url: str
    base: str
    bearing: Bearing


@contextmanager
def endpoint(google: SimulatedGoogle, folder: Path) -> Generator[Endpoint]:
    public = listen()
    settings = settings_for(google, folder, f"http://127.0.0.1:{public.getsockname()[1]}/ws")
    google.register_client(OAuthClient(CLIENT_ID, CLIENT_SECRET, "Workspace MCP", (settings.redirect_uri,)))
    service = build(settings, extra=[everything()], completions=completions)
    bearing = Bearing(service.app)
    with RunningServer(bearing, public, lifecycle=service.lifecycle):
        yield Endpoint(settings.mcp_url, settings.base_url, bearing)


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Endpoint]:
    with SimulatedGoogle((), PEOPLE) as google, endpoint(google, tmp_path) as served:
        async with httpx2.AsyncClient(timeout=20, trust_env=False) as http:
            client = HandClient(served.base, http)
            await client.register()
            served.bearing.token = (await client.tokens(ALICE))["access_token"]
        yield served


def failed(done: Finished) -> str:
    """What the suite printed, for a failing test to show."""
    return f"{done.out[-6000:]}\n{done.err[-2000:]}"


def test_all_required_scenarios_of_2026_07_28_pass(node: Node, served: Endpoint) -> None:
    done = node.run("conformance", "server", "--url", served.url, "--requirements", "2026-07-28", seconds=200)
    assert done.code == 0, failed(done)


def test_of_2025_11_25_only_what_a_stateless_service_cannot_do_is_missing(node: Node, served: Endpoint) -> None:
    done = node.run(
        "conformance",
        *("server", "--url", served.url, "--requirements", "2025-11-25", "--expected-failures", str(CANNOT)),
        seconds=200,
    )
    assert done.code == 0, failed(done)


async def test_the_authorization_server_conforms_below_a_prefix(node: Node, tmp_path: Path) -> None:
    with (
        SimulatedGoogle((), PEOPLE) as google,
        running(google, tmp_path, prefix="/ws/one") as stack,
    ):
        port = free_port()
        redirect = f"http://127.0.0.1:{port}/callback"
        added, _ = await add_client(stack.settings, "Conformance", [redirect], confidential=False)
        program = node.start(
            "conformance",
            *("authorization", "--url", stack.settings.base_url, "--client-id", added.client_id),
            *("--port", str(port), "--resource", stack.mcp_url),
        )
        try:
            async with asyncio.timeout(90):
                address = await asyncio.to_thread(address_in, program, f"{stack.settings.base_url}/authorize")
                await signed_in(address, redirect)
                rest, _ = await asyncio.to_thread(program.communicate)
        finally:
            program.kill()
            program.wait()
    summary = rest.partition("=== SUMMARY ===")[2]
    assert program.returncode == 0, rest
    assert "authorization-server-metadata-endpoint: 2 passed, 0 failed" in summary
    assert "authorization-code-grant: 1 passed, 0 failed" in summary


def free_port() -> int:
    """A port for the suite's own listener."""
    with listen() as listener:
        return listener.getsockname()[1]


def address_in(program: "subprocess.Popen[str]", start: str) -> str:
    """The address that the suite wants opened in a browser."""
    assert program.stdout is not None
    return next(line.strip() for line in program.stdout if line.startswith(start))


async def signed_in(address: str, redirect: str) -> None:
    """As a person's browser would do it, up to the suite's listener."""
    async with httpx2.AsyncClient(timeout=20, trust_env=False) as browser:
        back = await SignInWalker(browser, ALICE).walk(address, redirect)
        await browser.get(f"{redirect}?{urlencode(back)}")
