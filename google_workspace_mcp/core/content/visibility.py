"""Whether a person sees the text of an element: what its own and its ancestors' styles come to.

Only what is certain hides: an unknown colour, length or selector leaves the text visible.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from google_workspace_mcp.core.content.boxes import (
    clipped_away,
    cut_off,
    display_of,
    far_indent,
    line_height,
    moved_away,
    scaled,
    without_lines,
)
from google_workspace_mcp.core.content.colors import (
    BLACK,
    WHITE,
    Color,
    attribute_color,
    background,
    blend,
    color,
    look_same,
)
from google_workspace_mcp.core.content.css import Declarations
from google_workspace_mcp.core.content.lengths import FONT, pixels
from google_workspace_mcp.core.content.values import resolved, with_own

_TINY_FONT = 2.0
_FAINT = 0.05
_FONT_SIZES = {
    "xx-small": 9.0, "x-small": 10.0, "small": 13.0, "medium": 16.0, "large": 18.0, "x-large": 24.0, "xx-large": 32.0,
    "initial": 16.0,
}  # fmt: skip
# A size in the `font` shorthand counts only with a family after it.
_SHORTHAND_SIZE = re.compile(
    r"(?:^|\s)((?:\d+\.?\d*|\.\d+)(?:px|pt|pc|mm|cm|in|em|rem|ex|ch|vw|vh|q|%)|0)(?:\s*/\s*\S+)?\s+\S"
)
_FILTERED = re.compile(r"(opacity|blur)\(\s*([\d.]+)(px|%|em|rem|)\s*\)")
_BLURRED = 8.0
_NO_BOX = frozenset(("none", "table-column", "table-column-group"))
_BLOCK = frozenset(
    (
        "html", "body", "address", "article", "aside", "blockquote", "center", "dd", "details", "dialog", "dir", "div",
        "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
        "hgroup", "hr", "legend", "li", "listing", "main", "menu", "nav", "ol", "optgroup", "option", "p", "plaintext",
        "pre", "search", "section", "summary", "ul", "xmp",
    )
)  # fmt: skip
_OWN_DISPLAY = {
    "table": "table", "td": "table-cell", "th": "table-cell", "tr": "table-row", "tbody": "table-row-group",
    "thead": "table-row-group", "tfoot": "table-row-group", "caption": "block", "button": "inline-block",
    "textarea": "inline-block", "select": "inline-block", "marquee": "inline-block", **dict.fromkeys(_BLOCK, "block"),
}  # fmt: skip
_PAINTED_TAGS = frozenset(("body", "table", "thead", "tbody", "tfoot", "tr", "td", "th"))
# What a browser paints these with when nobody says otherwise.
_FIELDS = frozenset(("button", "select", "textarea", "input"))
_FIELD_BACKGROUNDS = {"button": (239, 239, 239)}
_MARKED: Color = (255, 255, 0)


# Tags that look another way than their parent without any attribute.
DRESSED = _FIELDS | {"mark"}


@dataclass(frozen=True, slots=True)
class Look:
    """What an element inherits: gone for good, or a state that a descendant can still change."""

    gone: bool = False
    invisible: bool = False
    cut: bool = False
    """Inside of a box that shows nothing of it, unless it is positioned out of there."""
    flat: bool = False
    """In lines without height that are cut off."""
    indented: bool = False
    font: float = FONT
    scale: float = 1.0
    opacity: float = 1.0
    color: Color | None = BLACK
    alpha: float = 1.0
    """Of the text's own colour."""
    fill: tuple[Color | None, float] | None = None
    """What is painted instead of the colour (`-webkit-text-fill-color`)."""
    outlined: bool = False
    """A shadow, an outline or a painted pattern shows the letters whatever their colour is."""
    background: Color | None = WHITE
    item: bool = False
    """A child of a flex or grid box."""
    variables: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def shows_text(self) -> bool:
        """Whether text right here is seen."""
        if self.gone or self.invisible or self.cut or self.flat or self.indented:
            return False
        if self.font * self.scale <= _TINY_FONT or self.opacity <= _FAINT:
            return False
        ink, alpha = self.fill or (self.color, self.alpha)
        if self.outlined:
            return True
        alpha *= self.opacity
        if alpha <= _FAINT:
            return False
        if ink is None or self.background is None:
            return True
        seen = ink if alpha >= 1.0 else blend(ink, self.background, alpha)
        return not look_same(seen, self.background)


