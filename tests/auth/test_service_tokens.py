"""Service tokens on a running service: MCP clients and plain HTTP, both addresses, and nobody else's account."""

import asyncio
import json
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mcp import Client
from mcp.client.client import ConnectMode
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, TextContent

from google_workspace_mcp.auth.scopes import google_scopes
from google_workspace_mcp.core.principal import Principal
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA
from google_workspace_mcp.sandbox.service import Person
from tests.clients.deployment import sample_google
from tests.support.agents import Agent, new_key, setting
from tests.support.connecting import connect
from tests.support.oauth import HandClient
from tests.support.stack import CLIENT_ID, CLIENT_SECRET, Stack, running

type Address = Literal["public", "internal"]
USER = "user-1"
AUDIENCE = "urn:example:workspace-tools"
LEGACY = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"}

pytestmark = pytest.mark.timeout(90)


@dataclass
class World:
    """Two agents that trust a user of the same id, each with an account, and a person who signed in."""

    stack: Stack
    core: Agent
    other: Agent
    person_token: str
    ids: list[str] = field(default_factory=list[str])

    def base(self, address: Address) -> str:
        return self.stack.settings.base_url if address == "public" else self.stack.internal_url


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    core = Agent(AUDIENCE)
    other = Agent(AUDIENCE, issuer="https://other-agent.example", key=new_key("oct"))
    with (
        sample_google() as google,
        running(google, tmp_path_factory.mktemp("service"), prefix="/ws", agents=setting(core, other)) as stack,
    ):
        yield asyncio.run(furnished(World(stack, core, other, "")))


async def furnished(world: World) -> World:
    for agent, person in ((world.core, ALICE), (world.other, BEN)):
        connection = await connect(world.stack, Principal(agent.issuer, USER), person)
        world.ids.append(connection.id)
    async with httpx2.AsyncClient(timeout=20, trust_env=False) as http:
        client = HandClient(world.stack.settings.base_url, http)
        await client.register()
        world.person_token = (await client.tokens(CHIARA.email))["access_token"]
    return world


@asynccontextmanager
async def bearing(world: World, address: Address, token: str, mode: ConnectMode) -> AsyncGenerator[Client]:
    """The official client with a token and no OAuth."""
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        asyncio.timeout(30),
        httpx2.AsyncClient(headers=headers, timeout=20, trust_env=False) as http,
        Client(streamable_http_client(f"{world.base(address)}/mcp", http_client=http), mode=mode) as client,
    ):
        yield client


def words(result: CallToolResult) -> str:
    [content] = result.content
    assert isinstance(content, TextContent)
    return content.text


async def names(client: Client) -> set[str]:
    return {tool.name for tool in (await client.list_tools()).tools}


# -- MCP


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("address", ["public", "internal"])
async def test_a_client_with_a_service_token_calls_tools_for_the_agents_user(
    world: World, address: Address, mode: ConnectMode
) -> None:
    async with bearing(world, address, world.core.token(USER), mode) as client:
        result = await client.call_tool("gmail_search", {})
    assert not result.is_error
    assert result.structured_content is not None
    assert result.structured_content["account"] == ALICE.email


async def test_the_same_user_id_of_another_issuer_is_another_principal(world: World) -> None:
    async with bearing(world, "internal", world.other.token(USER), "auto") as client:
        result = await client.call_tool("calendar_list_events", {})
    assert result.structured_content is not None
    assert result.structured_content["account"] == BEN.email


async def test_a_user_without_an_account_is_told_how_to_get_one(world: World) -> None:
    async with bearing(world, "internal", world.core.token("nobody-yet"), "auto") as client:
        result = await client.call_tool("gmail_search", {})
    assert result.is_error
    said, _, link = words(result).rpartition(" ")
    assert said == (
        "not_connected: No Google account is connected for this caller. "
        "Give the person this link (good once, for 10 minutes) and call again when they are done:"
    )
    assert link.startswith(f"{world.stack.settings.base_url}/connect/")


