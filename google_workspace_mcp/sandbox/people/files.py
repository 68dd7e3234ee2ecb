"""Fills the sample people's Drives: what a small company has after some years, dated back from now."""

from datetime import datetime, timedelta
from typing import TypedDict

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.sandbox.drive import DriveService
from google_workspace_mcp.sandbox.drive.documents import Spreadsheet, Tab
from google_workspace_mcp.sandbox.drive.exports import DOCX
from google_workspace_mcp.sandbox.people import files_texts as texts
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA, PEOPLE
from google_workspace_mcp.sandbox.people.mail_files import csv_text, docx, pdf, png

_SUPPLIERS = (
    ("Supplier", "Country", "Part", "Price EUR"),
    ("Fjord Parts", "Norway", "Lens 40 mm", 2.15),
    ("さくら照明株式会社", "Japan", "Driver board", 6.4),
    ("Officine Verdi", "Italy", "Cast base", 11.9),
)
_CONTRACT = (
    "Frame contract between Example Lamps and Fjord Parts on the delivery of optical lenses.",
    "1. Prices hold for twelve months from the date of signing.",
    "2. Late deliveries are discounted by one percent for each started week.",
    "3. Either side may end this contract with three months' notice.",
)


def fill_files(drive: DriveService, clock: Clock) -> None:
    """Gives all sample people a Drive, and fills Alice's, Ben's, and the shared drive "Studio Launch"."""
    for person in PEOPLE:
        drive.add_person(person)
    filler = _Filler(drive, clock.now())
    filler.reports()
    filler.projects()
    filler.loose_files()
    filler.shared_by_ben()
    filler.studio_launch()


class _Dates(TypedDict):
    created: datetime
    modified: datetime


