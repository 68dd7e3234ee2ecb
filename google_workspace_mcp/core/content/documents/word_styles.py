"""What Word's styles and numberings say of a paragraph: heading, list, and whether it is seen."""

import re
from collections import Counter
from dataclasses import dataclass, field

from google_workspace_mcp.core.content.colors import WHITE, color, look_same
from google_workspace_mcp.core.content.documents.markup import Attributes, Events

_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)
_OFF = frozenset(("0", "false", "off"))
# Half points; what is smaller than 2 pixels is not read by anybody.
_TINY = 3
_MOST_STYLES = 10_000
_DEEPEST = 20


def is_on(attributes: Attributes) -> bool:
    """Whether a property that is written is on: it is, unless it says otherwise."""
    return attributes.get("w:val", "true").lower() not in _OFF


@dataclass(slots=True)
class Run:
    """How characters look; None where nothing is said."""

    gone: bool | None = None
    white: bool | None = None
    tiny: bool | None = None
    shaded: bool | None = None
    style: str = ""

    def take(self, tag: str, attributes: Attributes) -> None:
        """A property of a run."""
        match tag:
            case "w:vanish" | "w:specVanish":
                self.gone = is_on(attributes)
            case "w:color":
                self.white = is_white(attributes.get("w:val", ""))
            case "w:sz":
                size = attributes.get("w:val", "")
                self.tiny = size.isascii() and size.isdigit() and len(size) < 6 and int(size) <= _TINY
            case "w:shd":
                self.shaded = is_shade(attributes)
            case "w:highlight":
                self.shaded = attributes.get("w:val", "none") not in {"none", "white"}
            case "w:rStyle":
                self.style = attributes.get("w:val", "")
            case _:
                pass

    def over(self, under: "Run") -> "Run":
        """This look where it says something, the other one elsewhere."""
        return Run(
            under.gone if self.gone is None else self.gone,
            under.white if self.white is None else self.white,
            under.tiny if self.tiny is None else self.tiny,
            under.shaded if self.shaded is None else self.shaded,
        )


def is_white(value: str) -> bool:
    """Whether a colour is the page's own."""
    found, _ = color("#" + value)
    return found is not None and look_same(found, WHITE)


def is_shade(attributes: Attributes) -> bool:
    """Whether a shading paints anything that white text would be seen on."""
    fill = attributes.get("w:fill", "auto")
    pattern = attributes.get("w:val", "clear") not in {"clear", "nil"}
    return pattern or bool(attributes.get("w:themeFill")) or not (fill == "auto" or is_white(fill))


@dataclass(slots=True)
class Style:
    """One style: its name, what it is based on, its outline level (0 is the first), its list, its look."""

    name: str = ""
    based_on: str = ""
    outline: int | None = None
    list_id: str = ""
    level: int = 0
    run: Run = field(default_factory=Run)


class Styles(Events):
    """Takes the events of `styles.xml`."""

    def __init__(self) -> None:
        self._styles: dict[str, Style] = {}
        self._style: Style | None = None
        self.default = ""

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag == "w:style":
            self._style = Style()
            if len(self._styles) < _MOST_STYLES:
                self._styles[attributes.get("w:styleId", "")] = self._style
            if attributes.get("w:type") == "paragraph" and is_on({"w:val": attributes.get("w:default", "0")}):
                self.default = attributes.get("w:styleId", "")
        elif self._style is not None:
            self._take(self._style, tag, attributes.get("w:val", ""), attributes)

    @staticmethod
    def _take(style: Style, tag: str, value: str, attributes: Attributes) -> None:
        match tag:
            case "w:name":
                style.name = value
            case "w:basedOn":
                style.based_on = value
            case "w:outlineLvl":
                style.outline = small(value)
            case "w:numId":
                style.list_id = value
            case "w:ilvl":
                style.level = small(value)
            case _:
                style.run.take(tag, attributes)

    def end(self, tag: str) -> None:
        if tag == "w:style":
            self._style = None

    def chain(self, name: str) -> list[Style]:
        """The style and those that it is based on, itself first."""
        found: list[Style] = []
        while name in self._styles and len(found) < _DEEPEST:
            found.append(self._styles[name])
            name = found[-1].based_on
        return found

    def run(self, name: str) -> Run:
        """The look that a style gives to characters."""
        look = Run()
        for style in self.chain(name):
            look = look.over(style.run)
        return look

    def heading(self, name: str) -> int:
        """1 to 9 for a heading, 1 for a title, 0 for other text."""
        for style in self.chain(name):
            if match := _HEADING.fullmatch(style.name.strip()):
                return int(match[1])
            if style.name.strip().lower() == "title":
                return 1
            if style.outline is not None:
                return style.outline + 1 if style.outline < 9 else 0
        return 0

    def list_of(self, name: str) -> tuple[str, int]:
        """The numbering that a style brings, and its level."""
        for style in self.chain(name):
            if style.list_id:
                return style.list_id, style.level
        return "", 0


class Lists(Events):
    """Takes the events of `numbering.xml`; then counts."""

    def __init__(self) -> None:
        self._levels: dict[tuple[str, int], str] = {}
        self._of: dict[str, str] = {}
        self._abstract = self._concrete = ""
        self._level = 0
        self._counts: Counter[tuple[str, int]] = Counter()

    def start(self, tag: str, attributes: Attributes) -> None:
        value = attributes.get("w:val", "")
        match tag:
            case "w:abstractNum":
                self._abstract = attributes.get("w:abstractNumId", "")
            case "w:lvl":
                self._level = small(attributes.get("w:ilvl", ""))
            case "w:numFmt" if len(self._levels) < _MOST_STYLES:
                self._levels.setdefault((self._abstract, self._level), value)
            case "w:num":
                self._concrete = attributes.get("w:numId", "")
            case "w:abstractNumId" if len(self._of) < _MOST_STYLES:
                self._of[self._concrete] = value
            case _:
                pass

    def mark(self, list_id: str, level: int) -> str:
        """What stands before the next item: `- ` or its number, indented by its level. "" for no list."""
        if list_id not in self._of:
            return ""
        shape = self._levels.get((self._of[list_id], level), "bullet")
        if shape == "none":
            return ""
        indent = "  " * min(level, 8)
        if shape == "bullet":
            return f"{indent}- "
        self._counts[list_id, level] += 1
        for deeper in range(level + 1, 10):
            self._counts.pop((list_id, deeper), None)
        return f"{indent}{self._counts[list_id, level]}. "


def small(text: str) -> int:
    """A number of a few digits, 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
