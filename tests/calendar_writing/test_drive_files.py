"""Files of Drive on events: found first, by id or link; no other address ever."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from google_workspace_mcp.calendar.tools import tools
from google_workspace_mcp.core.errors import ScopeMissingError, UserInputError
from google_workspace_mcp.sandbox.drive import DriveService
from google_workspace_mcp.sandbox.drive.documents import Document, Paragraph
from google_workspace_mcp.sandbox.faults import latency
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.calendar_writing.conftest import CALENDAR, DRIVE, Book
from tests.support.clock import FakeClock
from tests.support.workspace import Mailroom, open_workspace


@pytest.fixture
def drive(clock: FakeClock) -> DriveService:
    service = DriveService(clock)
    service.add_person(ALICE)
    return service


@pytest.fixture
def plan(drive: DriveService) -> str:
    return drive.add_file(ALICE.email, "Launch\u200b plan", Document((Paragraph("x"),)))


@pytest.fixture
def google(book: Book, drive: DriveService, clock: FakeClock) -> Iterator[SimulatedGoogle]:
    with SimulatedGoogle([book.service, drive], [ALICE, BEN, CHIARA], clock=clock) as google:
        yield google
        assert google.violations == []


@pytest.fixture
async def desk(google: SimulatedGoogle, clock: FakeClock) -> AsyncIterator[Mailroom]:
    async with open_workspace(google, ALICE.email, [CALENDAR, DRIVE], tools(clock), clock) as desk:
        yield desk


async def create(desk: Mailroom, files: Any) -> Any:
    return await desk.call("calendar_create_event", title="Review", start="2026-04-01T12:00", drive_file_ids=files)


@pytest.mark.parametrize(
    "form",
    ["{}", "https://docs.google.com/document/d/{}/edit#heading=h.1", "https://drive.google.com/file/d/{}/view?usp=sharing",
     "https://drive.google.com/open?id={}"],
)  # fmt: skip
async def test_a_file_is_found_by_its_id_or_link(desk: Mailroom, book: Book, plan: str, form: str):
    made = await create(desk, [form.format(plan)])
    [attachment] = book.event(made.event_id).fields["attachments"]
    assert (attachment["fileId"], attachment["title"]) == (plan, "Launch plan")
    assert attachment["fileUrl"].startswith("https://docs.google.com/")
    assert "Launch plan" in made.facts["files"]


async def test_files_cost_one_step_more(desk: Mailroom, plan: str):
    await create(desk, [plan])
    desk.google.faults.add("*", latency(0.05))
    await create(desk, [plan])
    assert desk.round_trips == 2


@pytest.mark.security("T-25")
@pytest.mark.parametrize(
    "file",
    ["javascript:alert(1)", "https://evil.example/document/d/1234567890abc", "file:///etc/passwd", "http://169.254.169.254/",
     "https://docs.google.com.evil.example/d/1234567890abc", "../../files", "1234567890missing"],
)  # fmt: skip
async def test_another_address_or_a_file_that_is_not_there_makes_no_event(
    desk: Mailroom, book: Book, plan: str, file: str
):
    with pytest.raises(UserInputError):
        await create(desk, [plan, file])
    assert book.count() == 0


async def test_without_the_right_to_read_files_that_is_said(desk: Mailroom, book: Book, plan: str):
    desk.barred["drive.read"] = ScopeMissingError("No", capability="drive.read")
    with pytest.raises(ScopeMissingError):
        await create(desk, [plan])
    assert book.count() == 0


async def test_there_are_at_most_twenty_five(desk: Mailroom):
    with pytest.raises(UserInputError, match="25"):
        await create(desk, [f"abcdefghij{number}" for number in range(26)])