def look_of(inherited: Look, tag: str, attributes: dict[str, str | None], style: Declarations) -> Look:
    """How an element looks, from its parent's look, its attributes and its cascaded style."""
    if inherited.gone:
        return inherited
    look = replace(inherited, item=False) if inherited.item else inherited
    if style and (inherited.variables or any(name.startswith("--") for name in style)):
        look = replace(look, variables=with_own(look.variables, style))
    style = resolved(style, look.variables) if style else style
    if _removed(attributes, style):
        return replace(look, gone=True)
    look = _with_tag(look, tag, attributes)
    if not style:
        return look
    look = _with_style(look, style, inherited)
    return _with_box(look, style, display_of(style, _OWN_DISPLAY.get(tag, "inline"), item=inherited.item))


def _removed(attributes: dict[str, str | None], style: Declarations) -> bool:
    display = style.get("display", "")
    if display in _NO_BOX or style.get("content-visibility") == "hidden":
        return True
    if "hidden" in attributes and (not display or (attributes["hidden"] or "").lower() == "until-found"):
        return True
    if "popover" in attributes and not display:
        return True
    return (attributes.get("aria-hidden") or "").strip().lower() == "true"


def _with_tag(look: Look, tag: str, attributes: dict[str, str | None]) -> Look:
    """What the tag and its old attributes say."""
    if tag in _PAINTED_TAGS:
        if attributes.get("background"):
            look = replace(look, background=None)
        elif painted := attribute_color(attributes.get("bgcolor") or ""):
            look = replace(look, background=painted)
        if tag == "body" and (written := attribute_color(attributes.get("text") or "")):
            look = replace(look, color=written, alpha=1.0)
    elif tag == "font" and (written := attribute_color(attributes.get("color") or "")):
        look = replace(look, color=written, alpha=1.0)
    elif tag == "a" and "href" in attributes:
        # Each program has its own blue.
        look = replace(look, color=None, alpha=1.0)
    elif tag == "mark":
        look = replace(look, color=BLACK, alpha=1.0, background=_MARKED)
    elif tag in _FIELDS:
        look = replace(look, color=BLACK, alpha=1.0, font=13.3, background=_FIELD_BACKGROUNDS.get(tag, WHITE))
    return look


def _with_box(look: Look, style: Declarations, display: str) -> Look:
    if display == "contents":
        return look
    if style.get("position") in {"absolute", "fixed"} and look.cut:
        look = replace(look, cut=False)
    if clipped_away(style) or moved_away(style, look.font, display):
        return replace(look, gone=True)
    if cut_off(style, display):
        # What is positioned inside of a box that is positioned itself is cut off with it.
        standing = style.get("position", "static") in {"static", "initial"}
        look = replace(look, cut=True) if standing else replace(look, gone=True)
    if "line-height" in style:
        look = replace(look, flat=without_lines(style, display, look.font) or (look.flat and _no_line(style, look)))
    if display not in {"inline", "ruby"} and (indented := far_indent(style, look.font)) is not None:
        look = replace(look, indented=indented)
    factor = scaled(style, display)
    opacity = _opacity(style)
    if factor < 1.0 or opacity < 1.0:
        look = replace(look, scale=look.scale * factor, opacity=look.opacity * opacity)
    return replace(look, item=True) if display.endswith(("flex", "grid")) else look


def _no_line(style: Declarations, look: Look) -> bool:
    return line_height(style, look.font) <= 1.0


