"""Whether a conditional group of a style sheet holds on the screen that pages are looked at with here.

That is a desktop window of 1280 by 800 pixels, light colours, a mouse. What is not known does not hold.
"""

import re

from google_workspace_mcp.core.content.lengths import FONT, pixels
from google_workspace_mcp.core.content.values import PROPERTIES

WIDTH, HEIGHT = 1280.0, 800.0
_LONGEST = 2_000
_FEATURE = re.compile(r"\(([^()]*)\)")
_RANGE = re.compile(r"^(?:([^<>=]+?)\s*(<=?)\s*)?(width|height)(?:\s*(<=?|>=?|=)\s*([^<>=]+))?$")
_SIZES = {"width": WIDTH, "height": HEIGHT, "device-width": WIDTH, "device-height": HEIGHT}
_WORDS = {
    "orientation": {"landscape"},
    "prefers-color-scheme": {"light", ""},
    "prefers-reduced-motion": {"no-preference"},
    "hover": {"hover", ""},
    "any-hover": {"hover", ""},
    "pointer": {"fine", ""},
    "any-pointer": {"fine", ""},
    "scripting": {"none"},
    "color": {""},
    "-webkit-min-device-pixel-ratio": {"0", "1", "1.0"},
    "min-resolution": {"0dpi", ".001dpcm", "0.001dpcm", "96dpi", "1dppx", "1x"},
}
# Besides those that are read here, what mail asks for with @supports.
_SUPPORTED = PROPERTIES | {
    "gap", "grid", "grid-template-columns", "flex", "flex-wrap", "object-fit", "aspect-ratio", "box-shadow",
    "border-radius", "text-decoration", "backdrop-filter", "animation", "transition", "float", "font-family",
}  # fmt: skip


def holds(head: str) -> bool:
    """Whether the rules inside of this head (`@media …`, in lower case) count."""
    head = head[:_LONGEST]
    if head.startswith("@media"):
        return media_holds(head.removeprefix("@media"))
    if head.startswith("@supports"):
        return _supported(head.removeprefix("@supports").strip())
    return head.startswith("@layer")


def media_holds(queries: str) -> bool:
    """Whether one of a list of media queries, in lower case, holds. An empty list does."""
    return not queries.strip() or any(_query(query.strip()) for query in queries[:_LONGEST].split(","))


def _query(query: str) -> bool:
    denied = query.startswith("not ")
    features = _FEATURE.findall(query)
    words = _FEATURE.sub(" ", query.removeprefix("not ")).split()
    # Brackets in brackets, `or` and a `not` further in are not read: whatever depends on them does not hold.
    if any(word not in {"only", "and", "screen", "all", "print", "speech", "tv", "handheld"} for word in words):
        return False
    told = [_feature(feature.strip()) for feature in features]
    if any(answer is None for answer in told):
        return False
    fits = not any(word in {"print", "speech", "tv", "handheld"} for word in words) and all(told)
    return fits != denied


def _feature(feature: str) -> bool | None:
    name, _, value = (part.strip() for part in feature.partition(":"))
    bound, bare = name[:4], name[4:]
    if bound in {"min-", "max-"} and bare in _SIZES:
        wanted = pixels(value, FONT)
        return None if wanted is None else _SIZES[bare] >= wanted if bound == "min-" else _SIZES[bare] <= wanted
    if match := _RANGE.match(name):
        return _in_range(match)
    return value in _WORDS[name] if name in _WORDS else None


def _in_range(match: re.Match[str]) -> bool | None:
    size = _SIZES[match[3]]
    low, high = (pixels(text, FONT) if text else None for text in (match[1], match[5]))
    if (match[1] and low is None) or (match[5] and high is None):
        return None
    fits = low is None or low < size or (match[2] == "<=" and low == size)
    if high is None:
        return fits
    compared = {"<": size < high, "<=": size <= high, ">": size > high, ">=": size >= high, "=": size == high}
    return fits and compared[match[4]]


def _supported(condition: str) -> bool:
    denied = condition.startswith("not")
    asked = [part.partition(":")[0].strip() for part in _FEATURE.findall(condition)]
    if not asked or any(not name for name in asked):
        return False
    known = [name in _SUPPORTED or name.startswith("--") for name in asked]
    return (any(known) if " or " in condition else all(known)) != denied
