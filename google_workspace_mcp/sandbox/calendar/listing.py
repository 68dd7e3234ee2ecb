"""`events.list` and `events.instances`: which events, expanded or not, page by page, or only what has changed."""

import hashlib
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from datetime import datetime

from google_workspace_mcp.sandbox.calendar import resources
from google_workspace_mcp.sandbox.calendar.recurrence import Window
from google_workspace_mcp.sandbox.calendar.resources import View
from google_workspace_mcp.sandbox.calendar.store import Calendar, CalendarStore, Shown
from google_workspace_mcp.sandbox.calendar.times import bound, known_zone, millis
from google_workspace_mcp.sandbox.service import JSON, Call, GoogleError, bad_request

_MOST = 2500
_NOT_WITH_SYNC = (
    "iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin", "timeMax", "updatedMin",
)  # fmt: skip
# A first listing that is narrowed by one of these gets no token to go on from.
_NO_TOKEN_AFTER = ("iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "updatedMin")
_WORD = re.compile(r"[\w@.+-]+")
# What may differ between the pages of one listing.
_PAGE_ONLY = frozenset(
    {"pageToken", "maxResults", "fields", "alt", "prettyPrint", "key", "quotaUser", "access_token", "oauth_token"}
)


class Listing:
    """Answers the list methods of events."""

    def __init__(self, store: CalendarStore) -> None:
        self._store = store

    def events(self, call: Call) -> JSON:
        """`calendar.events.list`."""
        view = view_of(self._store, call)
        since = self._since(call, view.calendar)
        window = _window(call) if since is None else since.window
        singly = bool(call.params.get("singleEvents"))
        if call.params.get("orderBy") == "startTime" and not singly:
            raise bad_request("The requested ordering is not available for the particular query.", location="orderBy")
        items = self._page(call)
        if items is None:
            found = [shown for shown in self._candidates(view.calendar, window, singly) if _wanted(call, shown, since)]
            items = [view.event(shown) for shown in _ordered(found, call, view.calendar)]
        answer = self._answer(call, view, items)
        if "nextPageToken" not in answer and not any(call.params.get(name) for name in _NO_TOKEN_AFTER):
            answer["nextSyncToken"] = _token(view.calendar, self._store.changes, singly, window)
        return answer

    def instances(self, call: Call) -> JSON:
        """`calendar.events.instances`."""
        view = view_of(self._store, call)
        series = self._store.find(view.calendar, str(call.params["eventId"]))
        if not series.event.recurrence or series.is_instance:
            raise bad_request("The requested event is not a recurring event.", location="eventId")
        items = self._page(call)
        if items is None:
            found = self._store.instances(series.event, view.calendar, _window(call))
            wanted = call.params.get("originalStart")
            items = [
                view.event(shown)
                for shown in sorted(found, key=lambda shown: shown.start.instant(view.calendar.zone))
                if (not shown.cancelled or call.params.get("showDeleted"))
                and (not wanted or _began(shown, str(wanted)))
            ]
        return self._answer(call, view, items)

    def _candidates(self, calendar: Calendar, window: Window, singly: bool) -> Iterator[Shown]:
        for event in self._store.events_in(calendar):
            shown = self._store.as_stored(event, calendar)
            if event.recurrence:
                if singly:
                    yield from self._store.instances(event, calendar, window)
                elif next(self._store.instances(event, calendar, window), None) is not None or shown.cancelled:
                    yield shown
            # Exceptions come with the instances of their master, where the calendar has it.
            elif singly and event.series and self._store.holds(calendar, event.series):
                continue
            elif window.holds(event.start.instant(calendar.zone), event.end.instant(calendar.zone)):
                yield shown

    def _page(self, call: Call) -> list[JSON] | None:
        token = call.params.get("pageToken")
        if not token:
            return None
        items = self._store.page(str(token), _fingerprint(call))
        if items is None:
            raise GoogleError(400, "invalid", "Invalid page token value.", location="pageToken")
        return items

    def _answer(self, call: Call, view: View, items: list[JSON]) -> JSON:
        size = min(int(call.params.get("maxResults") or 250), _MOST)
        calendar = view.calendar
        entry = self._store.lists.get(call.person.email, {}).get(calendar.id)
        answer: JSON = {
            "kind": "calendar#events",
            "etag": resources.etag(calendar.id, self._store.changes),
            "summary": calendar.summary,
            "description": calendar.description,
            "updated": millis(self._updated(calendar)),
            "timeZone": view.zone,
            "accessRole": view.role,
            "defaultReminders": list(entry.reminders) if entry else [],
            "items": items[:size],
        }
        if len(items) > size:
            answer["nextPageToken"] = self._store.keep_page(_fingerprint(call), items[size:])
        return answer

    def _updated(self, calendar: Calendar) -> datetime:
        held = [event.updated for event in self._store.events_in(calendar)]
        return max(held, default=self._store.clock.now())

    def _since(self, call: Call, calendar: Calendar) -> "_Since | None":
        token = call.params.get("syncToken")
        if not token:
            return None
        if any(call.params.get(name) for name in _NOT_WITH_SYNC) or call.params.get("showDeleted") is False:
            raise bad_request("Sync token cannot be used with other query restrictions.", location="syncToken")
        since = _read_token(str(token), calendar, bool(call.params.get("singleEvents")))
        if since.change < self._store.oldest_sync:
            raise GoogleError(
                410,
                "fullSyncRequired",
                "Sync token is no longer valid, a full sync is required.",
                location="syncToken",
            )
        return since


class _Since:
    """Where an earlier listing ended, and the span that it was about."""

    def __init__(self, change: int, window: Window) -> None:
        self.change = change
        self.window = window


def view_of(store: CalendarStore, call: Call) -> View:
    """The calendar of a call as its person sees it.

    Raises:
        GoogleError: 404 for a calendar they cannot see, 400 for an unknown zone.
    """
    calendar = store.calendar(call.person, str(call.params["calendarId"]))
    zone = call.params.get("timeZone")
    most = call.params.get("maxAttendees")
    return View(
        store,
        call.person,
        calendar,
        store.role(call.person, calendar),
        known_zone(str(zone)) if zone else calendar.zone,
        None if most is None else int(most),
    )


def _window(call: Call) -> Window:
    after, before = (
        bound(str(call.params[name]), name) if call.params.get(name) else None for name in ("timeMin", "timeMax")
    )
    if after is not None and before is not None and before <= after:
        raise GoogleError(400, "timeRangeEmpty", "The specified time range is empty.", location="timeMax")
    return Window(after, before)


def _wanted(call: Call, shown: Shown, since: _Since | None) -> bool:
    event = shown.event
    if since is not None:
        return event.change > since.change
    updated_min = call.params.get("updatedMin")
    if updated_min and event.updated < bound(str(updated_min), "updatedMin"):
        return False
    if shown.cancelled and not call.params.get("showDeleted") and not updated_min:
        # A copy of a series must know its missing instances, or it would show them.
        return bool(event.series) and not call.params.get("singleEvents")
    if shown.cancelled and call.params.get("singleEvents") and event.recurrence:
        return False
    types = call.params.get("eventTypes")
    if types and event.fields.get("eventType", "default") not in types:
        return False
    uid = call.params.get("iCalUID")
    return (not uid or event.ical_uid == uid) and _has_words(call, shown) and _has_properties(call, shown)


def _has_words(call: Call, shown: Shown) -> bool:
    wanted = _WORD.findall(str(call.params.get("q") or "").casefold())
    return not wanted or set(wanted) <= _words(shown)


def _words(shown: Shown) -> set[str]:
    fields = shown.event.fields
    guests = [f"{guest.get('displayName', '')} {guest['email']}" for guest in shown.event.guests()]
    text = " ".join([*(str(fields.get(name, "")) for name in ("summary", "description", "location")), *guests])
    found = _WORD.findall(f"{text} {shown.event.organizer}".casefold())
    # An address is found whole and by its parts; a word is found without the stop that ends its sentence.
    return set(found) | {part for word in found for part in re.findall(r"\w+", word)}


def _has_properties(call: Call, shown: Shown) -> bool:
    held: JSON = shown.event.fields.get("extendedProperties") or {}
    for parameter, kind in (("privateExtendedProperty", "private"), ("sharedExtendedProperty", "shared")):
        for asked in call.params.get(parameter) or ():
            name, _, value = str(asked).partition("=")
            if (held.get(kind) or {}).get(name) != value:
                return False
    return True


def _ordered(found: list[Shown], call: Call, calendar: Calendar) -> list[Shown]:
    match call.params.get("orderBy"):
        case "startTime":
            return sorted(found, key=lambda shown: (shown.start.instant(calendar.zone), shown.id))
        case "updated":
            return sorted(found, key=lambda shown: (shown.event.updated, shown.id))
        case _:
            return found


def _began(shown: Shown, wanted: str) -> bool:
    if shown.original is None:
        return False
    if "T" in wanted and not shown.original.all_day:
        return shown.original.value == bound(wanted, "originalStart")
    return shown.original.json("UTC").get("date") == wanted


def _fingerprint(call: Call) -> str:
    asked = {name: value for name, value in call.params.items() if name not in _PAGE_ONLY and value is not None}
    text = json.dumps([call.method_id, call.person.email, asked], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _token(calendar: Calendar, change: int, singly: bool, window: Window) -> str:
    span = [moment.isoformat() if moment else None for moment in (window.after, window.before)]
    return urlsafe_b64encode(json.dumps([calendar.id, change, singly, *span]).encode()).decode()


def _read_token(token: str, calendar: Calendar, singly: bool) -> _Since:
    refused = bad_request("Invalid sync token value.", location="syncToken")
    try:
        calendar_id, change, was_singly, after, before = json.loads(urlsafe_b64decode(token.encode()))
        window = Window(*(datetime.fromisoformat(moment) if moment else None for moment in (after, before)))
    except (ValueError, TypeError):
        raise refused from None
    if calendar_id != calendar.id or was_singly != singly or not isinstance(change, int):
        raise refused
    return _Since(change, window)
