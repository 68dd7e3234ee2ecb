"""Whatever people outside write, no tool passes an invisible character on: not in its text, not in its structure.

Every text of every answer of Google's is poisoned, and every tool is called in every way that its flags allow. A tool
that is added later is called too; where it needs an argument that is not known here, the test says so.
"""

import json
import unicodedata
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator
from typing import Any

import pytest
from mcp import Client
from mcp_types import CallToolResult, TextContent, Tool

from google_workspace_mcp.core.clock import SystemClock
from google_workspace_mcp.demo.client import PersonAtBrowser, connected
from google_workspace_mcp.sandbox.people import sample_world
from google_workspace_mcp.sandbox.people.cast import ALICE
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.support.planted import WORD, planted
from tests.support.stack import Stack, running
from tests.tokens.calls import TYPICAL

type Run = Callable[..., Awaitable[Any]]


async def _messages(run: Run) -> dict[str, Any]:
    return {
        "message_ids": [row["id"] for row in (await run("gmail_search", limit=25, include_spam_trash=True))["rows"]]
    }


async def _threads(run: Run) -> dict[str, Any]:
    return {"thread_ids": [row["id"] for row in (await run("gmail_search", kind="threads", limit=5))["rows"]]}


async def _table(run: Run) -> dict[str, Any]:
    return {"message_id": (await run("gmail_search", query="filename:returns-october.csv"))["rows"][0]["id"]}


async def _named(_run: Run) -> dict[str, Any]:
    return {"name": "Another"}


async def _new_label(_run: Run) -> dict[str, Any]:
    return {"name": "Another", "dry_run": False}


async def _label(run: Run) -> dict[str, Any]:
    return {"label": next(row["id"] for row in (await run("gmail_list_labels"))["labels"] if not row.get("system"))}


async def _renamed(run: Run) -> dict[str, Any]:
    return {**await _label(run), "name": "Renamed", "dry_run": False}


async def _filter(run: Run) -> dict[str, Any]:
    return {"filter_id": (await run("gmail_list_filters"))["filters"][0]["id"]}


async def _handbook(run: Run) -> dict[str, Any]:
    return {**await TYPICAL["drive_read"](run), "name": "Handbook"}


async def _of_a_permission(run: Run) -> dict[str, Any]:
    asked = await TYPICAL["drive_list_comments"](run)
    held = (await run("drive_get_file", **asked))["access"]
    return {**asked, "who": next(access["id"] for access in held if access["may"] != "own")}


async def _everybody(_run: Run) -> dict[str, Any]:
    return {"calendars": ["all"]}


async def _room(run: Run) -> dict[str, Any]:
    listed = (await run("calendar_list_calendars"))["calendars"]
    return {"rooms": [row["id"] for row in listed if not row.get("primary")][:1]}


async def _clash(run: Run) -> dict[str, Any]:
    # The answer names what is at that time already.
    taken = (await run("calendar_list_events", query="Berlin and New York", limit=1))["events"][0]
    return {"title": "Lunch", "start": taken["start"]}


async def _elsewhere(run: Run) -> dict[str, Any]:
    listed = (await run("calendar_list_calendars"))["calendars"]
    team = next(row["id"] for row in listed if row["role"] == "owner" and not row.get("primary"))
    return {"event_id": (await TYPICAL["calendar_update_event"](run))["event_id"], "to": team}


# As much as a call may take, where a typical one takes little; and calls of tools that are not measured by tokens.
CALLS: dict[str, Callable[[Run], Awaitable[dict[str, Any]]]] = {
    **TYPICAL,
    "gmail_read": _messages,
    "gmail_read_thread": _threads,
    "gmail_get_attachment": _table,
    "gmail_create_label": _new_label,
    "gmail_update_label": _renamed,
    "gmail_delete_label": _label,
    "gmail_delete_filter": _filter,
    # No folder: whose addresses are spoiled, nobody can tell whether they may see what is put there.
    "drive_create_folder": _named,
    "drive_update_file": _handbook,
    "drive_unshare": _of_a_permission,
    "calendar_create_event": _clash,
    "calendar_move_event": _elsewhere,
    "calendar_free_busy": _everybody,
    "calendar_find_time": _room,
    "files_create_upload": _named,
}
# Names that are not there: the answer lists those that are.
MISSES = (
    ("gmail_search", {"label": "no such label"}),
    ("gmail_search", {"label": "e"}),
    ("drive_search", {"folder": "no such folder"}),
    ("drive_search", {"shared_drive": "no such drive"}),
    ("calendar_list_events", {"calendars": ["no such calendar"]}),
    ("calendar_free_busy", {"calendars": ["no such calendar"]}),
)
# Ends the connection that all other calls need; it passes nothing on.
LEFT_OUT = frozenset(("accounts_disconnect",))
# Answers in which nothing that people outside wrote can be.
OWN_WORDS = frozenset(
    (
        "accounts_list",
        "accounts_connect",
        "drive_comment",
        "drive_create_file",
        "drive_create_folder",
        "files_create_upload",
        "gmail_create_draft",
        "gmail_delete_draft",
        "gmail_send",
        # Its first answer is a beginning; what comes after it has a test of its own.
        "workspace_changes",
        "workspace_time",
    )
)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[Stack]:
    world = sample_world(SystemClock())
    with (
        SimulatedGoogle(planted(world.services), world.people) as google,
        running(google, tmp_path_factory.mktemp("store"), quota_share=1.0, wait_seconds=30.0) as stack,
    ):
        yield stack
        assert google.violations == []


