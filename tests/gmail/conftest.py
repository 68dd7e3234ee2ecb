"""A small mailbox of Alice's on a simulated Google."""

import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.content.documents.service import Documents
from google_workspace_mcp.core.google.transport import make_http_client
from google_workspace_mcp.core.http.egress import Egress
from google_workspace_mcp.gmail.tools import tools
from google_workspace_mcp.sandbox.calendar import CalendarService
from google_workspace_mcp.sandbox.gmail.service import GmailService
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.support.clock import FakeClock
from tests.support.workspace import Mailroom, open_workspace

type Deliver = Callable[..., str]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 3, 31, 8, 0, tzinfo=UTC))


@pytest.fixture
def gmail(clock: FakeClock) -> GmailService:
    service = GmailService(clock)
    service.add_person(ALICE)
    service.add_person(BEN)
    return service


@pytest.fixture
def deliver(gmail: GmailService) -> Deliver:
    """Puts a message into Alice's mailbox: `deliver(subject, body, when, labels, headers, content_type)`."""

    def put(
        subject: str = "Hello",
        body: str | bytes = "Good morning",
        *,
        when: datetime = datetime(2026, 3, 30, 9, 0, tzinfo=UTC),
        labels: tuple[str, ...] = ("INBOX",),
        content_type: str = "text/plain; charset=utf-8",
        **headers: str,
    ) -> str:
        fields = {
            "From": "Ben Okafor <ben@example.com>",
            "To": "Alice Ferreira <alice@example.com>",
            "Subject": subject,
        }
        fields |= {name.replace("_", "-"): value for name, value in headers.items()}
        fields |= {"MIME-Version": "1.0", "Content-Type": content_type, "Content-Transfer-Encoding": "8bit"}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        content = body if isinstance(body, bytes) else body.encode()
        return gmail.deliver(ALICE.email, head.encode() + b"\r\n" + content, labels=labels, date=when)

    return put


@pytest.fixture
def google(gmail: GmailService, clock: FakeClock) -> Iterator[SimulatedGoogle]:
    calendar = CalendarService(clock)
    calendar.add_person(ALICE)
    calendar.add_person(BEN)
    with SimulatedGoogle([gmail, calendar], [ALICE, BEN], clock=clock) as google:
        yield google
        assert google.violations == []


@asynccontextmanager
async def account(
    google: SimulatedGoogle, clock: Clock, *scopes: str, egress: Egress | None = None, url: str = ""
) -> AsyncGenerator[Mailroom]:
    """Alice's account with the named scopes; one with a colon is a whole one. `url` leads to Google another way."""
    granted = [scope if ":" in scope else f"https://www.googleapis.com/auth/{scope}" for scope in scopes]
    async with make_http_client() as http:
        made = tools(clock, random.Random(7).randbytes, egress or Egress(http, local=False), Documents())
        async with open_workspace(google, ALICE.email, granted, made, clock, url=url) as mail:
            yield mail


@pytest.fixture
async def mail(google: SimulatedGoogle, clock: FakeClock) -> AsyncIterator[Mailroom]:
    async with account(google, clock, "gmail.readonly", "calendar.readonly") as mail:
        yield mail
