"""Former contents of files."""

from typing import Any

import pytest

from google_workspace_mcp.sandbox.drive.documents import Document, Paragraph
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN
from google_workspace_mcp.sandbox.service import JSON, GoogleError, Media
from tests.sandbox.drive.client import Client
from tests.sandbox.drive.conftest import Office


def replace(client: Client, file: str, content: bytes) -> None:
    client.reply("files.update", {}, Media(content, "text/plain"), fileId=file)


def revisions(client: Client, file: str, **params: Any) -> list[JSON]:
    return client.call("revisions.list", fileId=file, **params)["revisions"]


def test_each_new_content_leaves_the_former_one_behind(office: Office):
    file = office.add("a.txt", b"one")
    office.drive.share(file, email=BEN.email, role="writer")
    office.clock.advance(hours=1)
    replace(office.ben, file, b"two")

    old, new = revisions(office.alice, file)

    assert new["id"] == office.alice.call("files.get", fileId=file)["headRevisionId"]
    assert (old["size"], old["lastModifyingUser"]["emailAddress"]) == ("3", ALICE.email)
    assert new["lastModifyingUser"]["emailAddress"] == BEN.email
    assert office.alice.media("revisions.get", fileId=file, revisionId=old["id"], alt="media") == b"one"
    assert office.alice.media("revisions.get", fileId=file, revisionId=new["id"], alt="media") == b"two"


def test_a_new_name_is_no_revision(office: Office):
    file = office.add("a.txt", b"one")
    office.alice.call("files.update", {"name": "b.txt"}, fileId=file)

    assert len(revisions(office.alice, file)) == 1


def test_content_that_could_not_be_converted_leaves_nothing_behind(office: Office):
    file = office.drive.add_file(ALICE.email, "Plan", Document((Paragraph("one"),)))
    with pytest.raises(GoogleError):
        office.alice.reply("files.update", {}, Media(b"x", "video/mp4"), fileId=file)

    assert len(revisions(office.alice, file)) == 1


def test_a_former_content_goes_after_thirty_days_unless_it_is_kept(office: Office):
    file = office.add("a.txt", b"one")
    replace(office.alice, file, b"two")
    replace(office.alice, file, b"three")
    kept = revisions(office.alice, file)[0]["id"]
    office.alice.call("revisions.update", {"keepForever": True}, fileId=file, revisionId=kept)

    office.clock.advance(days=31)

    assert [revision["size"] for revision in revisions(office.alice, file)] == ["3", "5"]


def test_documents_count_their_revisions_and_export_them_beside_the_api(office: Office):
    file = office.drive.add_file(ALICE.email, "Plan", Document((Paragraph("one"),)))
    replace(office.alice, file, b"two")

    old, _ = revisions(office.alice, file)

    assert old["id"] == "1"
    assert "&revision=1&exportFormat=docx" in "".join(old["exportLinks"].values())
    with pytest.raises(GoogleError) as refused:
        office.alice.media("revisions.get", fileId=file, revisionId="1", alt="media")
    assert refused.value.reason == "fileNotDownloadable"


def test_who_may_only_read_a_document_does_not_see_its_revisions(office: Office):
    document = office.drive.add_file(ALICE.email, "Plan", Document((Paragraph("one"),)))
    plain = office.add("a.txt", b"one")
    for file in (document, plain):
        office.drive.share(file, email=BEN.email)

    with pytest.raises(GoogleError) as refused:
        revisions(office.ben, document)
    assert refused.value.status == 403
    assert len(revisions(office.ben, plain)) == 1


def test_folders_have_no_revisions_and_unknown_ones_are_not_found(office: Office):
    with pytest.raises(GoogleError) as refused:
        revisions(office.alice, office.drive.add_folder(ALICE.email, "folder"))
    assert refused.value.reason == "revisionsNotSupported"
    with pytest.raises(GoogleError) as missing:
        office.alice.call("revisions.get", fileId=office.add("a.txt"), revisionId="0Bx")
    assert missing.value.status == 404


def test_revisions_come_page_by_page(office: Office):
    file = office.add("a.txt", b"1")
    for content in (b"22", b"333"):
        replace(office.alice, file, content)

    first = office.alice.call("revisions.list", fileId=file, pageSize=2)
    rest = office.alice.call("revisions.list", fileId=file, pageSize=2, pageToken=first["nextPageToken"])

    assert [r["size"] for r in first["revisions"] + rest["revisions"]] == ["1", "2", "3"]
