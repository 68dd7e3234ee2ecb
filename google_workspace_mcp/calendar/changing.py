"""Changes of events: one event, one date of a series, the rest of it, or all of it. Only what is named is written."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from google_workspace_mcp.calendar.calendars import Calendars
from google_workspace_mcp.calendar.changes import (
    Change,
    merged,
    moved_one,
    moved_series,
    nothing_to_change,
    plain_body,
    recurring,
)
from google_workspace_mcp.calendar.expansion import sentence
from google_workspace_mcp.calendar.following import WRITTEN, put_in_place, rest_of, unmarked
from google_workspace_mcp.calendar.guests import Notify, others, reached, send_updates
from google_workspace_mcp.calendar.reading import EventReader
from google_workspace_mcp.calendar.targets import Scope, Target, read_target, refuse_stale
from google_workspace_mcp.calendar.timing import Timing
from google_workspace_mcp.calendar.writes import get, has, patch
from google_workspace_mcp.core.content.times import local_day
from google_workspace_mcp.core.errors import ConflictError, NotFoundError, UserInputError, WorkspaceError
from google_workspace_mcp.core.google.calls import JSON
from google_workspace_mcp.core.tools.workspace import Workspace

_MOST_CARRIED = 50
_AT_ONCE = 4
_SAID: Final = {
    "summary": "title",
    "attendees": "guests",
    "conferenceData": "video",
    "colorId": "colour",
    "extendedProperties": "properties",
}


@dataclass(frozen=True, slots=True)
class Changed:
    """The event before and after. `notes` is what else becomes of its series, `mailed` whom Google is to mail."""

    target: Target
    before: JSON
    after: JSON
    mailed: Sequence[str]
    dry_run: bool
    notes: Sequence[str] = ()


class Changing:
    """Changes events. One object per process; `randomness` is for ids."""

    def __init__(self, calendars: Calendars, randomness: Callable[[int], bytes]) -> None:
        self._reader = EventReader(calendars)
        self._randomness = randomness

    async def target(self, work: Workspace, event_id: str, calendar: str, scope: Scope) -> Target:
        """What is meant, in one step. Raises what `read_target` raises."""
        (entry, own_id), zone = await asyncio.gather(self._reader.calendar_of(work, event_id, calendar), work.zone())
        return await read_target(work, entry, own_id, scope, zone)

    async def change(
        self, work: Workspace, target: Target, asked: Change, notify: Notify, *, etag: str, dry_run: bool
    ) -> Changed:
        """The event changed, in two steps at most beside the reading of `target`.

        Raises UserInputError, PolicyRefusedError; ConflictError when somebody else was quicker, with what they changed;
        OutcomeUnknownError when half of a change may have stayed.
        """
        refuse_stale(target, etag)
        if target.scope == "following":
            return await self._following(work, target, asked, notify, dry_run=dry_run)
        whole = target.whole
        unlike = [one for one, _ in target.unlike(cancelled=False)] if target.scope == "all" else []
        body = self._body(asked, target)
        if not unlike:
            # A call that is repeated changes nothing any more, and is not to mail anybody again.
            body = _otherwise(body, whole)
        if not body:
            raise nothing_to_change()
        people = _people(work, whole, merged(whole, body))
        updates = send_updates(notify, people)
        work.permit(reached(notify, people, _added(work, whole, body)))
        mailed = people if updates != "none" else ()
        stays = "start" not in body and "recurrence" not in body
        notes = [] if stays else loss_notes(len(unlike))
        if dry_run:
            return Changed(target, whole, merged(whole, body), mailed, dry_run=True, notes=notes)
        after = await self._patched(work, target, body, updates)
        if stays:
            notes = await self._carried(work, target, unlike, asked, updates)
        return Changed(target, whole, after, mailed, dry_run=False, notes=notes)

    def _body(self, asked: Change, target: Target) -> dict[str, Any]:
        """The fields to write, for one event or a whole series."""
        body = plain_body(asked, target.whole, self._randomness)
        one_of_many = target.scope == "this" and "recurringEventId" in target.event
        if one_of_many and asked.repeat:
            raise UserInputError(
                "One date of a series does not recur by itself",
                next_step="Say scope: following or all",
                reason="scope",
            )
        old = Timing.of(target.whole, target.zone.info)
        new = moved_one(asked, target) if target.scope == "this" else moved_series(asked, target, old)
        if new != old or asked.repeat:
            # Google wants the zone of a series with its rule.
            body |= new.patch()
        if asked.repeat or (target.lines and not one_of_many and new.start != old.start):
            body["recurrence"] = recurring(asked, target, target.lines, old.start, new.start)
        return body

    async def _following(
        self, work: Workspace, target: Target, asked: Change, notify: Notify, *, dry_run: bool
    ) -> Changed:
        rest = rest_of(asked, target, self._randomness)
        people = _people(work, rest.before, rest.after)
        updates = send_updates(notify, people)
        # Everybody is invited to the new series.
        work.permit(reached(notify, people, others(rest.after.get("attendees") or (), work.address)))
        mailed = people if updates != "none" else ()
        stays = sentence(rest.halves.before, target.series.start)
        notes = [
            f"The dates before {local_day(target.original.wall.date())} stay as they are"
            f"{f' ({stays})' if stays else ''}, in the series {target.master['id']}",
            *loss_notes(len(target.unlike(cancelled=False))),
        ]
        if dry_run:
            return Changed(target, rest.before, rest.after, mailed, dry_run=True, notes=notes)
        try:
            made = await put_in_place(work, target, rest, updates)
        except ConflictError:
            raise await self._conflict(work, target, target.master) from None
        return Changed(target, rest.before, unmarked(made), mailed, dry_run=False, notes=notes)

    async def _patched(self, work: Workspace, target: Target, body: dict[str, Any], updates: str) -> JSON:
        try:
            return await patch(work, target.entry, target.whole, body, updates)
        except ConflictError:
            raise await self._conflict(work, target, target.whole) from None

    async def _carried(
        self, work: Workspace, target: Target, unlike: Sequence[JSON], asked: Change, updates: str
    ) -> list[str]:
        """The change made to dates that were changed by themselves before: they do not follow their series."""

        # More at once would be refused as too many for one account.
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(event: JSON) -> None:
            body = _otherwise(plain_body(asked, event, self._randomness), event)
            if body:
                async with turns:
                    await patch(work, target.entry, event, body, updates)

        answers = await asyncio.gather(*(one(event) for event in unlike[:_MOST_CARRIED]), return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, WorkspaceError):
                raise answer
        missed = sum(isinstance(answer, WorkspaceError) for answer in answers) + len(unlike[_MOST_CARRIED:])
        return [f"{missed} of the dates changed by themselves could not be changed as well"] if missed else []

    async def _conflict(self, work: Workspace, target: Target, read: JSON) -> WorkspaceError:
        """The failure for an event that somebody else was quicker with, and what they changed."""
        try:
            now = await get(work, target.entry, str(read["id"]))
        except NotFoundError as gone:
            return gone
        except WorkspaceError:
            now = read
        names = [name for name in ("start", "end", "recurrence", *WRITTEN) if now.get(name) != read.get(name)]
        what = f": {', '.join(_SAID.get(name, name) for name in names)}" if names else ""
        return ConflictError(
            f"Nothing was changed, because somebody else has changed the event meanwhile{what}",
            next_step="Read it again with calendar_get_event and decide on what it says now",
            reason="changed",
        )


def loss_notes(count: int) -> list[str]:
    """What is said of dates that were changed by themselves and lose that."""
    if not count:
        return []
    return [f"{count} {'date' if count == 1 else 'dates'} changed one by one follow the series' pattern again"]


def _otherwise(body: Mapping[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the fields that the event does not have already."""
    return {name: value for name, value in body.items() if not has(event, {name: value})}


def _people(work: Workspace, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Everybody else who is invited now or was before."""
    guests = [*(after.get("attendees") or ()), *(before.get("attendees") or ())]
    return list(dict.fromkeys(others(guests, work.address)))


def _added(work: Workspace, before: Mapping[str, Any], body: Mapping[str, Any]) -> list[str]:
    held = {str(guest.get("email", "")).casefold() for guest in before.get("attendees") or ()}
    return [each for each in others(body.get("attendees") or (), work.address) if each.casefold() not in held]
