"""Colours of CSS, as far as telling text from its background needs them."""

import re

Color = tuple[int, int, int]

WHITE: Color = (255, 255, 255)
BLACK: Color = (0, 0, 0)
LINK: Color = (17, 85, 204)

# The names that mail is written in. A name that is not here counts as unknown, and unknown text counts as visible.
_NAMES: dict[str, Color] = {
    "white": WHITE,
    "black": BLACK,
    "red": (255, 0, 0),
    "green": (0, 128, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
    "silver": (192, 192, 192),
    "maroon": (128, 0, 0),
    "purple": (128, 0, 128),
    "fuchsia": (255, 0, 255),
    "lime": (0, 255, 0),
    "olive": (128, 128, 0),
    "navy": (0, 0, 128),
    "teal": (0, 128, 128),
    "aqua": (0, 255, 255),
    "orange": (255, 165, 0),
    "whitesmoke": (245, 245, 245),
    "snow": (255, 250, 250),
    "ivory": (255, 255, 240),
    "ghostwhite": (248, 248, 255),
    "floralwhite": (255, 250, 240),
    "lightgray": (211, 211, 211),
    "lightgrey": (211, 211, 211),
    "darkgray": (169, 169, 169),
    "dimgray": (105, 105, 105),
    "gainsboro": (220, 220, 220),
}
_HEX = re.compile(r"^#?([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$")
_FUNCTION = re.compile(r"^rgba?\(([^()]{1,60})\)$")
_PAINTED = re.compile(r"url\(|gradient\(|image-set\(")
_TOKEN = re.compile(r"rgba?\([^()]{1,60}\)|#[0-9a-f]{3,8}|[a-z]+")
# Channels this close look the same on any screen.
_SAME = 10


def color(value: str) -> tuple[Color | None, float]:
    """The colour and its opacity. `(None, 1.0)` for what is not known, `(None, 0.0)` for transparent."""
    value = value.strip().lower()
    if value == "transparent":
        return None, 0.0
    if value in _NAMES:
        return _NAMES[value], 1.0
    if match := _HEX.match(value):
        return _from_hex(match[1])
    if match := _FUNCTION.match(value):
        return _from_numbers(re.split(r"[\s,/]+", match[1].strip()))
    return None, 1.0


def background(value: str) -> tuple[Color | None, bool]:
    """What a `background` paints: a colour, and whether anything at all (an image or gradient is an unknown colour)."""
    value = value.lower()
    if _PAINTED.search(value):
        return None, True
    for token in _TOKEN.findall(value):
        found, alpha = color(token)
        if found is not None and alpha > 0.5:
            return found, True
    return None, False


def look_same(one: Color, other: Color) -> bool:
    """Whether text of one colour on the other cannot be seen."""
    return all(abs(a - b) <= _SAME for a, b in zip(one, other, strict=True))


def _from_hex(digits: str) -> tuple[Color, float]:
    if len(digits) <= 4:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = (int(digits[at : at + 2], 16) for at in (0, 2, 4))
    return (red, green, blue), int(digits[6:8], 16) / 255 if len(digits) == 8 else 1.0


def _from_numbers(parts: list[str]) -> tuple[Color | None, float]:
    try:
        numbers = [float(part.rstrip("%")) * (0.01 if part.endswith("%") else 1) for part in parts]
    except ValueError:
        return None, 1.0
    if len(numbers) < 3:
        return None, 1.0
    channels = [n * 255 if part.endswith("%") else n for n, part in zip(numbers[:3], parts[:3], strict=True)]
    red, green, blue = (min(255, max(0, round(channel))) for channel in channels)
    return (red, green, blue), numbers[3] if len(numbers) > 3 else 1.0
