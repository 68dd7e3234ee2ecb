"""A client's own address or headers leave tools out of all that it sees, and give nothing."""

from collections.abc import Iterable
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.caching import CacheConfig, InMemoryResponseCacheStore
from mcp.client.streamable_http import streamable_http_client

from google_workspace_mcp.demo.client import PersonAtBrowser, connected
from google_workspace_mcp.sandbox.people.cast import ALICE
from tests.support.oauth import HandClient
from tests.support.shown import Program, Shown, words

ERAS = ("auto", "legacy")
ACCOUNTS = {"accounts_list", "accounts_connect", "accounts_disconnect"}
LEGACY = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"}

pytestmark = pytest.mark.timeout(90)


def services(names: Iterable[str]) -> set[str]:
    """The Google services that these tools are of."""
    return {name.partition("_")[0] for name in names} & {"gmail", "drive", "calendar"}


def call(method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


@pytest.mark.parametrize("mode", ERAS)
@pytest.mark.parametrize(
    ("query", "header"),
    [("?tools=drive", {"X-MCP-Tools": "drive"}), ("?tier=core", {"X-MCP-Tier": "core"})],
    ids=["tools", "tier"],
)
async def test_the_address_and_the_header_say_the_same(shown: Shown, mode: Any, query: str, header: dict[str, str]):
    by_address, by_header = await shown.person.names(query, mode=mode), await shown.person.names("", header, mode)
    everything = await shown.person.names(mode=mode)
    assert by_address == by_header
    assert by_address == [name for name in everything if name in set(by_address)]
    assert len(by_address) < len(everything)


@pytest.mark.parametrize("mode", ERAS)
async def test_only_the_services_asked_for_are_listed(shown: Shown, mode: Any):
    names = await shown.person.names("?tools=gmail,calendar", mode=mode)
    assert services(names) == {"gmail", "calendar"}
    assert {*names} >= ACCOUNTS


async def test_reading_only_lists_only_what_reads(shown: Shown):
    async with shown.person.client("?readonly=1") as client:
        tools = (await client.list_tools()).tools
    assert tools
    assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)


@pytest.mark.parametrize("mode", ERAS)
async def test_what_is_left_out_cannot_be_called(shown: Shown, mode: Any):
    async with shown.person.client("?tools=gmail", mode=mode) as client:
        refused = await client.call_tool("drive_search", {})
        done = await client.call_tool("gmail_search", {"limit": 1})
    assert refused.is_error
    assert not done.is_error


@pytest.mark.parametrize("mode", ERAS)
async def test_nothing_is_given_that_the_token_does_not_hold(shown: Shown, mode: Any):
    names = await shown.reader.names("?tools=drive,gmail_search&tier=full", mode=mode)
    assert services(names) == {"gmail"}
    assert [name for name in names if name.startswith("gmail_")] == ["gmail_search"]


async def test_nothing_is_given_that_an_agents_token_leaves_out(shown: Shown):
    program = shown.of_agent(services=["gmail"], readonly=True)
    names = await program.names("?tools=drive,gmail_search&readonly=0")
    assert names[0] == "gmail_search"
    assert services(names[1:]) == set()
    assert not {"accounts_connect", "accounts_disconnect"} & {*names}


async def test_who_leaves_a_tool_out_is_not_asked_to_allow_more_for_it(shown: Shown):
    calling = call("tools/call", name="drive_search", arguments={})
    async with shown.reader.http(LEGACY) as http:
        assert (await http.post(shown.stack.mcp_url, json=calling)).status_code == 403
        answer = await http.post(f"{shown.stack.mcp_url}?tools=gmail", json=calling)
    assert answer.status_code == 200
    assert "Unknown tool" in answer.text


@pytest.mark.parametrize(
    ("query", "headers"),
    [("?tier=all", {}), ("?tools=gmail,dirve", {}), ("?readonly=yes", {}), ("", {"X-MCP-Tools": "mail"})],
    ids=str,
)
async def test_a_value_that_is_not_known_is_answered_400_with_those_that_are(
    shown: Shown, query: str, headers: dict[str, str]
):
    async with shown.person.http({**LEGACY, **headers}) as http:
        answer = await http.post(f"{shown.stack.mcp_url}{query}", json=call("tools/list"))
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == "invalid_argument"
    assert " takes one" in problem["detail"]
    assert not any(word in answer.text for word in ("dirve", "yes", '"mail"'))


