"""What can be wrong with a document or a request for a part of it, as codes that a reading process may answer with.

A reading process is not believed: it says a code and at most a number, and the words are made elsewhere
(`wording.py`).
"""

from enum import StrEnum


class Trouble(StrEnum):
    """Why there is no text at all."""

    BAD_PART = "bad_part"
    """No such form of `part` for this kind."""
    NO_PARTS = "no_parts"
    """The kind has no pages, sheets or slides to choose from."""
    NO_PAGE = "no_page"
    """Pages or slides beyond the last, which is the number."""
    NO_SHEET = "no_sheet"
    PASSWORD = "password"  # noqa: S105 - a code
    OLD_OFFICE = "old_office"
    """Word, Excel or PowerPoint as until 2003, or another OLE file."""
    OTHER_OFFICE = "other_office"
    """A package of another kind: OpenDocument, Excel's binary workbook, a plain archive."""
    NOT_TEXT = "not_text"
    DAMAGED = "damaged"
    HOSTILE = "hostile"
    """Forbidden constructs: entities, nesting without end."""
    TOO_MUCH = "too_much"
    """More unpacked than is read here, or more memory than there is."""
    SLOW = "slow"


class Remark(StrEnum):
    """What is to be said beside the text, with a number."""

    PAGES_WITHOUT_TEXT = "pages_without_text"
    NO_PAGE_HAS_TEXT = "no_page_has_text"
    LAYER_PAGES = "layer_pages"
    """Pages that are pictures under a layer of text, as text recognition leaves it."""
    STOPPED_AT = "stopped_at"
    """The time was up; the number is the first page that was not looked at."""
    CUT_SHORT = "cut_short"
    """The time was up in a document without pages."""
    HIDDEN_CHARS = "hidden_chars"
    HIDDEN_ROWS = "hidden_rows"
    HIDDEN_COLUMNS = "hidden_columns"
    HIDDEN_SHEETS = "hidden_sheets"
    HIDDEN_SLIDES = "hidden_slides"
    HIDDEN_PART = "hidden_part"
    """The sheet or slide that was asked for by name is a hidden one."""
    FORMULAS = "formulas"
    """Formulas without a stored value."""
    LOST_STRINGS = "lost_strings"
    DELETED_CHARS = "deleted_chars"
    COMMENTS = "comments"
    SPEAKER_NOTES = "speaker_notes"
    CHARTS = "charts"
    NOT_AS_SEEN = "not_as_seen"
    """A page too large to tell what is seen of it."""
    GUESSED_CHARSET = "guessed_charset"


class DocumentProblem(Exception):  # noqa: N818 - it is answered, not reported
    """Ends the reading of a document; `number` goes with the code."""

    def __init__(self, trouble: Trouble, number: int = 0) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble
        self.number = number
