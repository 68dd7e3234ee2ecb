"""Loads an iCalendar file, as calendar programs export it, into a simulated calendar."""

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from google_workspace_mcp.sandbox.calendar import CalendarService
from google_workspace_mcp.sandbox.imports.zones import ZoneNames
from google_workspace_mcp.sandbox.service import JSON, GoogleError

_EVENT = re.compile(r"^BEGIN:VEVENT\s*$.*?^END:VEVENT\s*$", re.DOTALL | re.MULTILINE | re.IGNORECASE)
_ZONE = re.compile(r"^BEGIN:VTIMEZONE\s*$.*?^END:VTIMEZONE\s*$", re.DOTALL | re.MULTILINE | re.IGNORECASE)
_ADDRESS = re.compile(r"mailto:\s*([^\s@]+@[^\s@]+)", re.IGNORECASE)
_ANSWERS = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}


@dataclass(frozen=True, slots=True)
class _Read:
    """One VEVENT in Google's shape. `original` is set for an exception to a series."""

    uid: str
    body: JSON
    organizer: str
    original: date | datetime | None
    created: datetime | None


def load_calendar(calendar: CalendarService, email: str, path: Path, say: Callable[[str], None] = print) -> int:
    """Puts the events of an iCalendar file, or of all `.ics` files in a folder, into somebody's primary calendar.

    Returns how many were loaded, exceptions to series included. Series, moved and cancelled instances, all-day and
    floating times are kept; Outlook's zone names are understood. Events that cannot be read are counted and told to
    `say`, and never stop the rest.

    Raises:
        OSError: the file cannot be read.
    """
    files = sorted(path.glob("*.ics")) if path.is_dir() else [path]
    loaded = broken = 0
    for file in files:
        text = file.read_bytes().decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
        loader = _Loader(calendar, email, text)
        loaded += loader.load()
        broken += len(loader.broken)
        for reason in loader.broken[:5]:
            say(f"{file.name}: left out {reason}")
    if broken:
        say(f"{broken} of {loaded + broken} events could not be read")
    return loaded


