"""Who is invited: read strictly, added and taken away one by one, never mailed by surprise."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

from google_workspace_mcp.core.content.addresses import checked_address
from google_workspace_mcp.core.content.lines import one_line
from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.policy.reach import Reach

type Notify = Literal["all", "external", "none", ""]
type Guest = dict[str, Any]

MOST_GUESTS = 200
_LONGEST = 400
_ENTRY: Final = re.compile(r"(?:(?P<name>[^<>]*)<(?P<in>[^<>]*)>|(?P<bare>[^<>()\s]+)) ?(?P<optional>\(optional\))?")
_UPDATES: Final[Mapping[Notify, str]] = {"all": "all", "external": "externalOnly", "none": "none"}
_FORMS: Final = "Give each as an entry of its own: `a@b.example`, `Name <a@b.example>`, with ` (optional)` behind it"


def invited(entries: Iterable[str], field: str) -> list[Guest]:
    """Google's attendees for these entries, each address once.

    Raises UserInputError that names the field and the number of the entry, never what it says.
    """
    found: dict[str, Guest] = {}
    for number, entry in enumerate(entries, 1):
        guest = _guest(entry, f"{field} entry {number}")
        found.setdefault(key_of(guest), guest)
    if len(found) > MOST_GUESTS:
        raise UserInputError(
            f"More than {MOST_GUESTS} people", next_step="Invite a group's address instead", reason="too_many_guests"
        )
    return list(found.values())


def with_changes(held: Sequence[Guest], add: Sequence[Guest], remove: Sequence[Guest]) -> list[Guest]:
    """The attendees with some more and some fewer; everybody else is as before, answer and all.

    Raises UserInputError for one that is to go and is not there.
    """
    gone = {key_of(guest) for guest in remove}
    if gone - {key_of(guest) for guest in held}:
        raise UserInputError(
            "Somebody who is to be removed is not invited",
            next_step="Take the addresses from the event's own list",
            reason="not_invited",
        )
    kept = [guest for guest in held if key_of(guest) not in gone]
    known = {key_of(guest) for guest in kept}
    return [*kept, *(guest for guest in add if key_of(guest) not in known)]


def others(guests: Iterable[Guest], address: str) -> list[str]:
    """The addresses of everybody but the account itself; rooms are nobody who could be mailed."""
    return [
        str(guest.get("email", ""))
        for guest in guests
        if not guest.get("self") and not guest.get("resource") and key_of(guest) != address.casefold()
    ]


def send_updates(notify: Notify, people: Sequence[str]) -> str:
    """Google's `sendUpdates`. Raises UserInputError when people are invited and nobody said who is to be told."""
    if people and not notify:
        raise UserInputError(
            f"{len(people)} other {'person is' if len(people) == 1 else 'people are'} invited, "
            "and it was not said whom Google is to mail",
            next_step="Say notify: all, external (only those without Google Calendar) or none",
            reason="notify",
        )
    return _UPDATES.get(notify, "none")


def reached(notify: Notify, people: Sequence[str], added: Sequence[str]) -> Reach:
    """Whom a change reaches: those who are invited by it, and those who get a mail about it."""
    told = people if notify in ("all", "external") else ()
    return Reach(recipients=tuple(dict.fromkeys([*told, *added])))


def key_of(guest: Guest) -> str:
    """The same for every way of writing an address."""
    return str(guest.get("email", "")).casefold()


def _guest(entry: str, where: str) -> Guest:
    match = _ENTRY.fullmatch(one_line(entry.strip(), where, _LONGEST))
    address = checked_address((match["in"] or match["bare"] or "").strip()) if match else ""
    if match is None or not address:
        raise UserInputError(f"{where} is not one address", next_step=_FORMS, reason="bad_address")
    name = " ".join((match["name"] or "").strip(' "').split())
    if "@" in name:
        # It would be shown in the place of the address that is really invited.
        raise UserInputError(f"{where} has a name that holds an address", next_step=_FORMS, reason="bad_address")
    return {
        "email": address,
        **({"displayName": name} if name else {}),
        **({"optional": True} if match["optional"] else {}),
    }
