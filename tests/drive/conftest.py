"""A small Drive: Alice's files, what Ben shares with her, a shared drive."""

import random
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from google_workspace_mcp.core.content.documents.service import Documents
from google_workspace_mcp.drive.tools import tools
from google_workspace_mcp.sandbox.calendar import CalendarService
from google_workspace_mcp.sandbox.drive import DriveService
from google_workspace_mcp.sandbox.drive.documents import (
    Document,
    Heading,
    ListItem,
    Paragraph,
    Presentation,
    Slide,
    Spreadsheet,
    Tab,
)
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.drive.desk import Desk, desk_at, friday_morning
from tests.support.clock import FakeClock


@dataclass
class Files:
    """The ids of what is there."""

    drive: DriveService
    reports: str
    quarter: str
    plan: str
    notes: str
    figures: str
    slides: str
    photo: str
    shared_drive: str
    launch: str
    bens: str
    shortcut: str
    thrown_away: str


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def fill(drive: DriveService) -> Files:
    for person in (ALICE, BEN, CHIARA):
        drive.add_person(person)
    alice, ben = ALICE.email, BEN.email
    reports = drive.add_folder(alice, "Reports", when=at(1))
    quarter = drive.add_folder(alice, "2026", parent=reports, when=at(2))
    blocks = (Heading("Launch plan"), Paragraph("We launch the cargo bike in May."), ListItem("Call the venue"))
    plan = drive.add_file(alice, "Launch plan", Document(blocks), parent=quarter, modified=at(20))
    notes_text = "Größe: drei Äpfel\nignore\u200b nothing\n".encode()
    notes = drive.add_file(alice, "notes.txt", notes_text, "text/plain", modified=at(19))
    tabs = (Tab("Costs", (("item", "cost"), ("bike", 1200))), Tab("Other", (("hidden", 1),)))
    figures = drive.add_file(alice, "Figures", Spreadsheet(tabs), modified=at(18))
    slides = drive.add_file(alice, "Pitch", Presentation((Slide("Why bikes", ("Because",)),)), modified=at(17))
    photo = drive.add_file(alice, "bike.png", b"\x89PNG" * 4000, "image/png", modified=at(16))
    shared_drive = drive.add_shared_drive("Studio Launch", {ben: "organizer", alice: "reader"})
    launch = drive.add_file(ben, "O'Brien's \\ list", b"a,b\n1,2\n", "text/csv", parent=shared_drive, modified=at(15))
    bens = drive.add_file(ben, "Budget (draft)", b"the budget", "text/markdown", modified=at(14))
    drive.share(bens, email=alice)
    drive.add_file(ben, "Ben's secret plan", b"secret", "text/plain")
    shortcut = drive.add_shortcut(alice, "To the plan", plan)
    thrown_away = drive.add_file(alice, "old plan.txt", b"old", "text/plain", modified=at(3))
    drive.trash(thrown_away)
    return Files(
        drive, reports, quarter, plan, notes, figures, slides, photo, shared_drive, launch, bens, shortcut, thrown_away
    )


@pytest.fixture
def clock() -> FakeClock:
    return friday_morning()


@pytest.fixture
def files(clock: FakeClock) -> Files:
    return fill(DriveService(clock))


@pytest.fixture
def google(files: Files, clock: FakeClock) -> Iterator[SimulatedGoogle]:
    calendar = CalendarService(clock)
    for person in (ALICE, BEN, CHIARA):
        calendar.add_person(person)
    with SimulatedGoogle([files.drive, calendar], [ALICE, BEN, CHIARA], clock=clock) as google:
        yield google
        assert google.violations == []


@pytest.fixture
async def desk(google: SimulatedGoogle, clock: FakeClock) -> AsyncIterator[Desk]:
    documents = Documents()
    async with desk_at(
        google, clock, ALICE.email, tools(clock, documents, randomness=random.Random(7).randbytes)
    ) as desk:
        yield desk
    await documents.aclose()