@pytest.mark.parametrize(("query", "status"), [("?tier=all", 400), ("?tier=core", 401)])
async def test_a_mistake_in_the_address_is_told_before_anybody_signs_in(shown: Shown, query: str, status: int):
    async with httpx2.AsyncClient(headers=LEGACY, timeout=20, trust_env=False) as http:
        answer = await http.post(f"{shown.stack.mcp_url}{query}", json=call("tools/list"))
    assert answer.status_code == status


async def test_other_parameters_of_the_address_are_not_looked_at(shown: Shown):
    assert await shown.person.names("?utm_source=docs") == await shown.person.names()


@pytest.mark.parametrize("mode", ERAS)
async def test_a_person_signs_in_at_a_narrowed_address(shown: Shown, mode: Any):
    person = PersonAtBrowser(ALICE.email)
    async with connected(f"{shown.stack.mcp_url}?tools=calendar", person, mode=mode) as client:
        names = [tool.name for tool in (await client.list_tools()).tools]
    assert services(names) == {"calendar"}
    assert person.sign_ins == 1


async def test_a_client_may_name_the_narrowed_address_as_the_resource(shown: Shown):
    resource = f"{shown.stack.mcp_url}?tools=gmail"
    async with httpx2.AsyncClient(timeout=20, trust_env=False) as http:
        client = HandClient(shown.stack.settings.base_url, http)
        await client.register()
        back = await client.sign_in(ALICE.email, resource=resource)
        redeemed = await client.redeem(back["code"], resource=resource)
    assert redeemed.status_code == 200
    assert await Program(shown.stack, redeemed.json()["access_token"]).names() == await shown.person.names()


async def test_lists_may_be_kept_five_minutes_and_not_shared(shown: Shown):
    async with shown.person.client("?tier=core", mode="2026-07-28") as client:
        listed = await client.list_tools()
    assert (listed.ttl_ms, listed.cache_scope) == (300_000, "private")


async def test_a_store_of_answers_that_clients_share_keeps_their_addresses_apart(shown: Shown):
    store = InMemoryResponseCacheStore()

    async def names(query: str) -> list[str]:
        url = f"{shown.stack.mcp_url}{query}"
        kept = CacheConfig(store=store, partition="alice", target_id=url)
        async with (
            shown.person.http() as http,
            Client(streamable_http_client(url, http_client=http), cache=kept) as client,
        ):
            return [tool.name for tool in (await client.list_tools()).tools]

    narrow, wide = await names("?tools=gmail_search"), await names("")
    assert narrow == ["gmail_search"]
    assert wide == await shown.person.names()


async def test_one_connection_that_changes_its_headers_is_answered_by_each(shown: Shown):
    async def listed(http: httpx2.AsyncClient, **headers: str) -> str:
        answer = await http.post(shown.stack.mcp_url, json=call("tools/list"), headers={**LEGACY, **headers})
        return answer.text

    async with shown.person.http() as http:
        assert "drive_search" not in await listed(http, **{"X-MCP-Tools": "gmail"})
        assert "drive_search" in await listed(http)
        assert "gmail_search" not in await listed(http, **{"X-MCP-Tools": "drive"})


@pytest.mark.parametrize("headers", [{}, {"X-MCP-Tools": "gmail"}], ids=["address", "header"])
async def test_plain_http_is_narrowed_alike(shown: Shown, headers: dict[str, str]):
    base, query = shown.stack.settings.base_url, "" if headers else "?tools=gmail"
    async with shown.person.http(headers) as http:
        listed = (await http.get(f"{base}/tools{query}")).json()["data"]["tools"]
        refused = await http.post(f"{base}/tools/drive_search{query}", json={})
        unreadable = await http.get(f"{base}/tools?tier=big")
    assert services(tool["name"] for tool in listed) == {"gmail"}
    assert (refused.status_code, refused.json()["code"]) == (403, "refused_by_policy")
    assert "narrowed_tools" in refused.json()["next_step"]
    assert unreadable.status_code == 400


async def test_a_link_that_mends_is_offered_also_where_only_one_service_is_seen(shown: Shown):
    program = Program(shown.stack, shown.agent.token("user-without-account"))
    async with program.client("?tools=gmail") as client:
        answer = await client.call_tool("gmail_search", {})
    assert answer.is_error
    assert "not_connected" in words(answer)
