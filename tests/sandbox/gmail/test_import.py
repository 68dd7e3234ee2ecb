"""Loading somebody's own mail."""

from pathlib import Path

import pytest

from google_workspace_mcp.sandbox.imports.mbox import MailImportError, load_mail

from .support import ANNA, World

TAKEOUT = """From 1712345678901234567@xxx Mon Jan 05 10:00:00 +0000 2026
X-GM-THRID: 77
X-Gmail-Labels: =?UTF-8?Q?Posteingang,Wichtig,Ungelesen,"Gr=C3=BC=C3=9Fe,_privat"?=
Subject: first
Date: Mon, 5 Jan 2026 10:00:00 +0000

From time to time I write.

>From here on it is quoted, >>From there not.
>>From deeper.

From 1712345678901234568@xxx Tue Jan 06 10:00:00 +0000 2026
X-GM-THRID: 77
X-Gmail-Labels: Sent,Opened
Subject: quite another subject

second

From 1712345678901234569@xxx Wed Jan 07 10:00:00 +0000 2026
X-GM-THRID: 78
X-Gmail-Labels: Drafts
Content-Type: multipart/mixed

broken
"""


@pytest.fixture
def takeout(tmp_path: Path) -> Path:
    path = tmp_path / "All mail.mbox"
    path.write_text(TAKEOUT, "utf-8")
    return path


def test_a_takeout_export_keeps_threads_and_labels_in_the_accounts_language(takeout: Path) -> None:
    world = World()
    assert load_mail(world.gmail, ANNA.email, takeout) == 3
    [first] = world.found("subject:first")
    [second] = world.found("in:sent")
    message = world.call("messages.get", id=first)
    assert message["labelIds"] == ["IMPORTANT", "INBOX", "Label_1", "UNREAD"]
    assert world.call("labels.get", id="Label_1")["name"] == "Grüße, privat"
    assert world.call("messages.get", id=second)["threadId"] == first
    assert len(world.call("drafts.list")["drafts"]) == 1


def test_quoted_from_lines_lose_one_mark_and_prose_starts_no_message(takeout: Path) -> None:
    world = World()
    load_mail(world.gmail, ANNA.email, takeout)
    [first] = world.found("subject:first")
    raw = world.gmail.mailbox(ANNA.email).get(first).content.raw.decode()
    assert "\nFrom time to time I write.\n" in raw
    assert "\nFrom here on it is quoted, >>From there not.\n>From deeper.\n" in raw
    assert raw.endswith("deeper.\n")


def test_a_folder_of_message_files_is_read_with_its_subfolders(tmp_path: Path, takeout: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("a.eml", "deep/b.MSG", "deep/c.txt", "deep/d"):
        (tmp_path / name).write_text(f"Subject: {name}\n\nhello")
    (tmp_path / "notes.md").write_text("no message")
    (tmp_path / ".hidden").write_text("no message")
    world = World()
    assert load_mail(world.gmail, ANNA.email, tmp_path) == 4 + 3
    assert len(world.found("hello in:inbox is:read")) == 4


def test_a_single_message_file_is_a_mailbox_of_one(tmp_path: Path) -> None:
    path = tmp_path / "one.eml"
    path.write_text("Subject: only\n\nhello")
    world = World()
    assert load_mail(world.gmail, ANNA.email, path) == 1


def test_a_missing_path_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(MailImportError, match=r"no file or folder .*nowhere"):
        load_mail(World().gmail, ANNA.email, tmp_path / "nowhere")


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MailImportError, match="No messages"):
        load_mail(World().gmail, ANNA.email, tmp_path)


def test_outlooks_own_format_is_refused_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "x.msg").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest")
    with pytest.raises(MailImportError, match=r"Save it as \.eml"):
        load_mail(World().gmail, ANNA.email, tmp_path)
