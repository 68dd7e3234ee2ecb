"""Focus time, out of office, working location: what Google demands of each, said before it refuses."""

from dataclasses import replace
from typing import Any, Final, Literal

from google_workspace_mcp.calendar.timing import Timing, When
from google_workspace_mcp.core.content.times import start_of_day
from google_workspace_mcp.core.errors import UserInputError

type NamedKind = Literal["focus_time", "out_of_office", "working_location"]
type EventKind = NamedKind | Literal[""]

KINDS: Final[tuple[NamedKind, ...]] = ("focus_time", "out_of_office", "working_location")

_TYPES: Final = {"focus_time": "focusTime", "out_of_office": "outOfOffice", "working_location": "workingLocation"}
_TITLES: Final = {"focus_time": "Focus time", "out_of_office": "Out of office", "working_location": ""}


def fitting(kind: EventKind, timing: Timing) -> Timing:
    """The timing as Google takes it for that kind: days out of office are from midnight to midnight.

    Raises UserInputError.
    """
    if kind == "out_of_office" and timing.all_day:
        return Timing(_midnight(timing.start), _midnight(timing.end))
    if kind == "focus_time" and timing.all_day:
        raise _refused("Focus time is from one time to another, not whole days", "Give start and end with times")
    if kind == "working_location" and timing.all_day and timing.length.days != 1:
        raise _refused("A working location is for one day at a time", "Give one day, and repeat for more")
    return timing


def kind_body(kind: EventKind, place: str, decline: bool, *, primary: bool, guests: bool) -> dict[str, Any]:
    """The fields that make an event one of that kind. Raises UserInputError for what Google would refuse."""
    if not kind:
        if decline:
            raise _refused("Only focus time and days out of office decline invitations", "Leave decline out")
        return {}
    if guests or not primary:
        raise _refused(
            "Focus time, out of office and working locations are in one's own primary calendar, without guests",
            "Leave attendees and calendar out",
        )
    body: dict[str, Any] = {"eventType": _TYPES[kind]}
    if kind == "working_location":
        return body | {
            "workingLocationProperties": _working(place),
            "visibility": "public",
            "transparency": "transparent",
        }
    mode = "declineOnlyNewConflictingInvitations" if decline else "declineNone"
    properties: dict[str, Any] = {"autoDeclineMode": mode}
    if kind == "focus_time":
        return body | {"focusTimeProperties": properties | {"chatStatus": "doNotDisturb"}}
    return body | {"outOfOfficeProperties": properties}


def usual_title(kind: EventKind, place: str) -> str:
    """What Calendar itself calls such an event."""
    if kind == "working_location":
        return place.strip().capitalize() or "Home"
    return _TITLES.get(kind, "")


def _working(place: str) -> dict[str, Any]:
    word, _, label = place.partition(":")
    match word.strip().lower():
        case "" | "home":
            return {"type": "homeOffice", "homeOffice": {}}
        case "office":
            return {"type": "officeLocation", "officeLocation": {"label": label.strip()} if label.strip() else {}}
        case _:
            return {"type": "customLocation", "customLocation": {"label": place.strip()}}


def _midnight(when: When) -> When:
    assert when.all_day
    return replace(when, value=start_of_day(when.value, when.zone))


def _refused(message: str, next_step: str) -> UserInputError:
    return UserInputError(message, next_step=next_step, reason="event_kind")