def invisible(text: str) -> set[str]:
    """Characters that nobody sees, by their standard's categories and not by this service's own list."""
    return {
        f"U+{ord(character):04X}"
        for character in text
        if (unicodedata.category(character) in {"Cf", "Cs", "Co", "Cn", "Cc"} and character not in "\n\t")
        or 0xFE00 <= ord(character) <= 0xFE0F
        or 0xE0000 <= ord(character) <= 0xE0FFF
        or character in "\u3164\u115f\u1160\uffa0\u034f\u2028\u2029"
    }


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield key
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)
    elif isinstance(value, str):
        yield value


def said(result: CallToolResult) -> str:
    """Everything that a client gets of a result."""
    texts = [block.text for block in result.content if isinstance(block, TextContent)]
    return "\n".join([*texts, *strings(result.structured_content), *strings(result.meta)])


async def arguments_of(client: Client, tool: Tool) -> dict[str, Any]:
    async def run(name: str, /, **arguments: Any) -> Any:
        return (await client.call_tool(name, arguments)).structured_content

    if tool.name not in CALLS:
        assert not tool.input_schema.get("required"), f"{tool.name} has no call: add one to CALLS"
    found = await CALLS[tool.name](run) if tool.name in CALLS else {}
    # What comes back from Google matters: a call may say that it is meant.
    return {**({"dry_run": True} if "dry_run" in tool.input_schema["properties"] else {}), **found}


def variants(tool: Tool) -> Iterator[dict[str, Any]]:
    """No further argument, then each flag turned and each other word of a choice, one at a time."""
    yield {}
    for name, schema in tool.input_schema.get("properties", {}).items():
        if name == "dry_run":
            continue
        if schema.get("type") == "boolean":
            yield {name: not schema.get("default", False)}
        for word in schema.get("enum", []):
            if word != schema.get("default"):
                yield {name: word}


async def every_answer(client: Client, tool: Tool) -> AsyncGenerator[tuple[str, CallToolResult]]:
    arguments = await arguments_of(client, tool)
    for more in variants(tool):
        result = await client.call_tool(tool.name, {**arguments, **more})
        assert more or not result.is_error, (tool.name, result.content)
        yield f"{tool.name} {json.dumps(more)}", result


async def test_no_tool_passes_an_invisible_character_on(stack: Stack):
    silent = set[str]()
    async with connected(stack.mcp_url, PersonAtBrowser(ALICE.email)) as client:
        for tool in (await client.list_tools()).tools:
            if tool.name in LEFT_OUT:
                continue
            heard = False
            async for call, result in every_answer(client, tool):
                text = said(result)
                assert invisible(text) == set(), call
                heard = heard or WORD in text
            if not heard:
                silent.add(tool.name)
    # Where the planted word never came through, nothing was proven.
    assert silent == OWN_WORDS


async def test_no_list_of_names_in_a_failure_does(stack: Stack):
    async with connected(stack.mcp_url, PersonAtBrowser(ALICE.email)) as client:
        for tool, arguments in MISSES:
            result = await client.call_tool(tool, arguments)
            assert result.is_error, (tool, arguments)
            assert invisible(said(result)) == set(), (tool, arguments)


def test_the_check_itself_sees_what_is_planted():
    assert {"U+200B", "U+202E", "U+FE0F", "U+E0041", "U+D83D", "U+0007"} <= invisible(
        "\u200b\u202e\ufe0f\U000e0041\ud83d\x07"
    )
    assert invisible("Größe\n\t日本語 👍") == set()
