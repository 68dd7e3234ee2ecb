"""The account tools and the links in failures, over MCP: modern clients with elicitation and without, legacy ones."""

import asyncio
import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.client import ConnectMode
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, ElicitRequestURLParams, ElicitResult, TextContent

from google_workspace_mcp.core.google.endpoints import ISSUER
from google_workspace_mcp.core.principal import Principal
from google_workspace_mcp.demo.client import Memory, PersonAtBrowser, connected
from google_workspace_mcp.sandbox import faults
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.clients.deployment import sample_google
from tests.support.clock import FakeClock
from tests.support.oauth import HandClient
from tests.support.person import Browser
from tests.support.stack import CLIENT_ID, Stack, running
from tests.support.vault import Vault

ME = Principal(ISSUER, ALICE.subject)
LINK = re.compile(r"http://[^\s]+/connect/[A-Za-z0-9_-]{32}(?=$|\s)")

pytestmark = pytest.mark.timeout(90)


@pytest.fixture(scope="module")
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="module")
def google(clock: FakeClock) -> Iterator[SimulatedGoogle]:
    with sample_google(clock) as google:
        yield google


@pytest.fixture
def stack(google: SimulatedGoogle, clock: FakeClock, tmp_path: Path) -> Iterator[Stack]:
    google.faults.clear()
    for person in google.people:
        google.revoke(person.email)
    with running(google, tmp_path, prefix="/workspace", clock=clock) as stack:
        yield stack


@pytest.fixture
def vault(stack: Stack, clock: FakeClock) -> Vault:
    return Vault.of(stack, clock)


@pytest.fixture
async def token(stack: Stack, http: httpx2.AsyncClient) -> str:
    client = HandClient(stack.settings.base_url, http)
    await client.register(client_name="Paper Crane")
    return (await client.tokens(ALICE.email))["access_token"]


class Opener:
    """The client's side of elicitation: notes what it is asked to open, and does what `then` says."""

    def __init__(self, action: Any = "accept", then: Any = None) -> None:
        self.asked: list[ElicitRequestURLParams] = []
        self._action = action
        self._then = then

    async def __call__(self, context: Any, params: Any) -> ElicitResult:
        self.asked.append(params)
        if self._then:
            await self._then(params.url)
        return ElicitResult(action=self._action)


@asynccontextmanager
async def calling(
    stack: Stack, token: str, *, mode: ConnectMode = "auto", opener: Opener | None = None
) -> AsyncGenerator[Client]:
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        asyncio.timeout(40),
        httpx2.AsyncClient(headers=headers, timeout=20, trust_env=False) as http,
        Client(
            streamable_http_client(stack.mcp_url, http_client=http),
            mode=mode,
            elicitation_callback=opener,
        ) as client,
    ):
        yield client


def words(result: CallToolResult) -> str:
    assert isinstance(result.content[0], TextContent)
    return result.content[0].text


async def connect_by(stack: Stack, url: str, email: str) -> None:
    """The person opens the link and connects the account."""
    async with httpx2.AsyncClient(timeout=20, trust_env=False) as http:
        browser = Browser(http, stack.settings.origin)
        page = await browser.open(url)
        if "Sign in first" in page.text:
            away = await browser.press(page, "/account/sign-in")
            await browser.through_google(away.headers["location"], ALICE.email, f"{stack.settings.base_url}/connect")
            page = await browser.open(url)
        done = await browser.follow(await browser.go_on(page), email)
        assert "is connected" in done.text


@pytest.mark.security("O-24")
async def test_a_grant_deleted_at_google_is_marked_dead_and_the_failure_brings_the_link(
    stack: Stack, token: str, vault: Vault, google: SimulatedGoogle
) -> None:
    google.revoke(ALICE.email)
    google.calls.clear()
    async with calling(stack, token) as client:
        results = [await client.call_tool("gmail_search", {}) for _ in range(4)]
        listed = words(await client.call_tool("accounts_list", {}))
    assert all(result.is_error and words(result).startswith("reauth_required: ") for result in results)
    assert len({LINK.findall(words(result))[0] for result in results}) == 1, "the same link, until it has been used"
    assert google.calls.methods().count("oauth.token") == 1, "no storm"
    assert (await vault.connections.of(ME, fresh=True))[0].dead == "invalid_grant"
    assert "not usable" in listed
    assert "taken back" in listed
    await connect_by(stack, LINK.findall(words(results[0]))[0], ALICE.email)
    async with calling(stack, token) as client:
        assert not (await client.call_tool("gmail_search", {})).is_error


