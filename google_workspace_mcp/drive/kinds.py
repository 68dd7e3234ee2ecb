"""Kinds of files: in words for a reader, by MIME type for Google."""

from typing import Literal

type FileType = Literal[
    "",
    "document",
    "spreadsheet",
    "presentation",
    "pdf",
    "folder",
    "image",
    "video",
    "audio",
    "text",
    "form",
    "shortcut",
]

GOOGLE_DOC = "application/vnd.google-apps.document"
GOOGLE_SHEET = "application/vnd.google-apps.spreadsheet"
GOOGLE_SLIDES = "application/vnd.google-apps.presentation"
FOLDER = "application/vnd.google-apps.folder"
SHORTCUT = "application/vnd.google-apps.shortcut"
_GOOGLE = "application/vnd.google-apps."
_OFFICE = "application/vnd.openxmlformats-officedocument."

_WORDS = {
    GOOGLE_DOC: "Google Doc",
    GOOGLE_SHEET: "Google Sheet",
    GOOGLE_SLIDES: "Google Slides",
    FOLDER: "folder",
    SHORTCUT: "shortcut",
    _GOOGLE + "form": "Google Form",
    _GOOGLE + "drawing": "Google Drawing",
    _GOOGLE + "site": "Google Site",
    _GOOGLE + "script": "Apps Script",
    _GOOGLE + "map": "Google My Map",
    _GOOGLE + "vid": "Google Vid",
    _OFFICE + "wordprocessingml.document": "Word",
    _OFFICE + "spreadsheetml.sheet": "Excel",
    _OFFICE + "presentationml.presentation": "PowerPoint",
    "application/msword": "Word",
    "application/vnd.ms-excel": "Excel",
    "application/vnd.ms-powerpoint": "PowerPoint",
    "application/pdf": "PDF",
    "application/zip": "ZIP",
    "application/json": "JSON",
    "text/plain": "text",
    "text/markdown": "Markdown",
    "text/csv": "CSV",
    "text/html": "HTML",
    "text/calendar": "calendar file",
    "message/rfc822": "mail message",
}

# Exact MIME types where a few say it all; a prefix where a kind has many.
_EXACT: dict[str, tuple[str, ...]] = {
    "document": (GOOGLE_DOC, _OFFICE + "wordprocessingml.document", "application/msword"),
    "spreadsheet": (GOOGLE_SHEET, _OFFICE + "spreadsheetml.sheet", "application/vnd.ms-excel"),
    "presentation": (GOOGLE_SLIDES, _OFFICE + "presentationml.presentation", "application/vnd.ms-powerpoint"),
    "pdf": ("application/pdf",),
    "folder": (FOLDER,),
    "form": (_GOOGLE + "form",),
    "shortcut": (SHORTCUT,),
}


def in_words(mime_type: str) -> str:
    """What a person calls such a file: "Google Doc", "PDF", "PNG image". Never empty."""
    if known := _WORDS.get(mime_type):
        return known
    family, _, subtype = mime_type.partition("/")
    if family in ("image", "video", "audio") and subtype:
        short = subtype.removeprefix("x-").partition("+")[0].partition(".")[0]
        return f"{short.upper()} {family}"
    return mime_type if 0 < len(mime_type) <= 60 else "file"


def exact_types(kind: FileType) -> tuple[str, ...]:
    """The MIME types of a kind that has few of them, else none."""
    return _EXACT.get(kind, ())
