"""Metadata, bytes, exports, permissions, shared drives, the account."""

import csv
import hashlib
import io
from datetime import timedelta

import pytest

from google_workspace_mcp.sandbox.drive.documents import (
    DOCUMENT,
    Document,
    Heading,
    ListItem,
    Paragraph,
    Presentation,
    Slide,
    Span,
    Spreadsheet,
    Tab,
    Table,
)
from google_workspace_mcp.sandbox.drive.exports import DOCX, EXPORT_FORMATS, PPTX, XLSX
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA
from google_workspace_mcp.sandbox.service import GoogleError
from tests.sandbox.drive.conftest import Office

PLAN = Document(
    (
        Heading("Plan für Köln"),
        Paragraph((Span("See "), Span("the site", link="https://example.com/a"), Span(" now", bold=True))),
        ListItem("first"),
        ListItem("inner", level=1),
        ListItem("second", ordered=True),
        Table((("Item", "Cost"), ("Booth", "1,200"))),
    )
)


def test_a_file_tells_its_size_and_checksums(office: Office):
    data = b"hello"
    file = office.alice.call("files.get", fileId=office.add("hello.txt", data))

    assert file["size"] == "5"
    assert file["md5Checksum"] == hashlib.md5(data).hexdigest()
    assert file["owners"][0]["emailAddress"] == ALICE.email
    assert (file["ownedByMe"], file["shared"], file["trashed"]) == (True, False, False)
    assert file["parents"] == [office.drive.store.roots[ALICE.email]]


def test_bytes_come_as_they_were_put_in(office: Office):
    file_id = office.add("data.bin", bytes(range(256)), "application/octet-stream")

    assert office.alice.media("files.get", fileId=file_id, alt="media") == bytes(range(256))


def test_a_file_of_somebody_else_is_not_found(office: Office):
    file_id = office.add("private.txt")

    for unknown in (file_id, "nothing"):
        with pytest.raises(GoogleError) as caught:
            office.ben.call("files.get", fileId=unknown)
        assert (caught.value.status, caught.value.message) == (404, f"File not found: {unknown}.")


def test_a_file_shared_alone_shows_neither_its_folder_nor_who_else_has_it(office: Office):
    folder = office.drive.add_folder(ALICE.email, "Reports")
    shared = office.add("shared.txt", parent=folder)
    office.drive.share(shared, email=BEN.email)

    file = office.ben.call("files.get", fileId=shared)

    assert "parents" not in file
    assert "permissions" not in file
    assert (file["shared"], file["ownedByMe"], file["sharingUser"]["emailAddress"]) == (True, False, ALICE.email)
    assert file["capabilities"]["canEdit"] is False


def test_a_shared_folder_shares_what_is_in_it(office: Office):
    folder = office.drive.add_folder(ALICE.email, "Reports")
    inside = office.add("inside.txt", parent=folder)
    office.drive.share(folder, email=BEN.email, role="writer")

    file = office.ben.call("files.get", fileId=inside)

    assert file["capabilities"]["canEdit"] is True
    roles = {entry["emailAddress"]: entry["role"] for entry in file["permissions"]}
    assert roles == {ALICE.email: "owner", BEN.email: "writer"}


def test_a_file_in_a_shared_drive_needs_the_flag(office: Office):
    launch = office.drive.add_shared_drive("Studio Launch", {ALICE.email: "organizer"})
    plan = office.drive.add_file(ALICE.email, "plan.txt", b"x", "text/plain", parent=launch)

    with pytest.raises(GoogleError) as caught:
        office.alice.call("files.get", fileId=plan)
    file = office.alice.call("files.get", fileId=plan, supportsAllDrives=True)

    assert caught.value.status == 404
    assert (file["driveId"], file["parents"]) == (launch, [launch])
    assert "owners" not in file


def test_a_shortcut_names_its_target(office: Office):
    target = office.add("target.csv", b"a", "text/csv")
    shortcut = office.drive.add_shortcut(ALICE.email, "short", target)

    file = office.alice.call("files.get", fileId=shortcut)

    assert file["shortcutDetails"] == {"targetId": target, "targetMimeType": "text/csv"}


