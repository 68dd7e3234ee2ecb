"""As much of CSS as it takes to tell what a mail or page hides: declarations, and the rules of a style sheet."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from google_workspace_mcp.core.content.conditions import holds
from google_workspace_mcp.core.content.values import ALIASES, PROPERTIES, plausible, spread

Declarations = dict[str, str]

MAX_STYLE_CHARS = 400_000
MAX_RULES = 2_000
_MAX_DEPTH = 20
_LONGEST_SELECTOR = 2_000

_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.DOTALL)
# Strings are stepped over whole: what stands in them neither opens nor ends anything.
_STRING = r"\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\\\n]|\\.)*+'|\\."
_TOKEN = re.compile(_STRING + r"|[()\[\];,]", re.DOTALL)
_BLOCK_TOKEN = re.compile(_STRING + r"|[(){};]", re.DOTALL)
_IMPORTANT = re.compile(r"\s*!\s*important\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rule:
    """A list of selectors with what it declares. `important` wins over what an element says itself.

    `layered` rules stand in a cascade layer: all others win over them, except where both are important.
    """

    selectors: tuple[str, ...]
    normal: Declarations
    important: Declarations
    layered: bool


def declarations(style: str) -> tuple[Declarations, Declarations]:
    """What a style attribute or a rule's body says about visibility: normal and `!important` declarations.

    Values that a browser would not take are left out, so that an earlier good one stays in force.
    """
    normal: Declarations = {}
    important: Declarations = {}
    for part in split_outside(without_comments(style), ";"):
        name, colon, value = part.partition(":")
        name = _unescaped(name.strip())
        if not colon or not (name := name if name.startswith("--") else _property(name.lower())):
            continue
        value, bangs = _IMPORTANT.subn("", value.strip())
        value = _unescaped(value).strip()
        value = value if name.startswith("--") else value.lower()
        if plausible(name, value):
            put(important if bangs else normal, spread(name, value))
    return normal, important


def put(style: Declarations, more: Mapping[str, str]) -> None:
    """Add declarations, each as the last one: which of `background` and `background-color` came last matters."""
    if "all" in more:
        style.clear()
    for name, value in more.items():
        style.pop(name, None)
        style[name] = value


def rules(sheet: str) -> list[Rule]:
    """The rules of a style sheet that hold on a screen and can hide something, in order. Linear in its length."""
    text = without_comments(sheet[:MAX_STYLE_CHARS].replace("<!--", "").replace("-->", ""))
    found: list[Rule] = []
    count = 0
    for block in _Blocks().read(text):
        normal, important = declarations("".join(block.own))
        if not normal and not important:
            continue
        count += len(block.selectors)
        if count > MAX_RULES:
            break
        found.append(Rule(tuple(block.selectors), normal, important, block.layered))
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


def split_outside(text: str, separator: str) -> list[str]:
    """The text split at `;` or `,`, but not inside of strings and brackets."""
    if not any(mark in text for mark in "\"'(\\["):
        return text.split(separator)
    parts: list[str] = []
    depth = start = 0
    for token in _TOKEN.finditer(text):
        if token[0] in "([":
            depth += 1
        elif token[0] in ")]":
            depth = max(0, depth - 1)
        elif token[0] == separator and not depth:
            parts.append(text[start : token.start()])
            start = token.end()
    return [*parts, text[start:]]


def _property(name: str) -> str:
    name = ALIASES.get(name, name)
    return name if name in PROPERTIES else ""


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    if not match[1]:
        return match[2]
    point = int(match[1], 16)
    return chr(point) if 0 < point < 0x110000 and not 0xD800 <= point < 0xE000 else ""


@dataclass(slots=True)
class _Block:
    selectors: list[str]
    holds: bool
    layered: bool
    own: list[str] = field(default_factory=list[str])


class _Blocks:
    """The rules of a sheet, those inside of `@media` and the like and those inside of other rules (CSS nesting)."""

    def __init__(self) -> None:
        self._open: list[_Block] = []
        self._found: list[_Block] = []
        self._too_deep = 0

    def read(self, sheet: str) -> Iterator[_Block]:
        position = depth = 0
        for token in _BLOCK_TOKEN.finditer(sheet):
            mark = token[0]
            if mark in "()":
                depth = max(0, depth + (1 if mark == "(" else -1))
                continue
            # An address without quotes may hold a semicolon.
            if mark not in "{};" or (mark == ";" and depth):
                continue
            piece, position, depth = sheet[position : token.start()], token.end(), 0
            self._take(mark, piece)
        # At the end of a sheet everything that is still open is closed.
        self._own(sheet[position:])
        return (block for block in self._found if block.holds and block.selectors and block.own)

    def _take(self, mark: str, piece: str) -> None:
        if self._too_deep or (mark == "{" and len(self._open) >= _MAX_DEPTH):
            self._too_deep += {"{": 1, "}": -1}.get(mark, 0)
        elif mark == "{":
            self._start(piece.strip())
        else:
            self._own(piece)
            if mark == "}" and self._open:
                self._open.pop()

    def _own(self, piece: str) -> None:
        if self._open and piece.strip():
            self._open[-1].own.append(piece + ";")

    def _start(self, head: str) -> None:
        outer = self._open[-1] if self._open else _Block([], holds=True, layered=False)
        if head.startswith("@"):
            block = _Block(
                outer.selectors, outer.holds and holds(head.lower()), outer.layered or head.lower().startswith("@layer")
            )
        else:
            block = _Block(_within(outer.selectors, head), outer.holds, outer.layered)
        self._open.append(block)
        self._found.append(block)


def _within(outer: list[str], head: str) -> list[str]:
    """The selectors of a rule's head; inside of another rule, together with those of that one."""
    inner = [part.strip() for part in split_outside(head, ",") if part.strip()]
    if not outer:
        return inner
    both = [part.replace("&", parent) if "&" in part else f"{parent} {part}" for parent in outer for part in inner]
    return [selector for selector in both[:MAX_RULES] if len(selector) <= _LONGEST_SELECTOR]
