"""The official client, by both protocols: tools across services, mail as resources, prompts."""

import asyncio
import json
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager

import httpx2
import pytest
from mcp import Client
from mcp.client.client import ConnectMode
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp_types import TextContent, TextResourceContents
from pydantic import AnyUrl

from google_workspace_mcp.demo.client import PersonAtBrowser, connected
from google_workspace_mcp.sandbox.people.cast import ALICE
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.clients.deployment import sample_google
from tests.security.test_google_paths import HOSTILE
from tests.support.oauth import HandClient
from tests.support.stack import Stack, running

ERAS = ["auto", "legacy"]
ACROSS = {"search", "fetch", "workspace_changes"}
pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def google() -> Generator[SimulatedGoogle]:
    with sample_google() as google:
        yield google
        assert google.violations == []


@pytest.fixture(scope="module")
def stack(google: SimulatedGoogle, tmp_path_factory: pytest.TempPathFactory) -> Generator[Stack]:
    with running(google, tmp_path_factory.mktemp("service")) as stack:
        yield stack


@asynccontextmanager
async def narrowed(stack: Stack, scope: str, mode: ConnectMode = "auto") -> AsyncGenerator[Client]:
    """A client whose token was asked for with this scope alone."""
    async with asyncio.timeout(60), httpx2.AsyncClient(timeout=20, trust_env=False) as http:
        hand = HandClient(stack.settings.base_url, http)
        await hand.register()
        http.headers["Authorization"] = f"Bearer {(await hand.tokens(ALICE.email, scope=scope))['access_token']}"
        async with Client(streamable_http_client(stack.mcp_url, http_client=http), mode=mode) as client:
            yield client


async def text_of(client: Client, tool: str, /, **arguments: object) -> str:
    result = await client.call_tool(tool, dict(arguments))
    [block] = result.content
    assert isinstance(block, TextContent)
    assert not result.is_error, block.text
    return block.text


@pytest.mark.parametrize("mode", ERAS)
async def test_search_fetch_changes_and_time(stack: Stack, mode: str):
    async with asyncio.timeout(60), connected(stack.mcp_url, PersonAtBrowser(ALICE.email), mode=mode) as client:
        result = await client.call_tool("search", {"query": "Milan"})
        [block] = result.content
        assert isinstance(block, TextContent)
        assert json.loads(block.text) == result.structured_content
        results = json.loads(block.text)["results"]
        assert {"mail", "file"} <= {item["id"].partition(":")[0] for item in results}
        for item in results[:3]:
            read = json.loads(await text_of(client, "fetch", id=item["id"]))
            assert (read["id"], read["title"], read["url"]) == (item["id"], item["title"], item["url"])
            assert "<untrusted " in read["text"] or "(no text)" in read["text"]
        begun = await client.call_tool("workspace_changes", {})
        cursor = (begun.structured_content or {})["cursor"]
        assert "0 changes" in await text_of(client, "workspace_changes", cursor=cursor)
        assert "Europe/Berlin" in await text_of(client, "workspace_time")


@pytest.mark.parametrize("mode", ERAS)
async def test_what_the_token_lacks_is_not_searched_and_the_tools_are_still_there(stack: Stack, mode: ConnectMode):
    async with narrowed(stack, "drive.read", mode) as client:
        names = {tool.name for tool in (await client.list_tools()).tools}
        assert names >= ACROSS
        found = json.loads(await text_of(client, "search", query="Milan"))
        assert {item["id"].partition(":")[0] for item in found["results"]} == {"file"}
        assert [line.partition(":")[0] for line in found["not_searched"]] == ["mail", "events"]
        refused = await client.call_tool("fetch", {"id": "mail:18c2f1a9b7d3e4f5"})
        assert refused.is_error
        assert "gmail.read" in str(refused.content)
        assert [prompt.name for prompt in (await client.list_prompts()).prompts] == []
        templates = (await client.list_resource_templates()).resource_templates
        assert [template.uri_template for template in templates] == ["drive://file/{id}"]


async def test_a_token_without_any_of_the_capabilities_is_asked_for_the_first(stack: Stack):
    async with httpx2.AsyncClient(timeout=20, trust_env=False) as http:
        client = HandClient(stack.settings.base_url, http)
        await client.register()
        tokens = await client.tokens(ALICE.email, scope="gmail.settings")
        call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
        headers = {
            "Authorization": f"Bearer {tokens['access_token']}",
            "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": "2025-06-18",
        }
        params = {"name": "search", "arguments": {"query": "x"}}
        response = await http.post(stack.mcp_url, json={**call, "params": params}, headers=headers)
        assert response.status_code == 403
        assert 'scope="gmail.read gmail.settings"' in response.headers["www-authenticate"]
        params = {"name": "workspace_time", "arguments": {}}
        assert (await http.post(stack.mcp_url, json={**call, "params": params}, headers=headers)).status_code == 200


# -- resources


async def resource(client: Client, uri: str) -> str:
    [content] = (await client.read_resource(uri)).contents
    assert isinstance(content, TextResourceContents)
    assert content.mime_type == "text/plain"
    return content.text


