"""How a workbook's cells look: which numbers are dates, and which cells show nothing."""

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from google_workspace_mcp.core.content.colors import WHITE, color, look_same
from google_workspace_mcp.core.content.documents.markup import Attributes, Events

# Built-in formats that show a date or a time (ISO/IEC 29500-1, 18.8.30), the East Asian ones included.
_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_PERCENTS = frozenset((9, 10))
_LITERALS = re.compile(r"\"[^\"]*\"|\\.|\[[^\]]*\]|_.|\*.")
_MOST_STYLES = 100_000
# In Excel's default theme the first colour is the window's white.
_WHITE_THEME = "0"
_EPOCH_1900 = datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet's dates have no zone
_EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001


@dataclass(frozen=True, slots=True)
class Look:
    """What a format makes of a number."""

    date: bool = False
    percent: bool = False
    unseen: bool = False


PLAIN = Look()


class Styles(Events):
    """Takes the events of `styles.xml`; then `look` answers for the number of a style."""

    def __init__(self) -> None:
        self.looks: list[Look] = []
        self._formats: dict[int, str] = {}
        self._white_fonts: list[bool] = []
        self._painted: list[bool] = []
        self._section = ""

    def look(self, style: str) -> Look:
        """The look of a cell with this style; the plain one for a number that is not there."""
        index = int(style) if style.isascii() and style.isdigit() and len(style) < 8 else -1
        return self.looks[index] if 0 <= index < len(self.looks) else PLAIN

    def start(self, tag: str, attributes: Attributes) -> None:
        match tag:
            case "fonts" | "fills" | "cellXfs" | "numFmts" | "dxfs" | "cellStyleXfs":
                self._section = tag
            case "numFmt" if self._section == "numFmts":
                self._formats[_number(attributes.get("numFmtId", ""))] = attributes.get("formatCode", "")
            case "font" if self._section == "fonts":
                self._white_fonts.append(False)
            case "color" if self._section == "fonts" and self._white_fonts:
                self._white_fonts[-1] = _is_white(attributes)
            case "fill" if self._section == "fills":
                self._painted.append(False)
            case "patternFill" if self._section == "fills" and self._painted:
                self._painted[-1] = attributes.get("patternType", "none") != "none"
            case "gradientFill" if self._section == "fills" and self._painted:
                self._painted[-1] = True
            case "fgColor" if self._section == "fills" and self._painted and self._painted[-1]:
                self._painted[-1] = not _is_white(attributes)
            case "xf" if self._section == "cellXfs" and len(self.looks) < _MOST_STYLES:
                self.looks.append(self._look(attributes))
            case _:
                pass

    def end(self, tag: str) -> None:
        if tag == self._section:
            self._section = ""

    def _look(self, attributes: Attributes) -> Look:
        number = _number(attributes.get("numFmtId", ""))
        code = self._formats.get(number, "")
        font, fill = _number(attributes.get("fontId", "")), _number(attributes.get("fillId", ""))
        white = font < len(self._white_fonts) and self._white_fonts[font]
        painted = fill < len(self._painted) and self._painted[fill]
        bare = _LITERALS.sub("", code).lower().replace("general", "")
        return Look(
            date=number in _DATES or bool(re.search(r"[dmyhs]", bare)),
            percent=number in _PERCENTS or "%" in bare,
            # Three empty sections show neither numbers nor text.
            unseen=code.replace(" ", "") == ";;;" or (white and not painted),
        )


def _is_white(attributes: Attributes) -> bool:
    if attributes.get("theme") == _WHITE_THEME and not attributes.get("tint"):
        return True
    # ARGB; the alpha is not used by Excel.
    found, _ = color("#" + attributes.get("rgb", "")[-6:])
    return found is not None and look_same(found, WHITE)


def number_text(value: str, look: Look, *, from_1904: bool) -> str:
    """A number as a sheet shows it, as far as that changes what it says: dates, times, percents, 15 digits."""
    try:
        number = float(value)
    except ValueError:
        return value
    if look.date and (moment := _moment(number, from_1904=from_1904)):
        return moment
    if not math.isfinite(number):
        return value
    if look.percent:
        return f"{_digits(number * 100)}%"
    return _digits(number)


def _digits(number: float) -> str:
    if number == int(number) and abs(number) < 1e15:
        return str(int(number))
    return f"{number:.15g}"


def _moment(number: float, *, from_1904: bool) -> str:
    if not 0 <= number < 2_958_466:  # the end of the year 9999
        return ""
    moment = (_EPOCH_1904 if from_1904 else _EPOCH_1900) + timedelta(seconds=round(number * 86_400))
    clock = f"{moment:%H:%M}" if moment.second == 0 else f"{moment:%H:%M:%S}"
    if number < 1:
        return clock
    return f"{moment:%Y-%m-%d}" if clock == "00:00" else f"{moment:%Y-%m-%d} {clock}"


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0
