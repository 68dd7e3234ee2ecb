"""A shared drive with more files than anybody looks through: what is asked of Google does not grow with it."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from google_workspace_mcp.sandbox.people.cast import ALICE
from tests.drive.conftest import Files, at
from tests.drive.desk import Desk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
YEARS, MONTHS = 20, 50
SIZES = [pytest.param(2_000, id="2,000"), pytest.param(100_000, id="100,000", marks=pytest.mark.proof)]


@dataclass
class Archive:
    """A shared drive `Archive` with files evenly in `Year n/Month n`."""

    id: str
    month: str
    file: str


def fill(files: Files, number: int) -> Archive:
    drive = files.drive
    archive = drive.add_shared_drive("Archive", {ALICE.email: "organizer"})
    years = [drive.add_folder(ALICE.email, f"Year {n}", parent=archive) for n in range(YEARS)]
    months = [drive.add_folder(ALICE.email, f"Month {n}", parent=year) for year in years for n in range(MONTHS)]
    last = ""
    for n in range(number):
        month = months[n % len(months)]
        words = f"invoice {n} customer {n % 97}"
        last = drive.add_file(
            ALICE.email, f"Invoice {n}.txt", words.encode(), "text/plain", parent=month, modified=at(1 + n % 26)
        )
    return Archive(archive, months[-1], last)


async def timed(desk: Desk, what: str, call: Callable[[], Awaitable[Any]], requests: int) -> Any:
    """The result of a call that asks Google so many times at most, and for no more than it shows."""
    began = time.monotonic()
    found = await call()
    taken = time.monotonic() - began
    log = desk.google.calls.all()
    google = sum(entry.ended - entry.started for entry in log)
    size = sum(entry.response_bytes for entry in log)
    asked = f"{len(log)} requests, {size:,} bytes"
    print(f"\n{what}: {taken * 1000:.0f} ms, of which the simulated Google {google * 1000:.0f}; {asked}")  # noqa: T201
    assert len(log) <= requests
    assert size < 250_000
    return found


@pytest.mark.parametrize("number", SIZES)
async def test_search_list_and_path_ask_for_no_more_in_a_great_drive(desk: Desk, files: Files, number: int):
    archive = fill(files, number)
    path = f"Archive/Year {YEARS - 1}/Month {MONTHS - 1}"

    async def listed() -> Any:
        return await desk.call("drive_list_folder", folder=path, limit=200)

    found = await timed(desk, "path, cold", listed, 10)
    assert (found.id, found.path) == (archive.month, path)
    assert len(found.files) == min(200, number // (YEARS * MONTHS))
    await timed(desk, "list a folder, warm", listed, 2)
    tree = await timed(desk, "tree", lambda: desk.call("drive_list_folder", folder="Archive", depth=2, limit=200), 6)
    assert not tree.complete
    one = await timed(desk, "file and path", lambda: desk.call("drive_get_file", file_id=archive.file), 2)
    assert one.path == path

    async def searched(**more: Any) -> Any:
        return await desk.call("drive_search", limit=50, shared_drive="Archive", **more)

    page = await timed(desk, "search by name", lambda: searched(name="Invoice"), 120)
    assert (len(page.files), page.complete) == (50, False)
    await timed(desk, "search by name, the level above", lambda: searched(name="Invoice"), 30)
    warm = await timed(desk, "search by name, warm", lambda: searched(name="Invoice"), 1)
    assert all(row.path.startswith("Archive/Year ") for row in warm.files)
    rest = await timed(desk, "next page", lambda: searched(name="Invoice", cursor=page.cursor), 120)
    assert {row.id for row in rest.files}.isdisjoint(row.id for row in page.files)
    exact = await timed(desk, "search by content", lambda: searched(text=f"invoice {number - 1}"), 3)
    assert [row.id for row in exact.files] == [archive.file]
    in_month = await timed(desk, "search in a folder", lambda: desk.call("drive_search", folder=path, limit=50), 3)
    assert in_month.files[0].path == path
