"""Colours of CSS and of HTML's old attributes, as far as telling text from its background needs them."""

import colorsys
import re

from google_workspace_mcp.core.content.color_names import NAMES, SYSTEM

Color = tuple[int, int, int]

WHITE: Color = (255, 255, 255)
BLACK: Color = (0, 0, 0)

_HEX = re.compile(r"^#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$")
_FUNCTION = re.compile(r"^([a-z-]{2,20})\(([^()]{1,80})\)$")
_KNOWN = ("rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch", "color", "color-mix", "light-dark")
_PAINTED = re.compile(r"url\(|gradient\(|image-set\(|cross-fade\(|paint\(|element\(")
_GRADIENT = re.compile(r"(?:repeating-)?(?:linear|radial|conic)-gradient\(((?:[^()]|\([^()]*\)){1,400})\)")
_TOKEN = re.compile(r"[a-z-]{2,20}\([^()]{1,80}\)|#[0-9a-f]{3,8}\b|[a-z]+")
# Channels this close look the same on any screen.
_SAME = 10


def color(value: str) -> tuple[Color | None, float]:
    """The colour and its opacity. `(None, 1.0)` for what is not known, `(None, 0.0)` for transparent."""
    value = value.strip().lower()
    if value == "transparent":
        return None, 0.0
    if (found := NAMES.get(value) or SYSTEM.get(value)) is not None:
        return found, 1.0
    if match := _HEX.match(value):
        return _from_hex(match[1])
    if match := _FUNCTION.match(value):
        return _from_function(match[1], match[2])
    return None, 1.0


def is_color(value: str) -> bool:
    """Whether a browser takes the value for a colour, also one that is not told here."""
    if value in {"transparent", "currentcolor"} or value in NAMES or value in SYSTEM or _HEX.match(value):
        return True
    return value.partition("(")[0] in _KNOWN and "(" in value


def attribute_color(value: str) -> Color | None:
    """The colour of `bgcolor` and `<font color>`: browsers make one of any word (HTML, legacy colour values)."""
    value = value.strip().lower()
    if not value or value == "transparent":
        return None
    if value in NAMES:
        return NAMES[value]
    if re.fullmatch(r"#[0-9a-f]{3}", value):
        return _from_hex(value[1:])[0]
    digits = re.sub(r"[^0-9a-f]", "0", value[:128].removeprefix("#")) or "0"
    digits = digits.ljust(-(-len(digits) // 3) * 3, "0")
    size = len(digits) // 3
    parts = [digits[at : at + size][-8:] for at in (0, size, 2 * size)]
    while len(parts[0]) > 2 and all(part[0] == "0" for part in parts):
        parts = [part[1:] for part in parts]
    red, green, blue = (int(part[:2], 16) for part in parts)
    return red, green, blue


def background(value: str, own: Color | None = None) -> tuple[Color | None, float]:
    """What a `background` paints: a colour, `(None, 1.0)` where it cannot be told, `(None, 0.0)` for nothing.

    An image is an unknown colour, a gradient too unless all of it is one. `own` is the text's colour.
    """
    value = value.lower()
    if _PAINTED.search(value):
        return _of_gradient(value), 1.0
    for word in _TOKEN.findall(value):
        if word == "currentcolor":
            return own, 1.0
        if is_color(word):
            return color(word)
    return None, 0.0


def blend(over: Color, under: Color, alpha: float) -> Color:
    """The colour that shows where `over` lies on `under` with that opacity."""
    red, green, blue = (round(a * alpha + b * (1 - alpha)) for a, b in zip(over, under, strict=True))
    return red, green, blue


def look_same(one: Color, other: Color) -> bool:
    """Whether text of one colour on the other cannot be seen."""
    return max(abs(one[0] - other[0]), abs(one[1] - other[1]), abs(one[2] - other[2])) <= _SAME


def transparent_gradient(value: str) -> bool:
    """Whether an image is a gradient of which nothing is opaque: as a mask it hides everything."""
    match = _GRADIENT.fullmatch(value.strip())
    stops = [color(token) for token in _TOKEN.findall(match[1]) if is_color(token)] if match else []
    return bool(stops) and all(alpha < 0.02 for _, alpha in stops)


def _of_gradient(value: str) -> Color | None:
    match = _GRADIENT.fullmatch(value.strip())
    if not match:
        return None
    stops = [color(token) for token in _TOKEN.findall(match[1]) if is_color(token)]
    first = stops[0][0] if stops else None
    alike = first is not None and all(
        found is not None and alpha > 0.99 and look_same(found, first) for found, alpha in stops
    )
    return first if alike else None


def _from_hex(digits: str) -> tuple[Color, float]:
    if len(digits) <= 4:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = (int(digits[at : at + 2], 16) for at in (0, 2, 4))
    return (red, green, blue), int(digits[6:8], 16) / 255 if len(digits) == 8 else 1.0


def _from_function(name: str, arguments: str) -> tuple[Color | None, float]:
    parts = [part for part in re.split(r"[\s,/]+", arguments.strip()) if part]
    if name == "color" and parts and parts[0] == "srgb":
        name, parts = "srgb", parts[1:]
    if len(parts) not in {3, 4}:
        return None, 1.0
    try:
        alpha = min(1.0, max(0.0, _fraction(parts[3], 1.0))) if len(parts) == 4 else 1.0
        found = _channels(name, parts)
    except ValueError:
        return None, 1.0
    return found, 1.0 if found is None else alpha


def _channels(name: str, parts: list[str]) -> Color | None:
    first, second, third = parts[:3]
    match name:
        case "rgb" | "rgba":
            return _of([_fraction(part, 255.0) for part in parts[:3]])
        case "srgb":
            return _of([_fraction(part, 1.0) for part in parts[:3]])
        case "hsl" | "hsla":
            light, full = (min(1.0, max(0.0, _fraction(part, 100.0))) for part in (third, second))
            return _of(list(colorsys.hls_to_rgb(_turn(first), light, full)))
        case "hwb":
            return _of_hwb(_turn(first), _fraction(second, 100.0), _fraction(third, 100.0))
        case "lab" | "lch" | "oklab" | "oklch":
            return _of_lightness(_fraction(first, 1.0 if name.startswith("ok") else 100.0))
        case _:
            return None


def _fraction(part: str, whole: float) -> float:
    """A channel as a part of 1; `whole` is what a number without a percent sign is of."""
    if part == "none":
        return 0.0
    return float(part[:-1]) / 100 if part.endswith("%") else float(part) / whole


def _turn(part: str) -> float:
    for unit, whole in (("deg", 360.0), ("grad", 400.0), ("rad", 6.283185), ("turn", 1.0)):
        if part.endswith(unit):
            return float(part.removesuffix(unit)) / whole % 1
    return _fraction(part, 360.0) % 1


def _of(channels: list[float]) -> Color:
    red, green, blue = (round(min(1.0, max(0.0, channel)) * 255) for channel in channels)
    return red, green, blue


def _of_hwb(hue: float, white: float, black: float) -> Color:
    if white + black >= 1:
        return _of([white / (white + black)] * 3)
    return _of([channel * (1 - white - black) + white for channel in colorsys.hls_to_rgb(hue, 0.5, 1.0)])


def _of_lightness(light: float) -> Color | None:
    """Of the device-independent colours only the two ends are told: they are what text is hidden with."""
    return WHITE if light >= 0.999 else BLACK if light <= 0.001 else None
