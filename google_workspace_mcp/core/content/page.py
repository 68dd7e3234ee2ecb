"""From HTML to the tree of what a person sees. Iterative: a page may nest its elements as deep as it likes."""

from dataclasses import dataclass, replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from google_workspace_mcp.core.content.cascade import Cascade
from google_workspace_mcp.core.content.characters import strip_invisible
from google_workspace_mcp.core.content.css import Declarations
from google_workspace_mcp.core.content.lengths import FONT, pixels
from google_workspace_mcp.core.content.pieces import BLOCK, BREAK, PARAGRAPH, RULE, Kind, Piece
from google_workspace_mcp.core.content.visibility import DRESSED, Look, look_of
from google_workspace_mcp.core.content.widgets import folded_by, input_text

# About 10 microseconds each.
MAX_NODES = 80_000
# Of hidden text so much is kept to be looked at, never to be shown.
HIDDEN_KEPT = 20_000
# Lists, quotes and tables inside one another beyond this depth are flattened: their text stays.
MAX_NESTING = 40

_UNSEEN = frozenset(
    (
        "script", "style", "head", "title", "meta", "link", "base", "embed", "param", "source", "track", "rp", "area",
        "col", "colgroup",
    )
)  # fmt: skip
# What may hold text that no reader of the page gets to see. Pictures are not read, whatever is painted in them.
_UNSEEN_TEXT = frozenset(
    (
        "template", "noembed", "noframes", "iframe", "svg", "audio", "video", "datalist", "progress", "meter",
        "annotation", "annotation-xml", "mphantom",
    )
)  # fmt: skip
_BLOCKS = frozenset(
    (
        "div", "section", "article", "header", "footer", "main", "nav", "aside", "form", "fieldset", "legend",
        "address", "center", "figure", "figcaption", "details", "summary", "dl", "dt", "dd", "caption", "thead",
        "tbody", "tfoot", "option", "select", "textarea", "button",
    )
)  # fmt: skip
_NESTED = {
    "a": Kind.LINK, "blockquote": Kind.QUOTE, "ul": Kind.LIST, "menu": Kind.LIST, "dir": Kind.LIST, "ol": Kind.LIST,
    "li": Kind.ITEM, "pre": Kind.PRE, "xmp": Kind.PRE, "listing": Kind.PRE, "table": Kind.TABLE, "tr": Kind.ROW,
    "td": Kind.CELL, "th": Kind.CELL, "h1": Kind.HEADING, "h2": Kind.HEADING, "h3": Kind.HEADING, "h4": Kind.HEADING,
    "h5": Kind.HEADING, "h6": Kind.HEADING,
}  # fmt: skip
_TRACKER_SIDE = 2.0
_FAINT = 0.05


@dataclass(frozen=True, slots=True)
class SeenPage:
    """The tree, how many characters of text were not seen and the beginning of them.

    `complete` tells whether every rule on what is seen was followed; `whole` is False when there was more on the page
    than is walked through.
    """

    body: Piece
    hidden_chars: int
    hidden: str
    complete: bool
    whole: bool = True


@dataclass(frozen=True, slots=True)
class _Visit:
    node: LexborNode
    into: Piece
    look: Look
    depth: int


@dataclass(frozen=True, slots=True)
class _Leave:
    into: Piece
    mark: Piece


