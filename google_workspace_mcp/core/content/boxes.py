"""Boxes that show nothing: cut off, clipped away, moved out of sight, shrunk to a point."""

import re

from google_workspace_mcp.core.content.colors import transparent_gradient
from google_workspace_mcp.core.content.css import Declarations
from google_workspace_mcp.core.content.lengths import FONT, pixels

_FAR = 400.0  # pixels out of view; a page's own layout shifts by less
_FAR_RIGHT = 2_000.0
# What a percentage of the place around it may come to at least; a shift by that much leads out of it.
_WHOLE = 600.0
_FUNCTION = re.compile(r"([a-z]+(?:3d|x|y|z)?)\(([^()]{1,200}(?:\([^()]{0,80}\)[^()]{0,80})*)\)")
_MATRIX = re.compile(r"[^\d.e+-]+")
_RECT = re.compile(r"rect\(([^()]{1,100})\)")
_INSET = re.compile(r"inset\(([^()]{1,100})\)")
_CLIPPED = re.compile(
    r"(?:circle|ellipse)\(\s*0(?:px|%|em)?[\s)]|"
    r"polygon\(\s*0(?:px|%)?\s+0(?:px|%)?\s*(?:,\s*0(?:px|%)?\s+0(?:px|%)?\s*){0,20}\)"
)
_INLINE = frozenset(("inline", "contents", "ruby"))
_TABLE_PARTS = frozenset(("table", "inline-table", "table-row", "table-cell", "table-row-group"))


def display_of(style: Declarations, own: str, *, item: bool) -> str:
    """The kind of box, `own` being what the tag has without style. A child of a flex or grid box is never inline."""
    display = style.get("display", own)
    if display in {"initial", "unset"}:
        display = "inline"
    taken_out = style.get("position") in {"absolute", "fixed"} or style.get("float", "none") not in {"none", "initial"}
    return "block" if display in {"inline", "ruby"} and (item or taken_out) else display


def clipped_away(style: Declarations) -> bool:
    """Whether `clip`, `clip-path` or a mask leaves nothing of it."""
    # `clip` does nothing to a box that stands where it stood.
    if style.get("position") in {"absolute", "fixed"} and (rect := _RECT.search(style.get("clip", ""))):
        sides = [pixels(part, FONT) for part in re.split(r"[\s,]+", rect[1].strip())]
        if len(sides) == 4 and _nothing_between(sides[0], sides[2]) | _nothing_between(sides[3], sides[1]):
            return True
    path = style.get("clip-path", "")
    if _CLIPPED.search(path) or ((inset := _INSET.search(path)) and _all_inset(inset[1])):
        return True
    return any(transparent_gradient(style.get(name, "")) for name in ("mask", "mask-image"))


def cut_off(style: Declarations, display: str) -> bool:
    """Whether it is a box without height or width whose overflow is not shown."""
    if display in _INLINE or display in _TABLE_PARTS or not _hides_overflow(style):
        return False
    return _flat(style, "height", ("top", "bottom"), None) or _flat(style, "width", ("left", "right"), _WHOLE)


def without_lines(style: Declarations, display: str, font: float) -> bool:
    """Whether it hides what overflows and its own lines have no height."""
    if display in _INLINE or display in _TABLE_PARTS or "line-height" not in style or not _hides_overflow(style):
        return False
    return "height" not in style and "min-height" not in style and line_height(style, font) <= 1.0


def line_height(style: Declarations, font: float) -> float:
    """The height of its lines in pixels."""
    value = style.get("line-height", "")
    try:
        return float(value) * font
    except ValueError:
        found = pixels(value, font, font)
        return font if found is None else found


def far_indent(style: Declarations, font: float) -> bool | None:
    """Whether the beginning of its text is far out of sight; None when the style says nothing of it."""
    found = pixels(style["text-indent"], font, _WHOLE) if "text-indent" in style else None
    return None if found is None else abs(found) >= _FAR * (1 if found < 0 else 5)


def moved_away(style: Declarations, font: float, display: str) -> bool:
    """Whether its place is far out of sight."""
    if style.get("position") in {"absolute", "fixed", "relative"} and _placed_away(style, font):
        return True
    if display == "contents":
        return False
    if any(_far(pixels(style[name], font)) for name in ("margin-left", "margin-top") if name in style):
        # Above and below its line a piece of text has no margins.
        return display != "inline" or _far(pixels(style.get("margin-left", ""), font))
    return display not in {"inline", "ruby"} and any(_far(shift) for shift in _shifts(style, font))


