"""Who is busy when, calendar by calendar, each with an error in its place where it cannot be told."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from google_workspace_mcp.sandbox.calendar.recurrence import Window
from google_workspace_mcp.sandbox.calendar.store import Calendar, CalendarStore, Shown
from google_workspace_mcp.sandbox.calendar.times import bound, known_zone, rfc3339
from google_workspace_mcp.sandbox.service import JSON, Call, GoogleError

_MOST_CALENDARS = 50
_MOST_IN_GROUP = 100
# Google answers free/busy for at most about three months at a time.
_LONGEST = timedelta(days=93)


class FreeBusy:
    """Answers `calendar.freebusy.query`. `groups` are addresses with members, `errors` reasons by calendar."""

    def __init__(self, store: CalendarStore) -> None:
        self._store = store
        self.groups: dict[str, tuple[str, ...]] = {}
        self.errors: dict[str, str] = {}

    def query(self, call: Call) -> JSON:
        """`calendar.freebusy.query`; a calendar that cannot be seen has an error in its place and no busy times."""
        body = call.body or {}
        after, before = (bound(str(body.get(name) or ""), name) for name in ("timeMin", "timeMax"))
        if before <= after:
            raise GoogleError(400, "timeRangeEmpty", "The specified time range is empty.", location="timeMax")
        if before - after > _LONGEST:
            raise GoogleError(400, "timeRangeTooLong", "The requested time range is too long.", location="timeRange")
        asked = [str(item.get("id", "")) for item in body.get("items") or ()]
        zone = known_zone(str(body.get("timeZone") or "UTC"))
        groups = {each: self._group(each, body) for each in asked if each in self.groups}
        single = [each for each in asked if each not in groups]
        members = [member for group in groups.values() for member in group.get("calendars", ())]
        answer: JSON = {
            "kind": "calendar#freeBusy",
            "timeMin": _exactly(after),
            "timeMax": _exactly(before),
            "calendars": self._calendars(call, [*dict.fromkeys((*single, *members))], Window(after, before), zone),
        }
        return answer | ({"groups": groups} if groups else {})

    def _group(self, address: str, body: JSON) -> JSON:
        members = self.groups[address]
        if len(members) > min(int(body.get("groupExpansionMax") or _MOST_IN_GROUP), _MOST_IN_GROUP):
            return {"errors": [_error("groupTooBig")]}
        return {"calendars": list(members)}

    def _calendars(self, call: Call, asked: Sequence[str], window: Window, zone: str) -> JSON:
        most = min(int((call.body or {}).get("calendarExpansionMax") or _MOST_CALENDARS), _MOST_CALENDARS)
        return {
            calendar_id: self._busy(call, calendar_id, window, zone)
            if place < most
            else _refused("tooManyCalendarsRequested")
            for place, calendar_id in enumerate(asked)
        }

    def _busy(self, call: Call, calendar_id: str, window: Window, zone: str) -> JSON:
        calendar = self._store.calendars.get(call.person.email if calendar_id == "primary" else calendar_id)
        if calendar is None or self._store.role(call.person, calendar) == "none":
            return _refused("notFound")
        if calendar.id in self.errors:
            return _refused(self.errors[calendar.id])
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


def _error(reason: str) -> JSON:
    return {"domain": "global", "reason": reason}


def _refused(reason: str) -> JSON:
    return {"errors": [_error(reason)], "busy": []}


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
