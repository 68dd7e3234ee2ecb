import pytest

from google_workspace_mcp.core.errors import NotFoundError
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.folders import Folders
from google_workspace_mcp.drive.models import FILE_FIELDS, DriveFile
from google_workspace_mcp.drive.paths import Paths
from google_workspace_mcp.sandbox.faults import server_error
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN
from tests.drive.conftest import Files
from tests.drive.desk import Desk

pytestmark = pytest.mark.slow


async def told(work: Workspace, file_id: str) -> DriveFile:
    request = work.google.drive.files.get(fileId=file_id, supportsAllDrives=True, fields=FILE_FIELDS)
    return DriveFile.of(await work.google.execute(request))


@pytest.fixture
def folders(desk: Desk) -> Folders:
    return Folders(desk.clock)


@pytest.fixture
def paths(desk: Desk, folders: Folders) -> Paths:
    return Paths(desk.clock, folders)


async def test_a_folder_that_is_forgotten_is_looked_up_anew(desk: Desk, files: Files, folders: Folders, paths: Paths):
    work, plan = desk.workspace(), await told(desk.workspace(), files.plan)

    async def path() -> str:
        return (await paths.of(work, [plan]))[plan.id].words

    assert await path() == "My Drive/Reports/2026"
    assert await folders.folder_id(work, "Reports/2026") == files.quarter
    files.drive.store.items[files.quarter].name = "2027"
    assert await path() == "My Drive/Reports/2026"
    folders.forget(work, files.quarter)
    assert await path() == "My Drive/Reports/2027"
    with pytest.raises(NotFoundError):
        await folders.folder_id(work, "Reports/2026")


async def test_what_one_account_knows_is_not_told_to_another(desk: Desk, files: Files, paths: Paths):
    plan = await told(desk.workspace(), files.plan)
    await paths.of(desk.workspace("one"), [plan])
    desk.google.calls.clear()
    await paths.of(desk.workspace("other"), [plan])
    assert desk.methods.count("drive.files.get") == 3


async def test_files_in_one_folder_ask_for_it_once(desk: Desk, files: Files, paths: Paths):
    work = desk.workspace()
    ids = [files.drive.add_file(ALICE.email, f"{n}", b"", "text/plain", parent=files.quarter) for n in range(5)]
    found = [await told(work, file_id) for file_id in ids]
    desk.google.calls.clear()
    shown = await paths.of(work, found)
    assert {path.words for path in shown.values()} == {"My Drive/Reports/2026"}
    assert desk.methods.count("drive.files.get") == 3


async def test_what_google_does_not_tell_is_left_out_and_asked_for_again(desk: Desk, files: Files, paths: Paths):
    work, plan = desk.workspace(), await told(desk.workspace(), files.plan)
    desk.google.faults.add("drive.files.get", server_error())
    assert (await paths.of(work, [plan]))[plan.id].words == "…"
    desk.google.faults.clear()
    assert (await paths.of(work, [plan]))[plan.id].words == "My Drive/Reports/2026"


async def test_a_file_in_no_folder_has_no_path(desk: Desk, files: Files, paths: Paths):
    work = desk.workspace()
    lost = await told(work, files.drive.add_file(ALICE.email, "lost.txt", b"", "text/plain", parent="none"))
    assert (await paths.of(work, [lost]))[lost.id].words == ""


async def test_only_the_folders_that_are_shared_are_in_the_path(desk: Desk, files: Files, paths: Paths):
    closed = files.drive.add_folder(BEN.email, "Closed")
    opened = files.drive.add_folder(BEN.email, "Opened", parent=closed)
    file_id = files.drive.add_file(BEN.email, "a.txt", b"", "text/plain", parent=opened)
    files.drive.share(opened, email=ALICE.email)
    file = await told(desk.workspace(), file_id)
    assert (await paths.of(desk.workspace(), [file]))[file.id].words == "Shared with me/Opened"


async def test_deeper_than_twenty_levels_the_end_of_the_path_is_told(desk: Desk, files: Files, paths: Paths):
    folder = files.reports
    for number in range(25):
        folder = files.drive.add_folder(ALICE.email, f"{number}", parent=folder)
    file = await told(desk.workspace(), files.drive.add_file(ALICE.email, "deep.txt", b"", "text/plain", parent=folder))
    words = (await paths.of(desk.workspace(), [file]))[file.id].words
    assert words.startswith("…/")
    assert words.endswith("/23/24")
