"""Answers to invitations: the account's own, and nobody else's."""

from dataclasses import dataclass
from typing import Any, Final, Literal

from google_workspace_mcp.calendar.targets import Target
from google_workspace_mcp.calendar.writes import patch
from google_workspace_mcp.core.content.lines import one_line
from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.google.calls import JSON
from google_workspace_mcp.core.policy.reach import Reach
from google_workspace_mcp.core.tools.workspace import Workspace

type Answer = Literal["yes", "no", "maybe"]

_STATUS: Final[dict[Answer, str]] = {"yes": "accepted", "no": "declined", "maybe": "tentative"}
_WORDS: Final = {"accepted": "yes", "declined": "no", "tentative": "maybe", "needsAction": "no answer yet"}
_LONGEST_COMMENT = 500


@dataclass(frozen=True, slots=True)
class Answered:
    """The event, the answer before and now; `mailed` is the organizer, if that is somebody else."""

    target: Target
    event: JSON
    before: str
    after: str
    mailed: tuple[str, ...]
    dry_run: bool


async def respond(work: Workspace, target: Target, said: Answer, comment: str, *, dry_run: bool) -> Answered:
    """The invitation answered, in one step beside the reading of it.

    Raises UserInputError for an event that the account is not invited to, PolicyRefusedError.
    """
    event = target.whole
    guests: list[JSON] = list(event.get("attendees") or ())
    own = next((guest for guest in guests if guest.get("self")), None)
    if own is None:
        raise UserInputError(
            "This account is not invited to the event",
            next_step="Answer in the account that is, or change the event itself",
            reason="not_invited",
        )
    note = one_line(comment.strip(), "comment", _LONGEST_COMMENT)
    organizer = event.get("organizer") or {}
    mailed = () if organizer.get("self") or not organizer.get("email") else (str(organizer["email"]),)
    work.permit(Reach(recipients=mailed))
    changed = own | {"responseStatus": _STATUS[said]} | ({"comment": note} if note else {})
    before, after = _told(own), _told(changed)
    if not dry_run and changed != own:
        # The organizer is told as by Calendar itself; the other guests of an own event are not.
        event = await patch(work, target.entry, event, _body(event, guests, changed), "all" if mailed else "none")
    return Answered(target, event, before, after, mailed, dry_run)


def _body(event: JSON, guests: list[JSON], changed: JSON) -> dict[str, Any]:
    if event.get("attendeesOmitted"):
        # What is not shown is not to be lost: then one's own answer alone is written.
        return {"attendeesOmitted": True, "attendees": [changed]}
    return {"attendees": [changed if guest.get("self") else guest for guest in guests]}


def _told(guest: JSON) -> str:
    comment = str(guest.get("comment") or "")
    word = _WORDS.get(str(guest.get("responseStatus", "")), "no answer yet")
    return f"{word} ({comment})" if comment else word