class _Filler:
    def __init__(self, drive: DriveService, now: datetime) -> None:
        self._drive = drive
        self._now = now
        self._launch = f"{now + timedelta(days=40):%-d %B %Y}"

    def reports(self) -> None:
        """Reports/2026/Q3 with what belongs there, and an older folder beside it."""
        drive, year = self._drive, self._now.year
        reports = drive.add_folder(ALICE.email, "Reports", when=self._ago(700))
        this_year = drive.add_folder(ALICE.email, str(year), parent=reports, when=self._ago(320))
        quarter = drive.add_folder(ALICE.email, "Q3", parent=this_year, when=self._ago(120))
        drive.add_folder(ALICE.email, str(year - 1), parent=reports, when=self._ago(690))
        review = drive.add_file(ALICE.email, "Q3 review", texts.quarter_report(), parent=quarter, **self._dates(34, 33))
        drive.share(review, email=BEN.email, role="commenter", when=self._ago(33))
        asked = drive.comments.add(
            review, BEN.email, "Is that with or without Milan?", quoted="Revenue", when=self._ago(32)
        )
        drive.comments.answer(review, asked, ALICE.email, "Without. I will say so.", when=self._ago(31))
        typo = drive.comments.add(review, BEN.email, "Two spaces here.", when=self._ago(32, 1))
        drive.comments.answer(review, typo, ALICE.email, "", action="resolve", when=self._ago(31, 1))
        drive.add_file(
            ALICE.email,
            "Budget",
            texts.budget(),
            parent=quarter,
            starred=True,
            viewed=self._ago(1),
            **self._dates(110, 4),
        )
        drive.add_file(
            ALICE.email,
            "Q3 letter to shops.docx",
            docx("Letter to shops", ["Dear partners,", "prices stay as they are until spring."], [("Arc", "249 €")]),
            DOCX,
            parent=quarter,
            indexed_text="Letter to shops Dear partners, prices stay as they are until spring. Arc 249 €",
            **self._dates(60, 58),
        )

    def projects(self) -> None:
        """The launch, the handbook, contracts, stock."""
        drive = self._drive
        projects = drive.add_folder(ALICE.email, "Projects", when=self._ago(500))
        arc = drive.add_folder(ALICE.email, "Arc lamp", parent=projects, when=self._ago(200))
        drive.share(arc, email=BEN.email, role="writer", when=self._ago(190))
        plan = drive.add_file(
            ALICE.email,
            "Arc lamp: launch plan",
            texts.launch_plan(self._launch),
            parent=arc,
            description="The one place where dates and owners are kept.",
            viewed=self._ago(0, 3),
            **self._dates(80, 1),
        )
        drive.add_file(ALICE.email, "Arc slides", texts.launch_slides(self._launch), parent=arc, **self._dates(20, 6))
        drive.add_file(ALICE.email, "Stock", texts.stock(), parent=projects, **self._dates(300, 8))
        drive.add_file(ALICE.email, "Assembly handbook", texts.handbook(), parent=projects, **self._dates(400, 45))
        drive.add_file(
            ALICE.email,
            "Fjord Parts contract.pdf",
            pdf("Frame contract", list(_CONTRACT), self._ago(250)),
            "application/pdf",
            parent=projects,
            indexed_text="\n".join(_CONTRACT),
            copy_requires_writer=True,
            **self._dates(250, 250),
        )
        drive.add_shortcut(ALICE.email, "Launch plan", plan)

    def loose_files(self) -> None:
        """What lies in My Drive itself, and in the trash."""
        drive = self._drive
        drive.add_file(ALICE.email, "Notizen Händler (Köln, 東京)", texts.meeting_notes(), **self._dates(15, 14))
        drive.add_file(ALICE.email, "suppliers.csv", csv_text(_SUPPLIERS).encode(), "text/csv", **self._dates(90, 30))
        drive.add_file(
            ALICE.email,
            "packing list.md",
            b"# Packing list for Milan\n\n- 3 Arc lamps\n- adapters\n- *business cards*\n",
            "text/markdown",
            **self._dates(9, 9),
        )
        link = drive.add_file(
            ALICE.email, "opening hours.txt", b"Mon-Fri 9-18, Sat 10-14\n", "text/plain", **self._dates(365, 100)
        )
        drive.replace(link, b"Mon-Fri 9-18, Sat 10-16\n", ALICE.email, when=self._ago(100, 1))
        drive.share(link, when=self._ago(99))
        drive.add_file(ALICE.email, "Arc on white.png", png((240, 240, 230)), "image/png", **self._dates(22, 22))
        old = drive.add_file(ALICE.email, "old price list.txt", b"Arc 199\n", "text/plain", **self._dates(600, 600))
        drive.trash(old, when=self._ago(3))

    def shared_by_ben(self) -> None:
        """A document for the whole company, a sheet for Alice, and one of his own that nobody else sees."""
        drive = self._drive
        rules = drive.add_file(BEN.email, "How we work", texts.team_rules(), **self._dates(200, 50))
        drive.share(rules, domain=BEN.domain, discoverable=True, when=self._ago(200))
        drive.share(rules, email=ALICE.email, role="commenter", when=self._ago(200))
        freight = drive.add_file(
            BEN.email,
            "Freight offers.csv",
            b"Carrier,Days,USD\r\nAtlantic Line,23,4100\r\nNorthway,32,3350\r\nAir One,4,9800\r\n",
            "text/csv",
            **self._dates(31, 31),
        )
        drive.share(freight, email=ALICE.email, role="writer", when=self._ago(31))
        drive.add_file(
            BEN.email, "Salary talk.txt", b"Ask for a raise in January.\n", "text/plain", **self._dates(12, 12)
        )

    def studio_launch(self) -> None:
        """The shared drive with the studio from outside."""
        drive = self._drive
        roles = {ALICE.email: "organizer", BEN.email: "writer", CHIARA.email: "fileOrganizer"}
        launch = drive.add_shared_drive("Studio Launch", roles)
        catalogue = drive.add_folder(CHIARA.email, "Catalogue", parent=launch, when=self._ago(60))
        proof = [
            "Spring catalogue, proof 2",
            "Page 3: We repair every lamp for ten years.",
            "Page 7: Arc, black cable.",
        ]
        drive.add_file(
            CHIARA.email,
            "Catalogue proof 2.pdf",
            pdf("Proof 2", proof, self._ago(5)),
            "application/pdf",
            parent=catalogue,
            indexed_text="\n".join(proof),
            **self._dates(5, 5),
        )
        drive.add_file(
            CHIARA.email, "Press list", Spreadsheet((Tab("Press", _PRESS),)), parent=launch, **self._dates(18, 2)
        )
        drive.add_file(
            CHIARA.email, "Moodboard.png", png((200, 120, 60)), "image/png", parent=catalogue, **self._dates(55, 55)
        )

    def _ago(self, days: float, hours: float = 0) -> datetime:
        return self._now - timedelta(days=days, hours=hours)

    def _dates(self, created: float, modified: float) -> _Dates:
        return {"created": self._ago(created, 2), "modified": self._ago(modified, 1)}


_PRESS = (("Magazine", "Contact"), ("Luce", "redazione@luce.example"), ("Form & Raum", "post@formundraum.example"))
