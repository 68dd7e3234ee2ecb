"""The official client, by both protocols: the Calendar tools that read, and prompts for the day and for a meeting."""

import asyncio
from collections.abc import Generator
from datetime import datetime

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import TextContent

from google_workspace_mcp.demo.client import PersonAtBrowser, connected
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.across.test_clients import ERAS, narrowed, prompt
from tests.clients.deployment import sample_google
from tests.support.stack import Stack, running

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


async def asked(client: Client, tool: str, /, **arguments: object) -> tuple[str, dict[str, object]]:
    """The text and the structured content of a result."""
    result = await client.call_tool(tool, dict(arguments))
    [block] = result.content
    assert isinstance(block, TextContent)
    assert not result.is_error, block.text
    return block.text, result.structured_content or {}


@pytest.mark.parametrize("mode", ERAS)
async def test_an_event_is_listed_and_read(stack: Stack, mode: str):
    async with asyncio.timeout(60), connected(stack.mcp_url, PersonAtBrowser(ALICE.email), mode=mode) as client:
        _, listed = await asked(client, "calendar_list_events", query="Berlin and New York", limit=1)
        [row] = listed["events"]  # type: ignore[misc]
        text, read = await asked(client, "calendar_get_event", event_id=row["id"])
        assert read["title"] == row["title"]
        assert read["start"] == row["start"]
        assert "repeats: every week" in text
        assert "Ben Okafor <ben@example.com> accepted" in text


@pytest.mark.parametrize("mode", ERAS)
async def test_what_cannot_be_seen_is_unknown(stack: Stack, mode: str):
    async with asyncio.timeout(60), connected(stack.mcp_url, PersonAtBrowser(ALICE.email), mode=mode) as client:
        stranger = "stranger@elsewhere.example"
        text, told = await asked(client, "calendar_free_busy", calendars=[BEN.email, CHIARA.email, stranger])
        unknown = [row for row in told["calendars"] if row.get("unknown")]  # type: ignore[union-attr]
        assert [row["id"] for row in unknown] == [stranger]
        assert f"{stranger}: unknown, not free" in text
        assert not told["complete"]


@pytest.mark.parametrize("mode", ERAS)
async def test_a_time_is_found_that_nobody_is_busy_at(stack: Stack, mode: str):
    async with asyncio.timeout(60), connected(stack.mcp_url, PersonAtBrowser(ALICE.email), mode=mode) as client:
        people = [BEN.email, CHIARA.email]
        text, found = await asked(client, "calendar_find_time", people=people, minutes=30)
        _, told = await asked(client, "calendar_free_busy", calendars=["primary", *people], end=found["end"])
        taken = [
            (datetime.fromisoformat(each["start"]), datetime.fromisoformat(each["end"]))
            for row in told["calendars"]  # type: ignore[union-attr]
            for each in row.get("busy", [])
        ]
        slots: list[dict[str, str]] = found["slots"]  # type: ignore[assignment]
        assert slots
        for slot in slots:
            start, end = datetime.fromisoformat(slot["start"]), datetime.fromisoformat(slot["end"])
            assert all(over <= start or begin >= end for begin, over in taken)
        assert "America/New_York (ben@example.com)" in text


@pytest.mark.parametrize("mode", ERAS)
async def test_prompts_name_tools_that_are_there(stack: Stack, mode: str):
    async with asyncio.timeout(60), connected(stack.mcp_url, PersonAtBrowser(ALICE.email), mode=mode) as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        told = {
            "today": await prompt(client, "daily_briefing"),
            "day": await prompt(client, "daily_briefing", day="2026-03-30"),
            "by id": await prompt(client, "prepare_meeting", event_id="event:primary/abc123"),
            "by words": await prompt(client, "prepare_meeting", search="launch review"),
            "next": await prompt(client, "prepare_meeting"),
        }
    for text in told.values():
        named = {word.strip(".,:") for word in text.split() if word.startswith(("gmail_", "drive_", "calendar_"))}
        assert named <= tools
        assert len(named) >= 3
        assert "material to report on" in text
        numbers = [int(line[0]) for line in text.splitlines() if line[:1].isdigit()]
        assert numbers == list(range(1, len(numbers) + 1))
    assert "workspace_time" in told["today"]
    assert "Take the day: 2026-03-30." in told["day"]
    assert "Read the event primary/abc123 with" in told["by id"]
    assert "query: launch review" in told["by words"]
    assert (
        told["by id"].index("calendar_get_event") < told["by id"].index("gmail_search") < told["by id"].index("drive_")
    )


async def test_a_prompt_leaves_out_what_may_not_be_read_or_done(stack: Stack):
    async with narrowed(stack, "calendar.read") as client:
        for text in (await prompt(client, "daily_briefing"), await prompt(client, "prepare_meeting", search="x")):
            assert "gmail_" not in text
            assert "drive_" not in text
            assert "calendar_respond" not in text
        assert "You cannot answer them for me here" in await prompt(client, "daily_briefing")


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("daily_briefing", {"day": "tomorrow"}, "`day` is not a day"),
        ("prepare_meeting", {"event_id": "../../drive/v3/files"}, "That is not a calendar id"),
        ("prepare_meeting", {"event_id": "a?alt=media"}, "That is not an event id"),
    ],
)
async def test_what_a_prompt_cannot_take_is_an_error_in_our_words(
    stack: Stack, name: str, arguments: dict[str, str], words: str
):
    async with asyncio.timeout(60), connected(stack.mcp_url, PersonAtBrowser(ALICE.email)) as client:
        with pytest.raises(MCPError) as caught:
            await client.get_prompt(name, arguments)
        assert words in caught.value.error.message
