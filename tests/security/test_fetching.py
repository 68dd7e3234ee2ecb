"""No tool fetches what a caller names: no argument takes an address or a path, and none is ever followed."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from google_workspace_mcp.core.tools.schema import input_schema
from google_workspace_mcp.docgen import ROOT
from tests.files.world import World, connect_people, world_in
from tests.support.clock import FakeClock

pytestmark = pytest.mark.timeout(120)

TOOLS: list[dict[str, Any]] = json.loads((ROOT / "tests/snapshots/tools.json").read_text(encoding="utf-8"))
NAMES = re.compile(r"(^|_)(url|uri|href|link|path|file|filename|source|endpoint|host|webhook)s?$")
WORDS = re.compile(r"\bURLs?\b|\bURIs?\b|https?:|web address|path on|local file", re.IGNORECASE)
# Where the words mean something else than a place to fetch from.
HARMLESS = {("drive_search", "folder")}


def arguments() -> list[tuple[str, str, dict[str, Any]]]:
    return [(tool["name"], *item) for tool in TOOLS for item in tool["inputSchema"].get("properties", {}).items()]


@pytest.mark.security("T-20")
def test_no_argument_is_an_address_or_a_path_to_fetch():
    assert len(arguments()) > 50
    for tool, name, field in arguments():
        if (tool, name) in HARMLESS:
            continue
        assert not NAMES.search(name), f"{tool}.{name}"
        assert "uri" not in field.get("format", ""), f"{tool}.{name}"
        assert not WORDS.search(field.get("description", "")), f"{tool}.{name}"


@pytest.mark.security("T-20")
def test_no_tool_takes_an_argument_beyond_those_it_names():
    for tool in TOOLS:
        assert tool["inputSchema"]["additionalProperties"] is False, tool["name"]


class Canary:
    """Listens, and counts who comes."""

    def __init__(self) -> None:
        self.visits = 0
        self.url = ""

    async def __call__(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits += 1
        writer.close()


@pytest.fixture
async def canary() -> AsyncIterator[Canary]:
    canary = Canary()
    server = await asyncio.start_server(canary, "127.0.0.1", 0)
    async with server:
        canary.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/latest/meta-data"
        yield canary


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    path = tmp_path / "secret.txt"
    path.write_text("the-words-of-a-local-file", encoding="utf-8")
    return path


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with world_in(tmp_path / "service", FakeClock(), tier="full") as world:
        yield world


def filled(schema: dict[str, Any], name: str, value: str) -> dict[str, Any]:
    """Arguments that are as good as can be, with `value` in that one."""
    given: dict[str, Any] = {}
    for each, field in schema["properties"].items():
        words = value if each == name else "x"
        if each == name or each in schema.get("required", []):
            given[each] = [words] if field.get("type") == "array" else words
    return given


@pytest.mark.security("T-20")
async def test_an_address_in_any_argument_is_never_fetched(world: World, canary: Canary, secret_file: Path):
    await connect_people(world)
    addresses = [canary.url, canary.url.replace("127.0.0.1", "0x7f000001"), f"file://{secret_file}", str(secret_file)]
    calls = 0
    async with httpx2.AsyncClient(timeout=30, trust_env=False) as http:
        world.http = http
        for prepared in world.deployment.stack.service.runner.tools:
            tool, schema = prepared.definition.name, input_schema(prepared.arguments)
            if tool == "accounts_disconnect":
                continue  # it would take away what the others work on
            for name, field in schema["properties"].items():
                if field.get("type") not in ("string", "array") or "enum" in field:
                    continue
                for address in addresses:
                    response = await world.answer(tool, filled(schema, name, address))
                    calls += 1
                    assert response.status_code < 500 or response.json()["retryable"], (tool, name, response.text)
                    assert "the-words-of-a-local-file" not in response.text
            for extra in ("file_url", "url", "path"):
                refused = await world.answer(tool, {extra: canary.url})
                assert (refused.status_code, refused.json()["code"]) == (400, "invalid_argument"), (tool, extra)
    assert calls > 100
    assert canary.visits == 0
