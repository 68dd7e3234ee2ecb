"""The reads of single things: an event, calendars and their list, settings, colours; and who is busy when."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from google_workspace_mcp.sandbox.calendar import resources
from google_workspace_mcp.sandbox.calendar.listing import view_of
from google_workspace_mcp.sandbox.calendar.palette import colors
from google_workspace_mcp.sandbox.calendar.recurrence import Window
from google_workspace_mcp.sandbox.calendar.store import ROLES, Calendar, CalendarStore, Shown
from google_workspace_mcp.sandbox.calendar.times import bound, known_zone, rfc3339
from google_workspace_mcp.sandbox.service import JSON, Call, GoogleError, not_found

_MOST_CALENDARS = 50
# Google answers free/busy for at most about three months at a time.
_LONGEST = timedelta(days=93)


class Reading:
    """Answers the get methods, the calendar list, the settings and free/busy."""

    def __init__(self, store: CalendarStore) -> None:
        self._store = store

    def event(self, call: Call) -> JSON:
        """`calendar.events.get`, of an event or of one instance; a deleted one comes back as cancelled."""
        view = view_of(self._store, call)
        return view.event(self._store.find(view.calendar, str(call.params["eventId"])))

    def calendar(self, call: Call) -> JSON:
        """`calendar.calendars.get`."""
        return resources.calendar(self._store.calendar(call.person, str(call.params["calendarId"])))

    def calendar_list(self, call: Call) -> JSON:
        """`calendar.calendarList.list`."""
        least = str(call.params.get("minAccessRole") or "freeBusyReader")
        shown = [
            entry
            for entry in self._entries(call)
            if (call.params.get("showHidden") or not entry.get("hidden"))
            and ROLES.index(entry["accessRole"]) >= ROLES.index(least)
        ]
        start = self._start(call)
        end = start + min(int(call.params.get("maxResults") or 100), 250)
        answer: JSON = {
            "kind": "calendar#calendarList",
            "etag": resources.etag(*(entry["etag"] for entry in shown)),
            "items": shown[start:end],
        }
        return answer | ({"nextPageToken": f"c{end}"} if end < len(shown) else {})

    def calendar_list_entry(self, call: Call) -> JSON:
        """`calendar.calendarList.get`, of calendars that are in the person's list."""
        wanted = str(call.params["calendarId"])
        wanted = call.person.email if wanted == "primary" else wanted
        for entry in self._entries(call):
            if entry["id"] == wanted:
                return entry
        raise not_found("Not Found")

    def settings(self, call: Call) -> JSON:
        """`calendar.settings.list`."""
        held = self._settings(call)
        return {
            "kind": "calendar#settings",
            "etag": resources.etag(*held.values()),
            "items": [_setting(name, value) for name, value in held.items()],
        }

    def setting(self, call: Call) -> JSON:
        """`calendar.settings.get`."""
        name = str(call.params["setting"])
        held = self._settings(call)
        if name not in held:
            raise not_found("Not Found")
        return _setting(name, held[name])

    def colors(self, call: Call) -> JSON:
        """`calendar.colors.get`."""
        del call
        return colors()

    def free_busy(self, call: Call) -> JSON:
        """`calendar.freebusy.query`; a calendar that cannot be seen has an error in its place and no busy times."""
        body = call.body or {}
        after, before = (bound(str(body.get(name) or ""), name) for name in ("timeMin", "timeMax"))
        if before <= after:
            raise GoogleError(400, "timeRangeEmpty", "The specified time range is empty.", location="timeMax")
        if before - after > _LONGEST:
            raise GoogleError(400, "timeRangeTooLong", "The requested time range is too long.", location="timeRange")
        asked = [str(item.get("id", "")) for item in body.get("items") or ()]
        zone = known_zone(str(body.get("timeZone") or "UTC"))
        most = min(int(body.get("calendarExpansionMax") or _MOST_CALENDARS), _MOST_CALENDARS)
        answers = {
            calendar_id: self._busy(call, calendar_id, Window(after, before), zone)
            if place < most
            else _refused("tooManyCalendarsRequested")
            for place, calendar_id in enumerate(asked)
        }
        return {
            "kind": "calendar#freeBusy",
            "timeMin": _exactly(after),
            "timeMax": _exactly(before),
            "calendars": answers,
        }

    def _busy(self, call: Call, calendar_id: str, window: Window, zone: str) -> JSON:
        calendar = self._store.calendars.get(call.person.email if calendar_id == "primary" else calendar_id)
        if calendar is None or self._store.role(call.person, calendar) == "none":
            return _refused("notFound")
        taken = _merged([_span(shown, calendar) for shown in self._blocks(calendar, window)])
        clipped = [(max(start, window.after or start), min(end, window.before or end)) for start, end in taken]
        return {"busy": [{"start": rfc3339(start, zone), "end": rfc3339(end, zone)} for start, end in clipped]}

    def _blocks(self, calendar: Calendar, window: Window) -> list[Shown]:
        found: dict[str, Shown] = {}
        for event in self._store.events_in(calendar):
            stored = self._store.as_stored(event, calendar)
            if event.recurrence:
                found |= {shown.id: shown for shown in self._store.instances(event, calendar, window)}
            elif window.holds(*_span(stored, calendar)):
                found[stored.id] = stored
        return [shown for shown in found.values() if _is_busy(shown, calendar)]

    def _entries(self, call: Call) -> list[JSON]:
        entries = self._store.lists.get(call.person.email, {})
        shown: list[JSON] = []
        for entry in entries.values():
            calendar = self._store.calendars[entry.calendar_id]
            role = self._store.role(call.person, calendar)
            if role != "none":
                shown.append(resources.list_entry(calendar, entry, role))
        return shown

    def _settings(self, call: Call) -> Mapping[str, str]:
        return {
            "autoAddHangouts": "true",
            "dateFieldOrder": "DMY",
            "defaultEventLength": "60",
            "format24HourTime": "true",
            "hideInvitations": "false",
            "hideWeekends": "false",
            "locale": "en",
            "remindOnRespondedEventsOnly": "false",
            "showDeclinedEvents": "true",
            "timezone": self._store.calendars[call.person.email].zone,
            "useKeyboardShortcuts": "true",
            "weekStart": "1",
        }

    def _start(self, call: Call) -> int:
        token = str(call.params.get("pageToken") or "c0")
        if not token.startswith("c") or not token[1:].isdecimal():
            raise GoogleError(400, "invalid", "Invalid page token value.", location="pageToken")
        return int(token[1:])


def _setting(name: str, value: str) -> JSON:
    return {"kind": "calendar#setting", "etag": resources.etag(name, value), "id": name, "value": value}


def _refused(reason: str) -> JSON:
    return {"errors": [{"domain": "global", "reason": reason}], "busy": []}


def _exactly(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _span(shown: Shown, calendar: Calendar) -> tuple[datetime, datetime]:
    return shown.start.instant(calendar.zone), shown.end.instant(calendar.zone)


def _is_busy(shown: Shown, calendar: Calendar) -> bool:
    """Whether it takes up time: not free by its own word or this guest's, not declined, not a place of work."""
    fields = shown.event.fields | shown.event.personal.get(calendar.id, {})
    answer = next((g.get("responseStatus") for g in shown.event.guests() if g["email"] == calendar.id), "accepted")
    free = fields.get("transparency") == "transparent" or fields.get("eventType") in {"workingLocation", "birthday"}
    return not shown.cancelled and not free and answer != "declined"


def _merged(spans: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Overlapping and touching spans as one."""
    merged: list[tuple[datetime, datetime]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
