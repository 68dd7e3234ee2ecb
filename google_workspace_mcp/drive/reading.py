"""How each kind of file becomes text, and which kinds do not."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from google_workspace_mcp.core.content.characters import clean
from google_workspace_mcp.core.content.html import visible_text
from google_workspace_mcp.core.content.plain import decoded, is_text
from google_workspace_mcp.core.errors import TooLargeError, UserInputError
from google_workspace_mcp.drive.kinds import FOLDER, GOOGLE_DOC, GOOGLE_SHEET, GOOGLE_SLIDES, SHORTCUT, in_words
from google_workspace_mcp.drive.models import DriveFile

MOST_BYTES = 20_000_000
# Drive's Markdown puts each picture at the end as `[image1]: <data:image/png;base64,…>`: megabytes nobody can read.
_IMAGE_DEFINITION = re.compile(r"^\[(image\d+)\]: *<?data:[^\n]*$\n?", re.MULTILINE)
_IMAGE_REFERENCE = re.compile(r"!\[([^\]\n]{0,300})\]\[image\d{1,6}\]")
_INLINE_IMAGE = re.compile(r"!\[([^\]\n]{0,300})\]\(data:[^)\s]*\)")


@dataclass(frozen=True, slots=True)
class Way:
    """How to read a file: what Google is to export it as (empty: the bytes as they are), and what makes them text."""

    export_as: str
    text_of: Callable[[bytes], str]
    note: str = ""


def way_to_read(file: DriveFile) -> Way:
    """The way for this kind of file.

    Raises:
        UserInputError: a kind without text to read here, in words and with the next step.
        TooLargeError: more bytes than are read.
    """
    if way := _EXPORTS.get(file.mime_type):
        return way
    if not is_text(file.mime_type):
        raise unreadable(file)
    if file.size > MOST_BYTES:
        raise TooLargeError(
            f"The file has {file.size / 1_000_000:.0f} MB; at most {MOST_BYTES // 1_000_000} MB are read here",
            next_step=_link_step(file),
        )
    return Way("", html_text if file.mime_type == "text/html" else plain_text)


def unreadable(file: DriveFile) -> UserInputError:
    """Says what the file is and what can be done with it instead."""
    if file.mime_type == FOLDER:
        return UserInputError(
            "That is a folder", next_step="List what is in it: drive_search with its id as `folder`", reason="not_text"
        )
    if file.mime_type == SHORTCUT:
        return UserInputError(
            "That shortcut leads to another shortcut", next_step="Search for the file itself", reason="not_text"
        )
    return UserInputError(
        f"A file of the kind “{in_words(file.mime_type)}” cannot be read as text here yet",
        next_step=_link_step(file),
        reason="not_text",
    )


def plain_text(data: bytes) -> str:
    """Text as it stands, without what a reader would not see."""
    return clean(decoded(data))


def markdown_text(data: bytes) -> str:
    """A document's Markdown, with a word in place of each picture."""
    return clean(without_pictures(decoded(data)))


def html_text(data: bytes) -> str:
    """What a browser would show of a web page."""
    return visible_text(decoded(data)).text


def without_pictures(markdown: str) -> str:
    """Pictures' data taken out, `[image: description]` or `[image]` left where they stood."""
    text = _IMAGE_DEFINITION.sub("", markdown)
    for pattern in (_IMAGE_REFERENCE, _INLINE_IMAGE):
        text = pattern.sub(lambda match: f"[image: {match[1]}]" if match[1].strip() else "[image]", text)
    return text


def _link_step(file: DriveFile) -> str:
    return f"Give the person its link: {file.link}" if file.link.startswith("https://") else "Open it in Google Drive"


_EXPORTS = {
    GOOGLE_DOC: Way("text/markdown", markdown_text),
    GOOGLE_SHEET: Way("text/csv", plain_text, note="first tab only, as CSV"),
    GOOGLE_SLIDES: Way("text/plain", plain_text),
}
