"""Who may sign in, asked at the door and again at each use."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from google_workspace_mcp.core.http.server import listen
from google_workspace_mcp.core.tools.mcp import ERROR_META
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from google_workspace_mcp.sandbox.service import Person
from tests.support.clock import FakeClock
from tests.support.oauth import HandClient
from tests.support.proxy import ReverseProxy
from tests.support.stack import Stack, running

UNVERIFIED = Person("new@example.com", "Nova Brandt", "100000000000000000009", is_verified=False)


@pytest.fixture
def google(clock: FakeClock) -> Generator[SimulatedGoogle]:
    with SimulatedGoogle((), (ALICE, BEN, CHIARA, UNVERIFIED), clock=clock) as google:
        yield google


@contextmanager
def restarted(google: SimulatedGoogle, folder: Path, base: str, clock: FakeClock, *allowed: str) -> Generator[Stack]:
    """The service at a fixed address with another list; what is stored stays."""
    with running(google, folder, base_url=base, clock=clock, allowed_domains=allowed) as stack:
        yield stack


@pytest.mark.security("O-19")
async def test_an_address_that_google_has_not_verified_is_refused(
    google: SimulatedGoogle, http: httpx2.AsyncClient, tmp_path: Path
) -> None:
    with running(google, tmp_path) as stack:
        client = HandClient(stack.settings.base_url, http)
        await client.register()
        refused = await client.sign_in(UNVERIFIED.email)
    assert refused["error"] == "access_denied"
    assert "not verified" in refused["error_description"]


@pytest.mark.security("O-19")
async def test_who_is_taken_off_the_list_is_refused_at_the_next_call_and_refresh(
    google: SimulatedGoogle, http: httpx2.AsyncClient, clock: FakeClock, tmp_path: Path
) -> None:
    front = listen()
    base = f"http://127.0.0.1:{front.getsockname()[1]}/ws"
    front.close()
    with at(base, google, tmp_path, clock, "example.com"):
        client = HandClient(base, http)
        await client.register()
        alice, ben = await client.tokens(ALICE.email), await client.tokens(BEN.email)
    with at(base, google, tmp_path, clock, BEN.email):
        refused = await client.call(alice["access_token"], "accounts_list")
        assert refused["isError"]
        assert refused["_meta"][ERROR_META]["code"] == "refused_by_policy"
        assert (await client.refresh(alice["refresh_token"])).json()["error"] == "invalid_grant"
        assert not (await client.call(ben["access_token"], "accounts_list")).get("isError")
        assert (await client.refresh(ben["refresh_token"])).status_code == 200
    with at(base, google, tmp_path, clock, "example.com"):
        assert (await client.refresh(alice["refresh_token"])).status_code == 200, "and let in again"


@contextmanager
def at(base: str, google: SimulatedGoogle, folder: Path, clock: FakeClock, *allowed: str) -> Generator[Stack]:
    """The service behind a proxy that listens where it did before."""
    url = httpx2.URL(base)
    with (
        restarted(google, folder, base, clock, *allowed) as stack,
        ReverseProxy(httpx2.URL(stack.internal_url).netloc.decode(), url.path, listener=listen(port=url.port or 0)),
    ):
        yield stack
