import pytest

from google_workspace_mcp.core.errors import GoogleRefusedError, NotFoundError
from google_workspace_mcp.sandbox.drive.documents import Document, Paragraph
from google_workspace_mcp.sandbox.faults import latency
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN
from tests.drive.conftest import Files, at
from tests.drive.desk import Desk


async def test_versions_are_told_the_present_one_first(desk: Desk, files: Files):
    files.drive.replace(files.notes, b"changed", BEN.email, when=at(21))
    found = await desk.call("drive_list_revisions", file_id=files.notes)
    assert [(row.size, row.by, row.modified, row.current) for row in found.revisions] == [
        (7, BEN.email, "2026-03-21T13:00+01:00", True),
        (39, "me", "2026-03-19T13:00+01:00", False),
    ]
    assert found.complete
    assert "30 days" in found.note


async def test_versions_are_one_round_trip(desk: Desk, files: Files):
    await desk.call("drive_search")
    desk.google.faults.add("drive.*", latency(0.05))
    await desk.call("drive_list_revisions", file_id=files.notes)
    assert desk.methods == ["drive.files.get", "drive.revisions.list"]
    assert desk.round_trips == 1


async def test_more_versions_than_asked_for_are_counted(desk: Desk, files: Files):
    for number in range(5):
        files.drive.replace(files.notes, b"x" * number, ALICE.email, when=at(20 + number))
    found = await desk.call("drive_list_revisions", file_id=files.notes, limit=2)
    assert [row.size for row in found.revisions] == [4, 3]
    assert (found.total, found.complete) == (6, False)
    assert "2 versions of 6" in found.text()


async def test_versions_of_a_document_are_numbers_and_not_all_of_them(desk: Desk, files: Files):
    files.drive.replace(files.plan, Document((Paragraph("new"),)), ALICE.email)
    found = await desk.call("drive_list_revisions", file_id=files.plan)
    assert [row.id for row in found.revisions] == ["2", "1"]
    assert "only the last of them" in found.note


async def test_a_shortcut_is_followed(desk: Desk, files: Files):
    assert (await desk.call("drive_list_revisions", file_id=files.shortcut)).id == files.plan


async def test_what_has_no_versions_is_refused(desk: Desk, files: Files):
    with pytest.raises(GoogleRefusedError):
        await desk.call("drive_list_revisions", file_id=files.reports)


async def test_who_may_only_read_a_document_is_not_told_its_versions(desk: Desk, files: Files):
    document = files.drive.add_file(BEN.email, "Bens", Document((Paragraph("x"),)))
    files.drive.share(document, email=ALICE.email)
    with pytest.raises(GoogleRefusedError):
        await desk.call("drive_list_revisions", file_id=document)


async def test_a_file_that_is_not_there_is_not_found(desk: Desk):
    with pytest.raises(NotFoundError):
        await desk.call("drive_list_revisions", file_id="1" * 33)
