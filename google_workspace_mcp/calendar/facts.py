"""An event's facts, each in a line of words."""

from collections import Counter

from google_workspace_mcp.calendar.details import Attachment, EventDetails, Guest, Series, host_of
from google_workspace_mcp.calendar.wording import when
from google_workspace_mcp.core.content.times import local_time
from google_workspace_mcp.core.tools.workspace import Zone

# An event may have hundreds of guests; of more than these only the answers are counted.
MOST_GUESTS = 60
MOST_FILES = 25
_MEET = "meet.google.com"


def facts(details: EventDetails, zone: Zone) -> dict[str, str]:
    """Name and value of each, in the order in which a reader wants them; empty values are to be left out."""
    event = details.event
    place = event.place if event.place.casefold() != details.kind.rpartition(": ")[2].casefold() else ""
    return {
        "when": f"{when(event, zone)} ({zone.label})",
        "made in": details.elsewhere,
        "repeats": repeats(details.series),
        "calendar": "" if event.of_primary else event.calendar,
        "place": place,
        "video": joined(details),
        "phone": details.phone,
        "state": ", ".join(state for state in states(details) if state),
        "own answer": event.answer,
        "organizer": details.organizer,
        "guests": guests_line(details.guests, hidden=details.guests_hidden),
        "files": "; ".join(file_line(each) for each in details.attachments[:MOST_FILES]),
        "reminders": details.reminders,
        "updated": local_time(details.updated, zone.info) if details.updated else "",
    }


def repeats(series: Series | None) -> str:
    """The series as a sentence, with its id; its rules where they cannot be said."""
    if series is None:
        return ""
    said = series.words or ", ".join(series.rules) or "part of a series"
    moved = f", this one moved from {series.moved_from}" if series.moved_from else ""
    return f"{said}{moved} (series {series.id})"


def joined(details: EventDetails) -> str:
    """How to join by video: only what leads to Meet is called so."""
    if not details.join:
        return ""
    host = host_of(details.join)
    return f"{'Meet' if host == _MEET else host} {details.join}"


def states(details: EventDetails) -> tuple[str, ...]:
    """What else there is to say about it, a word or two each, some empty."""
    return (
        "tentative" if details.event.tentative else "",
        details.kind,
        details.visibility,
        "shows as free" if details.free else "",
        details.event.colour,
        "guests may change it" if details.guests_may_change else "",
    )


def guests_line(guests: tuple[Guest, ...], *, hidden: bool = False) -> str:
    """How many answered what, then each of them."""
    named = "; ".join(guest_line(guest) for guest in guests[:MOST_GUESTS])
    more = f"; and {len(guests) - MOST_GUESTS} more" if len(guests) > MOST_GUESTS else ""
    note = "not all are shown to this account" if hidden else ""
    if not guests:
        return note
    return f"{len(guests)} ({answers(guests)}{'; ' + note if note else ''}): {named}{more}"


def answers(guests: tuple[Guest, ...]) -> str:
    """`2 accepted, 1 declined`."""
    counts = Counter(guest.answer or "unanswered" for guest in guests)
    order = ("accepted", "maybe", "declined", "unanswered")
    return ", ".join(f"{counts[answer]} {answer}" for answer in order if counts[answer])


def guest_line(guest: Guest) -> str:
    """`Ben Okafor <ben@example.com> accepted, optional: may be late`."""
    who = f"{guest.name} <{guest.email}>" if guest.name and guest.email else guest.name or guest.email
    marks = [
        guest.answer,
        "organizer" if guest.organizer else "",
        "you" if guest.own else "",
        "optional" if guest.optional else "",
        "room" if guest.room else "",
        f"and {guest.others} more" if guest.others else "",
    ]
    said = ", ".join(mark for mark in marks if mark)
    return f"{who} {said}".rstrip() + (f': "{guest.comment}"' if guest.comment else "")


def file_line(file: Attachment) -> str:
    """Title, where it leads, and Drive's id for it."""
    parts = (file.title, file.url, f"Drive file {file.file_id}" if file.file_id else "")
    return " ".join(part for part in parts if part)
