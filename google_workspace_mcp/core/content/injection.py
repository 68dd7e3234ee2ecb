"""Text that speaks to a machine instead of a person: counted and told beside it, never taken away.

Whoever reads a message for somebody is to know that it gives orders. The patterns look for shapes, not for meaning: a
mail about such attacks is counted too, and an order in plain friendly words is not. So nothing depends on them but a
line of caution.
"""

import unicodedata

from google_workspace_mcp.core.content.fence import LOOKALIKE
from google_workspace_mcp.core.content.hosts import mixed_hosts
from google_workspace_mcp.core.content.injection_shapes import SHAPES, Shape

# The most that an answer holds; longer text is looked at in the pieces that are shown.
MAX_CHARS = 100_000
# A shape that begins before a piece, or ends behind it, is still seen.
MARGIN = 300

SUSPICIOUS = "meant for machines"
_MARKERS = "imitates this service's markers"
_MIXED = "addresses in mixed alphabets"
# Of a shape's groups of words the smallest is looked for first. Whatever is counted has one of the words in it.
_RAREST = tuple((frozenset(min(shape.needles, key=len)), shape) for shape in SHAPES)
_TELLING = tuple(sorted({"untrusted", "xn--", *(needle for needles, _ in _RAREST for needle in needles)}))
_TELLING_ASCII = tuple(needle for needle in _TELLING if needle.isascii())
_KINDS = tuple(dict.fromkeys(shape.words for shape in SHAPES))
# Letters of other alphabets that stand for Latin ones in disguised words.
_DISGUISES = str.maketrans("авеіѕјкмнорстухѵԁԛԝοαενικρτυχӏ", "abeisjkmhopctyxvdqwoaevikptuxl")


def signs(text: str, hidden: str = "") -> list[str]:
    """What of this kind is in the text, each with how often, and what is in the text that was hidden in it.

    Of each at most 100,000 characters are looked at. Empty for nearly all mail.
    """
    found = _counted(text)
    return [*found, *(f"in hidden text: {sign}" for sign in _counted(hidden))]


def is_suspicious(*lines: str) -> bool:
    """Whether a row's texts have something of this kind."""
    return bool(_counted("\n".join(lines)))


def around(text: str, start: int, end: int) -> str:
    """A piece of a text with a little of what stands around it, so that no shape is cut in two."""
    return text[max(0, start - MARGIN) : end + MARGIN]


def caution(found: list[str]) -> str:
    """The line that stands beside the text, outside of the markers; "" when there is nothing to say."""
    return f"caution, meant for machines: {'; '.join(found)}" if found else ""


def _counted(text: str) -> list[str]:
    if not text:
        return []
    # Full-width letters and ligatures are read as what they look like; one of these may be eighteen letters.
    folded = unicodedata.normalize("NFKC", text[:MAX_CHARS])[: 2 * MAX_CHARS].casefold()
    plain = folded if folded.isascii() else folded.translate(_DISGUISES)
    present = _telling(folded) | (set() if plain is folded else _telling(plain))
    # Nearly always: 25 titles took half a call's own time shape by shape.
    if not present:
        return []
    counts = dict.fromkeys((*_KINDS, _MARKERS, _MIXED), 0)
    for needles, shape in _RAREST:
        if not needles.isdisjoint(present):
            counts[shape.words] += max(_count(shape, folded), 0 if plain is folded else _count(shape, plain))
    if "untrusted" in present:
        counts[_MARKERS] = sum(1 for _ in LOOKALIKE.finditer(folded))
    if "xn--" in present:
        counts[_MIXED] = mixed_hosts(folded)
    return [f"{words} ({count})" for words, count in counts.items() if count]


def _telling(text: str) -> set[str]:
    return {needle for needle in (_TELLING_ASCII if text.isascii() else _TELLING) if needle in text}


def _count(shape: Shape, text: str) -> int:
    if not all(any(needle in text for needle in group) for group in shape.needles):
        return 0
    return sum(1 for _ in shape.pattern.finditer(text))
