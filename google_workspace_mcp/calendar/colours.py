"""The colours of events and calendars by the names that Google Calendar shows for them."""

from typing import Final

# Google's API knows only the numbers; the names are those of its own pages in English.
EVENT_COLOURS: Final = {
    "1": "lavender",
    "2": "sage",
    "3": "grape",
    "4": "flamingo",
    "5": "banana",
    "6": "tangerine",
    "7": "peacock",
    "8": "graphite",
    "9": "blueberry",
    "10": "basil",
    "11": "tomato",
}

_CALENDARS: Final = (
    "ac725e cocoa, d06b64 flamingo, f83a22 tomato, fa573c tangerine, ff7537 pumpkin, ffad46 mango, 42d692 eucalyptus, "
    "16a765 basil, 7bd148 pistachio, b3dc6c avocado, fbe983 citron, fad165 banana, 92e1c0 sage, 9fe1e7 peacock, "
    "9fc6e7 cobalt, 4986e7 blueberry, 9a9cff lavender, b99aff wisteria, c2c2c2 graphite, cabdbf birch, "
    "cca6ac radicchio, f691b2 cherry blossom, cd74e6 grape, a47ae2 amethyst"
)
_NAMES: Final = {f"#{code}": name for code, _, name in (each.partition(" ") for each in _CALENDARS.split(", "))}


def calendar_colour(background: str) -> str:
    """The name of one of Google's own colours; any other colour as it is, `#rrggbb`."""
    return _NAMES.get(background.casefold(), background)
