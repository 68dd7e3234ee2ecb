"""Which elements a CSS selector selects, in time that a hostile style sheet cannot stretch.

The parser's engine tries every combination of ancestors: `x div div div b` in fifty nested elements takes it a third
of a second. So it is asked only for the compounds (`td.note`), each once; how they combine is worked out here,
remembering what is known.
"""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

_COMPOUND = re.compile(r"(?:[^\s>+~\[\]()]|\[[^\[\]]*\]|\((?:[^()]|\([^()]*\))*\))+")
_COMBINED = re.compile(r"\s*([>+~])\s*|\s+")
# Arguments that are selectors with combinators of their own are looked up here as well: `:is(div p)`, `:not(a > b)`.
_WITH_COMBINATORS = re.compile(r":(is|where|not|-webkit-any|matches)\(([^()]*[^\s(,][\s>+~][^()]*)\)")
_HAS_COMBINATORS = re.compile(r":has\(\s*[>+~]?[^()>+~]*[^\s()>+~,][\s>+~][^()]*\)")
_COMMA = re.compile(r"\s*,\s*")
_BRACKETS = re.compile(r"(?<=\()\s+|\s+(?=\))")
# What only holds while the page is used, or for a piece of an element.
_LIVE = re.compile(
    r"::|:(?:hover|focus|focus-within|focus-visible|active|visited|target|before|after|first-line|first-letter|"
    r"placeholder-shown|fullscreen|-webkit-autofill|autofill)\b"
)
_NOT_LIVE = re.compile(r":not\(:(?:hover|focus|focus-within|focus-visible|active|visited|target)\)|:defined\b")
_PSEUDO_CLASS = re.compile(r"(?<!:):([a-z-]+)")
# A browser drops a whole rule when it does not know one of its selectors.
_PSEUDO_CLASSES = frozenset(
    (
        "hover", "focus", "focus-within", "focus-visible", "active", "visited", "target", "link", "any-link", "root",
        "scope", "empty", "first-child", "last-child", "only-child", "first-of-type", "last-of-type", "only-of-type",
        "nth-child", "nth-last-child", "nth-of-type", "nth-last-of-type", "not", "is", "where", "has", "lang", "dir",
        "checked", "disabled", "enabled", "required", "optional", "read-only", "read-write", "valid", "invalid",
        "default", "indeterminate", "in-range", "out-of-range", "placeholder-shown", "fullscreen", "defined", "before",
        "after", "first-line", "first-letter", "-webkit-any", "-webkit-any-link", "-webkit-autofill", "autofill",
        "modal", "open", "host", "target-within", "user-valid", "user-invalid", "popover-open", "picture-in-picture",
    )
)  # fmt: skip
_QUOTED = re.compile(r"\[[^\[\]]*\]")
_WHERE = re.compile(r":where\([^()]*\)")
_ARGUMENT = re.compile(r":(?:is|not|has|-webkit-any)\(([^()]*)\)")
_TAG = re.compile(r"(?:^|[\s>+~])[a-zA-Z]")
_MAX_COMPOUNDS = 12
_MAX_LOOKUPS = 3
# One comparison of an element with a compound takes about 25 ns, a step from an element to another about 500.
_BUDGET = 5_000_000
_STEP = 20

Selector = list[tuple[str, str]]


def prepared(selectors: tuple[str, ...]) -> list[str]:
    """Those of a rule's selectors that hold for a page at rest; none when a browser would not take the rule."""
    plain = [_BRACKETS.sub("", _COMMA.sub(",", selector)) for selector in selectors]
    named = [name for selector in plain for name in _PSEUDO_CLASS.findall(_QUOTED.sub("[]", selector).lower())]
    if any(name not in _PSEUDO_CLASSES for name in named):
        return []
    settled = [_NOT_LIVE.sub("", selector).replace(":scope", ":root") or "*" for selector in plain]
    return [selector for selector in settled if not _LIVE.search(_QUOTED.sub("[]", selector))]


def specificity(selector: str) -> tuple[int, int, int]:
    """Ids, classes and the like, names of elements (Selectors 4, section 17)."""
    bare = _QUOTED.sub("[]", selector)
    for _ in range(_MAX_LOOKUPS):
        bare = _ARGUMENT.sub(lambda match: max(match[1].split(","), key=specificity), _WHERE.sub("", bare))
    classes = bare.count(".") + bare.count("[") + bare.count(":")
    return bare.count("#"), classes, len(_TAG.findall(bare))


