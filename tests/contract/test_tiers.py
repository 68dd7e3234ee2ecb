"""Every tool is what the manifest says: its place in the list, what it can do, from which tier on, by which right."""

import json
from pathlib import Path

import pytest

from google_workspace_mcp.app import Service, build
from google_workspace_mcp.core.policy.gate import Gate
from google_workspace_mcp.core.tools.kinds import Kind, Tier, ToolDefinition
from google_workspace_mcp.core.tools.search import PINNED
from google_workspace_mcp.docgen import everything
from tests.contract.manifest import ANY, MANIFEST

ROWS = {row.name: row for row in MANIFEST}
NOT_IN_EXTENDED = {
    "gmail_delete_forever",
    "drive_delete_forever",
    "gmail_set_vacation",
    "gmail_get_settings",
    "gmail_list_filters",
    "gmail_create_filter",
    "gmail_delete_filter",
    "gmail_delete_label",
    "drive_list_revisions",
    "drive_restore_revision",
    "calendar_create_calendar",
    "calendar_share_calendar",
}


@pytest.fixture(scope="module")
def service() -> Service:
    return build(everything())


@pytest.fixture(scope="module")
def tools(service: Service) -> tuple[ToolDefinition, ...]:
    return tuple(service.runner.known)


def test_every_tool_is_in_the_manifest(tools: tuple[ToolDefinition, ...]):
    unknown = [tool.name for tool in tools if tool.name not in ROWS]
    assert not unknown, "add them to tests/contract/manifest.py, where clients are to see them"


def test_every_tool_says_what_the_manifest_says(tools: tuple[ToolDefinition, ...]):
    told = {tool.name: (tool.kind, tool.tier) for tool in tools}
    assert told == {name: (ROWS[name].kind, ROWS[name].tier) for name in told}


def test_every_tool_needs_the_capability_that_the_manifest_says(tools: tuple[ToolDefinition, ...]):
    told = {tool.name: tool.capability for tool in tools if ROWS[tool.name].capability is not ANY}
    assert told == {name: ROWS[name].capability for name in told}


def test_tools_come_in_the_order_of_the_manifest(tools: tuple[ToolDefinition, ...]):
    names = [tool.name for tool in tools]
    assert names == [row.name for row in MANIFEST if row.name in names]


def test_a_tools_name_tells_its_service(tools: tuple[ToolDefinition, ...]):
    for tool in tools:
        prefix = tool.name.partition("_")[0]
        assert tool.service == prefix or prefix not in ("gmail", "drive", "calendar", "accounts"), tool.name


@pytest.mark.parametrize("tier", [tier.name.lower() for tier in Tier])
def test_a_tier_offers_its_own_tools_and_those_of_the_lower_ones(tools: tuple[ToolDefinition, ...], tier: str):
    gate = Gate(everything().model_copy(update={"tier": tier}))
    offered = [tool.name for tool in tools if gate.offers(tool)]
    assert offered == [tool.name for tool in tools if tool.tier.value <= Tier.named(tier).value]


def test_the_manifest_has_sixteen_or_so_core_tools_and_keeps_the_rare_ones_out_of_the_usual_tier():
    core = [row.name for row in MANIFEST if row.tier is Tier.CORE]
    assert 14 <= len(core) <= 18
    assert {row.name for row in MANIFEST if row.tier is Tier.FULL} == NOT_IN_EXTENDED


def test_the_five_pinned_tools_are_core_tools_that_read():
    assert len(PINNED) == 5
    assert all(ROWS[name].tier is Tier.CORE and ROWS[name].kind is Kind.READ for name in PINNED)


def test_the_snapshot_of_the_tiers_has_the_order_of_the_manifest():
    path = Path(__file__).parents[1] / "snapshots" / "tiers.json"
    for tier, names in json.loads(path.read_text(encoding="utf-8")).items():
        plain = [name for name in names if isinstance(name, str)]
        assert plain == [row.name for row in MANIFEST if row.name in plain], tier
