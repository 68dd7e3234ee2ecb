from dataclasses import dataclass
from datetime import timedelta

import pytest

from google_workspace_mcp.sandbox.drive import DriveService
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA, PEOPLE
from tests.sandbox.drive.client import Client, SetClock


@dataclass
class Office:
    """A Drive with three people, and a client for each."""

    drive: DriveService
    clock: SetClock
    alice: Client
    ben: Client
    chiara: Client

    def add(self, name: str, content: bytes = b"", mime_type: str = "text/plain", **more: object) -> str:
        """A file of Alice's that is a minute younger than the one before."""
        self.clock.time += timedelta(minutes=1)
        return self.drive.add_file(ALICE.email, name, content, mime_type, **more)  # pyright: ignore[reportArgumentType]


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def office(clock: SetClock) -> Office:
    drive = DriveService(clock)
    for person in PEOPLE:
        drive.add_person(person)
    clients = [Client(drive, "drive", person) for person in (ALICE, BEN, CHIARA)]
    return Office(drive, clock, *clients)


def names(answer: dict[str, object]) -> list[str]:
    """The names in a file list."""
    files = answer["files"]
    assert isinstance(files, list)
    return [file["name"] for file in files]
