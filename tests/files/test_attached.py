"""Files that mail is sent with: from uploads, Drive and other messages; and none at all when one is missing."""

import email
import email.policy
from email.message import EmailMessage
from typing import Any

import pytest

from google_workspace_mcp.sandbox.people.cast import BEN
from tests.files.world import PDF, World

LETTER: dict[str, Any] = {"to": [BEN.email], "subject": "Files", "body": "Here they are"}
pytestmark = pytest.mark.timeout(60)


def sent_files(world: World) -> dict[str, tuple[str, bytes]]:
    """Type and bytes by name of what went with the last message."""
    message = email.message_from_bytes(world.files.gmail.sent[-1].raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    files: dict[str, tuple[str, bytes]] = {}
    for part in message.iter_attachments():
        data = part.get_payload(decode=True)
        assert isinstance(data, bytes)
        files[part.get_filename() or ""] = (part.get_content_type(), data)
    return files


async def uploaded(world: World, name: str, data: bytes) -> str:
    place = await world.call("files_create_upload", name=name)
    answer = await world.http.put(place["url"], content=data)
    assert answer.status_code in (200, 201, 204), answer.text
    return place["upload_id"]


async def test_files_of_every_source_go_with_one_message(world: World):
    data = bytes(range(256)) * 5000
    upload = await uploaded(world, "Zahlen März.xlsx", data)
    attachments = [
        {"upload": upload},
        {"drive_file": world.files.photo},
        {"message": world.files.message, "part": "Größe.pdf", "name": "size.pdf"},
        {"name": "note.txt", "text": "grün"},
    ]
    done = await world.call("gmail_send", **LETTER, attachments=attachments)
    files = sent_files(world)
    assert files["Zahlen März.xlsx"][1] == data
    assert files["bike.png"] == ("image/png", b"\x89PNG" * 5000)
    assert files["size.pdf"] == ("application/pdf", PDF)
    assert files["note.txt"] == ("text/plain", "grün".encode())
    assert [file["name"] for file in done["attachments"]] == list(files)


@pytest.mark.parametrize(
    ("file", "name", "start"), [("document", "Plan.docx", b"PK"), ("sheet", "Figures.xlsx", b"PK")]
)
async def test_googles_own_documents_go_as_office_files(world: World, file: str, name: str, start: bytes):
    await world.call("gmail_send", **LETTER, attachments=[{"drive_file": getattr(world.files, file)}])
    ((found, (_, data)),) = sent_files(world).items()
    assert found == name
    assert data.startswith(start)


async def test_a_draft_takes_files_of_drive_as_well(world: World):
    draft = await world.call("gmail_create_draft", **LETTER, attachments=[{"drive_file": world.files.photo}])
    await world.call("gmail_send_draft", draft_id=draft["draft_id"])
    assert set(sent_files(world)) == {"bike.png"}


@pytest.mark.security("T-8")
@pytest.mark.parametrize(
    "missing",
    [
        {"upload": "no-such-upload"},
        {"drive_file": "no-such-file-000000000000"},
        {"drive_file": "FOLDER"},
        {"drive_file": "FORM"},
        {"message": "MESSAGE", "part": "nothing.pdf"},
    ],
    ids=str,
)
async def test_one_file_that_cannot_be_had_stops_all_and_is_named(world: World, missing: dict[str, str]):
    places = {"FOLDER": world.files.folder, "FORM": world.files.form, "MESSAGE": world.files.message}
    wrong: dict[str, Any] = {key: places.get(value, value) for key, value in missing.items()}
    before = len(world.files.gmail.sent)
    answer = await world.answer("gmail_send", {**LETTER, "attachments": [{"name": "a.txt", "text": "a"}, wrong]})
    assert 400 <= answer.status_code < 500
    assert "attachment 2" in answer.text
    assert "attachment 1" not in answer.text
    assert len(world.files.gmail.sent) == before


@pytest.mark.security("M-8")
async def test_an_upload_is_attached_by_nobody_but_its_owner(world: World):
    upload = await uploaded(world, "mine.txt", b"mine")
    before = len(world.files.gmail.sent)
    answer = await world.answer("gmail_send", {**LETTER, "attachments": [{"upload": upload}]}, user="user-2")
    assert 400 <= answer.status_code < 500
    assert len(world.files.gmail.sent) == before
