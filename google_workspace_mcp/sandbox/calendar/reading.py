"""The reads of single things: an event, calendars and their list, settings, colours."""

from collections.abc import Mapping

from google_workspace_mcp.sandbox.calendar import resources
from google_workspace_mcp.sandbox.calendar.listing import view_of
from google_workspace_mcp.sandbox.calendar.palette import colors
from google_workspace_mcp.sandbox.calendar.store import ROLES, CalendarStore
from google_workspace_mcp.sandbox.service import JSON, Call, GoogleError, not_found


class Reading:
    """Answers the get methods, the calendar list and the settings. `changed` are settings that somebody changed."""

    def __init__(self, store: CalendarStore) -> None:
        self._store = store
        self.changed: dict[tuple[str, str], str] = {}

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
        held = {
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
        email = call.person.email
        return held | {name: value for (whose, name), value in self.changed.items() if whose == email}

    def _start(self, call: Call) -> int:
        token = str(call.params.get("pageToken") or "c0")
        if not token.startswith("c") or not token[1:].isdecimal():
            raise GoogleError(400, "invalid", "Invalid page token value.", location="pageToken")
        return int(token[1:])


def _setting(name: str, value: str) -> JSON:
    return {"kind": "calendar#setting", "etag": resources.etag(name, value), "id": name, "value": value}
