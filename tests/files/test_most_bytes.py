"""No tool puts bytes into a model's context: the most that any answer holds, on an account full of large things."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from google_workspace_mcp.core.tools.kinds import Kind
from google_workspace_mcp.sandbox.people.cast import ALICE
from tests.files.world import World

pytestmark = pytest.mark.timeout(180)
# A run of base64 that no id or link of ours is as long as.
BASE64 = re.compile(r"[A-Za-z0-9+/_-]{400}")
WORDS = "several words of an ordinary length " * 60

MANY = [f"somebody.with.a.long.address.number.{number}@a-long-domain.example.com" for number in range(48)]

type Call = Callable[[World], dict[str, Any]]

# The largest answer that can be asked for, and the most bytes it may have as a whole: text and structured content.
LARGEST: dict[str, tuple[Call, int]] = {
    "gmail_search": (lambda _: {"limit": 50}, 90_000),
    "gmail_read": (lambda world: {"message_ids": big(world), "max_chars": 80_000, "detail": "full"}, 300_000),
    "gmail_read_thread": (lambda world: {"thread_ids": big(world)[:5], "max_chars": 80_000}, 300_000),
    "gmail_get_attachment": (
        lambda world: {"message_id": big(world)[0], "name": "long.csv", "max_chars": 80_000},
        260_000,
    ),
    "gmail_list_labels": (lambda _: {"counts": True}, 20_000),
    "gmail_list_drafts": (lambda _: {"limit": 50}, 90_000),
    "drive_search": (lambda _: {"limit": 50}, 60_000),
    "drive_read": (lambda world: {"file_id": long_text(world), "max_chars": 80_000}, 260_000),
    "drive_list_folder": (lambda world: {"folder": many_entries(world), "limit": 200}, 250_000),
    "drive_get_file": (lambda world: {"file_id": much_shared(world)}, 30_000),
    "drive_list_shared_drives": (lambda _: {"limit": 100}, 30_000),
    "drive_list_comments": (lambda world: {"file_id": much_said(world), "limit": 100}, 130_000),
    "drive_about": (lambda _: {}, 2_000),
    "drive_download": (lambda world: {"file_id": world.files.huge}, 3_000),
    "calendar_list_calendars": (lambda _: {}, 20_000),
    "calendar_list_events": (lambda _: {}, 60_000),
    "calendar_get_event": (lambda world: {"event_id": large_event(world), "max_chars": 80_000}, 320_000),
    "calendar_find_time": (lambda _: {"people": MANY, "limit": 20, "hours": "any", "minutes": 5}, 60_000),
    "calendar_free_busy": (lambda world: {"calendars": ["all"], "start": crowded(world)}, 120_000),
    "accounts_list": (lambda _: {}, 5_000),
    "search": (lambda _: {"query": "words"}, 60_000),
    "fetch": (lambda world: {"id": f"mail:{big(world)[0]}"}, 300_000),
    "workspace_changes": (lambda _: {}, 5_000),
    "workspace_time": (lambda _: {}, 2_000),
}
_BIG: dict[int, list[str]] = {}


def big(world: World) -> list[str]:
    """25 messages of a megabyte of words and a picture each, made once."""
    if id(world) not in _BIG:
        boundary = "edge"
        picture = "iVBORw0KGgo" * 90_000
        text = "\r\n".join([WORDS] * 450)
        raw = (
            f"From: ben@example.com\r\nTo: {ALICE.email}\r\nSubject: {WORDS[:900]}\r\nMIME-Version: 1.0\r\n"
            f"Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n"
            f"--{boundary}\r\nContent-Type: text/plain\r\n\r\n{text}\r\n"
            f"--{boundary}\r\nContent-Type: text/csv\r\n"
            f"Content-Disposition: attachment; filename=long.csv\r\n\r\n{text}\r\n"
            f"--{boundary}\r\nContent-Type: image/png; name=a.png\r\nContent-Disposition: attachment\r\n"
            f"Content-Transfer-Encoding: base64\r\n\r\n{picture}\r\n--{boundary}--\r\n"
        ).encode()
        now = world.clock.now() - timedelta(days=1)
        _BIG[id(world)] = [
            world.files.gmail.deliver(ALICE.email, raw, labels=("INBOX",), date=now + timedelta(minutes=number))
            for number in range(25)
        ]
        for number in range(60):
            world.files.drive.add_file(ALICE.email, f"{WORDS[:300]} {number}", b"x" * 1000, "image/png")
    return _BIG[id(world)]


def long_text(world: World) -> str:
    """A text file of a megabyte."""
    return world.files.drive.add_file(ALICE.email, "long.txt", (WORDS * 500).encode(), "text/plain")


def many_entries(world: World) -> str:
    """A folder with 250 files of long names."""
    folder = world.files.drive.add_folder(ALICE.email, "Many")
    for number in range(250):
        world.files.drive.add_file(ALICE.email, f"{WORDS[:300]} {number}", b"x", "text/plain", parent=folder)
    return folder


def much_shared(world: World) -> str:
    """A file that 200 people see."""
    file_id = world.files.drive.add_file(ALICE.email, WORDS[:300], b"x", "text/plain", description=WORDS)
    for number in range(200):
        world.files.drive.share(file_id, email=f"person{number}@example.com")
    return file_id


def much_said(world: World) -> str:
    """A file with 120 long comments."""
    file_id = world.files.drive.add_file(ALICE.email, WORDS[:300], b"x", "text/plain")
    for _ in range(120):
        world.files.drive.comments.add(file_id, ALICE.email, WORDS, quoted=WORDS)
    return file_id


def large_event(world: World) -> str:
    """An event with hundreds of guests, dozens of files and a megabyte of description."""
    start = {"dateTime": world.clock.now().isoformat()}
    guests = [
        {"email": f"guest{number}@example.com", "displayName": WORDS[:200], "comment": WORDS} for number in range(300)
    ]
    files = [{"fileUrl": f"https://example.com/{number}", "title": WORDS} for number in range(60)]
    body = {"summary": WORDS, "description": WORDS * 500, "attendees": guests, "attachments": files}
    return world.files.calendar.add_event(ALICE.email, {**body, "start": start, "end": start})


def crowded(world: World) -> str:
    """A month in which a calendar has more busy times than are told at once; its first day."""
    first = world.clock.now() + timedelta(days=60)
    for number in range(900):
        times = [first + timedelta(minutes=10 * number + more) for more in (0, 5)]
        body = dict(zip(("start", "end"), ({"dateTime": each.isoformat()} for each in times), strict=True))
        world.files.calendar.add_event(ALICE.email, {"summary": "x", **body})
    return first.date().isoformat()


def test_every_tool_that_reads_has_its_most(world: World):
    """A tool that is new here gets a line above: how much it may hold at most is a part of what it is."""
    reads = {
        prepared.definition.name
        for prepared in world.deployment.stack.service.runner.tools
        if prepared.definition.kind is Kind.READ
    }
    assert reads <= set(LARGEST)


@pytest.mark.parametrize("tool", LARGEST)
async def test_the_largest_answer_holds_no_bytes_and_no_more_than_it_may(world: World, tool: str):
    arguments, most = LARGEST[tool]
    big(world)
    response = await world.answer(tool, arguments(world))
    assert response.status_code == 200, response.text
    assert len(response.content) <= most
    everything = json.dumps(response.json())
    assert "iVBORw0KGgo" not in everything
    assert not BASE64.search(everything.replace("x" * 400, ""))
