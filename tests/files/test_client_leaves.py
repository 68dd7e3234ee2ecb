"""A program that closes its connection in the middle of a call: reading stops, what was begun is finished, once."""

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from google_workspace_mcp.sandbox.faults import latency
from google_workspace_mcp.sandbox.people.cast import BEN
from tests.files.world import World
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(60)
LATE = 0.6
"""Seconds that Google takes: time enough to leave."""


async def left_in_the_middle(world: World, tool: str, arguments: dict[str, Any], method: str) -> None:
    """Call the tool over `/mcp`, and close the connection as soon as Google is being asked."""
    world.google.faults.add(method, latency(LATE))
    world.google.calls.clear()
    params = {
        "name": tool,
        "arguments": arguments,
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": {"name": "leaver", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {},
        },
    }
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).encode()
    at = urlsplit(world.deployment.mcp_url("internal"))
    lines = [
        f"POST {at.path} HTTP/1.1",
        f"Host: {at.netloc}",
        f"Authorization: {world.bearer()['Authorization']}",
        "Accept: application/json, text/event-stream",
        "Content-Type: application/json",
        "MCP-Protocol-Version: 2026-07-28",
        "Mcp-Method: tools/call",
        f"Mcp-Name: {tool}",
        f"Content-Length: {len(body)}",
    ]
    _, writer = await asyncio.open_connection(at.hostname, at.port)
    writer.write("\r\n".join([*lines, "", ""]).encode() + body)
    await writer.drain()
    # Google's own log has a call when it was answered, so the wait is for the latency to have begun.
    await asyncio.sleep(LATE / 2)
    writer.transport.abort()


def counted(world: World, tool: str, outcome: str) -> bool:
    """Whether the service has counted a call of that tool with that outcome."""
    lines = world.deployment.stack.service.metrics.render().splitlines()
    return any(f'outcome="{outcome}"' in line and f'tool="{tool}"' in line for line in lines)


@pytest.mark.security("M-9")
async def test_a_search_ends_with_its_caller(world: World):
    await left_in_the_middle(world, "gmail_search", {"limit": 3}, "gmail.users.messages.list")
    await until(lambda: counted(world, "gmail_search", "cancelled"))
    assert not world.google.calls.all("gmail.users.messages.get")


@pytest.mark.security("M-9")
async def test_a_message_goes_out_once_though_nobody_waits_for_the_answer(world: World):
    letter: dict[str, Any] = {"to": [BEN.email], "subject": "Left", "body": "Gone", "request_id": "left-1"}
    before = len(world.files.gmail.sent)
    await left_in_the_middle(world, "gmail_send", letter, "gmail.users.drafts.create")
    await until(lambda: len(world.files.gmail.sent) == before + 1)
    await until(lambda: counted(world, "gmail_send", "ok"))
    world.google.faults.clear()
    again = await world.call("gmail_send", **letter)
    assert again["state"] == "sent"
    assert len(world.files.gmail.sent) == before + 1