async def test_a_service_token_is_offered_every_tool_of_the_operator(world: World) -> None:
    async with bearing(world, "internal", world.core.token(USER), "auto") as client:
        assert await names(client) == {prepared.definition.name for prepared in world.stack.service.runner.tools}


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_token_for_some_tools_sees_and_calls_no_others(world: World, mode: ConnectMode) -> None:
    token = world.core.token(USER, tools=["gmail_search", "no_such_tool"])
    async with bearing(world, "internal", token, mode) as client:
        assert await names(client) == {"gmail_search"}
        assert not (await client.call_tool("gmail_search", {})).is_error
        before = len(world.stack.google.calls.all())
        refused = await outcome(client, "drive_search")
    assert ALICE.email not in refused
    assert len(world.stack.google.calls.all()) == before


async def outcome(client: Client, name: str) -> str:
    try:
        result = await client.call_tool(name, {})
    except Exception as error:  # noqa: BLE001 - either way of refusing is one; the text is what is looked at
        return str(error)
    assert result.is_error
    return words(result)


async def test_a_token_for_one_service_sees_that_service_and_its_accounts(world: World) -> None:
    token = world.core.token(USER, services=["drive"])
    async with bearing(world, "internal", token, "auto") as client:
        services = {name.partition("_")[0] for name in await names(client)}
    assert services == {"drive", "files", "accounts", "search", "fetch", "workspace"}


# -- what is no service token


async def statuses(world: World, token: str) -> set[int]:
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    async with httpx2.AsyncClient(timeout=20, trust_env=False) as http:
        headers = {**LEGACY, "Authorization": f"Bearer {token}"}
        answers = [
            answer
            for address in ("public", "internal")
            for answer in (
                await http.post(f"{world.base(address)}/mcp", json=call, headers=headers),
                await http.get(f"{world.base(address)}/tools", headers=headers),
                await http.post(f"{world.base(address)}/tools/accounts_list", headers=headers),
            )
        ]
    assert all("resource_metadata=" in answer.headers.get("www-authenticate", "") for answer in answers)
    return {answer.status_code for answer in answers}


@pytest.mark.security("O-15")
async def test_a_token_for_a_sibling_or_of_a_stranger_is_answered_401_everywhere(world: World) -> None:
    settings, stranger = world.stack.settings, Agent(AUDIENCE, issuer=world.core.issuer)
    for token in (
        world.core.token(USER, aud=settings.origin),
        world.core.token(USER, aud=f"{settings.origin}/sibling"),
        world.core.token(USER, iss=settings.base_url),
        world.core.token(USER, iss="https://accounts.google.com"),
        world.core.token(USER, header={"kid": "../../../../etc/passwd"}) + "x",
        stranger.token(USER),
    ):
        assert await statuses(world, token) == {401}


@pytest.mark.security("O-16")
async def test_a_token_of_googles_is_answered_401_everywhere(world: World) -> None:
    google = world.stack.google
    grant = google.grant(CHIARA.email, google_scopes(("gmail.read",)), CLIENT_ID)
    form = {
        "grant_type": "refresh_token",
        "refresh_token": grant.refresh_token,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }
    async with httpx2.AsyncClient(timeout=20, trust_env=False) as http:
        answer = (await http.post(f"{google.url}/token", data=form)).json()
    assert answer["access_token"].startswith("ya29.")
    assert await statuses(world, answer["access_token"]) == {401}
    assert answer["id_token"].count(".") == 2
    assert await statuses(world, answer["id_token"]) == {401}


async def test_a_key_set_that_cannot_be_had_is_try_again_and_not_sign_in(
    tmp_path_factory: pytest.TempPathFactory, world: World
) -> None:
    agent = Agent(AUDIENCE, issuer="https://published.example")
    entry = {"issuer": agent.issuer, "audience": AUDIENCE, "jwks_url": "http://127.0.0.1:9/jwks"}
    folder = tmp_path_factory.mktemp("service")
    with running(world.stack.google, folder, agents=json.dumps([entry])) as stack:
        async with httpx2.AsyncClient(timeout=20, trust_env=False) as http:
            headers = {**LEGACY, "Authorization": f"Bearer {agent.token(header={'kid': 'a'})}"}
            for path in ("/mcp", "/tools/accounts_list"):
                answer = await http.post(f"{stack.settings.base_url}{path}", headers=headers, json={})
                assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
                assert (answer.json()["code"], answer.json()["retryable"]) == ("unavailable", True)


