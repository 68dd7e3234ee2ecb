"""`make reading`: what becomes of real mail, message by message; the slowest ones, the worst newsletters, false alarms.

The figures go into docs/performance.md.
"""

import asyncio
import base64
import json
import os
import platform
import random
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import bpe_openai

from google_workspace_mcp.core.clock import SystemClock
from google_workspace_mcp.core.content.documents.service import Documents
from google_workspace_mcp.core.content.injection import signs
from google_workspace_mcp.core.content.mime import parts
from google_workspace_mcp.core.google.transport import make_http_client
from google_workspace_mcp.core.http.egress import Egress
from google_workspace_mcp.gmail.models import Letter
from google_workspace_mcp.gmail.reading import letter
from google_workspace_mcp.gmail.tools import tools
from google_workspace_mcp.sandbox.calendar import CalendarService
from google_workspace_mcp.sandbox.gmail.service import GmailService
from google_workspace_mcp.sandbox.people.cast import ALICE
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.bench.page import write_section
from tests.support.real_mail import Real, corpus, real_mail
from tests.support.workspace import Mailroom, open_workspace

SCOPES = ("https://www.googleapis.com/auth/gmail.readonly", "https://www.googleapis.com/auth/calendar.readonly")
_DAY = datetime(2026, 3, 30, 9, 0, tzinfo=UTC)
_TIMES = 3
_WORST = 20
_NEWSLETTERS = 3


@dataclass(frozen=True, slots=True)
class Measured:
    """One message: what came from Google, what was made of it, and in what time (the best of three, in seconds)."""

    name: str
    raw: int
    kind: str
    html: str
    letter: Letter
    seconds: float
    result: str
    answer: dict[str, Any]

    @property
    def signs(self) -> list[str]:
        return signs(f"{self.letter.envelope.subject}\n{self.letter.body}", self.letter.hidden)


async def measured(mail: Sequence[Real]) -> list[Measured]:
    """Every message read through the tool, and what the reading alone takes. Fails on one that gives no result."""
    clock = SystemClock()
    gmail, calendar = GmailService(clock), CalendarService(clock)
    for service in (gmail, calendar):
        service.add_person(ALICE)
    ids = [gmail.deliver(ALICE.email, message.raw, labels=("INBOX",), date=_DAY) for message in mail]
    with SimulatedGoogle([gmail, calendar], [ALICE], clock=clock) as google:
        async with make_http_client() as http:
            made = tools(clock, random.Random(7).randbytes, Egress(http, local=False), Documents())
            async with open_workspace(google, ALICE.email, SCOPES, made, clock) as room:
                return [await _one(room, message, each) for message, each in zip(mail, ids, strict=True)]


async def _one(room: Mailroom, message: Real, message_id: str) -> Measured:
    result = await room.call("gmail_read", message_ids=[message_id], max_chars=80_000)
    if result.errors or len(result.messages) != 1:
        raise AssertionError(f"{message.name} gave no result: {result.errors}")
    google = room.open().google
    answer = await google.execute(google.gmail.messages.get(userId="me", id=message_id, format="full"))
    read, seconds = letter(answer, quoted=False, full=False), list[float]()
    for _ in range(_TIMES):
        started = time.perf_counter()
        letter(answer, quoted=False, full=False)
        seconds.append(time.perf_counter() - started)
    html = "".join(_html(part) for part in parts(answer.get("payload") or {}))
    kind = str((answer.get("payload") or {}).get("mimeType", ""))
    return Measured(message.name, len(message.raw), kind, html, read, min(seconds), result.text(), answer)


def _html(part: dict[str, Any]) -> str:
    if part.get("mimeType") != "text/html":
        return ""
    data = str((part.get("body") or {}).get("data") or "")
    return base64.urlsafe_b64decode(data + "=" * (-len(data) % 4)).decode("utf-8", "replace")


def slowest(found: Sequence[Measured]) -> list[str]:
    """The worst twenty as a table."""
    rows = ["| message | kind | raw kB | text | hidden | ms |", "| --- | --- | ---: | ---: | ---: | ---: |"]
    for each in sorted(found, key=lambda one: -one.seconds)[:_WORST]:
        rows.append(
            f"| {each.name[:50]} | {each.kind} | {each.raw / 1000:.0f} | {len(each.letter.body)} | "
            f"{each.letter.hidden_chars} | {each.seconds * 1000:.1f} |"
        )
    return rows


def newsletters(found: Sequence[Measured]) -> list[str]:
    """The three largest pages of HTML that are no delivery reports, in tokens, before and after."""
    count = bpe_openai.get_encoding("o200k_base").encode
    rows = [
        "| newsletter | API's JSON | its HTML | the whole result | part of the JSON |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    ranked = sorted(
        (each for each in found if each.html and each.kind != "multipart/report"), key=lambda each: -len(each.html)
    )[:_NEWSLETTERS]
    for each in ranked:
        before, html, after = (len(count(text)) for text in (_json(each.answer), each.html, each.result))
        rows.append(f"| {each.name[:50]} | {before} | {html} | {after} | {after / before:.1%} |")
    return rows


def _json(answer: dict[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))


def alarms(found: Sequence[Measured]) -> list[str]:
    """Which messages are told to speak to machines."""
    told = [each for each in found if each.signs]
    return [
        f"{len(told)} of {len(found)} messages are told to be meant for machines.",
        *(f"- {each.name}: {'; '.join(each.signs)}" for each in told),
    ]


def main() -> int:
    folder = corpus()
    if folder is None:
        print("There is no corpus: name a folder of messages in MAIL_CORPUS.")  # noqa: T201
        return 1
    found = asyncio.run(measured(real_mail(folder)))
    total = sum(each.seconds for each in found)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000
    size = sum(each.raw for each in found) / 1_000_000
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores of {platform.machine()}, shared with other work.",
        "",
        f"{len(found)} messages of other people's test sets, {size:.1f} MB: every one gives a result. Reading all",
        f"of them takes {total:.2f} s, {total / len(found) * 1000:.1f} ms each; the process takes {peak} MB at most.",
        "",
    ]
    lines += [*slowest(found), "", *newsletters(found), "", *alarms(found)]
    print("\n".join(lines))  # noqa: T201
    write_section("reading", "\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
