"""Loading a folder of a person's own files."""

from pathlib import Path

import pytest

from google_workspace_mcp.sandbox.imports import folder
from google_workspace_mcp.sandbox.imports.folder import load_files
from google_workspace_mcp.sandbox.people.cast import ALICE
from tests.sandbox.drive.conftest import Office, names


def test_a_folder_keeps_its_structure_and_types(office: Office, tmp_path: Path):
    (tmp_path / "Reports" / "2026").mkdir(parents=True)
    (tmp_path / "Reports" / "2026" / "Übersicht.md").write_text("# Hallo")
    (tmp_path / "data.csv").write_bytes(b"a,b")
    (tmp_path / "unknown.qqq").write_bytes(b"\x00")

    assert load_files(office.drive, ALICE.email, tmp_path) == 3

    top = office.alice.call("files.list", q="'root' in parents", orderBy="name")["files"]
    assert [(file["name"], file["mimeType"]) for file in top] == [
        ("data.csv", "text/csv"),
        ("Reports", "application/vnd.google-apps.folder"),
        ("unknown.qqq", "application/octet-stream"),
    ]
    (deep,) = office.alice.call("files.list", q="fullText contains 'Hallo'")["files"]
    assert (deep["name"], deep["mimeType"], deep["size"]) == ("Übersicht.md", "text/markdown", "7")


def test_links_are_not_followed(office: Office, tmp_path: Path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret.txt").write_text("x")
    (inside / "file").symlink_to(outside / "secret.txt")
    (inside / "folder").symlink_to(outside)
    said: list[str] = []

    assert load_files(office.drive, ALICE.email, inside, said.append) == 0
    assert len(said) == 2
    assert names(office.alice.call("files.list")) == []


def test_files_that_are_too_large_are_left_out_aloud(office: Office, tmp_path: Path):
    with (tmp_path / "huge.bin").open("wb") as huge:
        huge.truncate(folder.LARGEST_FILE + 1)
    said: list[str] = []

    assert load_files(office.drive, ALICE.email, tmp_path, said.append) == 0
    assert said == ["left out huge.bin: 50 MB is too much for the simulator"]


def test_something_that_is_no_folder_is_refused(office: Office, tmp_path: Path):
    with pytest.raises(NotADirectoryError):
        load_files(office.drive, ALICE.email, tmp_path / "missing")
