"""What few events need, in one argument: `color=tomato, visibility=private, reminders=10m + 1d email, free`.

Each argument of its own would be read by every model in every conversation.
"""

from dataclasses import dataclass, replace
from typing import Final

from google_workspace_mcp.calendar.kinds import KINDS, EventKind
from google_workspace_mcp.core.errors import UserInputError

_YES: Final = frozenset({"", "yes", "true"})
_NO: Final = frozenset({"no", "false"})


@dataclass(frozen=True, slots=True)
class Options:
    """The rare wishes, each as its own reader takes it; empty and None for what was not said."""

    color: str = ""
    visibility: str = ""
    reminders: str = ""
    timezone: str = ""
    kind: EventKind = ""
    free: bool | None = None
    meet: bool | None = None
    decline: bool | None = None


_SWITCHES: Final = ("free", "meet", "decline")


def options_of(text: str, known: tuple[str, ...]) -> Options:
    """The options that are said. Raises UserInputError, with the names of those that are known here."""
    found = Options()
    for entry in filter(None, (part.strip() for part in text.replace(";", ",").split(","))):
        name, _, value = (part.strip() for part in entry.partition("="))
        name = name.lower()
        if name not in known:
            raise _unknown(known)
        if name in _SWITCHES:
            found = replace(found, **{name: _switch(value, known)})
        elif name == "kind":
            found = replace(found, kind=_kind(value))
        elif value:
            # Several reminders stand with a plus between them: commas part the options.
            found = replace(found, **{name: value.replace("+", ",")} if name == "reminders" else {name: value})
        else:
            raise _unknown(known)
    return found


def _switch(value: str, known: tuple[str, ...]) -> bool:
    word = value.lower()
    if word not in _YES | _NO:
        raise _unknown(known)
    return word in _YES


def _kind(value: str) -> EventKind:
    for kind in KINDS:
        if value.lower() == kind:
            return kind
    raise UserInputError("There is no such kind of event", next_step=f"Say {', '.join(KINDS)}", reason="event_kind")


def _unknown(known: tuple[str, ...]) -> UserInputError:
    forms = [name if name in _SWITCHES else f"{name}=" for name in known]
    return UserInputError(
        "An option cannot be read",
        next_step=f"Options, with commas between: {', '.join(forms)}; such as color=tomato, reminders=10m + 1d email",
        reason="option",
    )
