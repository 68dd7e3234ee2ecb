"""What a change is about: one event, one date of a series, the rest of it, or all of it; read in one step."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from google_workspace_mcp.calendar.details import series_of
from google_workspace_mcp.calendar.models import CalendarEntry
from google_workspace_mcp.calendar.timing import Timing, When
from google_workspace_mcp.calendar.writes import get
from google_workspace_mcp.core.errors import ConflictError, NotFoundError, UserInputError
from google_workspace_mcp.core.google.calls import JSON
from google_workspace_mcp.core.tools.workspace import Workspace, Zone

type Scope = Literal["this", "following", "all"]

_MOST_EXCEPTIONS = 250


@dataclass(frozen=True, slots=True)
class Target:
    """The event that was named, and with a scope beyond it the series: its master and the dates unlike the others.

    `scope` is what is meant in the end: `all` where the rest of a series begins with its first date.
    """

    entry: CalendarEntry
    event: JSON
    scope: Scope
    zone: Zone
    master: JSON = field(default_factory=dict[str, Any])
    exceptions: tuple[JSON, ...] = ()

    @property
    def whole(self) -> JSON:
        """The event that is written to for `this` and `all`."""
        return self.master if self.scope == "all" and self.master else self.event

    @property
    def original(self) -> When:
        """When the named date is by its series' rule."""
        given = self.event.get("originalStartTime") or self.event["start"]
        found = When.of(given, self.zone.info)
        return When(found.value, self.series.start.zone) if self.master else found

    @property
    def ruled(self) -> datetime:
        """The same on the wall clock as the rule says it: a time that a clock change skips is shown behind the gap."""
        return _ruled(self.series.start, self.original)

    @property
    def series(self) -> Timing:
        """Start and end of the series' first date."""
        return Timing.of(self.master or self.event, self.zone.info)

    @property
    def lines(self) -> tuple[str, ...]:
        """The recurrence of the series."""
        return tuple(str(line) for line in (self.master or self.event).get("recurrence") or ())

    def unlike(self, *, cancelled: bool) -> list[tuple[JSON, datetime]]:
        """The dates concerned that were deleted, or else changed, by themselves, and where the rule has them."""
        start = self.series.start
        since = self.ruled if self.scope == "following" else None
        found = [
            (one, _ruled(start, When(When.of(one["originalStartTime"], self.zone.info).value, start.zone)))
            for one in self.exceptions
            if (one.get("status") == "cancelled") is cancelled and one.get("originalStartTime")
        ]
        return [(one, wall) for one, wall in found if since is None or wall >= since]


async def read_target(work: Workspace, entry: CalendarEntry, event_id: str, scope: Scope, zone: Zone) -> Target:
    """The event and what belongs to it: one step, one more for series with a foreign id.

    Raises NotFoundError for a deleted event, UserInputError for a scope that it does not have.
    """
    guess = series_of(event_id) or event_id
    if scope == "this":
        event = _there(await get(work, entry, event_id))
        if event.get("recurrence"):
            raise UserInputError(
                "That is the id of a whole series",
                next_step="Say scope: all, or give the id of the one date that is meant",
                reason="scope",
            )
        return Target(entry, event, scope, zone)
    event, master, exceptions = await _read(work, entry, event_id, guess)
    whole = str(event.get("recurringEventId") or event_id)
    if not event.get("recurrence") and "recurringEventId" not in event:
        return Target(entry, event, "this", zone)
    if whole == event_id:
        master = event
    elif whole != guess or not master:
        master = await _series(work, entry, whole)
    if str(master.get("iCalUID")) != f"{guess}@google.com":
        exceptions = await _exceptions(work, entry, str(master["iCalUID"]))
    # A series that was cut has others beside it with the same beginning of the id, never with the same id.
    own = tuple(one for one in exceptions if one.get("recurringEventId") == whole)
    target = Target(entry, event, scope, zone, master, own)
    first = whole == event_id or target.original.wall <= target.series.start.wall
    return Target(entry, event, "all", zone, master, own) if first else target


def _ruled(start: When, original: When) -> datetime:
    wall = datetime.combine(original.wall.date(), start.wall.time())
    return wall if start.at_wall(wall).instant == original.instant else original.wall


def refuse_stale(target: Target, etag: str) -> None:
    """Raises ConflictError when the caller read another version than there is now."""
    if etag and etag.strip('"') not in {str(each.get("etag")).strip('"') for each in (target.event, target.master)}:
        raise ConflictError(
            "The event has changed since it was read",
            next_step="Read it again with calendar_get_event and decide on what it says now",
            reason="changed",
        )


async def _read(work: Workspace, entry: CalendarEntry, event_id: str, guess: str) -> tuple[JSON, JSON, list[JSON]]:
    wanted = [get(work, entry, event_id), _exceptions(work, entry, f"{guess}@google.com")]
    if guess != event_id:
        wanted.append(get(work, entry, guess))
    event, exceptions, *rest = await asyncio.gather(*wanted, return_exceptions=True)
    for answer in (event, exceptions):
        if isinstance(answer, BaseException):
            raise answer
    master: Any = rest[0] if rest else {}
    if isinstance(master, BaseException):
        if not isinstance(master, NotFoundError):
            raise master
        master = {}
    return _there(event), master, exceptions  # type: ignore[arg-type,return-value]


async def _series(work: Workspace, entry: CalendarEntry, event_id: str) -> JSON:
    try:
        return _there(await get(work, entry, event_id))
    except NotFoundError:
        raise UserInputError(
            "This account is invited to that one date, not to the series",
            next_step="Leave scope out",
            reason="scope",
        ) from None


async def _exceptions(work: Workspace, entry: CalendarEntry, uid: str) -> list[JSON]:
    """The dates of a series that are unlike the others; Google gives all of them the same iCalUID."""
    request = work.google.calendar.events.list(
        calendarId=entry.id, iCalUID=uid, showDeleted=True, maxResults=_MOST_EXCEPTIONS
    )
    answer = await work.google.execute(request)
    found: list[JSON] = [item for item in answer.get("items") or () if "recurringEventId" in item]
    if answer.get("nextPageToken"):
        raise UserInputError(
            f"More than {_MOST_EXCEPTIONS} dates of the series were changed by themselves",
            next_step="Change single dates",
            reason="recurrence",
        )
    return found


def _there(event: Mapping[str, Any]) -> JSON:
    if event.get("status") == "cancelled" or "start" not in event:
        raise NotFoundError("The event has been deleted", next_step="List or search events again", reason="gone")
    return dict(event)
