"""As much of CSS as it takes to tell what a mail or page hides: declarations, rules, colours, lengths."""

import re
from dataclasses import dataclass

Declarations = dict[str, str]

MAX_STYLE_CHARS = 400_000
MAX_RULES = 2_000

# What can hide text, or is needed to tell whether it does. Everything else in a style is skipped.
PROPERTIES = frozenset(
    (
        "display",
        "visibility",
        "opacity",
        "filter",
        "font",
        "font-size",
        "color",
        "background",
        "background-color",
        "background-image",
        "position",
        "left",
        "top",
        "right",
        "bottom",
        "text-indent",
        "margin-left",
        "margin-top",
        "transform",
        "clip",
        "clip-path",
        "overflow",
        "overflow-x",
        "overflow-y",
        "height",
        "max-height",
        "width",
        "max-width",
        "content-visibility",
    )
)
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.DOTALL)
_LENGTH = re.compile(r"^([+-]?(?:\d+\.?\d*|\.\d+))(px|pt|pc|em|rem|ex|ch|in|cm|mm|%|vw|vh|)$")
_PIXELS = {"px": 1.0, "": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78, "vw": 10.0, "vh": 8.0}
# A media query that holds on a desktop screen. Others (print, narrow screens, dark mode) are not what is looked at.
_OTHER_MEDIA = re.compile(
    r"print|speech|max-(?:device-)?width|max-(?:device-)?height|prefers-color-scheme\s*:\s*dark|\bnot\b"
)
_STATE = re.compile(r"::|:(?:hover|focus|active|visited|link|target|checked|before|after|placeholder)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rule:
    """One selector with what it declares. `important` wins over what an element says itself."""

    selector: str
    specificity: tuple[int, int, int]
    normal: Declarations
    important: Declarations


def declarations(style: str) -> tuple[Declarations, Declarations]:
    """What a style attribute or a rule's body says about visibility: normal and `!important` declarations."""
    normal: Declarations = {}
    important: Declarations = {}
    for part in _plain(style).split(";"):
        name, colon, value = part.partition(":")
        name = name.strip().lower()
        if not colon or name not in PROPERTIES:
            continue
        value, bang, _ = value.strip().lower().partition("!important")
        (important if bang else normal)[name] = value.strip()
    return normal, important


def rules(sheet: str) -> list[Rule]:
    """The rules of a style sheet that hold on a screen and can hide something, in order. Linear in its length."""
    found: list[Rule] = []
    for selectors, body in _blocks(without_comments(sheet[:MAX_STYLE_CHARS].replace("<!--", "").replace("-->", ""))):
        normal, important = declarations(body)
        if not normal and not important:
            continue
        for selector in selectors.split(","):
            if len(found) >= MAX_RULES:
                return found
            if (selector := selector.strip()) and not _STATE.search(selector):
                found.append(Rule(selector, _specificity(selector), normal, important))
    return found


def without_comments(text: str) -> str:
    """The text without `/* */`; an unclosed comment reaches to the end."""
    if "/*" not in text:
        return text
    kept: list[str] = []
    position = 0
    while (start := text.find("/*", position)) >= 0:
        kept.append(text[position:start])
        end = text.find("*/", start + 2)
        if end < 0:
            return "".join(kept)
        position = end + 2
    return "".join([*kept, text[position:]])


def pixels(value: str, font: float) -> float | None:
    """A length in CSS pixels; `em` and `%` are of `font`. None for what is no plain length."""
    match = _LENGTH.match(value.strip())
    if not match:
        return None
    number, unit = float(match[1]), match[2]
    if unit in {"em", "%", "ex", "ch"}:
        return number * font * {"em": 1, "%": 0.01, "ex": 0.5, "ch": 0.5}[unit]
    return number * (16.0 if unit == "rem" else _PIXELS[unit])


def _plain(style: str) -> str:
    return _ESCAPE.sub(_unescaped, without_comments(style)) if "\\" in style else without_comments(style)


def _unescaped(match: re.Match[str]) -> str:
    if not match[1]:
        return match[2]
    point = int(match[1], 16)
    return chr(point) if 0 < point < 0x110000 and not 0xD800 <= point < 0xE000 else ""


def _blocks(sheet: str) -> list[tuple[str, str]]:
    """Selector and body of each rule, those inside matching `@media` and `@supports` too."""
    found: list[tuple[str, str]] = []
    heads: list[tuple[str, bool]] = []
    position = 0
    for match in re.finditer(r"[{}]", sheet):
        piece = sheet[position : match.start()]
        position = match.end()
        if match[0] == "{":
            # What stands before a brace after the last ; is the rule's head (an @import may stand before it).
            head = piece.rpartition(";")[2].strip()
            holds = not heads or heads[-1][1]
            heads.append((head, holds and (not head.startswith("@") or _holds(head.lower()))))
        elif heads:
            head, holds = heads.pop()
            if holds and head and not head.startswith("@"):
                found.append((head, piece))
    return found


def _holds(at_rule: str) -> bool:
    if at_rule.startswith("@media"):
        # A list of queries holds when one of them does.
        return any(not _OTHER_MEDIA.search(query) for query in at_rule.removeprefix("@media").split(","))
    return at_rule.startswith(("@supports", "@layer", "@container"))


def _specificity(selector: str) -> tuple[int, int, int]:
    classes = selector.count(".") + selector.count("[") + selector.count(":")
    return selector.count("#"), classes, len(re.findall(r"(?:^|[\s>+~])[a-zA-Z]", selector))
