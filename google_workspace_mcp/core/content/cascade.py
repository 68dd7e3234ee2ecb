"""Which rules of a page's `<style>` elements hold for which element."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from google_workspace_mcp.core.content.conditions import media_holds
from google_workspace_mcp.core.content.css import Declarations, Rule, declarations, put, rules
from google_workspace_mcp.core.content.selectors import Elements, prepared, specificity

_SHEET_TYPES = frozenset(("", "text/css"))


@dataclass(frozen=True, slots=True)
class _Match:
    specificity: tuple[int, int, int]
    order: int
    rule: Rule


class Cascade:
    """The style of each element as sheets and its own attribute declare it. `complete`: no rule was left out."""

    def __init__(self, page: LexborHTMLParser, tags: int) -> None:
        self._matches: list[_Match] = []
        self._matched: dict[int, list[int]] = defaultdict(list)
        # Most elements of a page share their rules with others.
        self._merged: dict[tuple[tuple[int, ...], str], Declarations] = {}
        elements = Elements(page, tags)
        sheets = [node for node in page.css("style") if _applies(node)]
        found = [rule for sheet in sheets for rule in rules(sheet.text_content or sheet.text())]
        for order, rule in enumerate(found):
            for selector in prepared(rule.selectors):
                self._matches.append(_Match(specificity(selector), order, rule))
                for element in elements.matching(selector):
                    self._matched[element.mem_id].append(len(self._matches) - 1)
        self.complete = not elements.exhausted

    def style(self, element: LexborNode, attribute: str) -> Declarations:
        """What holds for the element: special and later rules first, its own attribute over all but `!important`."""
        matched = self._matched.get(element.mem_id)
        if not attribute and not matched:
            return {}
        key = (tuple(matched or ()), attribute)
        if key not in self._merged:
            self._merged[key] = self._style([self._matches[index] for index in key[0]], attribute)
        return self._merged[key]

    def _style(self, matched: list[_Match], attribute: str) -> Declarations:
        normal, important = declarations(attribute) if attribute else ({}, {})
        if not matched:
            return _merged([normal, important]) if important else normal
        first = sorted(matched, key=lambda match: (not match.rule.layered, match.specificity, match.order))
        last = sorted(matched, key=lambda match: (match.rule.layered, match.specificity, match.order))
        return _merged(
            [*(match.rule.normal for match in first), normal, *(match.rule.important for match in last), important]
        )


def _merged(layers: Iterable[Declarations]) -> Declarations:
    style: Declarations = {}
    for layer in layers:
        put(style, layer)
    return style


def _applies(sheet: LexborNode) -> bool:
    """Whether a `<style>` element counts on a screen."""
    attributes: dict[str, str | None] = sheet.attributes
    if (attributes.get("type") or "").strip().lower() not in _SHEET_TYPES:
        return False
    return media_holds((attributes.get("media") or "").lower())
