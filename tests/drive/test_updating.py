"""Files that are changed, copied over, moved, renamed, thrown away and brought back."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from google_workspace_mcp.core.errors import (
    ConflictError,
    GoogleRefusedError,
    NotFoundError,
    OutcomeUnknownError,
    PolicyRefusedError,
    UserInputError,
)
from google_workspace_mcp.sandbox.drive.documents import Document
from google_workspace_mcp.sandbox.faults import Fault, reset_after, reset_before, server_error, truncated_json
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.drive.conftest import Files
from tests.drive.pen import Pen, pen_of
from tests.support.clock import FakeClock

GET, UPDATE, DELETE = "drive.files.get", "drive.files.update", "drive.files.delete"


@pytest.fixture
async def pen(google: SimulatedGoogle, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Pen]:
    async with pen_of(google, clock, ALICE.email, tmp_path) as pen:
        yield pen


def item(files: Files, file_id: str) -> Any:
    return files.drive.store.items[file_id]


async def version(pen: Pen, file_id: str) -> str:
    return (await pen.call("drive_read", file_id=file_id)).version


# -- content


async def test_new_text_becomes_a_new_revision_of_the_same_kind(pen: Pen, files: Files, clock: FakeClock):
    read = await version(pen, files.notes)
    clock.advance(60)
    changed = await pen.call("drive_update_file", file_id=files.notes, text="new words", version=read)
    assert (item(files, files.notes).data, item(files, files.notes).mime_type) == (b"new words", "text/plain")
    assert item(files, files.notes).revision == 2
    assert (changed.state, changed.note) == ("changed", "changed: content")
    assert changed.version != read


async def test_a_google_doc_gets_its_content_from_markdown(pen: Pen, files: Files):
    read = await version(pen, files.plan)
    await pen.call("drive_update_file", file_id=files.plan, text="Only *this*.", version=read)
    assert isinstance(item(files, files.plan).native, Document)
    assert len(item(files, files.plan).native.blocks) == 1


async def test_an_upload_replaces_a_picture_and_nothing_else_can(pen: Pen, files: Files):
    told = await pen.call("drive_update_file", file_id=files.photo, name="bike.png", dry_run=True)
    upload = await pen.uploaded("x", b"\x89PNG new")
    with pytest.raises(UserInputError) as refused:
        await pen.call("drive_update_file", file_id=files.photo, text="x", version=told.version)
    assert "files_create_upload" in refused.value.next_step
    await pen.call("drive_update_file", file_id=files.photo, upload_id=upload, version=told.version)
    assert (item(files, files.photo).data, item(files, files.photo).mime_type) == (b"\x89PNG new", "image/png")


async def test_content_needs_the_version_that_it_replaces(pen: Pen, files: Files):
    with pytest.raises(UserInputError) as refused:
        await pen.call("drive_update_file", file_id=files.notes, text="x")
    assert "version" in refused.value.message
    assert not pen.methods


async def test_a_file_that_changed_since_it_was_read_is_left_as_it_is(pen: Pen, files: Files, clock: FakeClock):
    read = await version(pen, files.notes)
    clock.advance(60)
    await pen.call("drive_update_file", file_id=files.notes, text="somebody else's", version=read)
    for change in ({"text": "mine"}, {"name": "mine"}):
        with pytest.raises(ConflictError):
            await pen.call("drive_update_file", file_id=files.notes, version=read, **change)
        assert UPDATE not in pen.methods
    assert item(files, files.notes).data == b"somebody else's"


async def test_a_star_and_a_look_leave_the_version_as_it_is(pen: Pen, files: Files, clock: FakeClock):
    read = await version(pen, files.notes)
    clock.advance(60)
    await pen.call("drive_update_file", file_id=files.notes, star="on")
    assert await version(pen, files.notes) == read
    assert ALICE.email in item(files, files.notes).starred_by


@pytest.mark.parametrize("shortcut", [False, True])
async def test_folders_and_shortcuts_have_no_content(pen: Pen, files: Files, shortcut: bool):
    file_id = files.shortcut if shortcut else files.reports
    told = await pen.call("drive_update_file", file_id=file_id, name="x", dry_run=True)
    with pytest.raises(UserInputError) as refused:
        await pen.call("drive_update_file", file_id=file_id, text="x", version=told.version)
    assert (files.plan in refused.value.next_step) == shortcut


@pytest.mark.parametrize(
    "fault", [reset_after(), truncated_json(), reset_before(), server_error()], ids=lambda fault: fault.label
)
async def test_content_whose_answer_is_lost_is_stored_once(
    pen: Pen, google: SimulatedGoogle, files: Files, fault: Fault
):
    read = await version(pen, files.notes)
    google.faults.add(UPDATE, fault, times=1)
    await pen.call("drive_update_file", file_id=files.notes, text="new", version=read)
    assert (item(files, files.notes).data, item(files, files.notes).revision) == (b"new", 2)


async def test_when_google_will_not_say_what_became_of_it_nobody_knows(pen: Pen, google: SimulatedGoogle, files: Files):
    read = await version(pen, files.notes)
    google.faults.add(UPDATE, reset_after(), times=1)
    google.faults.add(GET, Fault("the look before the change is let through"), times=1)
    google.faults.add(GET, server_error())
    with pytest.raises(OutcomeUnknownError):
        await pen.call("drive_update_file", file_id=files.notes, text="new", version=read)
    assert item(files, files.notes).revision == 2


# -- the rest


async def test_name_and_place_change_in_one_request(pen: Pen, files: Files):
    for name in ("b.txt", "c.txt"):
        folder = files.reports if name == "b.txt" else "My Drive"
        changed = await pen.call("drive_update_file", file_id=files.notes, name=name, folder=folder, description="d")
    assert (item(files, files.notes).name, item(files, files.notes).description) == ("c.txt", "d")
    assert item(files, files.notes).parent == files.drive.store.roots[ALICE.email] == changed.folder
    assert changed.note == "changed: name, place, description (it was “b.txt”)"
    assert pen.methods.count(UPDATE) == 1


async def test_a_change_takes_two_round_trips(pen: Pen, files: Files):
    await pen.call("drive_update_file", file_id=files.notes, folder=files.reports)
    await pen.call("drive_update_file", file_id=files.photo, name="x.png", folder=files.reports)
    assert pen.methods == [GET, UPDATE]


async def test_a_move_to_where_it_is_moves_nothing(pen: Pen, files: Files):
    for folder in ("My Drive", "root"):
        await pen.call("drive_update_file", file_id=files.notes, folder=folder)
    assert item(files, files.notes).parent == files.drive.store.roots[ALICE.email]


async def test_a_folder_that_was_renamed_is_found_by_its_new_name_only(pen: Pen, files: Files):
    await pen.call("drive_create_file", name="one", text="x", folder="Reports")
    await pen.call("drive_update_file", file_id=files.reports, name="Archive")
    with pytest.raises(NotFoundError):
        await pen.call("drive_create_file", name="two", text="x", folder="Reports")
    assert (await pen.call("drive_create_file", name="two", text="x", folder="Archive")).folder == files.reports


async def test_nothing_to_change_is_refused(pen: Pen, files: Files):
    with pytest.raises(UserInputError):
        await pen.call("drive_update_file", file_id=files.notes)
    assert not pen.methods


async def test_who_may_only_read_a_file_may_star_it_and_is_told_about_the_rest(pen: Pen, files: Files):
    await pen.call("drive_update_file", file_id=files.bens, star="on")
    with pytest.raises(GoogleRefusedError):
        await pen.call("drive_update_file", file_id=files.bens, name="mine")


@pytest.mark.security("T-19")
async def test_a_file_is_not_moved_to_where_strangers_see_it(pen: Pen, files: Files):
    strangers = files.drive.add_folder(CHIARA.email, "Backup")
    files.drive.share(strangers, email=ALICE.email, role="writer")
    with pytest.raises(PolicyRefusedError):
        await pen.call("drive_update_file", file_id=files.notes, folder=strangers)
    assert item(files, files.notes).parent != strangers


async def test_a_file_is_moved_among_those_who_see_it_already(pen: Pen, files: Files):
    shared = files.drive.add_shared_drive("With the studio", {ALICE.email: "organizer", CHIARA.email: "writer"})
    folder = files.drive.add_folder(ALICE.email, "Drafts", parent=shared)
    file = files.drive.add_file(ALICE.email, "text", b"x", parent=shared)
    moved = await pen.call("drive_update_file", file_id=file, folder=folder)
    assert moved.folder == folder
    assert moved.seen_by == [CHIARA.email]


# -- the trash


async def test_files_go_into_the_trash_and_come_back(pen: Pen, files: Files):
    for restore in (False, True):
        told = await pen.call("drive_trash", file_ids=[files.notes, files.plan, files.photo], restore=restore)
        assert [row.name for row in told.files] == ["notes.txt", "Launch plan", "bike.png"]
        assert told.state == ("restored" if restore else "trashed")
        assert (item(files, files.notes).trashed_at is None) == restore
        assert pen.room.round_trips == 1


async def test_a_folder_in_the_trash_is_no_place_to_put_things(pen: Pen, files: Files):
    await pen.call("drive_create_file", name="one", text="x", folder="Reports")
    assert "goes along" in (await pen.call("drive_trash", file_ids=[files.reports])).note
    with pytest.raises(NotFoundError):
        await pen.call("drive_create_file", name="two", text="x", folder="Reports")


async def test_a_failure_is_told_for_each_file_and_for_one_alone_as_a_failure(pen: Pen, files: Files):
    told = await pen.call("drive_trash", file_ids=[files.notes, files.bens])
    assert [bool(row.error) for row in told.files] == [False, True]
    assert f"not done: {files.bens}: " in told.text()
    with pytest.raises(GoogleRefusedError):
        await pen.call("drive_trash", file_ids=[files.bens])
    assert told.problem() == ""


async def test_a_dry_run_names_what_would_go(pen: Pen, files: Files):
    for tool in ("drive_trash", "drive_delete_forever"):
        told = await pen.call(tool, file_ids=[files.notes], dry_run=True)
        assert (told.state, told.files[0].name) == ("dry run", "notes.txt")
        assert pen.methods == [GET]


async def test_what_is_deleted_for_good_is_gone_in_one_round_trip(pen: Pen, files: Files):
    told = await pen.call("drive_delete_forever", file_ids=[files.notes, files.thrown_away, files.photo])
    assert told.state == "deleted for good"
    assert pen.methods == [DELETE] * 3
    assert pen.room.round_trips == 1
    assert {files.notes, files.thrown_away, files.photo} & set(files.drive.store.items) == set()


async def test_somebody_else_s_file_is_not_deleted(pen: Pen, files: Files):
    with pytest.raises(GoogleRefusedError):
        await pen.call("drive_delete_forever", file_ids=[files.bens])
    assert item(files, files.bens).owner == BEN.email


@pytest.mark.parametrize("file_id", ["../x", "a/b", "https://drive.google.com/file/d/1abc/view", "😀"])
async def test_an_id_that_is_none_never_reaches_google(pen: Pen, file_id: str):
    for tool, arguments in (
        ("drive_trash", {"file_ids": [file_id]}),
        ("drive_delete_forever", {"file_ids": [file_id]}),
        ("drive_update_file", {"file_id": file_id, "name": "x"}),
        ("drive_copy", {"file_id": file_id}),
    ):
        with pytest.raises(UserInputError):
            await pen.call(tool, **arguments)
        assert not pen.methods