class _Reader:
    """One walk over one page."""

    def __init__(self, cascade: Cascade) -> None:
        self.cascade = cascade
        self.hidden = 0
        self.sample: list[str] = []
        self.kept = 0
        self.folded: set[int] = set()
        self.stack: list[_Visit | _Leave] = []

    def read(self, root: LexborNode) -> SeenPage:
        body = Piece(Kind.BODY)
        self.stack.append(_Visit(root, body, Look(), 0))
        visited = 0
        while self.stack:
            step = self.stack.pop()
            if isinstance(step, _Leave):
                step.into.children.append(step.mark)
                continue
            visited += 1
            if visited > MAX_NODES:
                return SeenPage(body, self.hidden, self._sample(), complete=False, whole=False)
            if step.node.is_text_node:
                self._text(step)
            elif step.node.is_element_node:
                self._element(step)
        return SeenPage(body, self.hidden, self._sample(), complete=self.cascade.complete)

    def _text(self, visit: _Visit) -> None:
        text = visit.node.text_content or ""
        if visit.look.shows_text and visit.node.mem_id not in self.folded:
            visit.into.children.append(text)
        else:
            self._count(text)

    def _count(self, text: str) -> None:
        # Padding made of spaces and invisible characters hides nothing.
        words = strip_invisible(text).split()
        self.hidden += sum(map(len, words))
        if words and self.kept < HIDDEN_KEPT:
            self.sample.append(" ".join(words)[:HIDDEN_KEPT])
            self.kept += len(self.sample[-1])

    def _sample(self) -> str:
        return "\n".join(self.sample)

    def _element(self, visit: _Visit) -> None:
        tag = visit.node.tag or ""
        if tag in _UNSEEN:
            return
        attributes: dict[str, str | None] = visit.node.attributes
        if tag in _UNSEEN_TEXT or (tag == "object" and _is_shown_itself(attributes)):
            self._count(visit.node.text())
            return
        style = self.cascade.style(visit.node, attributes.get("style") or "")
        if attributes or style or tag in DRESSED or visit.look.item:
            look = look_of(visit.look, tag, attributes, style)
        else:
            look = visit.look
        if visit.node.mem_id in self.folded or (tag == "dialog" and "open" not in attributes):
            look = replace(look, gone=True)
        elif tag in {"details", "select"}:
            self.folded |= folded_by(visit.node, tag, attributes)
        match tag:
            case "br":
                visit.into.children.append(BREAK)
            case "hr":
                visit.into.children.append(RULE)
            case "img" | "input":
                _image(visit.into, tag, attributes, style, look)
            case _:
                self._descend(visit, tag, attributes, look)

    def _descend(self, visit: _Visit, tag: str, attributes: dict[str, str | None], look: Look) -> None:
        into, depth = visit.into, visit.depth
        mark = PARAGRAPH if tag == "p" else BLOCK if tag in _BLOCKS else None
        kind = _NESTED.get(tag)
        if kind and depth < MAX_NESTING:
            into, depth = Piece(kind, _value(tag, attributes)), depth + 1
            visit.into.children.append(into)
        elif kind and kind is not Kind.LINK:
            mark = BLOCK
        if mark:
            into.children.append(mark)
            self.stack.append(_Leave(into, mark))
        child = visit.node.last_child
        while child is not None:
            self.stack.append(_Visit(child, into, look, depth))
            child = child.prev


def seen_page(html: str, tags: int) -> SeenPage:
    """What a person sees of the page. `tags` is about how many tags it has, which bounds the work on its styles."""
    parsed = LexborHTMLParser(html)
    if parsed.root is None:
        return SeenPage(Piece(Kind.BODY), 0, "", complete=True)
    return _Reader(Cascade(parsed, tags)).read(parsed.root)


def _value(tag: str, attributes: dict[str, str | None]) -> str:
    match tag:
        case "a":
            return attributes.get("href") or ""
        case "th":
            return "head"
        case "ol":
            start = (attributes.get("start") or "1").strip()
            return start if start.isdecimal() and len(start) <= 6 else "1"
        case "table":
            return "layout" if (attributes.get("role") or "").lower() in {"presentation", "none"} else ""
        case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
            return tag[1]
        case _:
            return ""


def _is_shown_itself(attributes: dict[str, str | None]) -> bool:
    """Whether an object is there without asking anybody, so that what stands for it is not."""
    return (attributes.get("data") or "").strip().lower().startswith("data:")


def _image(into: Piece, tag: str, attributes: dict[str, str | None], style: Declarations, look: Look) -> None:
    if look.gone or look.invisible or look.cut or look.opacity * look.scale <= _FAINT:
        return
    if tag == "input":
        if look.shows_text and (written := input_text(attributes)):
            into.children.append(f" {written} ")
        return
    sides = [_attribute_side(attributes.get(name)) for name in ("width", "height")]
    sides += [pixels(style[name], FONT) for name in ("width", "height", "max-width", "max-height") if name in style]
    if any(side is not None and side <= _TRACKER_SIDE for side in sides):
        return
    if alt := " ".join((attributes.get("alt") or "").split()):
        into.children.append(Piece(Kind.IMAGE, alt))


def _attribute_side(value: str | None) -> float | None:
    digits = (value or "").strip().lower().removesuffix("px")
    return float(digits) if digits.isascii() and digits.isdigit() and len(digits) < 7 else None