def test_native_files_are_exported_and_not_downloaded(office: Office):
    doc = office.drive.add_file(ALICE.email, "Plan", PLAN)
    binary = office.add("a.bin", b"x", "application/octet-stream")

    with pytest.raises(GoogleError) as download:
        office.alice.media("files.get", fileId=doc, alt="media")
    with pytest.raises(GoogleError) as export:
        office.alice.media("files.export", fileId=binary, mimeType="text/plain")
    with pytest.raises(GoogleError) as kind:
        office.alice.media("files.export", fileId=doc, mimeType="text/csv")

    assert (download.value.status, download.value.reason) == (403, "fileNotDownloadable")
    assert (export.value.status, export.value.reason) == (403, "fileNotExportable")
    assert (kind.value.status, kind.value.message) == (400, "The requested conversion is not supported.")


def test_a_document_is_exported_as_markdown(office: Office):
    doc = office.drive.add_file(ALICE.email, "Plan", PLAN)

    assert office.alice.media("files.export", fileId=doc, mimeType="text/markdown").decode() == (
        "# Plan für Köln\n\n"
        "See [the site](https://example.com/a)** now**\n\n"
        "* first\n  * inner\n1. second\n\n"
        "| Item | Cost |\n| :---- | :---- |\n| Booth | 1,200 |\n"
    )


def test_a_document_is_exported_as_plain_text_with_a_mark_and_windows_line_ends(office: Office):
    doc = office.drive.add_file(ALICE.email, "Plan", PLAN)
    text = office.alice.media("files.export", fileId=doc, mimeType="text/plain").decode()

    assert text.startswith("\ufeffPlan für Köln\r\n\r\nSee the site now\r\n")


def test_ordered_lists_are_numbered_and_begin_anew_after_other_text(office: Office):
    items = (
        ListItem("a", ordered=True),
        ListItem("b", ordered=True),
        ListItem("c", 1, ordered=True),
        ListItem("d", ordered=True),
        Paragraph("e"),
        ListItem("f", ordered=True),
    )
    doc = office.drive.add_file(ALICE.email, "Steps", Document(items))

    assert office.alice.media("files.export", fileId=doc, mimeType="text/markdown").decode() == (
        "1. a\n2. b\n  1. c\n3. d\n\ne\n\n1. f\n"
    )


def test_a_document_is_exported_as_word(office: Office):
    import docx

    doc = office.drive.add_file(ALICE.email, "Plan", PLAN)
    made = docx.Document(io.BytesIO(office.alice.media("files.export", fileId=doc, mimeType=DOCX)))

    assert [paragraph.text for paragraph in made.paragraphs][:3] == ["Plan für Köln", "See the site now", "first"]
    assert made.tables[0].cell(1, 1).text == "1,200"


def test_a_spreadsheet_is_exported_as_csv_of_its_first_tab_and_as_excel_of_all(office: Office):
    import openpyxl

    book = Spreadsheet((Tab("Costs", (("Item", "Cost"), ('a "b", c', 1200), (None, True))), Tab("Notes", (("x",),))))
    sheet = office.drive.add_file(ALICE.email, "Budget", book)

    text = office.alice.media("files.export", fileId=sheet, mimeType="text/csv").decode()
    made = openpyxl.load_workbook(io.BytesIO(office.alice.media("files.export", fileId=sheet, mimeType=XLSX)))

    assert list(csv.reader(io.StringIO(text))) == [["Item", "Cost"], ['a "b", c', "1200"], ["", "TRUE"]]
    assert made.sheetnames == ["Costs", "Notes"]
    assert made["Costs"]["B2"].value == 1200


