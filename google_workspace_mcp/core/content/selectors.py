"""Which elements a CSS selector selects, in time that a hostile style sheet cannot stretch.

The parser's engine tries every combination of ancestors: `x div div div b` in fifty nested elements takes it a third
of a second. So it is asked only for the compounds (`td.note`), each once; how they combine is worked out here,
remembering what is known.
"""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

_COMPOUND = re.compile(r"(?:[^\s>+~\[\]()]|\[[^\[\]]*\]|\([^()]*\))+")
_COMBINED = re.compile(r"\s*([>+~])\s*|\s+")
# Arguments that are selectors with combinators of their own are left to the browser, except `nth-…(2n+1)`.
_NESTED = re.compile(r":(?!nth-)[\w-]+\([^()]*[\s>+~][^()]*\)|:has\(")
_MAX_COMPOUNDS = 12
# One comparison of an element with a compound takes about 25 ns, a step from an element to another about 500.
_BUDGET = 10_000_000
_STEP = 20

Selector = list[tuple[str, str]]


def parsed(selector: str) -> Selector:
    """`[(combinator before, compound), …]` from left to right; empty for what is not read here."""
    parts: Selector = []
    position, combinator = 0, ""
    if _NESTED.search(selector):
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
            # A position among siblings is counted anew for each element.
            cost = self._tags * (self._tags if ":" in compound else 1)
            if not self._spend(cost):
                return False
            try:
                nodes = self._page.css(compound)
            except SelectolaxError:
                nodes = []
            self._known[compound] = _Known(nodes, {node.mem_id for node in nodes})
        return bool(self._known[compound].nodes)

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
