"""What else an event can have, from a caller's words to Google's fields: text, reminders, colour, visibility."""

import re
from typing import Any, Final

from google_workspace_mcp.calendar.colours import EVENT_COLOURS
from google_workspace_mcp.core.content.lines import one_line
from google_workspace_mcp.core.errors import UserInputError

_LONGEST_LINE = 1024
MOST_TEXT = 8_000
_VISIBILITIES = ("default", "public", "private")
_MOST_REMINDERS = 5
_MOST_MINUTES = 40_320
_REMINDER: Final = re.compile(r"(?P<number>\d{1,5}) ?(?P<unit>m|min|h|d|w)?(?: (?P<method>email|popup))?")
_MINUTES: Final = {"m": 1, "min": 1, "h": 60, "d": 1440, "w": 10_080}
# What Google Calendar's own editor writes.
_TAGS: Final = frozenset({"a", "b", "br", "em", "i", "li", "ol", "p", "span", "strong", "u", "ul"})
_TAG: Final = re.compile(r"<[a-z!/?]", re.IGNORECASE)
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def line(value: str, what: str) -> str:
    """A title or a place: one line. Raises UserInputError."""
    return one_line(value.strip(), what, _LONGEST_LINE)


def description(text: str) -> str:
    """The text as it is; of markup only what Calendar's own editor writes, with web and mail addresses in it."""
    tidy = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(tidy) > MOST_TEXT:
        raise UserInputError(
            f"description is longer than {MOST_TEXT} characters",
            next_step="Put it into a document, and attach that",
            reason="too_long",
        )
    if not _TAG.search(tidy):
        return tidy
    import nh3

    return nh3.clean(
        tidy,
        tags=set(_TAGS),
        clean_content_tags={"script", "style", "title", "template", "noscript"},
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel=None,
    )


def reminders(wanted: str) -> dict[str, Any]:
    """Google's `reminders` for words such as `10m, 1d email`, or `none`, or `default`. Raises UserInputError."""
    words = [" ".join(entry.lower().split()) for entry in wanted.split(",")]
    if words == ["default"]:
        return {"useDefault": True}
    overrides = [] if words == ["none"] else [_reminder(word) for word in words]
    if len(overrides) > _MOST_REMINDERS:
        raise _bad_reminder(f"An event has at most {_MOST_REMINDERS} reminders")
    return {"useDefault": False, "overrides": overrides}


def visibility(word: str) -> str:
    """Google's own word for who sees it. Raises UserInputError."""
    wanted = word.strip().lower()
    if wanted not in _VISIBILITIES:
        raise UserInputError(
            "There is no such visibility", next_step=f"Say {', '.join(_VISIBILITIES)}", reason="visibility"
        )
    return wanted


def colour_id(name: str) -> str:
    """The number of a colour by Calendar's own name for it. Raises UserInputError with the names."""
    wanted = name.strip().lower()
    for number, known in EVENT_COLOURS.items():
        if wanted in (known, number):
            return number
    raise UserInputError(
        "Calendar has no colour of that name",
        next_step=f"Its colours: {', '.join(EVENT_COLOURS.values())}",
        reason="colour",
    )


def _reminder(word: str) -> dict[str, Any]:
    match = _REMINDER.fullmatch(word)
    minutes = int(match["number"]) * _MINUTES[match["unit"] or "m"] if match else _MOST_MINUTES + 1
    if match is None or minutes > _MOST_MINUTES:
        raise _bad_reminder("A reminder cannot be read, or is more than 4 weeks before")
    return {"method": match["method"] or "popup", "minutes": minutes}


def _bad_reminder(message: str) -> UserInputError:
    return UserInputError(message, next_step="Write `10m, 1d email`, `none` or `default`", reason="reminder")
