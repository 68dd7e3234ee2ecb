"""The rest of a series, from one date on, as a series of its own: how Google Calendar's own editor changes it.

The new series is made first, and then the old one is ended in front of it. If that fails, the new one is taken away
again. The other way round a failure would lose the dates of the old series that were changed by themselves.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from google_workspace_mcp.calendar.changes import Change, merged, moved_series, nothing_to_change, plain_body, recurring
from google_workspace_mcp.calendar.splitting import Halves, cut
from google_workspace_mcp.calendar.targets import Target
from google_workspace_mcp.calendar.writes import delete, insert, new_id, patch
from google_workspace_mcp.core.errors import GoogleRefusedError, OutcomeUnknownError, UserInputError, WorkspaceError
from google_workspace_mcp.core.google.calls import JSON
from google_workspace_mcp.core.tools.workspace import Workspace

# What clients write. The rest is Google's own, and another one's for the new series.
WRITTEN: Final = (
    "summary", "description", "location", "attendees", "anyoneCanAddSelf", "guestsCanInviteOthers", "guestsCanModify",
    "guestsCanSeeOtherGuests", "conferenceData", "attachments", "extendedProperties", "source", "eventType", "status",
    "focusTimeProperties", "outOfOfficeProperties", "workingLocationProperties", "reminders", "colorId", "transparency",
    "visibility",
)  # fmt: skip
_OF_GUESTS: Final = frozenset({"self", "organizer", "id", "asyncOperation"})


@dataclass(frozen=True, slots=True)
class Rest:
    """The rest of a series as it is, and as it is to be; the lines of both halves."""

    before: JSON
    after: JSON
    halves: Halves


def rest_of(asked: Change, target: Target, randomness: Callable[[int], bytes]) -> Rest:
    """What the rest of the series is to become. Raises UserInputError, GoogleRefusedError for a guest."""
    refuse_guest(target)
    halves = cut(target.lines, target.series.start, target.ruled)
    if target.ruled != target.original.wall:
        # A series that began behind the gap would stay there.
        raise UserInputError(
            "A clock change moves that date, so a series cannot begin with it",
            next_step="Change this date alone, and the rest from the next one on",
            reason="clock_change",
        )
    old = target.series.starting(target.original)
    before = _copied(target.master) | old.body() | {"recurrence": list(halves.after)}
    new = moved_series(asked, target, old)
    plain = plain_body(asked, before, randomness)
    if not plain and not asked.repeat and new == old:
        raise nothing_to_change()
    lines = recurring(asked, target, halves.after, old.start, new.start)
    after = merged(before, plain) | new.body() | {"recurrence": lines, "id": new_id(randomness)}
    return Rest(before, after, halves)


async def put_in_place(work: Workspace, target: Target, rest: Rest, updates: str) -> JSON:
    """The new series, made, and the old one ended. Raises what went wrong, when nothing has changed after all.

    Raises OutcomeUnknownError when half of it may have stayed, and which.
    """
    made = await insert(work, target.entry, rest.after, updates)
    try:
        await end_before(work, target, rest.halves, updates)
    except WorkspaceError as error:
        try:
            await delete(work, target.entry, {"id": made["id"]}, updates)
        except WorkspaceError:
            raise OutcomeUnknownError(
                "The new series was made; the old one could not be ended, and the new one not be taken away again",
                next_step=f"Delete the event {made['id']}, or delete the old series from that date on",
                reason=error.reason,
            ) from None
        raise
    return made


async def end_before(work: Workspace, target: Target, halves: Halves, updates: str) -> JSON:
    """The series ended in front of the date that was named."""
    return await patch(work, target.entry, target.master, {"recurrence": list(halves.before)}, updates)


def refuse_guest(target: Target) -> None:
    """Raises GoogleRefusedError for a series that somebody else organizes: a guest cannot end it."""
    if not (target.master.get("organizer") or {}).get("self"):
        raise GoogleRefusedError(
            "Only the organizer can change the rest of a series",
            next_step="Change this date alone, or ask the organizer",
            reason="not_organizer",
        )


def _copied(event: Mapping[str, Any]) -> JSON:
    """Everything of an event that another one can have: guests with their answers, the same Meet link, files."""
    copy = {name: event[name] for name in WRITTEN if name in event}
    return unmarked(copy)


def unmarked(event: Mapping[str, Any]) -> JSON:
    """The event with its guests as a client writes them, without what Google says of them."""
    guests = event.get("attendees")
    return {**event, "attendees": [_plain(guest) for guest in guests]} if guests else dict(event)


def _plain(guest: Mapping[str, Any]) -> JSON:
    return {name: value for name, value in guest.items() if name not in _OF_GUESTS}
