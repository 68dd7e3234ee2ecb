"""The official Python client signs in and calls tools, on both addresses, by both protocols."""

import asyncio
import time
from collections.abc import Generator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientMetadata
from pydantic import AnyUrl

from google_workspace_mcp.demo.client import REDIRECT, Memory, PersonAtBrowser, connected
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.clients.deployment import Address, Deployment, deployed, sample_google
from tests.support.clock import FakeClock

ALICE = "alice@example.com"
BEN = "ben@example.com"
CHIARA = "chiara@studio.example"
MODERN = "2026-07-28"
LATEST_HANDSHAKE = "2025-11-25"
ACCESS_TOKEN_SECONDS = 3600
RESOURCE = "oauth-protected-resource"
SERVER_KINDS = ("oauth-authorization-server", "openid-configuration")

pytestmark = pytest.mark.timeout(90)


@pytest.fixture(scope="module")
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="module")
def google(clock: FakeClock) -> Generator[SimulatedGoogle]:
    with sample_google(clock) as google:
        yield google


@pytest.fixture(scope="module", params=["", "/ws"], ids=["at the root", "below a prefix"])
def deployment(
    request: pytest.FixtureRequest, google: SimulatedGoogle, clock: FakeClock, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Deployment]:
    with deployed(google, tmp_path_factory.mktemp("service"), request.param, clock=clock) as deployment:
        yield deployment


@pytest.fixture
def prefixed(google: SimulatedGoogle, clock: FakeClock, tmp_path: Path) -> Generator[Deployment]:
    """A service of its own, with nobody signed in."""
    for person in google.people:
        google.revoke(person.email)
    with deployed(google, tmp_path, "/ws", clock=clock) as deployment:
        yield deployment


async def tool_names(client: Client) -> set[str]:
    return {tool.name for tool in (await client.list_tools()).tools}


async def default_account(client: Client) -> str:
    result = await client.call_tool("accounts_list", {})
    assert not result.is_error
    assert result.structured_content is not None
    return result.structured_content["account"]


@pytest.mark.parametrize(
    ("mode", "version"), [("auto", MODERN), (MODERN, MODERN), ("legacy", LATEST_HANDSHAKE)], ids=str
)
@pytest.mark.parametrize("address", ["public", "internal"])
async def test_a_client_signs_in_and_calls_a_tool(deployment: Deployment, address: Address, mode: str, version: str):
    person = PersonAtBrowser(ALICE)
    async with asyncio.timeout(30), connected(deployment.mcp_url(address), person, mode=mode) as client:
        assert client.protocol_version == version
        assert await default_account(client) == ALICE
        assert person.sign_ins == 1


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_mail_is_searched_for_the_person_who_signed_in(deployment: Deployment, mode: str):
    url = deployment.mcp_url("public")
    async with asyncio.timeout(30), connected(url, PersonAtBrowser(BEN), mode=mode) as client:
        result = await client.call_tool("gmail_search", {})
    assert not result.is_error
    assert result.structured_content is not None
    assert result.structured_content["account"] == BEN


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("address", ["public", "internal"])
async def test_an_address_with_a_slash_at_the_end_works_as_well(deployment: Deployment, address: Address, mode: str):
    url = f"{deployment.mcp_url(address)}/"
    async with asyncio.timeout(30), connected(url, PersonAtBrowser(ALICE), mode=mode) as client:
        assert await default_account(client) == ALICE


async def test_a_second_client_with_the_same_memory_needs_no_second_sign_in(deployment: Deployment):
    person, memory = PersonAtBrowser(ALICE), Memory()
    for mode in ("auto", "legacy"):
        async with (
            asyncio.timeout(30),
            connected(deployment.mcp_url("public"), person, memory=memory, mode=mode) as client,
        ):
            assert await default_account(client) == ALICE
    assert person.sign_ins == 1


