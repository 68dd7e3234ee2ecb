"""Which kinds of file have text, and as what Google is to hand them over."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from google_workspace_mcp.core.content.documents.service import MOST_BYTES
from google_workspace_mcp.core.errors import TooLargeError, UserInputError
from google_workspace_mcp.drive.kinds import FOLDER, GOOGLE_DOC, GOOGLE_SHEET, GOOGLE_SLIDES, SHORTCUT, in_words
from google_workspace_mcp.drive.models import DriveFile
from google_workspace_mcp.drive.pieces import in_pieces

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_EXPORTS = {GOOGLE_DOC: "text/markdown", GOOGLE_SHEET: _XLSX, GOOGLE_SLIDES: _PPTX}
# What is still small where the usual export is not, because of its pictures or its other sheets, and what it lacks.
PLAINER: Final[Mapping[str, tuple[str, str]]] = {
    GOOGLE_DOC: ("text/plain", "too large for Markdown: plain text, without headings and links"),
    GOOGLE_SHEET: ("text/csv", "too large as a whole: only the first sheet"),
    GOOGLE_SLIDES: ("text/plain", "too large as slides: their text alone, without numbers and notes"),
}
_GOOGLE = "application/vnd.google-apps."
# Not worth a download; a drawing in SVG is text.
_NO_TEXT = ("image/", "video/", "audio/", "font/")
_SVG = "image/svg+xml"


@dataclass(frozen=True, slots=True)
class Way:
    """How to get at a file's bytes: what Google is to export it as (empty: the bytes as they are), and their type.

    `in_pieces` is for text that is too large to be fetched whole.
    """

    export_as: str
    media_type: str
    in_pieces: bool = False


def way_to_read(file: DriveFile) -> Way:
    """The way for this kind of file.

    Raises:
        UserInputError: a kind without text to read here, in words and with the next step.
        TooLargeError: more bytes than are read.
    """
    if export_as := _EXPORTS.get(file.mime_type):
        return Way(export_as, export_as)
    kind = file.mime_type
    if kind.startswith(_GOOGLE) or (kind.startswith(_NO_TEXT) and kind != _SVG):
        raise unreadable(file)
    if file.size > MOST_BYTES and in_pieces(file):
        return Way("", kind, in_pieces=True)
    if file.size > MOST_BYTES:
        raise TooLargeError(
            f"The file has {file.size / 1_000_000:.0f} MB; at most {MOST_BYTES // 1_000_000} MB are read here",
            next_step=link_step(file),
        )
    return Way("", kind)


def unreadable(file: DriveFile) -> UserInputError:
    """Says what the file is and what can be done with it instead."""
    if file.mime_type == FOLDER:
        return UserInputError(
            "That is a folder", next_step="List what is in it: drive_list_folder with its id", reason="not_text"
        )
    if file.mime_type == SHORTCUT:
        return UserInputError(
            "That shortcut leads to another shortcut", next_step="Search for the file itself", reason="not_text"
        )
    return UserInputError(
        f"A file of the kind “{in_words(file.mime_type)}” cannot be read as text here",
        next_step=link_step(file),
        reason="not_text",
    )


def link_step(file: DriveFile) -> str:
    """What to do about a file that cannot be read."""
    return f"Give the person its link: {file.link}" if file.link.startswith("https://") else "Open it in Google Drive"
