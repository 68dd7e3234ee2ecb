"""drive_about and drive_list_shared_drives."""

import pytest

from google_workspace_mcp.core.errors import GoogleUnavailableError, UserInputError
from google_workspace_mcp.sandbox.faults import server_error
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN
from tests.drive.conftest import Files
from tests.drive.desk import Desk


async def test_storage_is_told_with_what_the_trash_takes(desk: Desk, files: Files):
    found = await desk.call("drive_about")
    assert (found.limit, found.used, found.in_trash) == (15 * 1024**3, 39 + 16_000 + 3, 3)
    assert found.free == found.limit - found.used
    assert desk.methods == ["drive.about.get"]
    assert found.text().splitlines() == [
        f"{ALICE.name} · alice@example.com",
        "used: 16 kB of 16.1 GB, 16.1 GB free",
        "in Drive: 16 kB, 3 B of it in the trash",
    ]


async def test_google_failing_to_tell_of_storage_may_be_tried_again(desk: Desk):
    desk.google.faults.add("drive.about.get", server_error())
    with pytest.raises(GoogleUnavailableError):
        await desk.call("drive_about")


async def test_shared_drives_are_told_with_what_one_may_do_in_them(desk: Desk, files: Files):
    files.drive.add_shared_drive("Archive", {ALICE.email: "organizer"})
    files.drive.add_shared_drive("Bens own", {BEN.email: "organizer"})
    found = await desk.call("drive_list_shared_drives")
    assert [(drive.name, drive.you_may) for drive in found.drives] == [("Archive", "manage"), ("Studio Launch", "view")]
    assert found.complete
    assert desk.methods == ["drive.drives.list"]


async def test_shared_drives_are_found_by_their_names(desk: Desk, files: Files):
    files.drive.add_shared_drive("O'Brien's", {ALICE.email: "writer"})
    assert [drive.name for drive in (await desk.call("drive_list_shared_drives", name="lau")).drives] == [
        "Studio Launch"
    ]
    assert [drive.name for drive in (await desk.call("drive_list_shared_drives", name="O'B")).drives] == ["O'Brien's"]


@pytest.mark.security("T-15")
@pytest.mark.parametrize("name", ["x' or name contains '", "\\", "'"])
async def test_a_drive_s_name_that_is_an_attack_finds_nothing_more(desk: Desk, name: str):
    found = await desk.call("drive_list_shared_drives", name=name)
    assert [drive.name for drive in found.drives] in ([], ["Studio Launch"])


async def test_a_name_with_control_characters_is_refused_before_google_is_asked(desk: Desk):
    with pytest.raises(UserInputError):
        await desk.call("drive_list_shared_drives", name="a\nb")
    assert desk.methods == []


async def test_a_cursor_gives_the_other_shared_drives(desk: Desk, files: Files):
    for number in range(3):
        files.drive.add_shared_drive(f"Drive {number}", {ALICE.email: "reader"})
    first = await desk.call("drive_list_shared_drives", limit=3)
    rest = await desk.call("drive_list_shared_drives", limit=3, cursor=first.cursor)
    assert [drive.name for drive in first.drives + rest.drives] == ["Drive 0", "Drive 1", "Drive 2", "Studio Launch"]
    assert (first.complete, rest.complete) == (False, True)
