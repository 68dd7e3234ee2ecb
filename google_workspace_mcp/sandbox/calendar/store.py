"""What the simulated Calendar holds: calendars, who may see them, events, and whose calendars an event is in.

An event is kept once, in the calendar that organizes it. Guests who have a calendar here see the same event through
their own, with their own answer, reminders and colour; there is no second copy that could differ.
"""

import hashlib
from base64 import b32hexencode
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.sandbox.calendar.recurrence import Window, is_occurrence, occurrences, original_of
from google_workspace_mcp.sandbox.calendar.times import When, length
from google_workspace_mcp.sandbox.service import JSON, GoogleError, Person, not_found

ROLES = ("none", "freeBusyReader", "reader", "writerWithoutPrivateAccess", "writer", "owner")
_PAGES_KEPT = 1000


@dataclass(slots=True)
class Calendar:
    """`access` maps an address, a bare domain, or `*` for everybody, to a role."""

    id: str
    summary: str
    zone: str
    access: dict[str, str]
    owner: str
    description: str = ""
    location: str = ""
    primary: bool = False


@dataclass(slots=True)
class Entry:
    """A calendar in somebody's list."""

    calendar_id: str
    color: str = "14"
    selected: bool = True
    hidden: bool = False
    name: str = ""
    reminders: list[JSON] = field(default_factory=lambda: [{"method": "popup", "minutes": 10}])


@dataclass(slots=True)
class Event:
    """A single event, the master of a series, or an exception to one (`series` and `original` are set).

    `fields` holds what people write, in Google's shape; `personal` what a guest changed for themself alone, by address;
    `gone` who has removed it from their own calendar.
    """

    id: str
    calendar_id: str
    fields: JSON
    start: When
    end: When
    created: datetime
    updated: datetime
    change: int
    ical_uid: str
    creator: str
    organizer: str
    recurrence: list[str] = field(default_factory=list[str])
    status: str = "confirmed"
    sequence: int = 0
    series: str = ""
    original: When | None = None
    personal: dict[str, JSON] = field(default_factory=dict[str, JSON])
    gone: set[str] = field(default_factory=set[str])

    @property
    def etag(self) -> str:
        return f'"{3_400_000_000_000_000 + 2 * self.change}"'

    def guests(self) -> list[JSON]:
        attendees: list[JSON] = self.fields.get("attendees") or []
        return attendees

    def invites(self, email: str) -> bool:
        return any(guest["email"] == email for guest in self.guests())


@dataclass(frozen=True, slots=True)
class Shown:
    """An event as it stands in a calendar: the event itself, or one occurrence of a series."""

    event: Event
    id: str
    start: When
    end: When
    original: When | None = None
    cancelled: bool = False

    @property
    def is_instance(self) -> bool:
        return self.original is not None


@dataclass(frozen=True, slots=True)
class Notification:
    """A mail that Google would have sent: `kind` is `invite`, `update`, `cancel` or `response`."""

    kind: str
    event_id: str
    recipient: str