async def test_what_was_signed_in_on_the_public_address_is_good_on_the_internal_one(deployment: Deployment):
    person, memory = PersonAtBrowser(ALICE), Memory()
    for address in ("public", "internal"):
        async with (
            asyncio.timeout(30),
            connected(deployment.mcp_url(address), person, memory=memory) as client,
        ):
            assert await default_account(client) == ALICE
    assert person.sign_ins == 1


async def test_two_people_at_one_service_each_see_their_own_account(deployment: Deployment):
    for email in (ALICE, BEN):
        async with asyncio.timeout(30), connected(deployment.mcp_url("public"), PersonAtBrowser(email)) as client:
            assert await default_account(client) == email


@pytest.mark.security("O-18")
@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_what_the_person_unticks_is_not_offered_to_the_client(prefixed: Deployment, mode: str):
    person = PersonAtBrowser(CHIARA, untick=("/auth/drive",))
    async with asyncio.timeout(30), connected(prefixed.mcp_url("public"), person, mode=mode) as client:
        names = await tool_names(client)
        assert {"accounts_list", "calendar_list_events"} <= names
        assert not [name for name in names if name.startswith("drive_")]
        accounts = await client.call_tool("accounts_list", {})
        assert accounts.structured_content is not None
        allowed = accounts.structured_content["accounts"][0]["allowed"]
        assert "calendar.read" in allowed
        assert not [capability for capability in allowed if capability.startswith("drive.")]


async def test_an_expired_access_token_is_refreshed_without_a_person(prefixed: Deployment, clock: FakeClock):
    person, memory = PersonAtBrowser(ALICE), Memory()
    url = prefixed.mcp_url("public")
    metadata = OAuthClientMetadata(redirect_uris=[AnyUrl(REDIRECT)], client_name="Long-lived client")
    auth = OAuthClientProvider(url, metadata, memory, person.open, person.result)
    async with (
        asyncio.timeout(60),
        httpx2.AsyncClient(auth=auth, timeout=30, trust_env=False) as http,
        Client(streamable_http_client(url, http_client=http)) as client,
    ):
        assert await default_account(client) == ALICE
        assert memory.tokens is not None
        first = memory.tokens.access_token
        clock.advance(ACCESS_TOKEN_SECONDS + 120)
        assert await status_with(url, first) == 401
        # The client goes by the machine's clock; this is what it would read an hour later.
        auth.context.token_expiry_time = time.time() - 1
        assert await default_account(client) == ALICE
        assert memory.tokens.access_token != first
    assert person.sign_ins == 1


async def status_with(url: str, token: str) -> int:
    async with httpx2.AsyncClient(timeout=20, trust_env=False) as http:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json, text/event-stream"}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        return (await http.post(url, json=body, headers=headers)).status_code


