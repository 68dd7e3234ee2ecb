"""Pages that the parser would take minutes for, told apart beforehand in one pass."""

import re

MAX_TAGS = 400_000
# The parser's time grows with the square of both: 0.02 s for such a depth, 0.1 s for such a tag; minutes at 100,000.
MAX_DEPTH = 3_000
MAX_ATTRIBUTES = 5_000

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
# Where a tag's attributes go on after a quoted value, or end. A quote that follows no = belongs to a name.
_QUOTE_OR_END = re.compile(r"=\s*([\"'])|>")
_ATTRIBUTE = re.compile(r"[\s/\"']+[^\s/\"'=>]")
# However often these stand on a page, all their attributes come to one element: 40,000 of them took 7 s.
_GATHERING = frozenset(("html", "body"))
# A missing end tag is normal for these, so they say nothing about depth.
_UNCLOSED = frozenset(
    (
        "p", "li", "td", "tr", "th", "tbody", "thead", "tfoot", "option", "dt", "dd", "br", "img", "hr", "input",
        "meta", "link", "area", "base", "col", "embed", "source", "wbr", "html", "head", "body",
    )
)  # fmt: skip


def affordable(html: str, tags: int) -> bool:
    """Whether the page can be parsed in bounded time. `tags` is the number of `<` in it. Linear in the length."""
    if tags > MAX_TAGS:
        return False
    depth = position = gathered = 0
    while match := _TAG.search(html, position):
        position, attributes = _end_of_tag(html, match.end())
        name = match[2].lower()
        if name in _GATHERING:
            gathered += len(_ATTRIBUTE.findall(html, match.end(), position))
        if attributes > MAX_ATTRIBUTES or gathered > MAX_ATTRIBUTES:
            return False
        if name not in _UNCLOSED:
            depth = max(0, depth + (-1 if match[1] else 1))
            if depth > MAX_DEPTH:
                return False
    return True


def _end_of_tag(html: str, start: int) -> tuple[int, int]:
    """Where the tag ends, and at most how many attributes it has: each takes two characters outside of quotes."""
    position, bare = start, 0
    while match := _QUOTE_OR_END.search(html, position):
        bare += match.end() - position
        if not match[1]:
            return match.end(), _attributes(html, start, match.end(), bare)
        close = html.find(match[1], match.end())
        if close < 0:
            break
        position = close + 1
    else:
        bare += len(html) - position
    return len(html), _attributes(html, start, len(html), bare)


def _attributes(html: str, start: int, end: int, bare: int) -> int:
    if bare < 2 * MAX_ATTRIBUTES:
        return 0
    return len(_ATTRIBUTE.findall(html, start, end))