def parsed(selector: str) -> Selector:
    """`[(combinator before, compound), …]` from left to right; empty for what is not read here."""
    parts: Selector = []
    position, combinator = 0, ""
    if _HAS_COMBINATORS.search(selector):
        return []
    while position < len(selector):
        compound = _COMPOUND.match(selector, position)
        if not compound or len(parts) == _MAX_COMPOUNDS:
            return []
        parts.append((combinator, compound[0]))
        position = compound.end()
        if between := _COMBINED.match(selector, position):
            combinator, position = between[1] or " ", between.end()
    return parts


@dataclass(slots=True)
class _Known:
    nodes: list[LexborNode]
    ids: set[int]


class Elements:
    """The elements of one page by selector. `exhausted` tells that the work on it went over its bound."""

    def __init__(self, page: LexborHTMLParser, tags: int) -> None:
        self.exhausted = False
        self._page = page
        self._tags = max(1, tags)
        self._left = _BUDGET
        self._known: dict[str, _Known] = {}
        self._depth = 0

    def matching(self, selector: str) -> list[LexborNode]:
        """The elements that the selector selects; none for what cannot be read or costs too much."""
        parts = parsed(selector)
        if not parts or not all(self._compound(compound) for _, compound in parts):
            return []
        last = self._known[parts[-1][1]].nodes
        remembered: dict[tuple[int, int], bool] = {}
        found: list[LexborNode] = []
        for node in last:
            if not self._spend(_STEP):
                break
            if len(parts) == 1 or self._fits(node, parts, len(parts) - 1, remembered):
                found.append(node)
        return found

    def _fits(self, node: LexborNode, parts: Selector, at: int, remembered: dict[tuple[int, int], bool]) -> bool:
        """Whether what stands before compound `at` is fulfilled around the node."""
        if at == 0:
            return True
        key = (node.mem_id, at)
        if key not in remembered:
            remembered[key] = self._search(node, parts, at, remembered)
        return remembered[key]

    def _search(self, node: LexborNode, parts: Selector, at: int, remembered: dict[tuple[int, int], bool]) -> bool:
        combinator = parts[at][0]
        wanted = self._known[parts[at - 1][1]].ids
        other = _before(node, combinator)
        while other is not None and self._spend(_STEP):
            if other.mem_id in wanted and self._fits(other, parts, at - 1, remembered):
                return True
            if combinator in ">+":
                return False
            other = _before(other, combinator)
        return False

    def _compound(self, compound: str) -> bool:
        if compound not in self._known:
            found = self._asked(compound)
            if found is None:
                return False
            self._known[compound] = _Known(found, {node.mem_id for node in found})
        return bool(self._known[compound].nodes)

    def _asked(self, compound: str) -> list[LexborNode] | None:
        """The elements of a compound; None when that costs too much."""
        if inner := _WITH_COMBINATORS.search(compound):
            return self._filtered(compound, inner)
        # A position among siblings is counted anew for each element.
        if not self._spend(self._tags * (self._tags if ":" in compound else 1)):
            return None
        try:
            return self._page.css(compound)
        except SelectolaxError:
            return []

    def _filtered(self, compound: str, inner: re.Match[str]) -> list[LexborNode] | None:
        if self._depth == _MAX_LOOKUPS:
            return None
        self._depth += 1
        chosen = {node.mem_id for argument in inner[2].split(",") for node in self.matching(argument.strip())}
        base = compound[: inner.start()] + compound[inner.end() :] or "*"
        found = self._asked(base)
        self._depth -= 1
        wanted = inner[1] != "not"
        return None if found is None else [node for node in found if (node.mem_id in chosen) == wanted]

    def _spend(self, cost: int) -> bool:
        if cost > self._left:
            self.exhausted = True
            return False
        self._left -= cost
        return True


def _before(node: LexborNode, combinator: str) -> LexborNode | None:
    """The parent, or for `+` and `~` the element before."""
    if combinator in " >":
        return node.parent
    other = node.prev
    while other is not None and not other.is_element_node:
        other = other.prev
    return other
