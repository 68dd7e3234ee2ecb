"""A mailbox of 50,000 messages, searched, paged through while mail arrives, and changed; times and memory printed."""

import time
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from google_workspace_mcp.sandbox.gmail.service import GmailService
from google_workspace_mcp.sandbox.people.cast import ALICE
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.gmail.conftest import account
from tests.support.clock import FakeClock
from tests.support.workspace import Mailroom

MANY = 50_000
EVERY = 10
"""One in so many is about lamps."""
START = datetime(2020, 1, 1, tzinfo=UTC)

pytestmark = [pytest.mark.proof, pytest.mark.timeout(1200)]


def fill(gmail: GmailService, count: int) -> list[str]:
    """Messages an hour apart, newest last."""
    return [
        gmail.deliver(ALICE.email, letter(number), labels=("INBOX", "UNREAD"), date=START + timedelta(hours=number))
        for number in range(count)
    ]


def letter(number: int) -> bytes:
    subject = f"Lamp {number}" if number % EVERY == 0 else f"Note {number}"
    fields = f"From: p{number % 97}@example.com\r\nTo: {ALICE.email}\r\nSubject: {subject}\r\n"
    return f"{fields}Message-ID: <m{number}@x.example>\r\n\r\nText of message {number}.".encode()


@pytest.fixture
async def desk(google: SimulatedGoogle, clock: FakeClock) -> AsyncIterator[Mailroom]:
    async with account(google, clock, "gmail.modify", "calendar.readonly") as desk:
        yield desk


def resident() -> float:
    """MiB of this process, the simulated Google with its 50,000 messages among them."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


@contextmanager
def timed(what: str) -> Generator[None]:
    before, start = resident(), time.monotonic()
    yield
    seconds = time.monotonic() - start
    print(f"{what}: {seconds:.2f} s, memory {before:.0f} -> {resident():.0f} MiB")  # noqa: T201


async def pages(desk: Mailroom, **arguments: Any) -> AsyncIterator[list[str]]:
    cursor = ""
    while True:
        page = await desk.call("gmail_search", limit=50, cursor=cursor, **arguments)
        yield [row.id for row in page.rows]
        cursor = page.cursor
        if not cursor:
            assert page.complete
            return


async def test_a_large_mailbox_is_searched_paged_and_changed(desk: Mailroom, gmail: GmailService):
    with timed(f"{MANY:,} messages delivered"):
        ids = fill(gmail, MANY)
    lamps = ids[::EVERY][::-1]

    with timed("the newest ten"):
        newest = await desk.call("gmail_search")
    assert [row.id for row in newest.rows] == ids[:-11:-1]
    with timed("one of them by its words"):
        (found,) = (await desk.call("gmail_search", query='subject:"Lamp 25000"')).rows
    assert found.id == ids[25_000]

    seen: list[str] = []
    with timed(f"{len(lamps):,} of them page by page, a message arriving at each"):
        async for page in pages(desk, subject="Lamp"):
            seen += page
            gmail.deliver(ALICE.email, letter(MANY + EVERY * len(seen)), date=START + timedelta(hours=MANY + len(seen)))
    assert [one for one in seen if one in set(lamps)] == lamps
    assert len(seen) == len(set(seen))

    mailbox = gmail.mailbox(ALICE.email)
    with timed("a preview of a change by query"):
        shown = await desk.call("gmail_modify", query="subject:Lamp", actions=["read"], limit=1_000, dry_run=True)
    assert (shown.messages, shown.more) == (1_000, True)
    changed = 0
    with timed("all of them marked as read, a thousand at a time"):
        while True:
            done = await desk.call("gmail_modify", query="subject:Lamp is:unread", actions=["read"], limit=1_000)
            changed += done.messages
            if not done.more:
                break
    assert changed >= len(lamps)
    assert not [one for one in lamps if "UNREAD" in mailbox.get(one).labels]
    assert all("UNREAD" in mailbox.get(one).labels for number, one in enumerate(ids) if number % EVERY)
