from datetime import UTC, datetime

import pytest

from google_workspace_mcp.core.errors import TooLargeError, UserInputError
from google_workspace_mcp.drive.kinds import FOLDER, GOOGLE_DOC, GOOGLE_SHEET, SHORTCUT, in_words
from google_workspace_mcp.drive.models import DriveFile
from google_workspace_mcp.drive.reading import way_to_read


def a_file(mime_type: str, size: int = 100) -> DriveFile:
    return DriveFile(
        "1" * 33,
        "name",
        mime_type,
        datetime(2026, 3, 31, tzinfo=UTC),
        size,
        "me",
        "",
        "",
        "https://drive.google.com/file/d/x/view",
        "",
        "",
        trashed=False,
        version="",
    )


def test_a_document_is_exported_as_markdown():
    assert way_to_read(a_file(GOOGLE_DOC)).export_as == "text/markdown"


def test_a_spreadsheet_is_exported_with_all_of_its_tabs():
    assert way_to_read(a_file(GOOGLE_SHEET)).export_as.endswith("spreadsheetml.sheet")


@pytest.mark.parametrize(
    "mime_type",
    ["text/plain", "text/x-python", "application/json", "application/pdf", "application/octet-stream", "image/svg+xml"],
)
def test_what_may_have_text_is_fetched_as_it_is(mime_type: str):
    way = way_to_read(a_file(mime_type))
    assert not way.export_as
    assert way.media_type == mime_type


@pytest.mark.parametrize(
    ("mime_type", "words"),
    [("image/png", "PNG image"), ("video/mp4", "MP4 video"), ("application/vnd.google-apps.form", "Google Form")],
)
def test_a_file_without_text_is_refused_by_its_kind_with_its_link(mime_type: str, words: str):
    with pytest.raises(UserInputError) as refused:
        way_to_read(a_file(mime_type))
    assert words in refused.value.message
    assert "https://drive.google.com/" in refused.value.next_step


def test_a_folder_is_refused_with_the_way_to_list_it():
    with pytest.raises(UserInputError) as refused:
        way_to_read(a_file(FOLDER))
    assert "drive_list_folder" in refused.value.next_step


def test_a_shortcut_to_a_shortcut_is_refused():
    with pytest.raises(UserInputError, match="another shortcut"):
        way_to_read(a_file(SHORTCUT))


def test_a_file_beyond_20_mb_is_refused_with_its_size():
    with pytest.raises(TooLargeError, match="31 MB"):
        way_to_read(a_file("application/pdf", size=31_000_000))


@pytest.mark.parametrize(
    ("mime_type", "words"),
    [
        (GOOGLE_DOC, "Google Doc"),
        ("image/svg+xml", "SVG image"),
        ("video/x-matroska", "MATROSKA video"),
        ("application/x-thing", "application/x-thing"),
        ("", "file"),
        ("x" * 300, "file"),
    ],
)
def test_every_kind_of_file_has_a_name_in_words(mime_type: str, words: str):
    assert in_words(mime_type) == words
