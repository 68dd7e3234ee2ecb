"""The official TypeScript client signs in and calls tools, on both addresses, by both protocols."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.clients.deployment import Address, Deployment
from tests.clients.node import INSTALL_SECONDS, Node
from tests.support.clock import FakeClock

ALICE = "alice@example.com"
BEN = "ben@example.com"
MODERN = "2026-07-28"
NEW = ("modern", MODERN)
OLD = ("legacy", "2025-11-25")
ACCESS_TOKEN_SECONDS = 3600

pytestmark = [pytest.mark.node, pytest.mark.timeout(INSTALL_SECONDS + 120)]


def signed_in(node: Node, url: str, email: str, mode: str, memory: Path | None = None) -> dict[str, Any]:
    """What `sign_in.mjs` reports."""
    done = node.run("node", "sign_in.mjs", url, email, mode, *([str(memory)] if memory else []))
    assert done.code == 0, done.err
    return json.loads(done.out)


@pytest.mark.parametrize(("mode", "expected"), [("auto", NEW), (MODERN, NEW), ("legacy", OLD)], ids=str)
@pytest.mark.parametrize("address", ["public", "internal"])
def test_a_client_signs_in_and_calls_tools(
    node: Node, deployment: Deployment, address: Address, mode: str, expected: tuple[str, str]
):
    report = signed_in(node, deployment.mcp_url(address), ALICE, mode)
    assert (report["era"], report["version"]) == expected
    assert report["signIns"] == 1
    for name in ("accounts_list", "gmail_search"):
        assert not report["calls"][name]["isError"], report["calls"][name]["text"]
        assert report["calls"][name]["structured"]["account"] == ALICE


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_an_address_with_a_slash_at_the_end_works_as_well(node: Node, deployment: Deployment, mode: str):
    report = signed_in(node, f"{deployment.mcp_url('public')}/", BEN, mode)
    assert report["calls"]["accounts_list"]["structured"]["account"] == BEN


def test_a_second_run_with_the_same_memory_needs_no_second_sign_in(node: Node, deployment: Deployment, tmp_path: Path):
    memory, url = tmp_path / "memory.json", deployment.mcp_url("public")
    assert signed_in(node, url, ALICE, "auto", memory)["signIns"] == 1
    again = signed_in(node, url, ALICE, "legacy", memory)
    assert again["signIns"] == 0
    assert again["calls"]["accounts_list"]["structured"]["account"] == ALICE


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_an_expired_access_token_is_refreshed_without_a_person(
    node: Node, deployment: Deployment, clock: FakeClock, tmp_path: Path, mode: str
):
    memory, url = tmp_path / "memory.json", deployment.mcp_url("public")
    signed_in(node, url, ALICE, mode, memory)
    before = json.loads(memory.read_text())["tokens"]["access_token"]
    clock.advance(ACCESS_TOKEN_SECONDS + 120)
    again = signed_in(node, url, ALICE, mode, memory)
    assert again["signIns"] == 0
    assert again["calls"]["accounts_list"]["structured"]["account"] == ALICE
    assert json.loads(memory.read_text())["tokens"]["access_token"] != before
