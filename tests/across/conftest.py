"""Alice's mail, files and events on a simulated Google, a little of each."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from google_workspace_mcp.across.tools import tools
from google_workspace_mcp.calendar.service import CalendarService as Calendars
from google_workspace_mcp.calendar.source import EventSource
from google_workspace_mcp.core.content.documents.service import Documents
from google_workspace_mcp.drive.service import DriveService as Files
from google_workspace_mcp.drive.source import FileSource
from google_workspace_mcp.gmail.labels import LabelBook
from google_workspace_mcp.gmail.source import MailSource
from google_workspace_mcp.sandbox import faults
from google_workspace_mcp.sandbox.calendar import CalendarService
from google_workspace_mcp.sandbox.drive import DriveService
from google_workspace_mcp.sandbox.drive.documents import Document, Heading, Paragraph
from google_workspace_mcp.sandbox.gmail.service import GmailService
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.support.clock import FakeClock
from tests.support.workspace import Mailroom, open_workspace

SCOPES = tuple(
    f"https://www.googleapis.com/auth/{name}" for name in ("gmail.readonly", "drive.readonly", "calendar.readonly")
)


@dataclass
class Office:
    """The three services, and what happens in them without a client."""

    gmail: GmailService
    drive: DriveService
    calendar: CalendarService

    def deliver(
        self, subject: str, body: str = "Good morning", *, labels: tuple[str, ...] = ("INBOX", "UNREAD")
    ) -> str:
        head = "From: Ben Okafor <ben@example.com>\r\nTo: Alice Ferreira <alice@example.com>\r\n"
        head += f"Subject: {subject}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        when = datetime(2026, 3, 30, 9, 0, tzinfo=UTC)
        return self.gmail.deliver(ALICE.email, (head + body).encode(), labels=labels, date=when)

    def file(self, name: str, text: str = "") -> str:
        content = Document((Heading(name), Paragraph(text or name)))
        return self.drive.add_file(ALICE.email, name, content, modified=datetime(2026, 3, 27, 9, 0, tzinfo=UTC))

    def event(self, summary: str, day: str = "2026-04-02", **more: Any) -> str:
        span = {
            end: {"dateTime": f"{day}T{hour}:00:00", "timeZone": "Europe/Berlin"}
            for end, hour in (("start", "14"), ("end", "15"))
        }
        return self.calendar.add_event(ALICE.email, {"summary": summary, **span, **more})


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 3, 31, 8, 0, tzinfo=UTC))


@pytest.fixture
def office(clock: FakeClock) -> Office:
    office = Office(GmailService(clock), DriveService(clock), CalendarService(clock))
    for service in (office.gmail, office.drive, office.calendar):
        service.add_person(ALICE)
        service.add_person(BEN)
    return office


@pytest.fixture
def google(office: Office, clock: FakeClock) -> Iterator[SimulatedGoogle]:
    with SimulatedGoogle([office.gmail, office.drive, office.calendar], [ALICE, BEN], clock=clock) as google:
        yield google
        assert google.violations == []


def slowly(google: SimulatedGoogle) -> None:
    """Lets calls overlap that were made at once, so that steps can be counted."""
    for api in ("gmail.*", "drive.*", "calendar.*"):
        google.faults.add(api, faults.latency(0.15))


@asynccontextmanager
async def open_desk(google: SimulatedGoogle, clock: FakeClock, email: str = ALICE.email) -> AsyncGenerator[Mailroom]:
    """A desk whose access token is fresh."""
    documents = Documents()
    sources = (MailSource(LabelBook(clock)), FileSource(Files(clock, documents)), EventSource(Calendars(clock)))
    try:
        async with open_workspace(google, email, SCOPES, tools(sources), clock) as desk:
            yield desk
    finally:
        await documents.aclose()


@pytest.fixture
async def desk(google: SimulatedGoogle, clock: FakeClock) -> AsyncIterator[Mailroom]:
    async with open_desk(google, clock) as desk:
        yield desk
