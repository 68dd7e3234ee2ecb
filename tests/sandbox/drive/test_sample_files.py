"""What the sample people have in their Drives."""

from typing import Any

import pytest

from google_workspace_mcp.sandbox.drive import DriveService
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA
from google_workspace_mcp.sandbox.people.files import fill_files
from tests.sandbox.drive.client import Client, SetClock

EVERYWHERE: dict[str, Any] = {
    "corpora": "allDrives",
    "supportsAllDrives": True,
    "includeItemsFromAllDrives": True,
    "pageSize": 1000,
}


def filled() -> DriveService:
    clock = SetClock()
    drive = DriveService(clock)
    fill_files(drive, clock)
    return drive


@pytest.fixture(scope="module")
def drive() -> DriveService:
    return filled()


def files(drive: DriveService, person: Any, q: str) -> list[dict[str, Any]]:
    return Client(drive, "drive", person).call("files.list", q=q, **EVERYWHERE)["files"]


def test_there_is_something_of_every_kind(drive: DriveService):
    kinds = {file["mimeType"].rpartition(".")[2] for file in files(drive, ALICE, "trashed = false")}

    assert kinds >= {
        "folder", "document", "spreadsheet", "presentation", "shortcut", "application/pdf", "text/csv", "text/plain",
        "text/markdown", "image/png",
    }  # fmt: skip
    assert len(files(drive, ALICE, "trashed = true")) == 1


def test_every_file_can_be_read_by_who_finds_it(drive: DriveService):
    for person in (ALICE, BEN, CHIARA):
        client = Client(drive, "drive", person)
        for file in files(drive, person, "not mimeType contains 'application/vnd.google-apps.'"):
            if file["capabilities"]["canDownload"]:
                data = client.media("files.get", fileId=file["id"], alt="media", supportsAllDrives=True)
                assert len(data) == int(file["size"]) > 0
        for file in files(drive, person, "mimeType contains 'application/vnd.google-apps.'"):
            for kind in file.get("exportLinks", {}):
                assert client.media("files.export", fileId=file["id"], mimeType=kind)


def test_people_see_their_own_shared_and_common_files(drive: DriveService):
    mine, his, hers = (
        {file["name"] for file in files(drive, person, "trashed = false")} for person in (ALICE, BEN, CHIARA)
    )

    assert {"Q3", "How we work", "Freight offers.csv", "Press list"} <= mine
    assert {"Arc lamp: launch plan", "Press list", "Salary talk.txt"} <= his
    assert "Salary talk.txt" not in mine
    assert hers == {"Catalogue", "Catalogue proof 2.pdf", "Press list", "Moodboard.png"}


def test_pdfs_are_found_by_their_words(drive: DriveService):
    assert [file["name"] for file in files(drive, ALICE, "fullText contains '\"discounted by one percent\"'")] == [
        "Fjord Parts contract.pdf"
    ]


def test_filling_at_the_same_moment_gives_the_same_files():
    # Ids, times and checksums included.
    assert files(filled(), ALICE, "trashed = false") == files(filled(), ALICE, "trashed = false")