# -- nobody reaches anybody else's account, whatever the token, the tool, the way and the arguments


@dataclass(frozen=True)
class Asking:
    """Who asks, and the only account that may be reached; None for nobody's."""

    token: str
    own: Person | None


def askers(world: World) -> st.SearchStrategy[Asking]:
    subjects = st.sampled_from([USER, "user-2", ALICE.subject, BEN.email, ALICE.email, *world.ids]) | st.text(
        min_size=1, max_size=40
    ).filter(str.isprintable)
    extras = st.sampled_from([{}, {"email": BEN.email}, {"account": ALICE.email}, {"readonly": True}, {"sid": "x"}])

    def asking(agent: Agent, own: Person) -> st.SearchStrategy[Asking]:
        return st.builds(
            lambda subject, extra: Asking(agent.token(subject, **extra), own if subject == USER else None),
            subjects,
            extras,
        )

    person = st.just(Asking(world.person_token, CHIARA))
    return asking(world.core, ALICE) | asking(world.other, BEN) | person


def argument(schema: dict[str, Any]) -> Any:
    """Something that the schema may allow: ids of anybody's things are tried where ids are asked for."""
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "array":
            return [argument(schema.get("items", {}))]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return False
        case "object":
            return {}
        case _:
            return "18c0ffee00000001"


def call_of(tool: dict[str, Any], account: str) -> dict[str, Any]:
    properties = tool["inputSchema"]["properties"]
    needed = {name: argument(properties[name]) for name in tool["inputSchema"].get("required", [])}
    harmless = {"dry_run": True} if "dry_run" in properties else {}
    return {**needed, **harmless, **({"account": account} if "account" in properties and account else {})}


def ask(base: str, way: str, token: str, tool: str, arguments: dict[str, Any]) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {token}"}
    with httpx2.Client(timeout=20, trust_env=False) as http:
        if way == "mcp":
            call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
            return http.post(f"{base}/mcp", json=call, headers={**LEGACY, **headers})
        if way == "face":
            query = {"user_id": ALICE.subject, "account": BEN.email, "sub": USER}
            return http.post(f"{base}/tools/{tool}", json=arguments, headers=headers, params=query)
        return http.get(f"{base}/gmail/{way}", headers=headers, params={"user_id": BEN.subject, "account": BEN.email})


def test_a_token_for_one_never_reaches_the_account_of_another(world: World) -> None:
    with httpx2.Client(timeout=20, trust_env=False) as http:
        headers = {"Authorization": f"Bearer {world.core.token(USER)}"}
        tools = http.get(f"{world.base('internal')}/tools", headers=headers).json()["data"]["tools"]
    assert {tool["name"] for tool in tools} >= {"gmail_search", "drive_read", "calendar_list_events", "accounts_list"}
    people = (ALICE, BEN, CHIARA)
    accounts = ["", *(person.email for person in people), "alice", "ben", "chiara", *world.ids, "*", "../ben"]
    reached: set[str] = set()

    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
    @given(
        asking=askers(world),
        tool=st.sampled_from(tools),
        account=st.sampled_from(accounts),
        way=st.sampled_from(["mcp", "face", "face", "mcp", "messages", "status"]),
        address=st.sampled_from(["public", "internal"]),
    )
    def nobody_else_is_reached(asking: Asking, tool: dict[str, Any], account: str, way: str, address: Address) -> None:
        calls = world.stack.google.calls
        calls.clear()
        answer = ask(world.base(address), way, asking.token, tool["name"], call_of(tool, account))
        assert answer.status_code < 500
        own = {asking.own.email} if asking.own else set()
        assert {call.person for call in calls.api_calls()} <= own
        spoken = {address for address in accounts[1:4] if f'"account":"{address}"' in answer.text.replace(": ", ":")}
        assert spoken <= own
        reached.update(call.person for call in calls.api_calls())

    nobody_else_is_reached()
    assert reached == {person.email for person in people}, "every account was reached by its own holder"