@pytest.mark.security("O-24")
async def test_once_the_link_has_run_out_a_dead_grant_is_a_challenge_and_signing_in_mends_it(
    stack: Stack, http: httpx2.AsyncClient, google: SimulatedGoogle, clock: FakeClock
) -> None:
    client = HandClient(stack.settings.base_url, http)
    await client.register()
    tokens = await client.tokens(ALICE.email)
    google.revoke(ALICE.email)
    async with calling(stack, tokens["access_token"]) as caller:
        assert (await caller.call_tool("gmail_search", {})).is_error
    assert await client.ping(tokens["access_token"]) == 200
    clock.advance(11 * 60)
    assert await client.ping(tokens["access_token"]) == 401
    assert (await client.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    again = await client.tokens(ALICE.email)
    assert await client.ping(again["access_token"]) == 200
    assert await client.ping(tokens["access_token"]) == 200


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_client_that_cannot_open_links_gets_them_in_words(
    stack: Stack, token: str, vault: Vault, clock: FakeClock, mode: Any
) -> None:
    await vault.connections.forget(ME, (await vault.connections.of(ME))[0])
    clock.advance(61)  # another task's disconnect is noticed within a minute
    async with calling(stack, token, mode=mode) as client:
        result = await client.call_tool("drive_search", {})
        assert words(result).startswith("not_connected: ")
        await connect_by(stack, LINK.findall(words(result))[0], ALICE.email)
        assert not (await client.call_tool("drive_search", {})).is_error


async def test_a_client_that_can_open_links_is_asked_to_and_the_call_goes_through(
    stack: Stack, token: str, google: SimulatedGoogle
) -> None:
    google.revoke(ALICE.email)
    opener = Opener(then=lambda url: connect_by(stack, url, ALICE.email))
    async with calling(stack, token, opener=opener) as client:
        result = await client.call_tool("gmail_search", {})
    assert not result.is_error
    assert [params.mode for params in opener.asked] == ["url"]
    assert LINK.fullmatch(opener.asked[0].url)
    assert "taken back" in opener.asked[0].message


@pytest.mark.parametrize("action", ["accept", "decline", "cancel"])
async def test_who_is_asked_and_does_not_connect_is_told_in_words_and_not_asked_again(
    stack: Stack, token: str, google: SimulatedGoogle, action: str
) -> None:
    google.revoke(ALICE.email)
    opener = Opener(action)
    async with calling(stack, token, opener=opener) as client:
        result = await client.call_tool("gmail_search", {})
    assert len(opener.asked) == 1
    assert result.is_error
    assert LINK.search(words(result))


async def test_a_legacy_client_with_elicitation_still_gets_words(
    stack: Stack, token: str, google: SimulatedGoogle
) -> None:
    google.revoke(ALICE.email)
    opener = Opener()
    async with calling(stack, token, mode="legacy", opener=opener) as client:
        result = await client.call_tool("gmail_search", {})
    assert opener.asked == []
    assert LINK.search(words(result))


async def test_a_scope_that_google_misses_is_offered_by_the_link(
    stack: Stack, token: str, vault: Vault, google: SimulatedGoogle, clock: FakeClock
) -> None:
    async with calling(stack, token) as client:
        url = LINK.findall(words(await client.call_tool("accounts_connect", {"allow": ["calendar"]})))[0]
        await connect_by(stack, url, BEN.email)
        narrow = await client.call_tool("gmail_search", {"account": BEN.email})
        assert words(narrow).startswith("scope_missing: ")
        await connect_by(stack, LINK.findall(words(narrow))[0], BEN.email)
        wide = await client.call_tool("gmail_search", {"account": "ben"})
        assert not wide.is_error
        assert wide.structured_content is not None
        assert wide.structured_content["account"] == BEN.email
        calendar = await client.call_tool("calendar_list_events", {"account": "ben"})
        assert not calendar.is_error


async def test_accounts_are_connected_listed_chosen_and_disconnected(
    stack: Stack, token: str, google: SimulatedGoogle
) -> None:
    async with calling(stack, token) as client:
        result = await client.call_tool("accounts_connect", {"alias": "Second one"})
        await connect_by(stack, LINK.findall(words(result))[0], BEN.email)
        listed = await client.call_tool("accounts_list", {})
        assert listed.structured_content is not None
        rows = {row["alias"]: row for row in listed.structured_content["accounts"]}
        assert list(rows) == ["alice", "second-one"]
        assert rows["alice"]["default"]
        assert "default" not in rows["second-one"]
        assert "last_used" not in rows["second-one"]
        assert rows["second-one"]["can_add"] == ["gmail.settings"]
        await client.call_tool("gmail_search", {"account": "second-one"})
        listed = await client.call_tool("accounts_list", {})
        assert listed.structured_content is not None
        assert listed.structured_content["accounts"][1]["last_used"]
        foreseen = await client.call_tool("accounts_disconnect", {"account": "second-one", "dry_run": True})
        assert words(foreseen).startswith("Would disconnect ben@example.com")
        assert google.granted(BEN.email, CLIENT_ID)
        done = await client.call_tool("accounts_disconnect", {"account": "second-one"})
        assert "revoked at Google" in words(done)
        assert google.granted(BEN.email, CLIENT_ID) == frozenset()
        gone = await client.call_tool("gmail_search", {"account": "second-one"})
        assert "No account of yours has that name" in words(gone)


async def test_a_grant_that_somebody_else_needs_is_not_revoked_at_google(
    stack: Stack, token: str, google: SimulatedGoogle, http: httpx2.AsyncClient
) -> None:
    other = HandClient(stack.settings.base_url, http)
    await other.register()
    bens = (await other.tokens(BEN.email))["access_token"]
    async with calling(stack, token) as client:
        url = LINK.findall(words(await client.call_tool("accounts_connect", {})))[0]
        await connect_by(stack, url, BEN.email)
        done = await client.call_tool("accounts_disconnect", {"account": "ben"})
        assert "somebody else works with this account" in words(done)
    assert google.granted(BEN.email, CLIENT_ID)
    async with calling(stack, bens) as client:
        assert not (await client.call_tool("gmail_search", {})).is_error


async def test_google_not_answering_a_revocation_leaves_nothing_here(
    stack: Stack, token: str, google: SimulatedGoogle, vault: Vault
) -> None:
    google.faults.add("oauth.revoke", faults.server_error(503))
    async with calling(stack, token) as client:
        done = await client.call_tool("accounts_disconnect", {"account": "alice"})
    assert "Google did not answer" in words(done)
    assert await vault.connections.of(ME, fresh=True) == ()


@pytest.mark.security("O-18")
@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_hidden_tool_is_a_challenge_for_more_and_signing_in_again_opens_it(stack: Stack, mode: Any) -> None:
    person = PersonAtBrowser(ALICE.email, untick=("gmail", "mail.google"))
    async with (
        asyncio.timeout(40),
        connected(stack.mcp_url, person, memory=Memory(), mode=mode) as client,
    ):
        names = {tool.name for tool in (await client.list_tools()).tools}
        assert "drive_search" in names
        assert not [name for name in names if name.startswith("gmail_")]
        person.untick = ()
        assert not (await client.call_tool("gmail_search", {})).is_error
        assert person.sign_ins == 2
        assert not (await client.call_tool("drive_search", {})).is_error


@pytest.mark.security("O-18")
async def test_the_challenge_names_what_is_missing_beside_what_is_held(stack: Stack, http: httpx2.AsyncClient) -> None:
    client = HandClient(stack.settings.base_url, http)
    await client.register()
    tokens = await client.tokens(ALICE.email, scope="drive.read")
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "gmail_search", "arguments": {}}}
    headers = {
        "Authorization": f"Bearer {tokens['access_token']}",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": "2025-06-18",
    }
    response = await http.post(stack.mcp_url, json=call, headers=headers)
    assert response.status_code == 403
    challenge = response.headers["www-authenticate"]
    assert 'error="insufficient_scope"' in challenge
    assert 'scope="drive.read gmail.read"' in challenge
    assert f'resource_metadata="{stack.settings.base_url}/.well-known/oauth-protected-resource/mcp"' in challenge
    call["params"] = {"name": "no_such_tool", "arguments": {}}
    assert (await http.post(stack.mcp_url, json=call, headers=headers)).status_code == 200


async def test_five_clients_of_one_person_share_one_grant_and_one_refresh_an_hour(
    stack: Stack, http: httpx2.AsyncClient, google: SimulatedGoogle, clock: FakeClock
) -> None:
    tokens: list[str] = []
    for number in range(5):
        client = HandClient(stack.settings.base_url, http)
        await client.register(client_name=f"Client {number}")
        tokens.append((await client.tokens(ALICE.email))["access_token"])
    assert len([key async for key in stack.service.store.list("lasting/connections/")]) == 1
    clock.advance(3599 - 120)  # Google's tokens are due, ours not yet
    google.calls.clear()
    async with asyncio.TaskGroup() as group:
        for token in tokens:
            group.create_task(searched(stack, token))
    assert google.calls.methods().count("oauth.token") == 1


async def searched(stack: Stack, token: str) -> None:
    async with calling(stack, token) as client:
        assert not (await client.call_tool("gmail_search", {})).is_error
