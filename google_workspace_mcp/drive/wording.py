"""Facts about a file as a reader sees them."""

from collections import Counter
from collections.abc import Iterable

# A row of a search has 60 tokens in all, and its id takes half of them.
_LONGEST_PATH = 24


def usual_offset(iso_minutes: Iterable[str]) -> str:
    """The offset that most of these times have; of as many, the first. Empty without times."""
    counts = Counter(iso_minute[16:] for iso_minute in iso_minutes)
    return max(counts, key=counts.__getitem__, default="")


def short_path(path: str) -> str:
    """A folder's path for a row: nothing for My Drive, and of a long one the end, which tells the most."""
    shown = "" if path == "My Drive" else path.removeprefix("My Drive/")
    if len(shown) <= _LONGEST_PATH:
        return shown
    end = shown[1 - _LONGEST_PATH :]
    # Whole names where one fits.
    return "…" + (end[end.index("/") :] if "/" in end else end)