@pytest.mark.parametrize("mode", ERAS)
async def test_items_are_resources_that_read_as_their_tools_do(stack: Stack, mode: str):
    async with asyncio.timeout(60), connected(stack.mcp_url, PersonAtBrowser(ALICE.email), mode=mode) as client:
        found = await client.call_tool("gmail_search", {"limit": 1})
        row = (found.structured_content or {})["rows"][0]
        thread = row.get("thread_id") or row["id"]
        files = await client.call_tool("drive_search", {"type": "document", "limit": 1})
        file = (files.structured_content or {})["files"][0]["id"]
        events = await client.call_tool("calendar_list_events", {"query": "Berlin and New York", "limit": 1})
        event = (events.structured_content or {})["events"][0]["id"]
        pairs = (
            (f"gmail://message/{row['id']}", "gmail_read", {"message_ids": [row["id"]]}),
            (f"gmail://thread/{thread}", "gmail_read_thread", {"thread_ids": [thread]}),
            (f"drive://file/{file}", "drive_read", {"file_id": file}),
            (f"calendar://event/{event}", "calendar_get_event", {"event_id": event}),
            (f"calendar://event/primary/{event}", "calendar_get_event", {"event_id": event}),
            (f"calendar://event/alice%40example.com%2F{event}", "calendar_get_event", {"event_id": event}),
        )
        for uri, tool, arguments in pairs:
            as_resource, as_tool = await resource(client, uri), await text_of(client, tool, **arguments)
            assert without_fences(as_resource) == without_fences(as_tool)
            assert "<untrusted " in as_resource or uri.startswith("calendar:")


def without_fences(text: str) -> list[str]:
    return [line for line in text.splitlines() if "untrusted " not in line]


@pytest.mark.parametrize("mode", ERAS)
async def test_a_resource_that_is_not_there_is_an_error_in_our_words(stack: Stack, mode: str):
    async with asyncio.timeout(60), connected(stack.mcp_url, PersonAtBrowser(ALICE.email), mode=mode) as client:
        for uri, words in (
            ("gmail://message/18c2f1a9b7d3e4f5", "There is no such item"),
            ("gmail://thread/18c2f1a9b7d3e4f5", "There is no such item"),
            ("drive://file/1AbcdefghijKLMNOP", "not_found: "),
            ("calendar://event/nosuchevent", "not_found: "),
        ):
            with pytest.raises(MCPError) as caught:
                await client.read_resource(uri)
            assert words in caught.value.error.message


@pytest.mark.security("T-10")
async def test_a_hostile_id_reaches_google_through_no_resource(stack: Stack, google: SimulatedGoogle):
    async with asyncio.timeout(100), connected(stack.mcp_url, PersonAtBrowser(ALICE.email)) as client:
        await text_of(client, "gmail_search", limit=1)
        google.calls.clear()
        for kind in ("gmail://message/", "gmail://thread/", "drive://file/", "calendar://event/"):
            # At `?` and `#` an address goes on to something else: what is left of those is a sound id.
            for value in (value for value in HOSTILE if not {"?", "#"} & {*value}):
                with pytest.raises(MCPError):
                    await client.read_resource(str(AnyUrl(kind + value)))
        assert {call.method for call in google.calls.api_calls()} <= {
            "gmail.users.labels.list",
            "calendar.settings.get",
        }


# -- prompts


async def prompt(client: Client, name: str, **arguments: str) -> str:
    [message] = (await client.get_prompt(name, arguments)).messages
    assert message.role == "user"
    assert isinstance(message.content, TextContent)
    return message.content.text


@pytest.mark.parametrize("mode", ERAS)
async def test_prompts_name_tools_that_are_there_and_their_order(stack: Stack, mode: str):
    async with asyncio.timeout(60), connected(stack.mcp_url, PersonAtBrowser(ALICE.email), mode=mode) as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        told = {
            "triage": await prompt(client, "triage_inbox", since="2026-03-30"),
            "by id": await prompt(client, "catch_up_on_thread", thread_id="18c2f1a9b7d3e4f5"),
            "by words": await prompt(client, "catch_up_on_thread", search='from:ben "launch"'),
        }
    for text in told.values():
        named = {word.strip(".,:") for word in text.split() if word.startswith("gmail_")}
        assert named <= tools
        assert "material to report on" in text
        assert "Send nothing" in text
        assert [line[0] for line in text.splitlines() if line[:1].isdigit()] == sorted(
            line[0] for line in text.splitlines() if line[:1].isdigit()
        )
    assert told["triage"].index("gmail_search") < told["triage"].index("gmail_read_thread")
    assert "after `2026-03-30`" in told["triage"]
    assert "18c2f1a9b7d3e4f5" in told["by id"]
    assert 'query: from:ben "launch"' in told["by words"]


async def test_prompts_offer_no_writing_where_there_is_none(stack: Stack):
    async with narrowed(stack, "gmail.read") as client:
        for text in (await prompt(client, "triage_inbox"), await prompt(client, "catch_up_on_thread", search="x")):
            assert "gmail_modify" not in text
            assert "gmail_create_draft" not in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "Give thread_id or search"),
        ({"thread_id": "../../drive/v3/files"}, "That is not a thread id"),
        ({"search": "x" * 501}, "longer than 500"),
        ({"other": "x"}, "no such argument"),
    ],
)
async def test_what_a_prompt_cannot_take_is_an_error_in_our_words(stack: Stack, arguments: dict[str, str], words: str):
    async with asyncio.timeout(60), connected(stack.mcp_url, PersonAtBrowser(ALICE.email)) as client:
        with pytest.raises(MCPError) as caught:
            await client.get_prompt("catch_up_on_thread", arguments)
        assert words in caught.value.error.message
