"""Ids that could leave their place in a path, given to every tool that takes ids."""

import random
from collections.abc import AsyncGenerator, Generator
from typing import Any

import pytest
from pydantic import ValidationError

from google_workspace_mcp.across.tools import tools as across_tools
from google_workspace_mcp.calendar.service import CalendarService
from google_workspace_mcp.calendar.source import EventSource
from google_workspace_mcp.calendar.tools import tools as calendar_tools
from google_workspace_mcp.core.clock import SystemClock
from google_workspace_mcp.core.content.documents.service import Documents
from google_workspace_mcp.core.errors import WorkspaceError
from google_workspace_mcp.core.google.transport import make_http_client
from google_workspace_mcp.core.http.egress import Egress
from google_workspace_mcp.drive.service import DriveService
from google_workspace_mcp.drive.source import FileSource
from google_workspace_mcp.drive.tools import tools as drive_tools
from google_workspace_mcp.gmail.labels import LabelBook
from google_workspace_mcp.gmail.source import MailSource
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
IDENTITY = {"gmail.users.settings.sendAs.list", "calendar.settings.get"}
# Tool, argument that takes ids, and what the tool may ask without having accepted the id.
CALLS = (
    ("gmail_read", "message_ids", {"gmail.users.labels.list"}),
    ("gmail_read_thread", "thread_ids", {"gmail.users.labels.list"}),
    ("gmail_reply", "message_id", IDENTITY),
    ("gmail_reply", "thread_id", IDENTITY),
    ("gmail_forward", "message_id", IDENTITY),
    ("gmail_create_draft", "reply_to_message", IDENTITY),
    ("gmail_update_draft", "draft_id", set[str]()),
    ("gmail_delete_draft", "draft_id", set[str]()),
    ("gmail_send_draft", "draft_id", set[str]()),
    ("gmail_modify", "message_ids", {"gmail.users.labels.list"}),
    ("gmail_modify", "thread_ids", {"gmail.users.labels.list"}),
    ("gmail_delete_forever", "message_ids", set[str]()),
    ("gmail_delete_filter", "filter_id", set[str]()),
    ("gmail_unsubscribe", "message_id", set[str]()),
    ("drive_read", "file_id", set[str]()),
    ("drive_update_file", "file_id", set[str]()),
    ("drive_copy", "file_id", set[str]()),
    ("drive_trash", "file_ids", set[str]()),
    ("drive_delete_forever", "file_ids", set[str]()),
    ("drive_share", "file_id", set[str]()),
    ("drive_unshare", "file_id", set[str]()),
    ("drive_comment", "file_id", set[str]()),
    ("drive_comment", "comment_id", set[str]()),
    ("drive_restore_revision", "file_id", set[str]()),
    ("drive_restore_revision", "revision_id", set[str]()),
    ("calendar_list_events", "calendars", {"calendar.calendarList.list"}),
    ("calendar_get_event", "event_id", set[str]()),
    ("calendar_get_event", "calendar", {"calendar.calendarList.list"}),
    ("calendar_free_busy", "calendars", {"calendar.calendarList.list"}),
    ("calendar_create_event", "calendar", {"calendar.calendarList.list"}),
    ("calendar_update_event", "event_id", set[str]()),
    ("calendar_update_event", "calendar", {"calendar.calendarList.list"}),
    ("calendar_delete_event", "event_id", set[str]()),
    ("calendar_respond", "event_id", set[str]()),
    ("calendar_move_event", "event_id", {"calendar.calendarList.list"}),
    ("calendar_share_calendar", "calendar", {"calendar.calendarList.list"}),
    ("calendar_find_time", "rooms", {"calendar.calendarList.list"}),
    ("fetch", "id", {"gmail.users.labels.list"}),
)
# fetch takes ids of three kinds, events with a calendar in front.
KINDS = ("mail:{}", "file:{}", "event:primary/{}", "event:{}/abc123", "{}")
# What else a call needs to get as far as the id.
OTHERS: dict[str, dict[str, Any]] = {
    "calendar_create_event": {"title": "x", "start": "2026-04-01"},
    "calendar_update_event": {"event_id": "abc123", "title": "x"},
    "calendar_respond": {"answer": "yes"},
    "calendar_move_event": {"to": "team@group.calendar.google.com"},
    "calendar_share_calendar": {"who": "ben@example.com", "role": "none"},
    "calendar_get_event": {"event_id": "abc123"},
    "gmail_reply": {"body": "x"},
    "gmail_forward": {"to": ["ben@example.com"]},
    "gmail_modify": {"actions": ["read"]},
    "drive_update_file": {"name": "x"},
    "drive_share": {"to": "ben@example.com"},
    "drive_unshare": {"who": "ben@example.com"},
    "drive_comment": {"file_id": "1Ab_cD-e", "text": "x"},
    "drive_restore_revision": {"file_id": "1Ab_cD-e", "revision_id": "0Bx"},
}


@pytest.fixture(scope="module")
def google() -> Generator[SimulatedGoogle]:
    world = sample_world(SystemClock())
    with SimulatedGoogle(world.services, world.people) as google:
        yield google
        assert google.violations == []


@pytest.fixture
async def mail(google: SimulatedGoogle) -> AsyncGenerator[Mailroom]:
    clock = SystemClock()
    documents = Documents()
    async with make_http_client() as http:
        gmail = gmail_tools(clock, random.Random(7).randbytes, Egress(http, local=False), documents)
        sources = (
            MailSource(LabelBook(clock)),
            FileSource(DriveService(clock, documents)),
            EventSource(CalendarService(clock)),
        )
        tools = (
            *gmail,
            *drive_tools(clock, documents, randomness=random.Random(7).randbytes),
            *calendar_tools(clock),
            *across_tools(sources),
        )
        async with open_workspace(google, ALICE.email, SCOPES, tools, clock) as mail:
            yield mail


async def ask(mail: Mailroom, tool: str, argument: str, value: str) -> str:
    """The code of the failure, or the words of the result."""
    try:
        given = [value] if argument.endswith("s") else value
        return (await mail.call(tool, **{**OTHERS.get(tool, {}), argument: given})).text()
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


@pytest.mark.security("T-10")
@pytest.mark.parametrize("number", range(len(HOSTILE)))
@pytest.mark.parametrize("kind", KINDS)
async def test_a_hostile_id_of_any_kind_is_not_fetched(mail: Mailroom, kind: str, number: int):
    assert await ask(mail, "fetch", "id", kind.format(HOSTILE[number])) == "invalid_argument"
    # The zone and the names of calendars are looked up beside, and may be on their way when the id is refused.
    assert set(mail.methods) <= {"calendar.settings.get", "calendar.calendarList.list"}


SOUND = {
    "file_id": "1Ab_cD-e",
    "calendars": "primary",
    "calendar": "primary",
    "rooms": "primary",
    "filter_id": "ANe1BmjX",
    "id": "mail:18c2f1a9b7d3e4f5",
}


@pytest.mark.parametrize(("tool", "argument", "allowed"), CALLS)
async def test_a_sound_id_does_reach_google(mail: Mailroom, tool: str, argument: str, allowed: set[str]):
    await ask(mail, tool, argument, SOUND.get(argument, "18c2f1a9b7d3e4f5"))

    assert set(mail.methods) - allowed - {"calendar.settings.get"}
