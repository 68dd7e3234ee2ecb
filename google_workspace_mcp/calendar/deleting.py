"""Events taken away: one, one date of a series, the rest of it, or all of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from google_workspace_mcp.calendar.following import end_before, refuse_guest
from google_workspace_mcp.calendar.guests import Notify, others, reached, send_updates
from google_workspace_mcp.calendar.splitting import cut
from google_workspace_mcp.calendar.targets import Target, refuse_stale
from google_workspace_mcp.calendar.writes import delete
from google_workspace_mcp.core.google.calls import JSON
from google_workspace_mcp.core.tools.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Deleted:
    """What is gone, as it was. `as_guest`: it is gone from this account's calendar alone, and was declined."""

    target: Target
    event: JSON
    mailed: Sequence[str]
    as_guest: bool
    dry_run: bool


async def delete_event(work: Workspace, target: Target, notify: Notify, *, etag: str, dry_run: bool) -> Deleted:
    """Delete what is meant, in one step beside the reading of it.

    Raises UserInputError, PolicyRefusedError, ConflictError.
    """
    refuse_stale(target, etag)
    event = target.master if target.scope == "following" else target.whole
    as_guest = not (event.get("organizer") or {"self": True}).get("self", False)
    people = [str((event.get("organizer") or {}).get("email", ""))] if as_guest else _people(work, event)
    updates = send_updates(notify, people)
    work.permit(reached(notify, people, ()))
    mailed = people if updates != "none" else ()
    outcome = Deleted(target, event, mailed, as_guest, dry_run)
    if target.scope == "following":
        refuse_guest(target)
        halves = cut(target.lines, target.series.start, target.ruled)
        if not dry_run:
            await end_before(work, target, halves, updates)
    elif not dry_run:
        await delete(work, target.entry, event, updates)
    return outcome


def _people(work: Workspace, event: JSON) -> list[str]:
    return others(event.get("attendees") or (), work.address)