class CalendarStore:
    """All calendars in one place. Ids come from a counter: the same filling gives the same ids."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.people: dict[str, Person] = {}
        self.calendars: dict[str, Calendar] = {}
        self.lists: dict[str, dict[str, Entry]] = {}
        self.events: dict[tuple[str, str], Event] = {}
        self.exceptions: dict[tuple[str, str], dict[str, Event]] = {}
        self.notifications: list[Notification] = []
        self.changes = 0
        self.oldest_sync = 0
        self._pages: OrderedDict[str, tuple[str, list[JSON]]] = OrderedDict()
        self._ids_made = 0

    def new_id(self) -> str:
        """26 characters of base32hex, the alphabet that event ids are made of."""
        self._ids_made += 1
        digest = hashlib.sha256(f"calendar:{self._ids_made}".encode()).digest()
        return b32hexencode(digest).decode().lower()[:26]

    def next_change(self) -> int:
        self.changes += 1
        return self.changes

    def role(self, person: Person, calendar: Calendar) -> str:
        """The greatest role that somebody has on a calendar; `none` if they may not know of it."""
        keys = (person.email, person.domain, "*")
        return max((calendar.access.get(key, "none") for key in keys), key=ROLES.index)

    def calendar(self, person: Person, calendar_id: str, least: str = "freeBusyReader") -> Calendar:
        """The calendar behind an id or the alias `primary`.

        Raises:
            GoogleError: 404 when it is not there or closed to them, 403 when their role is smaller than `least`.
        """
        calendar = self.calendars.get(person.email if calendar_id == "primary" else calendar_id)
        role = self.role(person, calendar) if calendar else "none"
        if calendar is None or role == "none":
            raise not_found("Not Found")
        if ROLES.index(role) < ROLES.index(least):
            raise GoogleError(403, "requiredAccessLevel", f"You need to have {least} access to this calendar.")
        return calendar

    def put(self, event: Event) -> None:
        self.events[(event.calendar_id, event.id)] = event
        if event.series:
            self.exceptions.setdefault((event.calendar_id, event.series), {})[event.id] = event

    def drop(self, event: Event) -> None:
        del self.events[(event.calendar_id, event.id)]
        if event.series:
            del self.exceptions[(event.calendar_id, event.series)][event.id]

    def exceptions_of(self, master: Event) -> dict[str, Event]:
        """The moved, changed and cancelled instances of a series, by instance id."""
        return self.exceptions.get((master.calendar_id, master.id), {})

    def events_in(self, calendar: Calendar) -> Iterator[Event]:
        """Everything that a calendar holds, cancelled ones included, in the order of creation."""
        for event in list(self.events.values()):
            if event.calendar_id == calendar.id or (calendar.primary and event.invites(calendar.id)):
                yield event

    def find(self, calendar: Calendar, event_id: str) -> Shown:
        """An event or one instance of a series, by id.

        Raises:
            GoogleError: 404.
        """
        event = self._stored(calendar, event_id)
        if event is not None:
            return self.as_stored(event, calendar)
        master_id, _, mark = event_id.rpartition("_")
        master = self._stored(calendar, master_id) if master_id else None
        original = original_of(mark, master.start) if master and master.recurrence else None
        if master is None or original is None or not is_occurrence(master.start, master.recurrence, original):
            raise not_found("Not Found")
        return self._instance(master, original, calendar)

    def as_stored(self, event: Event, calendar: Calendar) -> Shown:
        cancelled = event.status == "cancelled" or calendar.id in event.gone
        return Shown(event, event.id, event.start, event.end, event.original, cancelled)

    def instances(self, master: Event, calendar: Calendar, window: Window) -> Iterator[Shown]:
        """The occurrences of a series in a window, each as it really is: moved, changed, or cancelled."""
        exceptions = self.exceptions_of(master)
        lasts = length(master.start, master.end)
        for start in occurrences(master.start, master.recurrence, lasts, window, calendar.zone):
            if f"{master.id}_{start.mark()}" not in exceptions:
                yield self._instance(master, start, calendar)
        for event in exceptions.values():
            # A guest of the series may not have been invited to this one.
            invited = event.calendar_id == calendar.id or event.invites(calendar.id)
            if invited and window.holds(event.start.instant(calendar.zone), event.end.instant(calendar.zone)):
                yield self.as_stored(event, calendar)

    def holds(self, calendar: Calendar, event_id: str) -> bool:
        """Whether an event is in a calendar, as its own or by invitation."""
        return self._stored(calendar, event_id) is not None

    def keep_page(self, fingerprint: str, items: list[JSON]) -> str:
        """A token for the rest of a listing. It answers the same however often it is used and whatever changes."""
        text = "\n".join([fingerprint, *(f"{item['id']} {item.get('etag')}" for item in items)])
        token = b32hexencode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
        self._pages[token] = (fingerprint, items)
        while len(self._pages) > _PAGES_KEPT:
            self._pages.popitem(last=False)
        return token

    def page(self, token: str, fingerprint: str) -> list[JSON] | None:
        """The items behind a token, or None when it was made for another question or by nobody."""
        kept = self._pages.get(token)
        return kept[1] if kept and kept[0] == fingerprint else None

    def _stored(self, calendar: Calendar, event_id: str) -> Event | None:
        own = self.events.get((calendar.id, event_id))
        if own is not None or not calendar.primary:
            return own
        invited = (event for (_, known), event in self.events.items() if known == event_id)
        return next((event for event in invited if event.invites(calendar.id)), None)

    def _instance(self, master: Event, start: When, calendar: Calendar) -> Shown:
        end = start.shifted(length(master.start, master.end))
        cancelled = master.status == "cancelled" or calendar.id in master.gone
        return Shown(master, f"{master.id}_{start.mark()}", start, When(end.value, master.end.zone), start, cancelled)
