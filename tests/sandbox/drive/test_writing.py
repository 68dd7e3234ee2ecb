"""Creating, changing, moving, copying and deleting files."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from google_workspace_mcp.sandbox.drive.documents import (
    DOCUMENT,
    FOLDER,
    PRESENTATION,
    SHORTCUT,
    SPREADSHEET,
    Document,
    Heading,
    ListItem,
    Paragraph,
    Presentation,
    Slide,
    Spreadsheet,
    Tab,
    Table,
)
from google_workspace_mcp.sandbox.drive.exports import DOCX, PPTX, XLSX, export
from google_workspace_mcp.sandbox.drive.markdown import document_to_markdown, markdown_to_document
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA
from google_workspace_mcp.sandbox.service import JSON, GoogleError, Media
from tests.sandbox.drive.client import Client
from tests.sandbox.drive.conftest import Office, names


def create(client: Client, body: JSON, data: bytes | None = None, kind: str = "text/plain", **params: Any) -> JSON:
    made = client.reply("files.create", body, None if data is None else Media(data, kind), **params).json
    assert made is not None
    return made


def refusal(client: Client, method: str, body: JSON | None = None, media: Media | None = None, **params: Any):
    with pytest.raises(GoogleError) as caught:
        client.reply(method, body, media, **params)
    return caught.value.status, caught.value.reason


def test_a_file_is_made_of_a_name_and_bytes(office: Office):
    made = create(
        office.alice, {"name": "a.txt", "appProperties": {"hash": "1"}}, b"hello", "text/plain; charset=utf-8"
    )

    assert (made["mimeType"], made["size"], made["ownedByMe"]) == ("text/plain", "5", True)
    assert office.alice.media("files.get", fileId=made["id"], alt="media") == b"hello"
    assert names(office.alice.call("files.list", q="appProperties has {key='hash' and value='1'}")) == ["a.txt"]


def test_folders_and_shortcuts_are_made_without_bytes(office: Office):
    folder = create(office.alice, {"name": "New", "mimeType": FOLDER})
    inside = create(office.alice, {"name": "in.txt", "parents": [folder["id"]]}, b"x")
    short = create(office.alice, {"name": "short", "mimeType": SHORTCUT, "shortcutDetails": {"targetId": inside["id"]}})

    assert inside["parents"] == [folder["id"]]
    assert short["shortcutDetails"]["targetMimeType"] == "text/plain"
    assert refusal(office.alice, "files.create", {"parents": [inside["id"]]})[0] == 403
    assert refusal(office.ben, "files.create", {"parents": [folder["id"]]}) == (404, "notFound")


@pytest.mark.parametrize(
    ("data", "source", "target", "expected"),
    [
        (b"# A\n\n- b\n  - c\n\n1. d\n\ntext", "text/markdown", DOCUMENT,
         Document((Heading("A"), ListItem("b"), ListItem("c", 1), ListItem("d", ordered=True), Paragraph("text")))),
        (b"one\r\n\r\ntwo", "text/plain", DOCUMENT, Document((Paragraph("one"), Paragraph("two")))),
        (b"<title>no</title><h2>A</h2><p>b <b>c</b></p><ol><li>d</ol><table><tr><th>e <i>i</i><td>f</td></tr></table>",
         "text/html", DOCUMENT,
         Document((Heading("A", 2), Paragraph("b c"), ListItem("d", 0, ordered=True), Table((("e i", "f"),))))),
        (b"a,b\r\n1,2.5\r\n007,TRUE\r\n", "text/csv", SPREADSHEET,
         Spreadsheet((Tab("Sheet1", (("a", "b"), (1, 2.5), ("007", True))),))),
    ],
)  # fmt: skip
def test_uploads_are_converted(office: Office, data: bytes, source: str, target: str, expected: object):
    made = create(office.alice, {"name": "x", "mimeType": target}, data, source)

    assert made["mimeType"] == target
    assert "size" not in made
    assert office.drive.store.items[made["id"]].native == expected


@pytest.mark.parametrize(
    ("native", "kind"),
    [
        (Document((Heading("A", 2), Paragraph("b"), ListItem("c"), Table((("d", "e"), ("f", "g"))))), DOCX),
        (Spreadsheet((Tab("One", (("a", 1), (None, 2.5))), Tab("Two", (("b", True),)))), XLSX),
        (Presentation((Slide("A", ("b", "c"), "d"), Slide("E", ("f",)))), PPTX),
    ],
)
def test_office_files_come_back_as_they_went_out(office: Office, native: Any, kind: str):
    target = {DOCX: DOCUMENT, XLSX: SPREADSHEET, PPTX: PRESENTATION}[kind]

    made = create(office.alice, {"name": "x", "mimeType": target}, export(native, kind), kind)

    assert office.drive.store.items[made["id"]].native == native


_WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)


@example([Heading("**", 1), Heading("#", 2), Heading("a#", 3)])
@given(st.lists(st.one_of(st.builds(Heading, _WORDS, st.integers(1, 6)), st.builds(Paragraph, _WORDS)), max_size=5))
def test_text_survives_markdown_and_back(blocks: list[Heading | Paragraph]):
    document = Document(tuple(blocks))

    assert markdown_to_document(document_to_markdown(document)) == document


def test_what_cannot_be_converted_is_refused(office: Office):
    assert refusal(
        office.alice, "files.create", {"mimeType": DOCUMENT}, Media(b"\x89PNG", "image/png")
    ) == (400, "badRequest")  # fmt: skip
    assert refusal(office.alice, "files.create", {"mimeType": SPREADSHEET}, Media(b"no zip", XLSX)) == (
        400,
        "badRequest",
    )


def test_a_promised_id_makes_one_file(office: Office):
    first, second = office.alice.call("files.generateIds", count=2)["ids"]

    assert create(office.alice, {"id": first, "name": "a"}, b"x")["id"] == first
    assert refusal(office.alice, "files.create", {"id": first, "name": "a"}) == (409, "fileIdInUse")
    assert refusal(office.alice, "files.create", {"id": "made-up", "name": "a"}) == (400, "invalid")
    assert refusal(office.alice, "files.create", {"id": second, "mimeType": DOCUMENT}) == (400, "invalid")


def test_new_content_is_a_new_revision(office: Office):
    made = create(office.alice, {"name": "a.txt"}, b"one")
    office.clock.advance(hours=1)

    changed = office.alice.reply("files.update", {}, Media(b"two", "text/plain"), fileId=made["id"]).json

    assert changed is not None
    assert changed["headRevisionId"] != made["headRevisionId"]
    assert changed["modifiedTime"] > made["modifiedTime"]
    assert int(changed["version"]) > int(made["version"])
    assert office.alice.media("files.get", fileId=made["id"], alt="media") == b"two"


def test_names_properties_and_stars_change_alone(office: Office):
    made = create(office.alice, {"name": "a", "properties": {"x": "1", "y": "2"}}, b"1")
    office.clock.advance(hours=1)
    starred = office.alice.call("files.update", {"starred": True}, fileId=made["id"])
    renamed = office.alice.call("files.update", {"name": "b", "properties": {"x": None}}, fileId=made["id"])

    assert (starred["starred"], starred["modifiedTime"]) == (True, made["modifiedTime"])
    assert (renamed["name"], renamed["properties"]) == ("b", {"y": "2"})
    assert refusal(office.alice, "files.update", {"parents": ["root"]}, fileId=made["id"]) == (403, "fieldNotWritable")


def test_a_reader_may_star_and_no_more(office: Office):
    shared = office.add("a.txt")
    office.drive.share(shared, email=BEN.email)

    assert office.ben.call("files.update", {"starred": True}, fileId=shared)["starred"] is True
    assert office.alice.call("files.get", fileId=shared)["starred"] is False
    for body in ({"name": "x"}, {"trashed": True}):
        assert refusal(office.ben, "files.update", body, fileId=shared) == (403, "insufficientFilePermissions")
    assert refusal(office.ben, "files.delete", fileId=shared) == (403, "insufficientFilePermissions")


def test_a_file_moves_from_folder_to_folder(office: Office):
    one, two = (office.drive.add_folder(ALICE.email, name) for name in ("one", "two"))
    inner = office.drive.add_folder(ALICE.email, "inner", parent=one)
    file = office.add("a.txt", parent=one)

    moved = office.alice.call("files.update", {}, fileId=file, addParents=two, removeParents=one)

    assert moved["parents"] == [two]
    assert refusal(office.alice, "files.update", {}, fileId=file, addParents=one) == (403, "cannotAddParent")
    assert refusal(office.alice, "files.update", {}, fileId=one, addParents=inner, removeParents="root") == (
        403,
        "cyclicFolderStructure",
    )


def test_a_folder_that_moves_into_a_shared_drive_takes_its_contents_along(office: Office):
    launch = office.drive.add_shared_drive("Launch", {ALICE.email: "organizer", CHIARA.email: "reader"})
    folder = office.drive.add_folder(ALICE.email, "folder")
    inside = office.add("a.txt", parent=folder)

    office.alice.call(
        "files.update", {}, fileId=folder, addParents=launch, removeParents="root", supportsAllDrives=True
    )

    file = office.chiara.call("files.get", fileId=inside, supportsAllDrives=True)
    assert file["driveId"] == launch
    assert "owners" not in file


def test_trash_is_taken_back_or_emptied(office: Office):
    one, two = office.add("one"), office.add("two")
    for file in (one, two):
        office.alice.call("files.update", {"trashed": True}, fileId=file)
    office.alice.call("files.update", {"trashed": False}, fileId=one)

    office.alice.reply("files.emptyTrash")

    assert names(office.alice.call("files.list")) == ["one"]


def test_deleting_a_folder_deletes_what_is_in_it(office: Office):
    folder = office.drive.add_folder(ALICE.email, "folder")
    inside = office.add("a.txt", parent=folder)

    assert office.alice.reply("files.delete", fileId=folder).json is None
    assert refusal(office.alice, "files.get", fileId=inside) == (404, "notFound")
    assert refusal(office.alice, "files.delete", fileId="root")[0] == 403


def test_a_copy_lies_beside_the_original_or_in_ones_own_drive(office: Office):
    folder = office.drive.add_folder(ALICE.email, "folder")
    file = office.add("a.txt", b"x", parent=folder)
    office.drive.share(file, email=BEN.email)

    mine = office.alice.call("files.copy", {}, fileId=file)
    his = office.ben.call("files.copy", {"name": "mine"}, fileId=file)

    assert (mine["name"], mine["parents"]) == ("Copy of a.txt", [folder])
    assert (his["name"], his["ownedByMe"], his["parents"]) == ("mine", True, [office.drive.store.roots[BEN.email]])
    assert refusal(office.alice, "files.copy", {}, fileId=folder) == (403, "cannotCopyFile")


def test_a_copy_can_convert(office: Office):
    file = office.add("a.csv", b"a,b", "text/csv")

    copied = office.alice.call("files.copy", {"mimeType": SPREADSHEET}, fileId=file)

    assert office.alice.media("files.export", fileId=copied["id"], mimeType="text/csv") == b"a,b"
