"""What `doctor` says about one thing."""

from dataclasses import dataclass
from typing import Final, Literal

type Status = Literal["ok", "note", "FAIL"]

OK: Final = "ok"
NOTE: Final = "note"
FAIL: Final = "FAIL"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `fix` is the next step when it is not well.

    `note`: nothing is known to be wrong, but it could not be seen from here, or is worth a thought.
    """

    what: str
    status: Status
    words: str
    fix: str = ""


def good(what: str, words: str) -> Finding:
    """It is as it should be."""
    return Finding(what, OK, words)


def note(what: str, words: str, fix: str = "") -> Finding:
    """It could not be told from here, or is as it may be."""
    return Finding(what, NOTE, words, fix)


def wrong(what: str, words: str, fix: str) -> Finding:
    """The service does not work like this."""
    return Finding(what, FAIL, words, fix)
