"""The simulated Calendar: fill it with `add_person`, `add_calendar`, `add_event`; call its handlers."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.sandbox.calendar.freebusy import FreeBusy
from google_workspace_mcp.sandbox.calendar.listing import Listing
from google_workspace_mcp.sandbox.calendar.making import make_event, read_span, write_fields
from google_workspace_mcp.sandbox.calendar.reading import Reading
from google_workspace_mcp.sandbox.calendar.recurrence import is_occurrence
from google_workspace_mcp.sandbox.calendar.sharing import Sharing
from google_workspace_mcp.sandbox.calendar.store import Calendar, CalendarStore, Entry, Event, Notification
from google_workspace_mcp.sandbox.calendar.times import When, known_zone, length
from google_workspace_mcp.sandbox.calendar.writing import Writing
from google_workspace_mcp.sandbox.service import JSON, Handler, Person


class CalendarService:
    """All people's calendars."""

    def __init__(self, clock: Clock) -> None:
        self.store = CalendarStore(clock)
        self._listing = Listing(self.store)
        self._reading = Reading(self.store)
        self._free_busy = FreeBusy(self.store)
        self._writing = Writing(self.store)
        self._sharing = Sharing(self.store)

    @property
    def notifications(self) -> list[Notification]:
        """The mails that Google would have sent so far, oldest first."""
        return self.store.notifications

    def add_person(self, person: Person) -> str:
        """Gives somebody a primary calendar, its id the address; colleagues see when they are busy. Returns the id."""
        if person.email not in self.store.calendars:
            self.store.people[person.email] = person
            access = {person.email: "owner", person.domain: "freeBusyReader"}
            self.store.calendars[person.email] = Calendar(
                person.email, person.email, known_zone(person.time_zone), access, person.email, primary=True
            )
            self.subscribe(person.email, person.email)
        return person.email

    def add_calendar(
        self,
        owner: str,
        summary: str,
        *,
        zone: str = "",
        access: Mapping[str, str] | None = None,
        calendar_id: str = "",
        description: str = "",
        color: str = "7",
    ) -> str:
        """A further calendar; returns its id.

        `access` maps an address, a bare domain or `*` to `freeBusyReader`, `reader`, `writer` or `owner`. The owner and
        everybody named by address have it in their list.
        """
        made = calendar_id or f"c_{self.store.new_id()}@group.calendar.google.com"
        roles = {owner: "owner"} | dict(access or {})
        zone = zone or self.store.calendars[owner].zone
        self.store.calendars[made] = Calendar(made, summary, known_zone(zone), roles, owner, description)
        for email in roles:
            if email in self.store.people:
                self.subscribe(email, made, color=color)
        return made

    def subscribe(
        self, email: str, calendar_id: str, *, color: str = "14", selected: bool = True, hidden: bool = False
    ) -> None:
        """Puts a calendar into somebody's list."""
        entry = Entry(calendar_id, color, selected, hidden)
        self.store.lists.setdefault(email, {})[calendar_id] = entry

    def share(self, calendar_id: str, who: str, role: str) -> None:
        """Gives an address, a domain or `*` a role on a calendar; `none` takes it away."""
        self.store.calendars[calendar_id].access[who] = role

    def add_event(
        self, calendar_id: str, body: JSON, *, creator: str = "", organizer: str = "", created: datetime | None = None
    ) -> str:
        """An event in Google's shape, as `events.insert` takes it, `iCalUID` included; returns its id.

        `organizer` is somebody without a calendar here, for an invitation from outside.

        Raises:
            GoogleError: 400 or 409, as the API would answer.
        """
        calendar = self.store.calendars[calendar_id]
        event = make_event(self.store, calendar, body, creator=creator or organizer or calendar.owner, created=created)
        event.organizer = organizer or event.organizer
        return event.id

    def change_instance(self, calendar_id: str, event_id: str, original: date | datetime, change: JSON) -> str:
        """Moves or changes one instance of a series; returns the instance's id.

        Args:
            original: when the series would have it begin: an aware moment, or a day.
            change: fields in Google's shape; `{"status": "cancelled"}` cancels it.

        Raises:
            ValueError: the series has no such instance.
        """
        master = self.store.events[(calendar_id, event_id)]
        start = When(original.astimezone(UTC) if isinstance(original, datetime) else original, master.start.zone)
        if not is_occurrence(master.start, master.recurrence, start):
            raise ValueError(f"no instance of {event_id} begins at {original}")
        end = When(start.shifted(length(master.start, master.end)).value, master.end.zone)
        body = master.fields | {"start": start.json(start.zone), "end": end.json(end.zone)} | change
        exception = self._exception(master, start, body)
        self.store.put(exception)
        return exception.id

    def cancel_instance(self, calendar_id: str, event_id: str, original: date | datetime) -> str:
        """Cancels one instance of a series; returns the instance's id."""
        return self.change_instance(calendar_id, event_id, original, {"status": "cancelled"})

    def add_group(self, address: str, members: Sequence[str]) -> None:
        """A group of people, whose busy times can be asked for by one address."""
        self._free_busy.groups[address] = tuple(members)

    def fail_free_busy(self, calendar_id: str, reason: str) -> None:
        """From now on this calendar's busy times are an error of that reason, as of Google's own `internalError`."""
        self._free_busy.errors[calendar_id] = reason

    def change_setting(self, email: str, setting: str, value: str) -> None:
        """As somebody changes a setting on Google's page."""
        self._reading.changed[(email, setting)] = value

    def expire_sync_tokens(self) -> None:
        """From now on every sync token given out so far is answered with 410."""
        self.store.oldest_sync = self.store.next_change()

    def handlers(self) -> Mapping[str, Handler]:
        """Handlers by discovery method id."""
        return {
            "calendar.acl.delete": self._sharing.delete_rule,
            "calendar.acl.get": self._sharing.rule,
            "calendar.acl.insert": self._sharing.insert_rule,
            "calendar.acl.list": self._sharing.rules,
            "calendar.calendarList.get": self._reading.calendar_list_entry,
            "calendar.calendarList.list": self._reading.calendar_list,
            "calendar.calendars.get": self._reading.calendar,
            "calendar.calendars.insert": self._sharing.insert_calendar,
            "calendar.colors.get": self._reading.colors,
            "calendar.events.delete": self._writing.delete,
            "calendar.events.get": self._reading.event,
            "calendar.events.insert": self._writing.insert,
            "calendar.events.instances": self._listing.instances,
            "calendar.events.list": self._listing.events,
            "calendar.events.move": self._writing.move,
            "calendar.events.patch": self._writing.patch,
            "calendar.events.update": self._writing.update,
            "calendar.freebusy.query": self._free_busy.query,
            "calendar.settings.get": self._reading.setting,
            "calendar.settings.list": self._reading.settings,
        }

    def _exception(self, master: Event, original: When, body: JSON) -> Event:
        calendar = self.store.calendars[master.calendar_id]
        start, end = read_span(body, calendar.zone)
        exception = Event(
            f"{master.id}_{original.mark()}",
            master.calendar_id,
            {},
            start,
            end,
            master.created,
            master.updated,
            self.store.next_change(),
            master.ical_uid,
            master.creator,
            master.organizer,
            status=str(body.get("status") or "confirmed"),
            series=master.id,
            original=original,
        )
        write_fields(exception, body, calendar)
        return exception
