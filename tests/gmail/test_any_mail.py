"""Whatever mail there is, it is found and read: the folder named by MAIL_CORPUS, or a handful of nasty messages."""

import os
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from google_workspace_mcp.sandbox.calendar import CalendarService
from google_workspace_mcp.sandbox.gmail.service import GmailService
from google_workspace_mcp.sandbox.imports.mbox import load_mail
from google_workspace_mcp.sandbox.people.cast import ALICE
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.gmail.conftest import account
from tests.support.clock import FakeClock
from tests.support.workspace import Mailroom

NASTY = {
    "empty.eml": b"",
    "no-headers.eml": b"just text\r\nand more\r\n",
    "lying-charset.eml": b"Content-Type: text/plain; charset=utf-8\r\n\r\nGr\xf6\xdfe\r\n",
    "no-charset.eml": b"Subject: =?x?Q?=FF?=\r\nContent-Type: text/html; charset=x\r\n\r\n<p>\xff\xfe<b>\r\n",
    "open.eml": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhalf",
    "no-boundary.eml": b"Content-Type: multipart/alternative\r\n\r\n--b\r\n\r\nnothing\r\n--b--\r\n",
    "bad-base64.eml": b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n@@@=A\r\n",
    "nested.eml": b"Content-Type: message/rfc822\r\n\r\n" * 2 + b"Subject: in\r\n\r\ndeep\r\n",
    "controls.eml": b'From: "a\x00b" <x@y.example>\r\nSubject: \x1b[31mred\r\n\r\n\x07\x00bell\r\n',
    "many-headers.eml": b"".join(b"X-%d: y\r\n" % n for n in range(2000)) + b"Subject: many\r\n\r\nbody\r\n",
    "deep.eml": b"Content-Type: text/html\r\n\r\n" + b"<div>" * 20_000 + b"deep\r\n",
    "date.eml": b"Date: Mon, 99 Foo 99999 99:99:99 +9999\r\nSubject: date\r\n\r\nbody\r\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    if named := os.environ.get("MAIL_CORPUS"):
        return Path(named)
    for name, raw in NASTY.items():
        (tmp_path / name).write_bytes(raw)
    return tmp_path


@pytest.fixture
def corpus(folder: Path, clock: FakeClock) -> Iterator[SimulatedGoogle]:
    gmail, calendar = GmailService(clock), CalendarService(clock)
    gmail.add_person(ALICE)
    calendar.add_person(ALICE)
    load_mail(gmail, ALICE.email, folder)
    with SimulatedGoogle([gmail, calendar], [ALICE], clock=clock) as google:
        yield google
        assert google.violations == []


@pytest.fixture
async def all_mail(corpus: SimulatedGoogle, clock: FakeClock) -> AsyncIterator[Mailroom]:
    async with account(corpus, clock, "gmail.readonly", "calendar.readonly") as mail:
        yield mail


async def found_ids(mail: Mailroom) -> list[str]:
    ids: list[str] = []
    cursor = ""
    while True:
        result = await mail.call("gmail_search", limit=50, include_spam_trash=True, cursor=cursor)
        assert result.errors == ()
        result.text().encode()
        ids += [row.id for row in result.rows]
        cursor = result.cursor
        if not cursor:
            return ids


async def test_every_message_is_found_once(all_mail: Mailroom, folder: Path):
    ids = await found_ids(all_mail)
    assert len(ids) == len(set(ids)) >= len(NASTY) - 1


@pytest.mark.parametrize("arguments", [{}, {"detail": "full"}, {"detail": "summary"}, {"quoted": True}], ids=str)
async def test_every_message_is_read_in_bounded_time_and_size(all_mail: Mailroom, arguments: dict[str, str | bool]):
    for message in await found_ids(all_mail):
        started = time.perf_counter()
        result = await all_mail.call("gmail_read", message_ids=[message], **arguments)
        assert time.perf_counter() - started < 10
        assert result.errors == ()
        text = result.text()
        text.encode()
        assert len(text) < 40_000
        assert not any(character in text for character in "\x00\x07\x1b\u200b\u202e")
