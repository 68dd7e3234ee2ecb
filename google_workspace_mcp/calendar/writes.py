"""How events are written: under an id of our own, with the etag that was read, and looked at after a lost answer."""

from base64 import b32hexencode
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from google_workspace_mcp.calendar.models import CalendarEntry
from google_workspace_mcp.core.errors import (
    ConflictError,
    GoogleUnavailableError,
    NotFoundError,
    OutcomeUnknownError,
    WorkspaceError,
)
from google_workspace_mcp.core.google.calls import JSON, CallKind
from google_workspace_mcp.core.tools.workspace import Workspace

_ID_BYTES = 16
_CHANGED: Final = "changed"
_DELETED: Final = frozenset({"gone", "not_found"})


def new_id(randomness: Callable[[int], bytes]) -> str:
    """An id that no other event has, in base32hex as Google wants it (RFC 4648, section 7)."""
    return b32hexencode(randomness(_ID_BYTES)).decode().rstrip("=").lower()


async def insert(work: Workspace, entry: CalendarEntry, body: Mapping[str, Any], updates: str) -> JSON:
    """The new event, whose `id` the body names.

    After a lost answer it is looked for under that id, and made again only if it is not there: never twice.
    Raises OutcomeUnknownError when nobody can tell.
    """
    try:
        return await _inserted(work, entry, body, updates)
    except OutcomeUnknownError as lost:
        try:
            return await get(work, entry, str(body["id"]))
        except NotFoundError:
            return await _inserted(work, entry, body, updates)
        except WorkspaceError:
            raise lost from None


async def patch(
    work: Workspace, entry: CalendarEntry, event: Mapping[str, Any], body: Mapping[str, Any], updates: str
) -> JSON:
    """The event with what the body names changed, if it is still the one that was read.

    Raises ConflictError when somebody else has changed it meanwhile. The first of two attempts may have been carried
    out and its answer lost: then the event is as it was to be, which is no conflict.
    """
    request = work.google.calendar.events.patch(
        calendarId=entry.id,
        eventId=event["id"],
        body=dict(body),
        sendUpdates=updates,
        conferenceDataVersion=1,
        supportsAttachments=True,
    )
    request.headers["If-Match"] = str(event["etag"])
    try:
        return await work.google.execute(request, kind=CallKind.REPEATABLE_WRITE)
    except (ConflictError, GoogleUnavailableError) as error:
        if isinstance(error, ConflictError) and error.reason != _CHANGED:
            raise
        now = await _looked_at(work, entry, str(event["id"]))
        if now is not None and has(now, body):
            return now
        raise


async def delete(work: Workspace, entry: CalendarEntry, event: Mapping[str, Any], updates: str) -> None:
    """Delete it, if it is still the one that was read. It was there a moment ago: one that is gone has been deleted."""
    request = work.google.calendar.events.delete(calendarId=entry.id, eventId=event["id"], sendUpdates=updates)
    if etag := event.get("etag"):
        request.headers["If-Match"] = str(etag)
    try:
        await work.google.execute(request, kind=CallKind.REPEATABLE_WRITE)
    except NotFoundError as error:
        if error.reason not in _DELETED:
            raise


async def get(work: Workspace, entry: CalendarEntry, event_id: str) -> JSON:
    """The whole event."""
    return await work.google.execute(work.google.calendar.events.get(calendarId=entry.id, eventId=event_id))


def has(event: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    """Whether the event is as a patch with this body would have left it."""
    return all(_same(event.get(name), value) for name, value in body.items())


async def _inserted(work: Workspace, entry: CalendarEntry, body: Mapping[str, Any], updates: str) -> JSON:
    request = work.google.calendar.events.insert(
        calendarId=entry.id,
        body=dict(body),
        sendUpdates=updates,
        conferenceDataVersion=1,
        supportsAttachments=True,
    )
    try:
        return await work.google.execute(request, kind=CallKind.CREATE)
    except ConflictError as error:
        if error.reason != "conflict":
            raise
        # Nobody else has this id: an attempt whose answer was lost came through after all.
        return await get(work, entry, str(body["id"]))


async def _looked_at(work: Workspace, entry: CalendarEntry, event_id: str) -> JSON | None:
    try:
        return await get(work, entry, event_id)
    except WorkspaceError:
        return None


def _same(held: Any, wanted: Any) -> bool:
    """Whether what Google shows is what was written: it adds fields, and tells times in its own zone."""
    if wanted is None:
        return held is None
    if isinstance(wanted, Mapping):
        return isinstance(held, Mapping) and all(_same_field(held, name, value) for name, value in wanted.items())
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        if not isinstance(held, Sequence) or len(held) != len(wanted):
            return not wanted and not held
        return all(_same(one, other) for one, other in zip(held, wanted, strict=True))
    return held == wanted


def _same_field(held: Mapping[str, Any], name: str, value: Any) -> bool:
    if name == "dateTime" and value and held.get(name):
        return datetime.fromisoformat(str(held[name])) == datetime.fromisoformat(str(value))
    # A request for a conference is answered with one.
    return name == "createRequest" or _same(held.get(name), value)
