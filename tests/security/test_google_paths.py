"""Ids that could leave their place in a path, given to every tool that takes ids."""

import random
from collections.abc import AsyncGenerator, Generator

import pytest
from pydantic import ValidationError

from google_workspace_mcp.calendar.tools import tools as calendar_tools
from google_workspace_mcp.core.clock import SystemClock
from google_workspace_mcp.core.errors import WorkspaceError
from google_workspace_mcp.drive.tools import tools as drive_tools
from google_workspace_mcp.gmail.tools import tools as gmail_tools
from google_workspace_mcp.sandbox.people import sample_world
from google_workspace_mcp.sandbox.people.cast import ALICE
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.support.workspace import Mailroom, open_workspace

SCOPES = tuple(
    f"https://www.googleapis.com/auth/{name}" for name in ("gmail.readonly", "drive.readonly", "calendar.readonly")
)
HOSTILE = (
    "../../../../drive/v3/files",
    "..",
    ".",
    "a/b",
    "a?alt=media",
    "a#b",
    "%2e%2e",
    "%2e%2e%2f%2e%2e%2fdrive%2fv3%2ffiles",
    "x" * 5000,
    "📎",
)
# Tool, argument that takes ids, and what the tool may ask without having accepted the id.
CALLS = (
    ("gmail_read", "message_ids", {"gmail.users.labels.list"}),
    ("gmail_read_thread", "thread_ids", {"gmail.users.labels.list"}),
    ("drive_read", "file_id", set[str]()),
    ("calendar_list_events", "calendars", {"calendar.calendarList.list"}),
)


@pytest.fixture(scope="module")
def google() -> Generator[SimulatedGoogle]:
    world = sample_world(SystemClock())
    with SimulatedGoogle(world.services, world.people) as google:
        yield google
        assert google.violations == []


@pytest.fixture
async def mail(google: SimulatedGoogle) -> AsyncGenerator[Mailroom]:
    clock = SystemClock()
    tools = (*gmail_tools(clock, random.Random(7).randbytes), *drive_tools(clock), *calendar_tools(clock))
    async with open_workspace(google, ALICE.email, SCOPES, tools, clock) as mail:
        yield mail


async def ask(mail: Mailroom, tool: str, argument: str, value: str) -> str:
    """The code of the failure, or the words of the result."""
    try:
        return (await mail.call(tool, **{argument: value if argument == "file_id" else [value]})).text()
    except WorkspaceError as error:
        return error.code
    except ValidationError:
        return "invalid_argument"


@pytest.mark.security("T-10")
@pytest.mark.parametrize("number", range(len(HOSTILE)))
@pytest.mark.parametrize(("tool", "argument", "allowed"), CALLS)
async def test_a_hostile_id_reaches_google_through_no_tool(
    mail: Mailroom, tool: str, argument: str, allowed: set[str], number: int
):
    told = await ask(mail, tool, argument, HOSTILE[number])

    assert told in ("invalid_argument", "not_found") or "id" in told
    assert set(mail.methods) - allowed - {"calendar.settings.get"} == set()


@pytest.mark.parametrize(
    ("call", "value"), [(0, "18c2f1a9b7d3e4f5"), (1, "18c2f1a9b7d3e4f5"), (2, "1Ab_cD-e"), (3, "primary")]
)
async def test_a_sound_id_does_reach_google(mail: Mailroom, call: int, value: str):
    tool, argument, allowed = CALLS[call]

    await ask(mail, tool, argument, value)

    assert set(mail.methods) - allowed - {"calendar.settings.get"}
