"""Real, nasty mail through the whole service: every message is found and read, none fails.

The folder comes from MAIL_CORPUS; without it, the handful of nasty messages that the simulator's own tests bring.
`python -m tests.e2e.test_corpus` prints the slowest and the largest results.
"""

import asyncio
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from mcp import Client
from mcp_types import TextContent

from google_workspace_mcp.core.clock import SystemClock
from google_workspace_mcp.demo.client import PersonAtBrowser, connected
from google_workspace_mcp.sandbox.calendar import CalendarService
from google_workspace_mcp.sandbox.gmail.service import GmailService
from google_workspace_mcp.sandbox.imports.mbox import load_mail
from google_workspace_mcp.sandbox.people.cast import ALICE
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.support.stack import running

OWN = Path(__file__).parent.parent / "sandbox" / "gmail" / "nasty"


@dataclass(frozen=True, slots=True)
class Reading:
    """How one message was read."""

    subject: str
    seconds: float
    characters: int


def corpus() -> Path:
    return Path(os.environ.get("MAIL_CORPUS") or OWN)


async def read_everything(client: Client) -> list[Reading]:
    """Page through the whole mailbox and read each message alone. Fails on the first call that does."""
    readings: list[Reading] = []
    cursor = ""
    while True:
        page = await client.call_tool(
            "gmail_search", {"query": "in:anywhere", "include_spam_trash": True, "limit": 50, "cursor": cursor}
        )
        assert not page.is_error, page.content
        found = page.structured_content or {}
        for row in found.get("rows", []):
            began = time.perf_counter()
            read = await client.call_tool("gmail_read", {"message_ids": [row["id"]], "max_chars": 80_000})
            assert not read.is_error, (row, read.content)
            [message] = (read.structured_content or {})["messages"]
            assert not message.get("error"), (row, message)
            text = "".join(block.text for block in read.content if isinstance(block, TextContent))
            readings.append(Reading(str(row.get("subject", "")), time.perf_counter() - began, len(text)))
        cursor = found.get("cursor", "")
        if not cursor:
            assert found["complete"]
            return readings


async def run(folder: Path) -> tuple[int, list[Reading]]:
    """The number of messages loaded, and how each was read."""
    gmail, calendar = GmailService(SystemClock()), CalendarService(SystemClock())
    gmail.add_person(ALICE)
    calendar.add_person(ALICE)
    count = load_mail(gmail, ALICE.email, folder)
    with (
        SimulatedGoogle((gmail, calendar), (ALICE,)) as google,
        tempfile.TemporaryDirectory() as store,
        # A mailbox of hundreds takes more units than Google gives for a minute: calls wait for theirs.
        running(google, Path(store), quota_share=1.0, wait_seconds=30.0) as stack,
    ):
        async with connected(stack.mcp_url, PersonAtBrowser(ALICE.email)) as client:
            return count, await read_everything(client)


@pytest.mark.slow
async def test_every_message_is_found_and_read() -> None:
    count, readings = await run(corpus())
    assert len(readings) == count


def main() -> None:
    count, readings = asyncio.run(run(corpus()))
    print(f"{count} messages loaded, {len(readings)} read")  # noqa: T201
    for title, ordered in (
        ("slowest", sorted(readings, key=lambda reading: -reading.seconds)),
        ("largest", sorted(readings, key=lambda reading: -reading.characters)),
    ):
        print(title)  # noqa: T201
        for reading in ordered[:8]:
            print(f"  {reading.seconds * 1000:7.1f} ms  {reading.characters:7d} chars  {reading.subject[:60]}")  # noqa: T201


if __name__ == "__main__":
    main()
