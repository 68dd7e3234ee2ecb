"""The official client writes events: created, changed, repeated by a lost answer, deleted."""

import asyncio
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp_types import TextContent

from google_workspace_mcp.demo.client import PersonAtBrowser, connected
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.clients.deployment import sample_google
from tests.support.stack import Stack, running

pytestmark = pytest.mark.timeout(120)
START = "2036-04-01T12:00"


@pytest.fixture(scope="module")
def google() -> Generator[SimulatedGoogle]:
    with sample_google() as google:
        yield google
        assert google.violations == []


@pytest.fixture(scope="module")
def stack(google: SimulatedGoogle, tmp_path_factory: pytest.TempPathFactory) -> Generator[Stack]:
    with running(google, tmp_path_factory.mktemp("service"), tier="full") as stack:
        yield stack


async def call(client: Client, tool: str, /, **arguments: Any) -> tuple[dict[str, Any], str]:
    result = await client.call_tool(tool, arguments)
    [block] = result.content
    assert isinstance(block, TextContent)
    assert not result.is_error, block.text
    return result.structured_content or {}, block.text


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_an_event_is_created_changed_and_deleted(stack: Stack, mode: str):
    async with asyncio.timeout(60), connected(stack.mcp_url, PersonAtBrowser(ALICE.email), mode=mode) as client:
        made, text = await call(
            client, "calendar_create_event", title="Lunch", start=START, attendees=[BEN.email], notify="none",
            repeat="weekly 4 times",
        )  # fmt: skip
        assert "repeats: every week 4 times" in text
        rows = (await call(client, "calendar_list_events", start="2036-04-01", end="2036-05-01", query="Lunch"))[0]
        assert len(rows["events"]) == 4
        third = rows["events"][2]["id"]
        _, text = await call(
            client, "calendar_update_event", event_id=third, scope="following", title="Brunch", notify="none"
        )
        assert "title: Lunch -> Brunch" in text
        _, text = await call(client, "calendar_delete_event", event_id=made["event_id"], scope="all", notify="none")
        assert text.startswith("deleted as a whole series")


@pytest.mark.security("T-26")
async def test_a_request_id_makes_one_event_and_is_refused_for_another(stack: Stack):
    async with asyncio.timeout(60), connected(stack.mcp_url, PersonAtBrowser(ALICE.email)) as client:
        wanted = {"title": "Once", "start": START, "request_id": "8a9d2f2e-0c11-4a8e-9f5d-1f8a51a9c001"}
        first, again = [(await call(client, "calendar_create_event", **wanted))[0] for _ in range(2)]
        assert again == first
        refused = await client.call_tool("calendar_create_event", {**wanted, "title": "Other"})
        assert refused.is_error
        [block] = refused.content
        assert isinstance(block, TextContent)
        assert "request_id" in block.text
        rows = (await call(client, "calendar_list_events", start="2036-04-01", end="2036-04-01"))[0]
        assert [row["title"] for row in rows["events"] if row["title"] in ("Once", "Other")] == ["Once"]


async def test_an_invitation_is_answered_an_event_moved_a_calendar_made_and_shared(stack: Stack):
    async with asyncio.timeout(60), connected(stack.mcp_url, PersonAtBrowser(ALICE.email)) as client:
        rows = await call(
            client, "calendar_list_events", start="2020-01-01", end="2099-01-01", query="Arc launch review"
        )
        _, text = await call(
            client, "calendar_respond", event_id=rows[0]["events"][0]["id"], answer="maybe", comment="may be late"
        )
        assert "answer: yes -> maybe (may be late)" in text
        made, _ = await call(client, "calendar_create_calendar", name="Trips")
        event, _ = await call(client, "calendar_create_event", title="Rome", start="2036-05-01")
        _, text = await call(client, "calendar_move_event", event_id=event["event_id"], to="Trips")
        assert "-> Trips" in text
        _, text = await call(client, "calendar_share_calendar", calendar=made["id"], who=BEN.email, role="read")
        assert "reads in Trips" in text


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        ({"kind": "anyone"}, "public_links"),
        ({"who": "somebody@elsewhere.example"}, "share_domains"),
        ({"kind": "domain", "who": "elsewhere.example"}, "share_domains"),
    ],
)
async def test_a_calendar_is_shared_only_as_far_as_the_operator_allows(
    stack: Stack, google: SimulatedGoogle, arguments: dict[str, str], rule: str
):
    async with asyncio.timeout(60), connected(stack.mcp_url, PersonAtBrowser(ALICE.email)) as client:
        google.calls.clear()
        refused = await client.call_tool("calendar_share_calendar", {"role": "read", **arguments})
        [block] = refused.content
        assert isinstance(block, TextContent)
        assert refused.is_error
        assert rule in block.text
        assert "calendar.acl.insert" not in google.calls.methods()


async def test_guests_are_invited_only_as_far_as_the_operator_allows(google: SimulatedGoogle, tmp_path: Path):
    with running(google, tmp_path, send_domains=("example.com",)) as narrow:
        async with asyncio.timeout(60), connected(narrow.mcp_url, PersonAtBrowser(ALICE.email)) as client:
            google.calls.clear()
            wanted = {"title": "Lunch", "start": START, "notify": "none", "attendees": ["guest@elsewhere.example"]}
            refused = await client.call_tool("calendar_create_event", wanted)
            [block] = refused.content
            assert isinstance(block, TextContent)
            assert refused.is_error
            assert "send_domains" in block.text
            assert "calendar.events.insert" not in google.calls.methods()
