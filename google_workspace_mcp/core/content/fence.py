"""Text from outside, marked as such: between two lines that it cannot forge."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

# What imitates the markers.
LOOKALIKE = re.compile(r"[<\u2039](\s{0,20}+/?\s{0,20}+)(?=untrusted\b)", re.IGNORECASE)
_NONCE_BYTES = 4


def without_markers(text: str) -> str:
    """The text with another bracket in front of what imitates a marker."""
    return LOOKALIKE.sub("\u2039\\1", text) if "untrusted" in text.lower() else text


@dataclass(frozen=True, slots=True)
class Fence:
    """The markers of one answer. `nonce` is fresh for each answer, so who wrote the text could not know it."""

    nonce: str

    def wrap(self, text: str, source: str) -> str:
        """The text between `<untrusted NONCE source>` and `</untrusted NONCE>`, whatever stands in it.

        `source` is in our own words ("message 18c2…"). Look-alikes of the markers inside lose their bracket.
        """
        return f"<untrusted {self.nonce} {source}>\n{without_markers(text)}\n</untrusted {self.nonce}>"


def fence_for(texts: list[str], nonce_source: Callable[[int], str] = secrets.token_hex) -> Fence:
    """A fence whose nonce occurs in none of the texts that it will go around."""
    nonce = nonce_source(_NONCE_BYTES)
    while any(nonce in text for text in texts):
        nonce = nonce_source(_NONCE_BYTES)
    return Fence(nonce)


def fenced(text: str, source: str, nonce_source: Callable[[int], str] = secrets.token_hex) -> str:
    """One text between markers of its own: see `Fence.wrap`."""
    return fence_for([text], nonce_source).wrap(text, source)
