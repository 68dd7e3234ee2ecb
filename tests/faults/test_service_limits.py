"""The limits as a client of the whole service meets them."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from google_workspace_mcp.core.clock import SystemClock
from google_workspace_mcp.core.tools.mcp import ERROR_META
from google_workspace_mcp.sandbox import faults
from google_workspace_mcp.sandbox.people import sample_world
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.support.oauth import HandClient
from tests.support.stack import Stack, running

HEADERS = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"}
ALICE, BEN = "alice@example.com", "ben@example.com"


async def signed_in(stack: Stack, http: httpx2.AsyncClient, email: str) -> str:
    client = HandClient(stack.settings.base_url, http)
    await client.register()
    return (await client.tokens(email))["access_token"]


async def search(stack: Stack, http: httpx2.AsyncClient, token: str) -> dict[str, Any]:
    call = {"name": "drive_search", "arguments": {"name": "plan"}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    answer = await http.post(stack.mcp_url, json=body, headers={**HEADERS, "Authorization": f"Bearer {token}"})
    data = next(line for line in answer.text.splitlines() if line.startswith("data: "))
    result: dict[str, Any] = json.loads(data.removeprefix("data: "))["result"]
    return result


@pytest.mark.security("M-10")
async def test_beyond_the_limit_a_tool_says_how_long_to_wait_and_another_person_is_served(tmp_path: Path):
    world = sample_world(SystemClock())
    with (
        SimulatedGoogle(world.services, world.people) as google,
        running(google, tmp_path, calls_per_user=3, waiting_per_user=0, wait_seconds=3.0) as stack,
    ):
        async with httpx2.AsyncClient(timeout=30, trust_env=False) as http:
            alice, ben = await signed_in(stack, http, ALICE), await signed_in(stack, http, BEN)
            await search(stack, http, alice)
            google.faults.add("drive.files.list", faults.latency(0.5))
            results = await asyncio.gather(*(search(stack, http, alice) for _ in range(4)), search(stack, http, ben))

        metrics = stack.service.metrics.render()
    refused = [result for result in results[:4] if result.get("isError")]
    assert 1 <= len(refused) <= 3
    for result in refused:
        assert result["_meta"][ERROR_META] == {"code": "rate_limited", "retryable": True, "retry_after": 3}
        assert "may be tried again after 3 s" in result["content"][0]["text"]
    assert not results[4].get("isError")
    assert 'gwmcp_google_refusals_total{method="drive.files.list",reason="user_queue"}' in metrics
