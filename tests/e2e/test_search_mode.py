"""Search mode: five tools and two more are listed; what is found and called is what the token would list."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, ElicitRequestURLParams, ElicitResult

from google_workspace_mcp.core.tools.search import CALL, PINNED, SEARCH
from google_workspace_mcp.demo.client import PersonAtBrowser, connected
from google_workspace_mcp.sandbox.people.cast import BEN, CHIARA
from google_workspace_mcp.sandbox.service import Person
from tests.clients.deployment import sample_google
from tests.support.agents import Agent, setting
from tests.support.shown import Program, Shown, words
from tests.support.stack import Stack, running

ERAS = ("auto", "legacy")
ON = "?search=1"
LEGACY = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"}
MODERN = {
    "Accept": "application/json, text/event-stream",
    "MCP-Protocol-Version": "2026-07-28",
    "Mcp-Method": "tools/call",
    "Mcp-Name": CALL,
}
ABOUT_US = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}

pytestmark = pytest.mark.timeout(90)


async def found(program: Program, query: str, address: str = ON, mode: Any = "auto") -> list[str]:
    async with program.client(address, mode=mode) as client:
        answer = await client.call_tool(SEARCH, {"query": query})
    assert not answer.is_error
    return [json.loads(line)["name"] for line in words(answer).splitlines() if line.startswith("{")]


async def called(client: Client, name: str, **arguments: Any) -> CallToolResult:
    return await client.call_tool(CALL, {"name": name, "arguments": arguments})


def through_search(name: str) -> dict[str, Any]:
    params = {"name": CALL, "arguments": {"name": name, "arguments": {}}, "_meta": ABOUT_US}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}


@pytest.mark.parametrize("mode", ERAS)
async def test_five_tools_and_two_more_are_listed(shown: Shown, mode: Any):
    assert await shown.person.names(ON, mode=mode) == [*PINNED, SEARCH, CALL]
    assert await shown.person.names("", {"X-MCP-Search": "1"}, mode=mode) == [*PINNED, SEARCH, CALL]


@pytest.mark.parametrize("mode", ERAS)
async def test_without_it_the_two_are_not_there(shown: Shown, mode: Any):
    async with shown.person.client(mode=mode) as client:
        assert (await client.call_tool(SEARCH, {"query": "mail"})).is_error
        assert (await called(client, "accounts_list")).is_error


@pytest.mark.parametrize("mode", ERAS)
async def test_a_tool_is_found_and_called(shown: Shown, mode: Any):
    assert (await found(shown.person, "which calendars do I have", mode=mode))[0] == "calendar_list_calendars"
    async with shown.person.client(ON, mode=mode) as client:
        answer = await called(client, "calendar_list_calendars")
        directly = await client.call_tool("calendar_list_calendars", {})
    assert not answer.is_error
    assert answer.structured_content == directly.structured_content
    assert words(answer) == words(directly)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("read a whole email conversation", "gmail_read_thread"),
        ("threads", "gmail_read_thread"),
        ("connect another account", "accounts_connect"),
        ("remove my Google account", "accounts_disconnect"),
        ("CALENDARS", "calendar_list_calendars"),
        ("send an email", "gmail_send"),
        ("reply to a message", "gmail_reply"),
        ("archive messages", "gmail_modify"),
        ("new labels", "gmail_create_label"),
        ("download a file", "drive_download"),
        ("attachments of a mail", "gmail_get_attachment"),
        ("unsubscribe from a newsletter", "gmail_unsubscribe"),
        ("share a document with a colleague", "drive_share"),
        ("stop sharing a file", "drive_unshare"),
        ("make a folder", "drive_create_folder"),
        ("upload a file", "drive_create_file"),
        ("create a google doc", "drive_create_file"),
        ("rename a file", "drive_update_file"),
        ("move files to another folder", "drive_update_file"),
        ("delete a file", "drive_trash"),
        ("copy a spreadsheet", "drive_copy"),
        ("resolve a comment", "drive_comment"),
        ("restore an old version", "drive_restore_revision"),
    ],
)
async def test_what_people_say_finds_the_tool_among_the_five_shown(shown: Shown, query: str, name: str):
    assert name in await found(shown.person, query)


async def test_what_is_found_has_what_a_call_needs(shown: Shown):
    async with shown.person.client() as client:
        listed = {tool.name: tool for tool in (await client.list_tools()).tools}
    async with shown.person.client(ON) as client:
        lines = words(await client.call_tool(SEARCH, {"query": "accounts"})).splitlines()
    assert lines
    for line in lines:
        tool = json.loads(line)
        assert tool["inputSchema"] == listed[tool["name"]].input_schema
        assert tool["description"] == listed[tool["name"]].description


async def test_a_search_without_a_match_names_all_there_is(shown: Shown):
    async with shown.person.client(ON) as client:
        answer = await client.call_tool(SEARCH, {"query": "zzz"})
    assert "calendar_list_calendars" in words(answer)
    assert "gmail_search" not in words(answer)


@pytest.mark.parametrize("mode", ERAS)
async def test_what_the_token_may_not_use_is_neither_found_nor_called(shown: Shown, mode: Any):
    assert not [name for name in await found(shown.reader, "calendars", mode=mode) if name.startswith("calendar_")]
    assert await shown.reader.names(ON, mode=mode) == ["gmail_search", "gmail_read", SEARCH, CALL]
    limited = shown.of_agent(services=["gmail"], readonly=True)
    assert "gmail_read_thread" in await found(limited, "threads", mode=mode)
    for query in ("calendars", "disconnect an account", "send mail", "files in drive"):
        names = await found(limited, query, mode=mode)
        assert not [name for name in names if name.startswith(("calendar_", "drive_"))], query
        assert not {"accounts_connect", "accounts_disconnect", "gmail_send", "gmail_reply"} & {*names}, query
    async with limited.client(ON, mode=mode) as client:
        for name in ("calendar_list_calendars", "accounts_disconnect", "drive_search"):
            answer = await called(client, name, account="alice@example.com")
            assert answer.is_error, name
            assert words(answer).startswith("not_found: There is no tool of that name here"), name


@pytest.mark.parametrize("mode", ERAS)
async def test_what_the_client_left_out_is_neither_found_nor_called(shown: Shown, mode: Any):
    address = f"{ON}&tools=gmail"
    names = await found(shown.person, "list calendars and read threads", address, mode=mode)
    assert "gmail_read_thread" in names
    assert not [name for name in names if name.startswith(("calendar_", "drive_"))]
    async with shown.person.client(address, mode=mode) as client:
        assert (await called(client, "calendar_list_calendars")).is_error
        assert not (await called(client, "gmail_read_thread", thread_ids=["0"])).is_error


@pytest.mark.parametrize("headers", [LEGACY, MODERN], ids=["legacy", "modern"])
async def test_a_call_that_the_token_does_not_reach_asks_for_more(shown: Shown, headers: dict[str, str]):
    async with shown.reader.http(headers) as http:
        answer = await http.post(f"{shown.stack.mcp_url}{ON}", json=through_search("drive_read"))
        other = await http.post(f"{shown.stack.mcp_url}{ON}", json=through_search("accounts_list"))
        left_out = await http.post(f"{shown.stack.mcp_url}{ON}&tools=gmail", json=through_search("drive_read"))
    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]
    assert 'scope="drive.read gmail.read"' in answer.headers["www-authenticate"]
    assert other.status_code == left_out.status_code == 200


@pytest.mark.parametrize(("mode", "who"), [("auto", BEN), ("legacy", CHIARA)], ids=["auto", "legacy"])
async def test_a_person_is_asked_for_more_and_the_call_goes_on(shown: Shown, mode: Any, who: Person):
    person = PersonAtBrowser(who.email, untick=("calendar",))
    async with connected(f"{shown.stack.mcp_url}{ON}", person, mode=mode) as client:
        assert "calendar_list_events" not in [tool.name for tool in (await client.list_tools()).tools]
        person.untick = ()
        assert not (await called(client, "calendar_list_calendars")).is_error
    assert person.sign_ins == 2


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"name": CALL, "arguments": {"name": "accounts_list"}},
        {"name": SEARCH, "arguments": {"query": "x"}},
        {"name": "accounts_list", "arguments": "{}"},
        {"name": "accounts_list", "other": 1},
        {"name": "x" * 200},
        {"name": None},
    ],
    ids=str,
)
async def test_a_call_that_cannot_be_meant_is_told_so(shown: Shown, arguments: dict[str, Any]):
    async with shown.person.client(ON, mode="legacy") as client:
        answer = await client.call_tool(CALL, arguments)
    assert answer.is_error
    assert words(answer).partition(":")[0] in ("invalid_argument", "not_found")


async def test_wrong_arguments_of_the_inner_tool_are_told_like_those_of_a_direct_call(shown: Shown):
    async with shown.person.client(ON) as client:
        answer = await called(client, "gmail_read_thread")
        directly = await client.call_tool("gmail_read_thread", {})
    assert (
        words(answer)
        == words(directly)
        == "invalid_argument: thread_ids is required. Correct the arguments and call again."
    )


async def test_a_client_that_can_open_links_is_asked_to_also_through_search(shown: Shown):
    asked: list[ElicitRequestURLParams] = []

    async def opened(context: Any, params: Any) -> ElicitResult:
        asked.append(params)
        return ElicitResult(action="accept")

    program = Program(shown.stack, shown.agent.token("user-without-account"))
    url = f"{shown.stack.mcp_url}{ON}"
    async with (
        program.http() as http,
        Client(streamable_http_client(url, http_client=http), elicitation_callback=opened) as client,
    ):
        answer = await called(client, "calendar_list_calendars")
    assert answer.is_error
    assert [params.url.startswith(shown.stack.settings.base_url) for params in asked] == [True]


async def test_the_tool_that_calls_others_says_truthfully_what_it_can_do(shown: Shown):
    async def hints(address: str) -> tuple[bool | None, bool | None]:
        async with shown.person.client(address) as client:
            notes = next(tool.annotations for tool in (await client.list_tools()).tools if tool.name == CALL)
        assert notes
        return notes.read_only_hint, notes.destructive_hint

    assert await hints(ON) == (False, True)
    assert await hints(f"{ON}&readonly=1") == (True, False)


@pytest.fixture(scope="module")
def searching(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, Agent]]:
    agent = Agent("urn:example:workspace-tools")
    with (
        sample_google() as google,
        running(google, tmp_path_factory.mktemp("searching"), agents=setting(agent), tool_search=True) as stack,
    ):
        yield stack, agent


@pytest.mark.parametrize("mode", ERAS)
@pytest.mark.parametrize("address", ["", "?search=0"])
async def test_the_operator_can_switch_it_on_for_everyone(searching: tuple[Stack, Agent], mode: Any, address: str):
    stack, agent = searching
    assert await Program(stack, agent.token()).names(address, mode=mode) == [*PINNED, SEARCH, CALL]


async def test_plain_http_lists_everything_in_search_mode_too(searching: tuple[Stack, Agent]):
    stack, agent = searching
    async with Program(stack, agent.token()).http() as http:
        listed = (await http.get(f"{stack.settings.base_url}/tools")).json()["data"]["tools"]
    names = [tool["name"] for tool in listed]
    assert "calendar_list_calendars" in names
    assert CALL not in names
