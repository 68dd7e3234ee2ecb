"""The properties of CSS that can hide text, and which values of them a browser takes."""

import re
from collections.abc import Mapping

from google_workspace_mcp.core.content.colors import is_color
from google_workspace_mcp.core.content.lengths import pixels

# Everything else in a style is skipped.
PROPERTIES = frozenset(
    (
        "display", "visibility", "opacity", "filter", "font", "font-size", "line-height", "color", "background",
        "background-color", "background-image", "background-clip", "text-shadow", "-webkit-text-fill-color",
        "-webkit-text-stroke", "position", "left", "top", "right", "bottom", "inset", "float", "text-indent", "margin",
        "margin-left", "margin-top", "transform", "scale", "translate", "zoom", "clip", "clip-path", "mask",
        "mask-image", "overflow", "overflow-x", "overflow-y", "height", "max-height", "min-height", "width",
        "max-width", "min-width", "padding", "padding-top", "padding-bottom", "padding-left", "padding-right",
        "content-visibility", "all",
    )
)  # fmt: skip
ALIASES = {
    "-webkit-transform": "transform", "-webkit-filter": "filter", "-webkit-clip-path": "clip-path",
    "-webkit-mask": "mask", "-webkit-mask-image": "mask-image", "-webkit-background-clip": "background-clip",
    "-webkit-opacity": "opacity", "inset-inline-start": "left", "inset-inline-end": "right",
    "inset-block-start": "top", "inset-block-end": "bottom", "margin-inline-start": "margin-left",
    "margin-block-start": "margin-top", "block-size": "height", "max-block-size": "max-height",
    "min-block-size": "min-height", "inline-size": "width", "max-inline-size": "max-width",
    "min-inline-size": "min-width", "overflow-inline": "overflow-x", "overflow-block": "overflow-y",
}  # fmt: skip
KEYWORDS = frozenset(("inherit", "initial", "unset", "revert", "revert-layer"))
_DISPLAY = re.compile(
    r"(?:none|contents|inline|block|flow-root|list-item|run-in|flow|(?:inline-)?(?:block|flex|grid|table)|ruby|math|"
    r"table-(?:row|cell|column|caption|row-group|header-group|footer-group|column-group)|-webkit-(?:inline-)?(?:box|flex))"
    r"(?:\s+(?:flow|flow-root|flex|grid|table|list-item|block|inline))?"
)
_ALLOWED = {
    "display": _DISPLAY,
    "visibility": re.compile(r"visible|hidden|collapse"),
    "opacity": re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,2})?%?|calc\(.*\)"),
    "position": re.compile(r"static|relative|absolute|fixed|sticky|-webkit-sticky"),
    "float": re.compile(r"none|left|right|inline-start|inline-end"),
    "content-visibility": re.compile(r"visible|hidden|auto"),
    "zoom": re.compile(r"normal|reset|[+]?(?:\d+\.?\d*|\.\d+)%?"),
}
_OVERFLOW = re.compile(
    r"(?:visible|hidden|clip|scroll|auto|overlay)(?:\s+(?:visible|hidden|clip|scroll|auto|overlay))?"
)
_SIZE_WORDS = frozenset(
    (
        "auto", "none", "min-content", "max-content", "fit-content", "stretch", "-webkit-fill-available", "smaller",
        "larger", "xx-small", "x-small", "small", "medium", "large", "x-large", "xx-large", "xxx-large", "normal",
    )
)  # fmt: skip
_LENGTHS = frozenset(
    (
        "font-size", "left", "top", "right", "bottom", "text-indent", "margin-left", "margin-top", "height",
        "max-height", "min-height", "width", "max-width", "min-width", "padding-top", "padding-bottom",
        "padding-left", "padding-right",
    )
)  # fmt: skip
_COLORS = frozenset(("color", "background-color", "-webkit-text-fill-color"))
_NOT_NEGATIVE = frozenset(("font-size", "height", "max-height", "width", "max-width", "min-height", "min-width"))
_VAR = re.compile(r"var\(\s*(--[^\s,()]{1,100})\s*(?:,([^()]*(?:\([^()]*\)[^()]*)*))?\)")
_MAX_VALUE = 500
_MAX_VARIABLES = 200


def plausible(name: str, value: str) -> bool:
    """Whether a browser would take the value. What is too new or too rare to be told is taken."""
    if value in KEYWORDS or name.startswith("--") or "var(" in value:
        return True
    if allowed := _ALLOWED.get(name) or (_OVERFLOW if name.startswith("overflow") else None):
        return allowed.fullmatch(value) is not None
    if name in _COLORS:
        return is_color(value)
    return _is_length(name, value) if name in _LENGTHS else bool(value)


def _is_length(name: str, value: str) -> bool:
    length = pixels(value, 16.0, 100.0)
    if length is None:
        return value in _SIZE_WORDS or "(" in value
    return length >= 0 or name not in _NOT_NEGATIVE or "(" in value


def spread(name: str, value: str) -> dict[str, str]:
    """The declaration; a shorthand of four sides as those of them that matter."""
    if name not in {"margin", "inset", "padding"}:
        return {name: value}
    sides = value.split() if "(" not in value else [value]
    if not 1 <= len(sides) <= 4:
        return {}
    if name != "padding" and any(
        pixels(side, 16.0, 100.0) is None and side not in {"auto", *KEYWORDS} for side in sides
    ):
        return {}
    top, right, bottom, left = (sides * 4)[:4] if len(sides) in {1, 2, 4} else (*sides, sides[1])
    prefix = "" if name == "inset" else f"{name}-"
    every = {"top": top, "right": right, "bottom": bottom, "left": left}
    return {f"{prefix}{side}": each for side, each in every.items() if f"{prefix}{side}" in PROPERTIES}


def resolved(style: Mapping[str, str], variables: Mapping[str, str]) -> dict[str, str]:
    """The style with `var()` filled in. A declaration whose variable is not there counts as not made."""
    filled: dict[str, str] = {}
    for name, value in style.items():
        if "var(" not in value:
            filled[name] = value
        elif not name.startswith("--") and (told := _filled(value, variables)) and plausible(name, told.lower()):
            filled.update(spread(name, told.lower()))
    return filled


def with_own(variables: Mapping[str, str], style: Mapping[str, str]) -> Mapping[str, str]:
    """The variables that hold inside of an element: those around it and its own."""
    own = {name: value for name, value in style.items() if name.startswith("--")}
    if not own or len(variables) + len(own) > _MAX_VARIABLES:
        return variables
    return {**variables, **{name: _filled(value, {**variables, **own}) for name, value in own.items()}}


def _filled(value: str, variables: Mapping[str, str]) -> str:
    for _ in range(5):
        if "var(" not in value or len(value) > _MAX_VALUE:
            break
        value = _VAR.sub(lambda match: variables.get(match[1], (match[2] or "")).strip(), value)
    return "" if "var(" in value or len(value) > _MAX_VALUE else value.strip()
