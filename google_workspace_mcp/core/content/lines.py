"""What has to be one line is one, whichever of the many kinds of line break is tried."""

import unicodedata

from google_workspace_mcp.core.errors import UserInputError

# Control characters (line breaks, tabs, U+0085), line and paragraph separators, lone surrogates.
_BREAKING = frozenset({"Cc", "Zl", "Zp", "Cs"})


def one_line(value: str, what: str, longest: int) -> str:
    """The value, if it is one line. Raises UserInputError for line breaks, control characters, and too long ones."""
    if len(value) > longest:
        raise UserInputError(f"{what} is longer than {longest} characters", next_step="Shorten it", reason="too_long")
    if any(unicodedata.category(character) in _BREAKING for character in value):
        raise UserInputError(
            f"{what} has a line break or another control character", next_step="Give it as one line", reason="one_line"
        )
    return value