# -- what a client finds before it signs in


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("address", ["public", "internal"])
async def test_a_call_without_a_token_is_told_where_the_document_of_this_very_address_lies(
    deployment: Deployment, address: Address, slash: str
):
    url = deployment.mcp_url(address)
    async with httpx2.AsyncClient(timeout=20, trust_env=False) as http:
        refused = await http.post(f"{url}{slash}", json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
        assert refused.status_code == 401
        document = f"{deployment.base_of(address)}/.well-known/{RESOURCE}/mcp"
        assert f'resource_metadata="{document}"' in refused.headers["www-authenticate"]
        found = await http.get(document)
    assert found.json()["resource"] == url


def places(deployment: Deployment, address: Address, kind: str) -> list[str]:
    """Every place in which a client may look for a document: at the root, path-inserted, path-appended."""
    base = deployment.base_of(address)
    origin, prefix = base.removesuffix(urlsplit(base).path), urlsplit(base).path
    inserted = [f"{origin}/.well-known/{kind}{prefix}", f"{origin}/.well-known/{kind}{prefix}/mcp"]
    appended = [f"{base}/.well-known/{kind}", f"{base}/.well-known/{kind}/mcp"]
    return list(dict.fromkeys((*inserted, *appended)))


@pytest.mark.security("O-23")
@pytest.mark.parametrize("address", ["public", "internal"])
async def test_the_resource_document_names_the_address_asked_wherever_a_client_looks(
    deployment: Deployment, address: Address
):
    async with httpx2.AsyncClient(timeout=20, trust_env=False) as http:
        for place in places(deployment, address, RESOURCE):
            answer = await http.get(place)
            assert answer.status_code == 200, place
            document = answer.json()
            assert document["resource"] == deployment.mcp_url(address), place
            assert [server.rstrip("/") for server in document["authorization_servers"]] == [deployment.base], place


@pytest.mark.security("O-23")
@pytest.mark.parametrize("address", ["public", "internal"])
@pytest.mark.parametrize("kind", SERVER_KINDS)
async def test_the_server_document_names_the_public_endpoints_wherever_a_client_looks(
    deployment: Deployment, address: Address, kind: str
):
    async with httpx2.AsyncClient(timeout=20, trust_env=False) as http:
        for place in places(deployment, address, kind):
            answer = await http.get(place)
            assert answer.status_code == 200, place
            document = answer.json()
            assert document["issuer"].rstrip("/") == deployment.base, place
            for endpoint in ("authorize", "token", "register"):
                name = "authorization" if endpoint == "authorize" else endpoint.replace("register", "registration")
                assert document[f"{name}_endpoint"] == f"{deployment.base}/{endpoint}", place


@pytest.mark.security("O-23")
@pytest.mark.parametrize("kind", [RESOURCE, *SERVER_KINDS])
async def test_the_documents_answer_head_like_get_without_the_body(deployment: Deployment, kind: str):
    async with httpx2.AsyncClient(timeout=20, trust_env=False) as http:
        for place in places(deployment, "public", kind):
            answer = await http.head(place)
            assert answer.status_code == 200, place
            assert answer.headers["content-type"] == "application/json", place
            assert answer.content == b"", place


@pytest.mark.security("O-23")
@pytest.mark.parametrize("kind", [RESOURCE, *SERVER_KINDS])
async def test_a_web_page_of_any_origin_may_read_the_documents(deployment: Deployment, kind: str):
    preflight = {"Origin": "https://page.example", "Access-Control-Request-Method": "GET"}
    async with httpx2.AsyncClient(timeout=20, trust_env=False) as http:
        for place in places(deployment, "public", kind):
            answer = await http.options(place, headers=preflight)
            assert answer.status_code == 200, place
            assert answer.headers["access-control-allow-origin"] == "*", place


@pytest.mark.security("O-23")
@pytest.mark.parametrize("kind", [RESOURCE, *SERVER_KINDS])
@pytest.mark.parametrize("address", ["public", "internal"])
async def test_a_forged_forwarded_host_is_never_reflected(deployment: Deployment, address: Address, kind: str):
    host = urlsplit(deployment.base_of(address)).netloc
    forged = {"Host": host, "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    async with httpx2.AsyncClient(timeout=20, trust_env=False) as http:
        # Past the proxy, which would take such a header away.
        answer = await http.get(f"{deployment.stack.internal_url}/.well-known/{kind}", headers=forged)
        path = urlsplit(deployment.mcp_url(address)).path
        challenge = await http.post(f"{deployment.stack.internal_url}{path}", headers=forged, json={})
    assert answer.status_code == 200
    assert "evil" not in answer.text
    assert challenge.status_code == 401
    assert "evil" not in str(challenge.headers)


@pytest.mark.security("O-23")
@pytest.mark.parametrize("kind", [RESOURCE, *SERVER_KINDS])
async def test_a_foreign_host_gets_no_document(deployment: Deployment, kind: str):
    async with httpx2.AsyncClient(timeout=20, trust_env=False) as http:
        for place in places(deployment, "public", kind):
            answer = await http.get(place, headers={"Host": "evil.example"})
            assert 400 <= answer.status_code < 500, place
            assert "evil" not in answer.text + str(answer.headers), place
