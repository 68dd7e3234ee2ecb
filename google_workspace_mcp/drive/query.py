"""Search conditions in, Drive's query language out (`q` of `files.list`).

Whatever stands in a condition stays text: it is quoted by Google's rule (a backslash before `\\` and `'`). A query of
the caller's own goes inside parentheses beside our conditions and must be closed in itself, so it can narrow what is
found but not undo them.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.drive.kinds import FileType, exact_types

LONGEST_TEXT = 500
LONGEST_RAW = 2000


@dataclass(frozen=True, slots=True)
class Conditions:
    """What to look for; an empty value is no condition. Times are aware, the first included, the second not.

    `folders` are ids of which any may be the parent, `name` is the beginning of a word in the file's name,
    `exact_name` the whole of it.
    """

    text: str = ""
    name: str = ""
    exact_name: str = ""
    type: FileType = ""
    owner: str = ""
    folders: tuple[str, ...] = ()
    modified_from: datetime | None = None
    modified_until: datetime | None = None
    trashed: bool = False
    raw: str = ""

    @property
    def ranked(self) -> bool:
        """Whether Google orders by relevance and takes no other order."""
        return bool(self.text) or "fulltext" in self.raw.lower()


def quote(text: str) -> str:
    """A string of the query language that stands for exactly this text."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def build(conditions: Conditions) -> str:
    """The query. Raises UserInputError for a raw query that is not closed in itself or holds control characters."""
    clauses = [f"trashed = {'true' if conditions.trashed else 'false'}"]
    if conditions.text:
        clauses.append(f"fullText contains {quote(plain(conditions.text))}")
    if conditions.name:
        clauses.append(f"name contains {quote(plain(conditions.name))}")
    if conditions.exact_name:
        clauses.append(f"name = {quote(plain(conditions.exact_name))}")
    if conditions.type:
        clauses.append(_type_clause(conditions.type))
    if conditions.owner:
        clauses.append(f"{quote(plain(conditions.owner))} in owners")
    if conditions.folders:
        clauses.append(_any_of([f"{quote(folder)} in parents" for folder in conditions.folders]))
    if conditions.modified_from:
        clauses.append(f"modifiedTime >= {quote(_rfc3339(conditions.modified_from))}")
    if conditions.modified_until:
        clauses.append(f"modifiedTime < {quote(_rfc3339(conditions.modified_until))}")
    if conditions.raw:
        clauses.append(f"({checked_raw(conditions.raw)})")
    return " and ".join(clauses)


def checked_raw(raw: str) -> str:
    """The caller's own query, if its quotes and parentheses are closed. Raises UserInputError."""
    if len(raw) > LONGEST_RAW or not raw.strip() or not _closed(raw) or not raw.isprintable():
        raise UserInputError(
            "The raw Drive query has unclosed quotes or parentheses, control characters, or is too long",
            next_step="Mend it, or use the other arguments instead of `query`",
            reason="bad_query",
        )
    return raw


def _closed(raw: str) -> bool:
    depth, quoted, at = 0, False, 0
    while at < len(raw):
        character = raw[at]
        if quoted and character == "\\":
            at += 1  # the character after a backslash is text, whatever it is
        elif character == "'":
            quoted = not quoted
        elif not quoted and character in '\\"':
            # Whether Google takes double quotes for strings too is in no document; if so, they would hide ours.
            return False
        elif not quoted and character in "()":
            depth += 1 if character == "(" else -1
            if depth < 0:
                return False
        at += 1
    # A backslash at the very end would take our closing parenthesis with it: `at` is then past the end.
    return depth == 0 and not quoted and at == len(raw)


def plain(text: str) -> str:
    """The text, if a search takes it. Raises UserInputError."""
    if len(text) > LONGEST_TEXT or any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise UserInputError(
            f"A search text is longer than {LONGEST_TEXT} characters or holds control characters",
            next_step="Search for a few words",
            reason="bad_query",
        )
    return text


def _type_clause(kind: FileType) -> str:
    exact = exact_types(kind)
    if exact:
        return _any_of([f"mimeType = {quote(mime_type)}" for mime_type in exact])
    return f"mimeType contains {quote(f'{kind}/')}"


def _any_of(clauses: list[str]) -> str:
    return clauses[0] if len(clauses) == 1 else f"({' or '.join(clauses)})"


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