def _opacity(style: Declarations) -> float:
    opacity = _number(style.get("opacity", ""), 1.0)
    for kind, amount, unit in _FILTERED.findall(style.get("filter", "")):
        if kind == "opacity":
            opacity *= _number(amount + unit.replace("px", ""), 1.0)
        elif (pixels(amount + unit, FONT) or 0.0) >= _BLURRED:
            opacity = 0.0
    return min(1.0, max(0.0, opacity))


def _number(text: str, otherwise: float) -> float:
    try:
        return float(text.removesuffix("%")) * (0.01 if text.endswith("%") else 1.0)
    except ValueError:
        return otherwise


def _with_style(look: Look, style: Declarations, parent: Look) -> Look:
    if "visibility" in style and style["visibility"] not in {"inherit", "unset"}:
        look = replace(look, invisible=style["visibility"] in {"hidden", "collapse"})
    if "font-size" in style or "font" in style:
        look = replace(look, font=_font(style, parent.font))
    look = _with_ink(look, style, parent)
    look = _with_background(look, style)
    if "text-shadow" in style or "-webkit-text-stroke" in style:
        look = replace(look, outlined=_outlined(style, look))
    return look


def _with_ink(look: Look, style: Declarations, parent: Look) -> Look:
    if "color" in style:
        match style["color"]:
            case "inherit" | "currentcolor" | "unset":
                look = replace(look, color=parent.color, alpha=parent.alpha)
            case "initial":
                look = replace(look, color=BLACK, alpha=1.0)
            case written:
                ink, alpha = color(written)
                look = replace(look, color=ink, alpha=alpha)
    if "-webkit-text-fill-color" in style:
        filled = style["-webkit-text-fill-color"]
        if filled in {"currentcolor", "initial"}:
            look = replace(look, fill=None)
        elif filled not in {"inherit", "unset"}:
            look = replace(look, fill=color(filled))
    return look


def _with_background(look: Look, style: Declarations) -> Look:
    if "text" in style.get("background-clip", "") or style.get("background", "").endswith(" text"):
        # The background is painted through the letters.
        return replace(look, outlined=True)
    paint: tuple[Color | None, float] = (None, 0.0)
    image: tuple[Color | None, float] = (None, 0.0)
    own = look.fill[0] if look.fill else look.color
    for name, value in style.items():
        match name:
            case "background":
                paint = image = background(value, own)
            case "background-color":
                paint = background(value, own)
            case "background-image":
                image = background(value)
            case _:
                pass
    shown = image if image[1] > _FAINT else paint
    if shown[1] <= _FAINT:
        return look
    if shown[0] is None:
        return replace(look, background=None)
    under = look.background if shown[1] < 1.0 else shown[0]
    return replace(look, background=blend(shown[0], under, shown[1]) if under else None)


def _outlined(style: Declarations, look: Look) -> bool:
    """Whether a shadow or an outline of another colour than what is behind shows the letters."""
    for name in ("text-shadow", "-webkit-text-stroke"):
        value = style.get(name, "none")
        if value in {"none", "initial", "0", "0px"} or (value.startswith(("0 ", "0px ")) and name != "text-shadow"):
            continue
        # Without a colour of its own it has the text's.
        ink, alpha = background(value)
        if "(" in value and ink is None and alpha > _FAINT:
            return True
        if ink is not None and alpha > 4 * _FAINT and (look.background is None or not look_same(ink, look.background)):
            return True
    return look.outlined and not {"text-shadow", "-webkit-text-stroke"} & style.keys()


def _font(style: Declarations, inherited: float) -> float:
    for name in reversed(list(style)):
        size = style[name] if name == "font-size" else ""
        if name == "font" and (match := _SHORTHAND_SIZE.search(style["font"])):
            size = match[1]
        if size in _FONT_SIZES:
            return _FONT_SIZES[size]
        found = pixels(size, inherited, inherited) if size else None
        if found is not None:
            return found
    return inherited
