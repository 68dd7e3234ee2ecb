"""Whether a person sees the text of an element: what its own and its ancestors' styles come to.

Only what is certain hides: an unknown colour, length or selector leaves the text visible.
"""

import re
from dataclasses import dataclass, replace

from google_workspace_mcp.core.content.colors import BLACK, LINK, WHITE, Color, background, color, look_same
from google_workspace_mcp.core.content.css import Declarations, pixels

_FAR = 400.0  # pixels out of view; a page's own layout shifts by less
_TINY_FONT = 2.0
_FAINT = 0.05
_FONT_SIZES = {"xx-small": 9.0, "x-small": 10.0, "small": 13.0, "medium": 16.0, "large": 18.0, "x-large": 24.0}
_SHORTHAND_SIZE = re.compile(r"(?:^|\s)((?:\d+\.?\d*|\.\d+)(?:px|pt|em|rem|%|))(?:\s*/|\s|$)")
_MOVED = re.compile(r"translate(?:x|y|3d)?\(([^()]{1,80})\)")
_SHRUNK = re.compile(r"scale(?:x|y|3d)?\(\s*0*\.?0*\s*[,)]")
_CLIPPED = re.compile(
    r"rect\(\s*[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?\s*\)|inset\(\s*(?:100|[5-9]\d)(?:\.\d+)?%|"
    r"circle\(\s*0|polygon\(\s*0(?:px|%)?\s+0(?:px|%)?\s*(?:,\s*0(?:px|%)?\s+0(?:px|%)?\s*){1,20}\)"
)


@dataclass(frozen=True, slots=True)
class Look:
    """What an element inherits: gone for good, or a state that a descendant can still change."""

    gone: bool = False
    invisible: bool = False
    font: float = 16.0
    color: Color | None = BLACK
    clear: bool = False
    """The text's own colour is transparent."""
    background: Color | None = WHITE

    @property
    def shows_text(self) -> bool:
        """Whether text right here is seen."""
        if self.gone or self.invisible or self.clear or self.font <= _TINY_FONT:
            return False
        return self.color is None or self.background is None or not look_same(self.color, self.background)


def look_of(inherited: Look, tag: str, attributes: dict[str, str | None], style: Declarations) -> Look:
    """How an element looks, from its parent's look, its attributes and its cascaded style."""
    if inherited.gone:
        return inherited
    if _removed(attributes, style) or (style and (_emptied(style) or _moved_away(style, inherited.font))):
        return replace(inherited, gone=True)
    look = inherited
    if tag == "a" and attributes.get("href"):
        look = replace(look, color=LINK, clear=False)
    if "bgcolor" in attributes or "background" in attributes or "color" in attributes:
        look = _with_attributes(look, tag, attributes)
    return _with_style(look, style) if style else look


def _removed(attributes: dict[str, str | None], style: Declarations) -> bool:
    display = style.get("display", "")
    if display == "none" or ("hidden" in attributes and not display):
        return True
    if (attributes.get("aria-hidden") or "").strip().lower() == "true" or style.get("content-visibility") == "hidden":
        return True
    opacity = style.get("opacity", "")
    return _number(opacity, 1.0) <= _FAINT or "opacity(0" in style.get("filter", "").replace(" ", "")


def _number(text: str, otherwise: float) -> float:
    try:
        return float(text.removesuffix("%")) * (0.01 if text.endswith("%") else 1.0)
    except ValueError:
        return otherwise


def _emptied(style: Declarations) -> bool:
    """A box without height or width whose overflow is cut off, or that is clipped to nothing."""
    if _CLIPPED.search(style.get("clip", "")) or _CLIPPED.search(style.get("clip-path", "")):
        return True
    cut = any(style.get(name, "").startswith(("hidden", "clip")) for name in ("overflow", "overflow-x", "overflow-y"))
    sizes = [pixels(style[name], 16.0) for name in ("height", "max-height", "width", "max-width") if name in style]
    return cut and any(size is not None and size <= 1.0 for size in sizes)


def _moved_away(style: Declarations, font: float) -> bool:
    far: list[float | None] = []
    if style.get("position") in {"absolute", "fixed", "relative"}:
        far += [pixels(style[name], font) for name in ("left", "top", "right", "bottom") if name in style]
    for name in ("text-indent", "margin-left", "margin-top"):
        if name in style:
            far.append(pixels(style[name], font))
    transform = style.get("transform", "")
    if _SHRUNK.search(transform):
        return True
    for moved in _MOVED.findall(transform):
        far += [pixels(part, 4.0) for part in moved.split(",")]
    return any(distance is not None and distance <= -_FAR for distance in far) or _beyond_the_right(style, font)


def _beyond_the_right(style: Declarations, font: float) -> bool:
    if style.get("position") not in {"absolute", "fixed"}:
        return False
    right = [pixels(style[name], font) for name in ("left",) if name in style]
    return any(distance is not None and distance >= 5000 for distance in right)


def _with_attributes(look: Look, tag: str, attributes: dict[str, str | None]) -> Look:
    if attributes.get("background"):
        look = replace(look, background=None)
    elif painted := attributes.get("bgcolor"):
        look = replace(look, background=color(painted)[0])
    if tag == "font" and (written := attributes.get("color")):
        look = replace(look, color=color(written)[0], clear=False)
    return look


def _with_style(look: Look, style: Declarations) -> Look:
    if "visibility" in style and style["visibility"] != "inherit":
        look = replace(look, invisible=style["visibility"] in {"hidden", "collapse"})
    look = replace(look, font=_font(style, look.font))
    for name in ("background", "background-color", "background-image"):
        if name in style:
            painted, anything = background(style[name])
            look = replace(look, background=painted) if anything else look
    if "color" in style and style["color"] not in {"inherit", "currentcolor"}:
        written, alpha = color(style["color"])
        look = replace(look, color=written, clear=alpha <= _FAINT)
    return look


def _font(style: Declarations, inherited: float) -> float:
    size = style.get("font-size", "")
    if not size and (match := _SHORTHAND_SIZE.search(style.get("font", ""))):
        size = match[1]
    if size in _FONT_SIZES:
        return _FONT_SIZES[size]
    found = pixels(size, inherited) if size else None
    return inherited if found is None else found