def scaled(style: Declarations, display: str) -> float:
    """What its text is multiplied by, at most 1: 0 for a box turned so that only its edge is seen."""
    zoom = _ratio(style.get("zoom", "")) or 1.0
    if display in _INLINE:
        return min(1.0, zoom)
    factor = min([_ratio(part, 1.0) for part in style.get("scale", "").split()[:2]], default=1.0)
    for name, arguments in _functions(style):
        parts = [part.strip() for part in arguments.split(",")]
        match name:
            case "scale" | "scalex" | "scaley" | "scale3d":
                factor *= min(abs(_ratio(part, 1.0)) for part in parts[:2])
            case "matrix" if len(numbers := _numbers(arguments)) == 6:
                factor *= abs(numbers[0] * numbers[3] - numbers[1] * numbers[2]) ** 0.5
            case "rotatex" | "rotatey":
                factor *= 0.0 if parts[0] in {"90deg", "-90deg", "270deg", "-270deg", "0.25turn", ".25turn"} else 1.0
            case _:
                pass
    return min(1.0, factor * zoom)


def _hides_overflow(style: Declarations) -> bool:
    values = [style.get(name, "visible") for name in ("overflow", "overflow-x", "overflow-y")]
    return any(value.startswith(("hidden", "clip", "scroll", "auto")) for value in values)


def _flat(style: Declarations, side: str, ends: tuple[str, str], whole: float | None) -> bool:
    least = pixels(style.get(f"min-{side}", ""), FONT, whole)
    if least is not None and least > 1.0:
        return False
    # What overflows is seen as far as the padding goes.
    if any((pixels(style.get(f"padding-{end}", ""), FONT, _WHOLE) or 0.0) > 1.0 for end in ends):
        return False
    sizes = [pixels(style[name], FONT, whole) for name in (side, f"max-{side}") if name in style]
    return any(size is not None and size <= 1.0 for size in sizes)


def _nothing_between(start: float | None, end: float | None) -> bool:
    return start is not None and end is not None and end - start <= 1.0


def _all_inset(arguments: str) -> bool:
    sides = [pixels(part, FONT, 100.0) for part in arguments.partition("round")[0].split()]
    if not sides or any(side is None for side in sides) or "px" in arguments:
        # In pixels only what is more than any box counts.
        return bool(sides) and all(side is not None and side >= _FAR_RIGHT for side in sides)
    four = [side or 0.0 for side in (sides * 4)[:4]]
    top, right, bottom, left = four if len(sides) != 3 else (*four[:3], four[1])
    return top + bottom >= 100.0 or left + right >= 100.0


def _placed_away(style: Declarations, font: float) -> bool:
    relative = style.get("position") == "relative"
    for name, opposite in (("left", "right"), ("top", "bottom")):
        # A part of a height that nobody set is none.
        whole = _WHOLE if name == "left" or not relative else None
        near, far = pixels(style.get(name, ""), font, whole), pixels(style.get(opposite, ""), font, whole)
        if near is not None and (_far(near) or (name == "left" and near >= _FAR_RIGHT)):
            return True
        if near is None and far is not None and (far >= _FAR_RIGHT or (name == "left" and far <= -_FAR_RIGHT)):
            return True
    return False


def _shifts(style: Declarations, font: float) -> list[float | None]:
    shifts = [pixels(part, font) for part in style.get("translate", "").split()[:2]]
    for name, arguments in _functions(style):
        parts = [part.strip() for part in arguments.split(",")]
        if name.startswith("translate") and name != "translatez":
            # By its own size: twice that is out of whatever it stands in.
            shifts += [pixels(part, font, _FAR / 2) for part in parts[:2]]
        elif name == "matrix" and len(numbers := _numbers(arguments)) == 6:
            shifts += numbers[4:]
    far_right = any(shift is not None and shift >= _FAR_RIGHT for shift in shifts[:1])
    return [-_FAR] if far_right else shifts


def _functions(style: Declarations) -> list[tuple[str, str]]:
    transform = style.get("transform", "")
    return _FUNCTION.findall(transform[:1000]) if transform else []


def _numbers(arguments: str) -> list[float]:
    try:
        return [float(part) for part in _MATRIX.split(arguments.strip()) if part]
    except ValueError:
        return []


def _ratio(text: str, otherwise: float = 0.0) -> float:
    try:
        return float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        return otherwise


def _far(distance: float | None) -> bool:
    return distance is not None and distance <= -_FAR
