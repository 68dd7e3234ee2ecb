"""Words that go to other people under somebody's name: plain text, which they see as it is."""

import re
import unicodedata
from typing import Final

from google_workspace_mcp.core.content.characters import strip_invisible
from google_workspace_mcp.core.errors import UserInputError

_BREAKING: Final = frozenset({"Cc", "Zl", "Zp", "Cs"})
_KEPT: Final = frozenset("\n\t")
# How an emoji looks; without them it is the same one.
_LOOKS: Final = re.compile("[\ufe0e\ufe0f]")
_SIGN: Final = "[\u2600-\u27bf\U0001f000-\U0001faff]"
_JOINED: Final = re.compile(f"(?<={_SIGN})\u200d(?={_SIGN})")


def plain_text(text: str, what: str, longest: int) -> str:
    """The text, if a person sees all of it. Raises UserInputError for what is invisible or too long."""
    said = _LOOKS.sub("", text.replace("\r\n", "\n").strip())
    odd = any(unicodedata.category(c) in _BREAKING and c not in _KEPT for c in said)
    seen = _JOINED.sub("", said)
    if len(said) > longest or odd or len(strip_invisible(seen)) != len(seen):
        raise UserInputError(
            f"{what} is plain text of at most {longest} characters, nothing in it invisible",
            next_step="Write it as a person would",
            reason="text",
        )
    return said