class _Loader:
    def __init__(self, calendar: CalendarService, email: str, text: str) -> None:
        from icalendar import Timezone

        self._calendar = calendar
        self._email = email
        self._zone = calendar.store.calendars[email].zone
        self._text = text
        self.broken: list[str] = []
        definitions = [found for block in _ZONE.findall(text) if (found := _component(Timezone, block)) is not None]
        self._zones = ZoneNames(definitions, calendar.store.clock.now().year, self._zone)
        self._masters: dict[str, str] = {}

    def load(self) -> int:
        """Each event is parsed alone, so that one that is cut off or garbled takes no other with it."""
        from icalendar import Event

        read: list[_Read] = []
        for block in _EVENT.findall(self._text):
            component = _component(Event, block)
            if component is None:
                self.broken.append("an event that is no iCalendar")
                continue
            self._attempt(component, lambda component=component: read.append(self._read(component)))
        before = len(self.broken)
        # Masters first: an exception may stand before its series in the file.
        for one in sorted(read, key=lambda one: one.original is not None):
            self._attempt(one.body, lambda one=one: self._keep(one))
        return len(read) - (len(self.broken) - before)

    def _attempt(self, named: Any, work: Callable[[], None]) -> None:
        try:
            work()
        # icalendar says "broken property" with ValueError and AttributeError, and keeps odd values of any type.
        except (GoogleError, ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            title = str(named.get("summary") or "untitled")[:60]
            self.broken.append(f"“{title}”: {str(error)[:120]}")

    def _keep(self, one: _Read) -> None:
        master = self._masters.get(one.uid)
        if one.original is not None and master is not None:
            self._calendar.change_instance(self._email, master, one.original, one.body)
            return
        event_id = self._calendar.add_event(self._email, one.body, organizer=one.organizer, created=one.created)
        if one.original is None and one.body.get("recurrence"):
            self._masters[one.uid] = event_id

    def _read(self, event: Any) -> _Read:
        start, zone = self._moment(event["dtstart"])
        end = self._end(event, start)
        uid = str(event.get("uid", ""))
        recurrence = self._recurrence(event)
        body: JSON = {"start": _json(start, zone), "end": _json(end, zone)} | self._told(event)
        if recurrence:
            body["recurrence"] = recurrence
        if uid:
            body["iCalUID"] = uid
        original = self._moment(event["recurrence-id"])[0] if "recurrence-id" in event else None
        if isinstance(original, datetime) and not isinstance(start, datetime):
            original = original.date()
        created = event["created"].dt if "created" in event else None
        organizer = _ADDRESS.search(str(event.get("organizer", "")))
        return _Read(
            uid,
            body,
            organizer[1].lower() if organizer else "",
            original,
            created if isinstance(created, datetime) and created.tzinfo else None,
        )

    def _moment(self, value: Any) -> tuple[date | datetime, str]:
        """A day, or an aware moment; and the zone it was written in."""
        moment: Any = value.dt
        if not isinstance(moment, date):
            raise TypeError("a time without a day")
        if not isinstance(moment, datetime):
            return moment, self._zone
        name = str(value.params.get("TZID", ""))
        if moment.tzinfo is not None and not name:
            return moment.astimezone(UTC), "UTC"
        # The wall clock is what was written; what the zone of that name does is for the zone database to say.
        zone = self._zones.iana(name) if name else self._zone
        return moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC), zone

    def _end(self, event: Any, start: date | datetime) -> date | datetime:
        if "dtend" in event:
            end = self._moment(event["dtend"])[0]
        elif "duration" in event:
            end = start + event["duration"].dt
        else:
            end = start if isinstance(start, datetime) else start + timedelta(days=1)
        if not isinstance(start, datetime) and end <= start:
            # Some programs end a day on the day itself.
            return start + timedelta(days=1)
        return end

    def _recurrence(self, event: Any) -> list[str]:
        rules = event.get("rrule", [])
        lines = [f"RRULE:{rule.to_ical().decode()}" for rule in (rules if isinstance(rules, list) else [rules])]
        for name in ("exdate", "rdate"):
            lists = event.get(name, [])
            for held in lists if isinstance(lists, list) else [lists]:
                lines += [self._date_line(name.upper(), held, value) for value in held.dts]
        return lines

    def _date_line(self, name: str, held: Any, value: Any) -> str:
        value.params.setdefault("TZID", held.params.get("TZID", ""))
        moment, _ = self._moment(value)
        if isinstance(moment, datetime):
            return f"{name}:{moment:%Y%m%dT%H%M%SZ}"
        return f"{name};VALUE=DATE:{moment:%Y%m%d}"

    def _told(self, event: Any) -> JSON:
        said: JSON = {name: str(event[name]) for name in ("summary", "description", "location") if name in event}
        if str(event.get("class", "")).upper() in {"PRIVATE", "CONFIDENTIAL"}:
            said["visibility"] = "private"
        if str(event.get("transp", "")).upper() == "TRANSPARENT":
            said["transparency"] = "transparent"
        status = str(event.get("status", "")).lower()
        if status in {"tentative", "cancelled"}:
            said["status"] = status
        if link := event.get("x-google-conference"):
            said["hangoutLink"] = str(link)
        attendees = event.get("attendee", [])
        guests = [_guest(held) for held in (attendees if isinstance(attendees, list) else [attendees])]
        if found := [guest for guest in guests if guest]:
            said["attendees"] = found
        return said


def _component(kind: Any, block: str) -> Any:
    from icalendar.error import GloballyUniqueTZIDGuessed

    try:
        with warnings.catch_warnings():
            # Zone names are read by ZoneNames; what icalendar makes of them is not looked at.
            warnings.simplefilter("ignore", GloballyUniqueTZIDGuessed)
            return kind.from_ical(block)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        return None


def _json(moment: date | datetime, zone: str) -> JSON:
    if isinstance(moment, datetime):
        return {"dateTime": moment.isoformat(), "timeZone": zone}
    return {"date": moment.isoformat()}


def _guest(held: Any) -> JSON | None:
    address = _ADDRESS.search(str(held))
    if address is None:
        return None
    guest: JSON = {"email": address[1].lower()}
    guest["responseStatus"] = _ANSWERS.get(str(held.params.get("PARTSTAT", "")).upper(), "needsAction")
    if name := str(held.params.get("CN", "")):
        guest["displayName"] = name
    if str(held.params.get("ROLE", "")).upper() == "OPT-PARTICIPANT":
        guest["optional"] = True
    return guest
