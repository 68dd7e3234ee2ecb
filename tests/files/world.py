"""A deployed service whose people have files of every kind, and an agent that calls tools for them."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx2

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.principal import Principal
from google_workspace_mcp.sandbox.calendar import CalendarService
from google_workspace_mcp.sandbox.drive import DriveService
from google_workspace_mcp.sandbox.drive.documents import Document, Paragraph, Spreadsheet, Tab
from google_workspace_mcp.sandbox.gmail.service import GmailService
from google_workspace_mcp.sandbox.made import MadeBytes
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.clients.deployment import Address, Deployment, deployed
from tests.support.agents import Agent, setting
from tests.support.clock import FakeClock
from tests.support.connecting import connect

AGENT = Agent("urn:example:workspace-tools")
PDF = bytes(range(256)) * 3000  # 768 kB of anything
PAGE = "<html><body><script>alert(1)</script><p>Visible words</p><p style='display:none'>hidden</p></body></html>"
CSV = "name,amount\nbike,1200\n"
ICS = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Launch\r\nDTSTART:20260501T090000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
LARGE = MadeBytes(96 * 2**20)


def letter() -> EmailMessage:
    """A message with a file of every kind."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = BEN.email, ALICE.email, "Files"
    message.set_content("See the files.")
    message.add_attachment(PDF, maintype="application", subtype="pdf", filename="Größe.pdf")
    message.add_attachment(PAGE.encode(), maintype="text", subtype="html", filename="page.html")
    message.add_attachment(CSV.encode(), maintype="text", subtype="csv", filename="table.csv")
    message.add_attachment(ICS.encode(), maintype="text", subtype="calendar", filename="launch.ics")
    message.add_attachment(b"one", maintype="application", subtype="zip", filename="same.zip")
    message.add_attachment(b"two", maintype="application", subtype="zip", filename="same.zip")
    message.add_attachment(b"", maintype="application", subtype="octet-stream", filename="empty.bin")
    return message


@dataclass
class Files:
    """Ids of what there is."""

    gmail: GmailService
    drive: DriveService
    calendar: CalendarService
    message: str
    raw: bytes
    photo: str
    page: str
    large: str
    document: str
    sheet: str
    huge: str
    shortcut: str
    folder: str
    form: str
    locked: str


def filled(clock: Clock) -> tuple[SimulatedGoogle, Files]:
    """A simulated Google, not yet started."""
    gmail, drive, calendar = GmailService(clock), DriveService(clock), CalendarService(clock)
    for person in (ALICE, BEN):
        for service in (gmail, drive, calendar):
            service.add_person(person)
    raw = letter().as_bytes()
    message = gmail.deliver(ALICE.email, raw, labels=("INBOX",), date=clock.now())
    mine = ALICE.email
    document = drive.add_file(mine, "Plan", Document((Paragraph("We launch in May."),)))
    huge_text = tuple(Paragraph("x" * 100_000) for _ in range(110))
    locked = drive.add_file(BEN.email, "locked.bin", b"locked", copy_requires_writer=True)
    drive.share(locked, email=mine)
    files = Files(
        gmail=gmail,
        drive=drive,
        calendar=calendar,
        message=message,
        raw=raw,
        photo=drive.add_file(mine, "bike.png", b"\x89PNG" * 5000, "image/png"),
        page=drive.add_file(mine, "evil.svg", b"<svg onload=alert(1)>", "image/svg+xml"),
        large=drive.add_file(mine, "large.bin", LARGE, "application/octet-stream"),
        document=document,
        sheet=drive.add_file(mine, "Figures", Spreadsheet((Tab("Costs", (("item", "cost"), ("bike", 1200))),))),
        huge=drive.add_file(mine, "Huge", Document(huge_text)),
        shortcut=drive.add_shortcut(mine, "To the plan", document),
        folder=drive.add_folder(mine, "Folder"),
        form=drive.add_file(mine, "Form", b"", "application/vnd.google-apps.form"),
        locked=locked,
    )
    return SimulatedGoogle([gmail, drive, calendar], [ALICE, BEN], clock=clock), files


@dataclass
class World:
    """The service, and a way to call its tools. `user-1` of the agent is Alice, `user-2` Ben."""

    deployment: Deployment
    files: Files
    clock: FakeClock
    http: httpx2.AsyncClient = field(default_factory=lambda: httpx2.AsyncClient(timeout=30, trust_env=False))

    @property
    def google(self) -> SimulatedGoogle:
        return self.deployment.google

    async def answer(
        self, tool: str, arguments: dict[str, Any], *, address: Address = "public", user: str = "user-1"
    ) -> httpx2.Response:
        url = f"{self.deployment.base_of(address)}/tools/{tool}"
        return await self.http.post(url, json=arguments, headers=self.bearer(user))

    def bearer(self, user: str = "user-1", **claims: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {AGENT.token(user, **claims)}"}

    async def call(
        self, tool: str, *, address: Address = "public", user: str = "user-1", **arguments: Any
    ) -> dict[str, Any]:
        """The data of a call that succeeded."""
        response = await self.answer(tool, arguments, address=address, user=user)
        assert response.status_code == 200, response.text
        return {**response.json()["data"], "words": response.json()["text"]}

    async def file(self, part_name: str, **arguments: Any) -> dict[str, Any]:
        """A link to an attachment of the message."""
        message = self.files.message
        return await self.call("gmail_get_attachment", message_id=message, name=part_name, mode="link", **arguments)


@contextmanager
def world_in(folder: Path, clock: FakeClock, **settings: Any) -> Generator[World]:
    """The deployed service below a prefix."""
    AGENT.clock = clock
    google, files = filled(clock)
    with google, deployed(google, folder, "/ws", clock=clock, agents=setting(AGENT), **settings) as deployment:
        yield World(deployment, files, clock)


async def connect_people(world: World) -> None:
    """Both people, each for their own user of the agent."""
    for user, person in (("user-1", ALICE), ("user-2", BEN)):
        await connect(world.deployment.stack, Principal(AGENT.issuer, user), person)
