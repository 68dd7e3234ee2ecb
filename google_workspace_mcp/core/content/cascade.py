"""Which rules of a page's `<style>` elements hold for which element."""

from collections import defaultdict

from selectolax.lexbor import LexborHTMLParser, LexborNode

from google_workspace_mcp.core.content.css import Declarations, Rule, declarations, rules
from google_workspace_mcp.core.content.selectors import Elements


class Cascade:
    """The style of each element as sheets and its own attribute declare it. `complete`: no rule was left out."""

    def __init__(self, page: LexborHTMLParser, tags: int) -> None:
        self._matched: dict[int, list[tuple[tuple[int, int, int], int, Rule]]] = defaultdict(list)
        self._attributes: dict[str, tuple[Declarations, Declarations]] = {}
        elements = Elements(page, tags)
        found = [rule for sheet in page.css("style") for rule in rules(sheet.text_content or sheet.text())]
        for order, rule in enumerate(found):
            for element in elements.matching(rule.selector):
                self._matched[element.mem_id].append((rule.specificity, order, rule))
        self.complete = not elements.exhausted

    def style(self, element: LexborNode, attribute: str) -> Declarations:
        """What holds for the element: special and later rules first, its own attribute over all but `!important`."""
        matched = self._matched.get(element.mem_id)
        if not attribute and not matched:
            return {}
        if attribute not in self._attributes:
            self._attributes[attribute] = declarations(attribute)
        normal, important = self._attributes[attribute]
        if not matched:
            return {**normal, **important} if important else normal
        in_order = [rule for _, _, rule in sorted(matched, key=lambda entry: entry[:2])]
        style: Declarations = {}
        for rule in in_order:
            style.update(rule.normal)
        style.update(normal)
        for rule in in_order:
            style.update(rule.important)
        style.update(important)
        return style
