"""Protocol versions: unknown ones are refused with what is known, old ones served, new requests carry metadata."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from google_workspace_mcp.sandbox.people.cast import PEOPLE
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.support.oauth import HandClient
from tests.support.stack import Stack, running

MODERN = "2026-07-28"
LEGACY = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
META = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with SimulatedGoogle((), PEOPLE) as google, running(google, tmp_path, prefix="/ws") as stack:
        yield stack


@pytest.fixture
async def http(stack: Stack) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(timeout=20, trust_env=False) as http:
        client = HandClient(stack.settings.base_url, http)
        await client.register()
        token = (await client.tokens("alice@example.com"))["access_token"]
        http.headers.update({"Authorization": f"Bearer {token}", "Accept": "application/json, text/event-stream"})
        yield http


async def listed(
    http: httpx2.AsyncClient, stack: Stack, version: str, *, meta: dict[str, Any] | None = None
) -> httpx2.Response:
    params: dict[str, Any] = {"_meta": meta} if meta is not None else {}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": params}
    return await http.post(
        stack.mcp_url, json=body, headers={"MCP-Protocol-Version": version, "Mcp-Method": "tools/list"}
    )


@pytest.mark.security("M-6")
async def test_an_unknown_version_is_refused_with_the_list_of_known_ones(
    http: httpx2.AsyncClient, stack: Stack
) -> None:
    unknown = {**META, "io.modelcontextprotocol/protocolVersion": "1999-01-01"}
    response = await listed(http, stack, "1999-01-01", meta=unknown)
    assert response.status_code == 400
    assert MODERN in response.json()["error"]["data"]["supported"]


@pytest.mark.security("M-6")
async def test_an_unknown_version_in_the_header_alone_is_refused(http: httpx2.AsyncClient, stack: Stack) -> None:
    assert (await listed(http, stack, "1999-01-01")).status_code == 400


@pytest.mark.security("M-6")
async def test_a_modern_request_without_its_metadata_is_refused(http: httpx2.AsyncClient, stack: Stack) -> None:
    response = await listed(http, stack, MODERN)
    assert response.status_code == 400
    assert "error" in response.json()


async def test_a_modern_request_with_its_metadata_is_served(http: httpx2.AsyncClient, stack: Stack) -> None:
    response = await listed(http, stack, MODERN, meta=META)
    assert response.status_code == 200, response.text
    assert "accounts_list" in response.text


@pytest.mark.security("M-6")
@pytest.mark.parametrize("version", LEGACY)
async def test_every_older_version_is_still_served(http: httpx2.AsyncClient, stack: Stack, version: str) -> None:
    initialize = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
    }
    opened = await http.post(stack.mcp_url, json=initialize)
    assert f'"protocolVersion":"{version}"' in opened.text.replace(" ", "")
    response = await listed(http, stack, version)
    assert response.status_code == 200
    assert "accounts_list" in response.text
