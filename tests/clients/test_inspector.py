"""The MCP Inspector, which checks that tool schemas suit every client, has nothing to complain about."""

import asyncio
import json

import pytest

from google_workspace_mcp.demo.client import Memory, PersonAtBrowser, connected
from tests.clients.deployment import Address, Deployment
from tests.clients.node import INSTALL_SECONDS, Node

ALICE = "alice@example.com"

pytestmark = [pytest.mark.node, pytest.mark.timeout(INSTALL_SECONDS + 120)]


async def bearer_token(url: str) -> str:
    memory = Memory()
    async with asyncio.timeout(30), connected(url, PersonAtBrowser(ALICE), memory=memory) as client:
        await client.list_tools()
    assert memory.tokens is not None
    return memory.tokens.access_token


@pytest.mark.parametrize("era", ["modern", "legacy"])
@pytest.mark.parametrize("address", ["public", "internal"])
async def test_the_strict_tool_check_has_nothing_to_complain_about(
    node: Node, deployment: Deployment, address: Address, era: str
):
    url = deployment.mcp_url(address)
    header = f"Authorization: Bearer {await bearer_token(url)}"
    done = node.run(
        "mcp-inspector",
        *("--cli", url, "--transport", "http", "--method", "tools/list", "--strict"),
        *("--header", header, "--protocol-era", era),
    )
    assert done.code == 0, done.err
    assert done.err == ""
    listed = {tool["name"] for tool in json.loads(done.out)["tools"]}
    assert {"accounts_list", "gmail_search", "gmail_read", "drive_search", "calendar_list_events"} <= listed


async def test_without_a_token_the_inspector_knows_that_it_has_to_sign_in(node: Node, deployment: Deployment):
    url = deployment.mcp_url("public")
    done = node.run("mcp-inspector", "--cli", url, "--transport", "http", "--method", "tools/list", "--strict")
    assert done.code != 0
    assert json.loads(done.err)["error"]["code"] == "auth_required"
