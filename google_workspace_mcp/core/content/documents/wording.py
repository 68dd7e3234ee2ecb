"""Codes of a reading process in words: failures as typed errors, remarks as sentences."""

from collections.abc import Mapping

from google_workspace_mcp.core.content.documents.problems import Remark, Trouble
from google_workspace_mcp.core.errors import TooLargeError, UserInputError, WorkspaceError

_ELSEWHERE = "Give the person a link to the file, or ask them for another form of it"
_FAILURES: Mapping[Trouble, tuple[type[WorkspaceError], str, str]] = {
    Trouble.BAD_PART: (
        UserInputError,
        "`range` is not in a form that this kind of file takes",
        "Write pages or slides like 3-7, 5- or 2,4; a sheet like Budget; a range like Budget!A1:F40",
    ),
    Trouble.NO_PARTS: (
        UserInputError,
        "This kind of file has no pages, sheets or slides to choose from",
        "Leave `range` out, and go on with `offset`",
    ),
    Trouble.NO_SHEET: (
        UserInputError,
        "There is no such sheet or range",
        "Leave `range` out to see the names of the sheets",
    ),
    Trouble.PASSWORD: (
        UserInputError,
        "The file is locked by a password, and cannot be read here",
        "Ask the person for a copy without a password",
    ),
    Trouble.OLD_OFFICE: (
        UserInputError,
        "Files of Word, Excel and PowerPoint in their form of before 2007 (.doc, .xls, .ppt) are not read here",
        "Give the person a link to it, or ask for it as .docx, .xlsx, .pptx or PDF",
    ),
    Trouble.OTHER_OFFICE: (
        UserInputError,
        "An archive, or an office file that is not Word, Excel or PowerPoint, is not read here",
        "Give the person a link to it, or ask for it as .docx, .xlsx, .pptx or PDF",
    ),
    Trouble.NOT_TEXT: (UserInputError, "The file is not text, and has none that is read here", _ELSEWHERE),
    Trouble.DAMAGED: (UserInputError, "The file is damaged or not what it says it is", _ELSEWHERE),
    Trouble.HOSTILE: (UserInputError, "The file is built to overload what reads it", "Do not open it; tell the person"),
    Trouble.TOO_MUCH: (TooLargeError, "The file unpacks to more than is read here", _ELSEWHERE),
    Trouble.SLOW: (
        TooLargeError,
        "Reading the file takes too long",
        "Ask for fewer pages or rows by `range`, or give the person a link to it",
    ),
}
# Failures that are not mended by asking otherwise: what helps is the file itself.
BEYOND_READING = frozenset(
    f"document_{trouble.value}"
    for trouble in Trouble
    if trouble not in {Trouble.BAD_PART, Trouble.NO_PARTS, Trouble.NO_PAGE, Trouble.NO_SHEET, Trouble.HOSTILE}
)
_REMARKS: Mapping[Remark, str] = {
    Remark.NO_PAGE_HAS_TEXT: "no page has text: scans or pictures, which are not read (pages looked at: {n})",
    Remark.PAGES_WITHOUT_TEXT: "pages without text: {n} (blank, or scans or pictures, which are not read)",
    Remark.LAYER_PAGES: "pages that are pictures with text recognised on them: {n}; what is seen may differ",
    Remark.STOPPED_AT: "reading took too long and ended before {unit} {n}: go on with `range` from there",
    Remark.CUT_SHORT: "reading took too long: only the beginning was read",
    Remark.HIDDEN_CHARS: "characters that a person would not see, left out: {n}",
    Remark.HIDDEN_ROWS: "hidden rows left out: {n}",
    Remark.HIDDEN_COLUMNS: "hidden columns left out: {n}",
    Remark.HIDDEN_SHEETS: "hidden sheets left out: {n}",
    Remark.HIDDEN_SLIDES: "hidden slides left out: {n}",
    Remark.HIDDEN_PART: "this {unit_of_parts} is hidden from people",
    Remark.FORMULAS: "formulas without a stored value, shown as formulas: {n}",
    Remark.LOST_STRINGS: "texts beyond what is read here: {n}; cells may be empty",
    Remark.DELETED_CHARS: "characters deleted with changes tracked, left out: {n}",
    Remark.COMMENTS: "comments left out: {n}",
    Remark.SPEAKER_NOTES: "slides whose speaker notes were left out: {n}",
    Remark.CHARTS: "charts or diagrams left out: {n}",
    Remark.NOT_AS_SEEN: "it is too large to tell what a person sees of it: hidden text may be among this",
    Remark.GUESSED_CHARSET: "the file does not say its character encoding; it was guessed",
}


def failure(trouble: Trouble, number: int = 0) -> WorkspaceError:
    """The error for a code; its number is named where it helps."""
    if trouble is Trouble.NO_PAGE:
        return UserInputError(
            f"`range` asks for what is not there: the last page or slide is {number}",
            next_step=f"Ask for pages or slides from 1 to {number}",
            reason=_reason(trouble),
        )
    kind, message, next_step = _FAILURES[trouble]
    return kind(message, next_step=next_step, reason=_reason(trouble))


def sentences(remarks: Mapping[Remark, int], *, by_rows: bool) -> tuple[str, ...]:
    """The remarks in words, in a fixed order, without full stops."""
    unit, unit_of_parts = ("row", "sheet") if by_rows else ("page", "slide")
    return tuple(
        words.format(n=f"{remarks[remark]:,}", unit=unit, unit_of_parts=unit_of_parts)
        for remark, words in _REMARKS.items()
        if remark in remarks
    )


def _reason(trouble: Trouble) -> str:
    return f"document_{trouble.value}"
