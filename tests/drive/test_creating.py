"""Folders and files that are made: of text, uploads and mail, as they are or as documents of Google's, each once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from google_workspace_mcp.core.errors import (
    AmbiguousNameError,
    GoogleRefusedError,
    NotFoundError,
    OutcomeUnknownError,
    PolicyRefusedError,
    RateLimitedError,
    TooLargeError,
    UserInputError,
)
from google_workspace_mcp.core.google.uploads import Content
from google_workspace_mcp.drive.kinds import GOOGLE_DOC
from google_workspace_mcp.drive.material import Material, convertible
from google_workspace_mcp.sandbox.drive.documents import Document, Heading, Paragraph, Spreadsheet
from google_workspace_mcp.sandbox.faults import (
    Fault,
    error_with_200,
    reset_after,
    reset_before,
    server_error,
    too_many_requests,
    truncated_json,
)
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from google_workspace_mcp.sandbox.wire import Outgoing
from tests.core.content.documents.making import slides, word
from tests.core.content.documents.test_slides import a_pitch
from tests.drive.conftest import Files
from tests.drive.pen import Pen, pen_of
from tests.support.clock import FakeClock

CREATE = "drive.files.create"
COPY = "drive.files.copy"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
POWERPOINT = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
type Asked = tuple[str, dict[str, str]]
LOST = [reset_after(), truncated_json()]
NOT_DONE = [reset_before(), server_error(), error_with_200()]


def labels(fault: Fault) -> str:
    return fault.label


@pytest.fixture
async def pen(google: SimulatedGoogle, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Pen]:
    async with pen_of(google, clock, ALICE.email, tmp_path) as pen:
        yield pen


def named(files: Files, name: str) -> list[Any]:
    return [item for item in files.drive.store.items.values() if item.name == name]


def one(files: Files, name: str) -> Any:
    [item] = named(files, name)
    return item


# -- folders


async def test_a_folder_is_made_in_my_drive_and_by_path(pen: Pen, files: Files):
    top = await pen.call("drive_create_folder", name="Fairs")
    inside = await pen.call("drive_create_folder", name="Milan", folder="Reports/2026")
    assert (top.state, top.type, top.id) == ("created", "folder", one(files, "Fairs").id)
    assert one(files, "Fairs").parent == files.drive.store.roots[ALICE.email]
    assert (inside.folder, one(files, "Milan").parent) == (files.quarter, files.quarter)
    assert inside.text().splitlines()[0] == "created: Milan · folder · alice@example.com"
    assert f"id {inside.id} · folder {files.quarter}" in inside.text()


async def test_a_folder_takes_one_round_trip_once_ids_are_in_hand(pen: Pen, files: Files):
    for name in ("one", "two"):
        await pen.call("drive_create_folder", name=name, folder=files.reports)
    assert pen.methods == [CREATE]


async def test_a_folder_in_none_that_is_known_is_not_made(pen: Pen, files: Files):
    for folder in ("Nowhere", "1AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA9"):
        with pytest.raises(NotFoundError):
            await pen.call("drive_create_folder", name="x", folder=folder)
    files.drive.add_folder(ALICE.email, "2026")
    with pytest.raises(AmbiguousNameError):
        await pen.call("drive_create_folder", name="x", folder="2026")
    assert not named(files, "x")


async def test_a_folder_whose_name_looks_like_an_id_is_found_by_it(pen: Pen, files: Files):
    folder = files.drive.add_folder(ALICE.email, "ProjectReport2026Final")
    made = await pen.call("drive_create_folder", name="x", folder="ProjectReport2026Final")
    assert made.folder == folder


@pytest.mark.security("T-1")
@pytest.mark.parametrize("name", ["a\nb", "a\r\nX: y", "a\u2028b", "a\x00b", "a\x85b", "  "])
async def test_a_name_is_one_line(pen: Pen, name: str):
    for tool in ("drive_create_folder", "drive_create_file"):
        with pytest.raises(UserInputError):
            await pen.call(tool, name=name)
    assert not pen.methods


# -- content


async def test_text_becomes_a_file_of_the_type_that_its_name_says(pen: Pen, files: Files):
    made = await pen.call("drive_create_file", name="plan.md", text="# Größe\n")
    item = one(files, "plan.md")
    assert (item.data, item.mime_type) == ("# Größe\n".encode(), "text/markdown")
    assert (made.type, made.size, made.link) == ("Markdown", 10, f"https://drive.google.com/file/d/{item.id}/view")
    await pen.call("drive_create_file", name="no ending", text="x")
    assert one(files, "no ending").mime_type == "text/plain"


async def test_small_content_takes_one_request_once_ids_are_in_hand(pen: Pen):
    for name in ("a.txt", "b.txt"):
        await pen.call("drive_create_file", name=name, text="x")
    assert pen.methods == [CREATE]
    await pen.call("drive_create_file", name="c", text="x", convert_to="document")
    assert pen.methods == [CREATE]


async def test_markdown_and_html_become_a_google_doc(pen: Pen, files: Files):
    made = await pen.call("drive_create_file", name="Plan", text="# Plan\n\nSoon.", convert_to="document")
    assert one(files, "Plan").native == Document((Heading("Plan"), Paragraph("Soon.")))
    assert (made.type, made.size) == ("Google Doc", 0)
    await pen.call("drive_create_file", name="page.html", text="<h1>Plan</h1><p>Soon.", convert_to="document")
    assert one(files, "page.html").native == Document((Heading("Plan"), Paragraph("Soon.")))


async def test_csv_becomes_a_google_sheet(pen: Pen, files: Files):
    await pen.call("drive_create_file", name="Costs", text="item,cost\nbike,1200\n", convert_to="spreadsheet")
    sheet = one(files, "Costs").native
    assert isinstance(sheet, Spreadsheet)
    assert sheet.tabs[0].rows == (("item", "cost"), ("bike", 1200))


async def test_office_files_are_told_by_their_ending_and_lose_it_as_google_documents(pen: Pen, files: Files):
    letter = await pen.uploaded("Dear Ben.docx", word(lambda document: document.add_paragraph("Dear Ben")))
    pitch = await pen.uploaded("Pitch deck.pptx", slides(a_pitch), POWERPOINT)
    await pen.call("drive_create_file", upload_id=letter, convert_to="document")
    await pen.call("drive_create_file", upload_id=pitch, convert_to="presentation", name="Deck")
    assert one(files, "Dear Ben").native == Document((Paragraph("Dear Ben"),))
    assert one(files, "Deck").mime_type == "application/vnd.google-apps.presentation"


async def test_an_upload_is_stored_as_it_is_and_given_up(pen: Pen, files: Files):
    data = bytes(range(256)) * 100
    upload = await pen.uploaded("Photo.docx", data)
    made = await pen.call("drive_create_file", upload_id=upload)
    assert (one(files, "Photo.docx").data, made.type) == (data, "Word")
    with pytest.raises(NotFoundError):
        await pen.call("drive_create_file", upload_id=upload)


async def test_a_file_of_a_mail_is_stored(pen: Pen, files: Files):
    await pen.call("drive_create_file", message_id="18c2", part="table", folder=files.reports)
    assert (one(files, "table.csv").data, one(files, "table.csv").mime_type) == (b"18c2", "text/csv")


async def test_without_content_the_file_is_empty_or_a_new_google_document(pen: Pen, files: Files):
    await pen.call("drive_create_file", name="empty.txt")
    await pen.call("drive_create_file", name="Blank", convert_to="spreadsheet")
    assert one(files, "empty.txt").data == b""
    assert one(files, "Blank").mime_type == "application/vnd.google-apps.spreadsheet"


@pytest.mark.parametrize(
    "arguments",
    [
        {"text": "x"},
        {"name": "x", "text": "x", "message_id": "18c2"},
        {"name": "x", "text": "x", "convert_to": "presentation"},
        {"name": "x.csv", "message_id": "18c2", "convert_to": "document"},
    ],
)
async def test_content_that_cannot_be_meant_is_refused_before_google_is_asked(pen: Pen, arguments: dict[str, str]):
    with pytest.raises(UserInputError):
        await pen.call("drive_create_file", **arguments)
    assert not pen.methods


async def test_more_than_google_converts_is_refused_before_it_is_sent():
    async def never(offset: int, length: int) -> bytes:
        raise AssertionError("nothing is to be read")

    for size, fits in ((50 * 10**6, True), (50 * 10**6 + 1, False)):
        material = Material("book.docx", Content(size, WORD, never))
        if fits:
            assert convertible(material, GOOGLE_DOC).size == size
        else:
            with pytest.raises(TooLargeError):
                convertible(material, GOOGLE_DOC)


async def test_an_upload_cannot_pass_for_one_of_google_s_own_kinds(pen: Pen, files: Files):
    upload = await pen.uploaded("x", b"x", "application/vnd.google-apps.folder")
    await pen.call("drive_create_file", upload_id=upload)
    assert one(files, "x").mime_type == "application/octet-stream"


async def test_what_google_cannot_convert_after_all_is_refused_in_our_words(pen: Pen, files: Files):
    upload = await pen.uploaded("broken.docx", b"no zip")
    with pytest.raises(UserInputError) as refused:
        await pen.call("drive_create_file", upload_id=upload, convert_to="document")
    assert "broken" not in refused.value.sentence()
    assert not named(files, "broken")


async def test_a_dry_run_says_what_would_be_and_does_nothing(pen: Pen, files: Files):
    before = dict(files.drive.store.items)
    told = await pen.call("drive_create_file", name="x.md", text="abc", folder="Reports", dry_run=True)
    assert (told.state, told.name, told.type, told.size, told.id) == ("dry run", "x.md", "Markdown", 3, "")
    assert "nothing was done" in told.text()
    await pen.call("drive_create_folder", name="y", dry_run=True)
    await pen.call("drive_copy", file_id=files.plan, dry_run=True)
    assert files.drive.store.items == before


# -- large content


async def test_more_than_five_megabytes_go_up_in_pieces_that_are_told_of(pen: Pen, files: Files):
    data = bytes(range(251)) * 40_000
    made = await pen.call("drive_create_file", upload_id=await pen.uploaded("large.bin", data))
    assert one(files, "large.bin").data == data
    assert made.size == len(data)
    assert pen.heard == [(4 * 2**20, len(data)), (8 * 2**20, len(data)), (len(data), len(data))]


async def test_a_broken_piece_goes_up_again_and_the_file_is_there_once(pen: Pen, google: SimulatedGoogle, files: Files):
    data = bytes(range(251)) * 40_000
    upload = await pen.uploaded("large.bin", data)
    google.faults.add(CREATE, reset_after(), times=2)
    await pen.call("drive_create_file", upload_id=upload)
    assert one(files, "large.bin").data == data


# -- once


@pytest.mark.parametrize("fault", [*LOST, *NOT_DONE], ids=labels)
@pytest.mark.parametrize(
    "asked",
    [
        ("drive_create_folder", {"name": "new"}),
        ("drive_create_file", {"name": "new", "text": "x"}),
        ("drive_create_file", {"name": "new", "text": "x", "convert_to": "document"}),
        ("drive_create_file", {"name": "new", "convert_to": "document"}),
    ],
    ids=["folder", "file", "conversion", "blank document"],
)
async def test_a_lost_answer_leaves_one_thing_and_its_id(
    pen: Pen, google: SimulatedGoogle, files: Files, asked: Asked, fault: Fault
):
    google.faults.add(CREATE, fault, times=1)
    made = await pen.call(asked[0], **asked[1])
    assert one(files, "new").id == made.id
    assert ("made once" in made.note) == (fault in LOST)


@pytest.mark.parametrize("fault", [*LOST, *NOT_DONE], ids=labels)
async def test_a_copy_whose_answer_is_lost_is_made_once(pen: Pen, google: SimulatedGoogle, files: Files, fault: Fault):
    google.faults.add(COPY, fault, times=1)
    made = await pen.call("drive_copy", file_id=files.plan, name="new")
    assert one(files, "new").id == made.id


async def test_two_lost_answers_still_leave_one_file(pen: Pen, google: SimulatedGoogle, files: Files):
    google.faults.add(CREATE, reset_before(), times=1)
    google.faults.add(CREATE, reset_after(), times=1)
    for arguments in ({"text": "x"}, {"convert_to": "document"}):
        name = f"new {len(arguments)} {[*arguments]}"
        assert (await pen.call("drive_create_file", name=name, **arguments)).id == one(files, name).id


@pytest.mark.parametrize(("convert_to", "looks"), [("", "drive.files.get"), ("document", "drive.files.list")])
async def test_when_google_will_not_say_nobody_knows_and_nothing_is_tried_again(
    pen: Pen, google: SimulatedGoogle, files: Files, convert_to: str, looks: str
):
    google.faults.add(CREATE, reset_after(), times=1)
    google.faults.add(looks, server_error())
    with pytest.raises(OutcomeUnknownError) as unknown:
        await pen.call("drive_create_file", name="new", text="x", convert_to=convert_to)
    assert "drive_search" in unknown.value.next_step
    assert len(named(files, "new")) == 1
    assert pen.methods.count(CREATE) == 1


async def test_a_limit_of_google_s_is_told_and_nothing_is_made(pen: Pen, google: SimulatedGoogle, files: Files):
    google.faults.add(CREATE, too_many_requests(3), times=1)
    with pytest.raises(RateLimitedError):
        await pen.call("drive_create_file", name="new", text="x")
    assert not named(files, "new")


# -- copies


async def test_a_copy_lies_beside_the_original_or_where_it_says(pen: Pen, files: Files):
    beside = await pen.call("drive_copy", file_id=files.plan)
    there = await pen.call("drive_copy", file_id=files.plan, name="Plan B", folder="Reports")
    assert (beside.name, beside.folder, beside.state) == ("Copy of Launch plan", files.quarter, "copied")
    assert (there.name, there.folder) == ("Plan B", files.reports)
    assert one(files, "Plan B").native == files.drive.store.items[files.plan].native


async def test_a_copy_takes_one_round_trip(pen: Pen, files: Files):
    for _ in range(2):
        await pen.call("drive_copy", file_id=files.plan, folder=files.reports)
    assert pen.methods == [COPY]


async def test_a_folder_is_not_copied_and_told_what_to_do(pen: Pen, files: Files):
    with pytest.raises(UserInputError) as refused:
        await pen.call("drive_copy", file_id=files.reports)
    assert "drive_create_folder" in refused.value.next_step


async def test_what_its_owner_does_not_let_go_is_not_copied(pen: Pen, files: Files):
    locked = files.drive.add_file(BEN.email, "locked", b"x", copy_requires_writer=True)
    files.drive.share(locked, email=ALICE.email)
    with pytest.raises(GoogleRefusedError):
        await pen.call("drive_copy", file_id=locked)


# -- what is put into a shared folder is shared


async def test_who_sees_it_through_the_folder_is_told(pen: Pen, files: Files):
    files.drive.share(files.reports, email=BEN.email, role="writer")
    files.drive.share(files.reports, domain="example.com")
    made = await pen.call("drive_create_file", name="x", text="x", folder="Reports")
    assert made.seen_by == ["everyone at example.com", BEN.email]
    assert "seen through its folder by: everyone at example.com, ben@example.com" in made.text()


@pytest.mark.security("T-19")
@pytest.mark.parametrize(
    "asked",
    [
        ("drive_create_folder", {"name": "new"}),
        ("drive_create_file", {"name": "new", "text": "secret"}),
        ("drive_copy", {"name": "new"}),
    ],
)
async def test_nothing_is_put_where_somebody_sees_it_whom_the_operator_does_not_allow(
    google: SimulatedGoogle, clock: FakeClock, tmp_path: Path, files: Files, asked: Asked
):
    strangers = files.drive.add_folder(CHIARA.email, "Backup")
    files.drive.share(strangers, email=ALICE.email, role="writer")
    public = files.drive.add_folder(ALICE.email, "Public")
    files.drive.share(public)
    tool, arguments = asked
    if tool == "drive_copy":
        arguments = {**arguments, "file_id": files.plan}
    async with pen_of(google, clock, ALICE.email, tmp_path) as pen:
        for folder in (strangers, public):
            with pytest.raises(PolicyRefusedError):
                await pen.call(tool, folder=folder, **arguments)
        assert not named(files, "new")
    async with pen_of(google, clock, ALICE.email, tmp_path, share_domains="*", allow_public_links="true") as pen:
        for folder in (strangers, public):
            await pen.call(tool, folder=folder, **arguments)
        assert len(named(files, "new")) == 2


async def test_who_cannot_see_whom_a_folder_is_shared_with_puts_nothing_into_it(pen: Pen, files: Files):
    closed = files.drive.add_folder(BEN.email, "Closed")
    files.drive.share(closed, email=ALICE.email, role="reader")
    with pytest.raises(PolicyRefusedError):
        await pen.call("drive_create_file", name="new", text="x", folder=closed)


async def test_who_sees_the_original_already_may_see_its_copy(pen: Pen, files: Files):
    shared = files.drive.add_shared_drive("With the studio", {ALICE.email: "organizer", CHIARA.email: "writer"})
    folder = files.drive.add_folder(ALICE.email, "Drafts", parent=shared)
    file = files.drive.add_file(ALICE.email, "text", b"x", parent=shared)
    copied = await pen.call("drive_copy", file_id=file, folder=folder)
    assert copied.folder == folder
    with pytest.raises(PolicyRefusedError):
        await pen.call("drive_create_file", name="new", text="x", folder=folder)


async def test_what_was_made_is_told_also_when_nothing_more_can_be_asked(
    pen: Pen, google: SimulatedGoogle, clock: FakeClock, files: Files
):
    files.drive.share(files.reports, email=BEN.email)

    def late(answer: Outgoing) -> Outgoing:
        clock.advance(120)
        google.faults.add("drive.permissions.list", server_error())
        return answer

    google.faults.add(CREATE, Fault("the answer comes late", afterwards=late), times=1)
    made = await pen.call("drive_create_file", name="new", text="x", folder=files.reports)
    assert (made.id, made.seen_by) == (one(files, "new").id, [BEN.email])


async def test_ids_are_given_out_once_however_many_ask_at_a_time(pen: Pen, files: Files):
    told = await asyncio.gather(
        *(pen.room.call("drive_create_folder", name=f"folder {number}") for number in range(22))
    )
    assert len({each.id for each in told}) == 22
    assert len([item for item in files.drive.store.items.values() if item.name.startswith("folder ")]) == 22
