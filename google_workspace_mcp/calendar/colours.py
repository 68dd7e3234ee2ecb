"""The colours of events by the names that Google Calendar shows for them."""

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
