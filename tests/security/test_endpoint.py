"""The MCP endpoint against those who should not be there: real service, real sockets, both addresses."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest

from google_workspace_mcp.sandbox.people.cast import PEOPLE
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.support.clock import FakeClock
from tests.support.oauth import HandClient
from tests.support.stack import Stack, running

CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
ACCEPT = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def stack(tmp_path: Path, clock: FakeClock) -> Iterator[Stack]:
    with (
        SimulatedGoogle((), PEOPLE, clock=clock) as google,
        running(google, tmp_path, prefix="/ws", clock=clock) as stack,
    ):
        yield stack


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(timeout=20, trust_env=False) as client:
        yield client


@pytest.fixture
async def token(stack: Stack, http: httpx2.AsyncClient) -> str:
    client = HandClient(stack.settings.base_url, http)
    await client.register()
    return (await client.tokens("alice@example.com"))["access_token"]


async def call(
    http: httpx2.AsyncClient, url: str, token: str = "", scheme: str = "Bearer", **headers: str
) -> httpx2.Response:
    authorization = {"Authorization": f"{scheme} {token}"} if token else {}
    return await http.post(url, json=CALL, headers={**ACCEPT, **authorization, **headers})


@pytest.mark.security("M-1")
async def test_without_a_good_token_the_answer_is_401_and_names_the_metadata(
    stack: Stack, http: httpx2.AsyncClient, token: str, clock: FakeClock
) -> None:
    metadata = f'resource_metadata="{stack.settings.base_url}/.well-known/oauth-protected-resource/mcp"'
    answers = [
        await call(http, stack.mcp_url),
        await call(http, stack.mcp_url, "garbage"),
        await call(http, stack.mcp_url, token, scheme="Basic"),
        await call(http, f"{stack.mcp_url}?access_token={token}"),
    ]
    clock.advance(3700)
    answers.append(await call(http, stack.mcp_url, token))
    assert [answer.status_code for answer in answers] == [401] * 5
    assert all(metadata in answer.headers["www-authenticate"] for answer in answers)
    assert "error=" not in answers[0].headers["www-authenticate"], "RFC 6750 section 3: no error without a token"


@pytest.mark.security("M-1")
async def test_on_the_internal_address_the_metadata_is_of_that_address(stack: Stack, http: httpx2.AsyncClient) -> None:
    challenge = (await call(http, stack.internal_mcp_url)).headers["www-authenticate"]
    assert f'resource_metadata="{stack.internal_url}/.well-known/oauth-protected-resource/mcp"' in challenge


@pytest.mark.security("M-2")
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
async def test_a_foreign_origin_is_refused_even_with_a_good_token(
    stack: Stack, http: httpx2.AsyncClient, token: str, origin: str
) -> None:
    assert (await call(http, stack.mcp_url, token, Origin=origin)).status_code == 403


@pytest.mark.security("M-2")
async def test_a_foreign_host_is_refused_even_with_a_good_token(
    stack: Stack, http: httpx2.AsyncClient, token: str
) -> None:
    assert (await call(http, stack.mcp_url, token, Host="evil.example")).status_code == 403
    assert (await call(http, stack.internal_mcp_url, token, Host="evil.example")).status_code == 403
    assert (await call(http, stack.mcp_url, token)).status_code == 200
    assert (await call(http, stack.internal_mcp_url, token)).status_code == 200


@pytest.mark.security("M-11")
async def test_metrics_and_readiness_are_not_to_be_had_through_the_prefix(
    stack: Stack, http: httpx2.AsyncClient
) -> None:
    base = stack.settings.base_url
    for path in ("/metrics", "/ready"):
        assert (await http.get(f"{base}{path}")).status_code == 404
    health = await http.get(f"{base}/health")
    assert (health.status_code, health.json()) == (200, {"status": "ok"})
    assert (await http.get(f"{stack.internal_url}/ready")).json() == {"status": "ready"}