def test_slides_are_exported_as_text_and_with_their_notes_as_powerpoint(office: Office):
    import pptx

    slides = office.drive.add_file(ALICE.email, "Deck", Presentation((Slide("Launch", ("one", "two"), "say hello"),)))

    text = office.alice.media("files.export", fileId=slides, mimeType="text/plain").decode()
    made = pptx.Presentation(io.BytesIO(office.alice.media("files.export", fileId=slides, mimeType=PPTX)))

    assert text == "\ufeffLaunch\r\none\r\ntwo"
    notes = made.slides[0].notes_slide.notes_text_frame
    assert notes is not None
    assert notes.text == "say hello"


def test_every_export_link_works(office: Office):
    doc = office.drive.add_file(ALICE.email, "Plan", PLAN)
    links = office.alice.call("files.get", fileId=doc)["exportLinks"]

    assert set(links) == set(EXPORT_FORMATS[DOCUMENT])
    for kind in links:
        assert office.alice.media("files.export", fileId=doc, mimeType=kind)


def test_exports_over_ten_megabytes_are_refused(office: Office):
    doc = office.drive.add_file(ALICE.email, "Long", Document((Paragraph("x" * (10 * 1024 * 1024 + 1)),)))

    with pytest.raises(GoogleError) as caught:
        office.alice.media("files.export", fileId=doc, mimeType="text/plain")

    assert (caught.value.status, caught.value.reason) == (403, "exportSizeLimitExceeded")


def test_readers_may_not_download_what_only_editors_may_copy(office: Office):
    closed = office.add("closed.txt", b"x", copy_requires_writer=True)
    office.drive.share(closed, email=BEN.email)

    with pytest.raises(GoogleError) as caught:
        office.ben.media("files.get", fileId=closed, alt="media")

    assert (caught.value.status, caught.value.reason) == (403, "cannotDownloadFile")
    assert office.alice.media("files.get", fileId=closed, alt="media") == b"x"


def test_editors_see_who_has_access_and_readers_do_not(office: Office):
    shared = office.add("shared.txt")
    office.drive.share(shared, email=BEN.email, expires=office.clock.now() + timedelta(days=1))
    link = office.drive.share(shared)

    held = office.alice.call("permissions.list", fileId=shared)["permissions"]
    with pytest.raises(GoogleError) as caught:
        office.ben.call("permissions.list", fileId=shared)

    assert {(entry["type"], entry["role"]) for entry in held} == {
        ("user", "owner"),
        ("user", "reader"),
        ("anyone", "reader"),
    }
    assert office.alice.call("permissions.get", fileId=shared, permissionId=link)["id"] == "anyoneWithLink"
    assert caught.value.reason == "insufficientFilePermissions"


def test_members_see_their_shared_drives(office: Office):
    for name in ("Beta", "Alpha"):
        office.drive.add_shared_drive(name, {ALICE.email: "organizer", CHIARA.email: "reader"})

    first = office.alice.call("drives.list", pageSize=1)
    second = office.alice.call("drives.list", pageSize=1, pageToken=first["nextPageToken"])

    assert [first["drives"][0]["name"], second["drives"][0]["name"]] == ["Alpha", "Beta"]
    assert office.ben.call("drives.list")["drives"] == []
    assert [drive["name"] for drive in office.alice.call("drives.list", q="name contains 'be'")["drives"]] == ["Beta"]
    drive_id = first["drives"][0]["id"]
    assert office.chiara.call("drives.get", driveId=drive_id)["capabilities"]["canManageMembers"] is False
    with pytest.raises(GoogleError) as caught:
        office.ben.call("drives.get", driveId=drive_id)
    assert caught.value.status == 404


def test_about_wants_fields_and_counts_what_is_stored(office: Office):
    office.add("a.txt", b"12345")
    office.drive.trash(office.add("b.txt", b"123"))

    with pytest.raises(GoogleError) as caught:
        office.alice.call("about.get")
    about = office.alice.call("about.get", fields="*")

    assert (caught.value.status, caught.value.location) == (400, "fields")
    assert about["user"]["emailAddress"] == ALICE.email
    assert (about["storageQuota"]["usage"], about["storageQuota"]["usageInDriveTrash"]) == ("8", "3")
