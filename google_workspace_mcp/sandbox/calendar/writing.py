"""Insert, patch, update, delete and move: by the organizer for everybody, by a guest for themself."""

from copy import deepcopy
from dataclasses import replace

from google_workspace_mcp.sandbox.calendar.listing import view_of
from google_workspace_mcp.sandbox.calendar.making import (
    PERSONAL_FIELDS,
    SHARED_FIELDS,
    make_event,
    read_recurrence,
    read_span,
    write_fields,
)
from google_workspace_mcp.sandbox.calendar.recurrence import is_occurrence
from google_workspace_mcp.sandbox.calendar.resources import View
from google_workspace_mcp.sandbox.calendar.store import Calendar, CalendarStore, Event, Notification, Shown
from google_workspace_mcp.sandbox.calendar.times import read_when
from google_workspace_mcp.sandbox.service import JSON, Call, GoogleError, Reply, bad_request


class Writing:
    """Answers the methods that change events. Mails that Google would send are noted in the store."""

    def __init__(self, store: CalendarStore) -> None:
        self._store = store

    def insert(self, call: Call) -> JSON:
        """`calendar.events.insert`."""
        calendar = self._writable(call)
        event = make_event(self._store, calendar, self._body(call), creator=call.person.email)
        self._notify(call, event, "invite")
        return view_of(self._store, call).event(self._store.as_stored(event, calendar))

    def patch(self, call: Call) -> JSON:
        """`calendar.events.patch`: only what the body names changes; null takes away."""
        return self._change(call, whole=False)

    def update(self, call: Call) -> JSON:
        """`calendar.events.update`: what the body leaves out is gone."""
        return self._change(call, whole=True)

    def delete(self, call: Call) -> Reply:
        """`calendar.events.delete`: the organizer cancels it, a guest takes it out of their own calendar."""
        calendar = self._writable(call)
        shown = self._store.find(calendar, str(call.params["eventId"]))
        self._check(call, shown)
        event = self._own(shown)
        if event.calendar_id == calendar.id:
            self._notify(call, event, "cancel")
        else:
            self._answer(call, event, calendar, {"responseStatus": "declined"})
        # The moved instances of a series go with it.
        for one in (event, *self._store.exceptions_of(event).values()):
            if event.calendar_id == calendar.id:
                one.status = "cancelled"
            else:
                one.gone.add(calendar.id)
            self._touch(one)
        return Reply()

    def move(self, call: Call) -> JSON:
        """`calendar.events.move`: to another calendar, which becomes the organizer."""
        source = self._writable(call)
        target = self._store.calendar(call.person, str(call.params["destination"]), "writer")
        shown = self._store.find(source, str(call.params["eventId"]))
        event = shown.event
        if event.calendar_id != source.id:
            raise GoogleError(403, "forbiddenForNonOrganizer", "Only the organizer can move an event.")
        if shown.is_instance or event.fields.get("eventType", "default") != "default":
            raise GoogleError(400, "cannotMove", "Instances and events of special types cannot be moved.")
        if (target.id, event.id) in self._store.events:
            raise GoogleError(409, "duplicate", "The requested identifier already exists.")
        exceptions = list(self._store.exceptions_of(event).values())
        for moved in (event, *exceptions):
            self._store.drop(moved)
            moved.calendar_id = moved.organizer = target.id
            self._touch(moved)
            self._store.put(moved)
        self._notify(call, event, "update")
        view = View(self._store, call.person, target, self._store.role(call.person, target), target.zone)
        return view.event(self._store.as_stored(event, target))

    def _change(self, call: Call, *, whole: bool) -> JSON:
        calendar = self._writable(call)
        shown = self._store.find(calendar, str(call.params["eventId"]))
        self._check(call, shown)
        body = self._body(call)
        if shown.event.calendar_id == calendar.id or shown.event.fields.get("guestsCanModify"):
            event = self._rewrite(shown, body, calendar, whole=whole)
            self._notify(call, event, "update")
        else:
            event = self._own(shown)
            self._rewrite_for_self(call, event, body, calendar)
        self._touch(event)
        return view_of(self._store, call).event(self._store.find(calendar, str(call.params["eventId"])))

    def _rewrite(self, shown: Shown, body: JSON, calendar: Calendar, *, whole: bool) -> Event:
        merged = deepcopy(body) if whole else _merged(self._as_written(shown), body)
        start, end = read_span(merged, calendar.zone)
        recurrence = [] if shown.is_instance else read_recurrence(merged, start)
        event = self._own(shown)
        home = self._store.calendars[event.calendar_id]
        if (start, end, recurrence) != (event.start, event.end, event.recurrence):
            event.sequence += 1
        event.start, event.end, event.recurrence = start, end, recurrence
        event.status = str(merged.get("status") or "confirmed")
        write_fields(event, merged, home)
        self._drop_lost_exceptions(event)
        return event

    def _rewrite_for_self(self, call: Call, event: Event, body: JSON, calendar: Calendar) -> None:
        """What a guest may change: their answer, reminders, colour, and whether it shows as busy or private."""
        if _changes_for_all(event, body, calendar):
            raise GoogleError(
                403,
                "forbiddenForNonOrganizer",
                "Shared properties can only be changed by the organizer of the event.",
            )
        personal = event.personal.setdefault(calendar.id, {})
        personal |= {name: deepcopy(body[name]) for name in PERSONAL_FIELDS if body.get(name) is not None}
        for guest in body.get("attendees") or ():
            if str(guest.get("email", "")).lower() == calendar.id:
                self._answer(call, event, calendar, guest)

    def _answer(self, call: Call, event: Event, calendar: Calendar, said: JSON) -> None:
        for guest in event.guests():
            if guest["email"] == calendar.id:
                guest |= {name: said[name] for name in ("responseStatus", "comment") if name in said}
                if self._wanted_by(call, event.organizer):
                    self._store.notifications.append(Notification("response", event.id, event.organizer))

    def _as_written(self, shown: Shown) -> JSON:
        """The event in the shape in which a client would send it."""
        event = shown.event
        written = deepcopy(event.fields) | {
            "start": shown.start.json(shown.start.zone),
            "end": shown.end.json(shown.end.zone),
            "status": event.status,
        }
        if event.recurrence and not shown.is_instance:
            written["recurrence"] = list(event.recurrence)
        return written

    def _own(self, shown: Shown) -> Event:
        """The event to write to; the first change to one instance makes it an exception of its series."""
        event = shown.event
        if not shown.is_instance or event.series:
            return event
        exception = replace(
            event,
            id=shown.id,
            fields=deepcopy(event.fields),
            start=shown.start,
            end=shown.end,
            recurrence=[],
            series=event.id,
            original=shown.original,
            personal=deepcopy(event.personal),
            gone=set(event.gone),
            created=self._store.clock.now(),
        )
        self._store.put(exception)
        return exception

    def _drop_lost_exceptions(self, master: Event) -> None:
        """Exceptions go when the series no longer has the instance that they replace."""
        for event in list(self._store.exceptions_of(master).values()):
            if event.original is None or not is_occurrence(master.start, master.recurrence, event.original):
                self._store.drop(event)

    def _touch(self, event: Event) -> None:
        event.updated = self._store.clock.now()
        event.change = self._store.next_change()

    def _writable(self, call: Call) -> Calendar:
        return self._store.calendar(call.person, str(call.params["calendarId"]), "writerWithoutPrivateAccess")

    def _body(self, call: Call) -> JSON:
        body = dict(call.body or {})
        if call.params.get("conferenceDataVersion") != 1:
            # Without the version Google takes the client for one that knows nothing of conferences.
            body.pop("conferenceData", None)
        if not call.params.get("supportsAttachments"):
            body.pop("attachments", None)
        return body

    def _check(self, call: Call, shown: Shown) -> None:
        if shown.cancelled:
            raise GoogleError(410, "deleted", "Resource has been deleted")
        wanted = call.headers.get("if-match")
        if wanted and wanted not in {shown.event.etag, "*"}:
            raise GoogleError(412, "conditionNotMet", "Precondition Failed", location="If-Match")
        if call.params.get("sendUpdates") not in {None, "all", "externalOnly", "none"}:
            raise bad_request("Invalid value for sendUpdates", location="sendUpdates")

    def _notify(self, call: Call, event: Event, kind: str) -> None:
        for guest in event.guests():
            email = guest["email"]
            if email not in {call.person.email, event.organizer} and self._wanted_by(call, email):
                self._store.notifications.append(Notification(kind, event.id, email))

    def _wanted_by(self, call: Call, email: str) -> bool:
        """Whether `sendUpdates` asks for a mail to this address; `externalOnly`: only who has no calendar here."""
        asked = call.params.get("sendUpdates") or ("all" if call.params.get("sendNotifications") else "none")
        return asked == "all" or (asked == "externalOnly" and email not in self._store.people)


def _changes_for_all(event: Event, body: JSON, calendar: Calendar) -> bool:
    """Whether a body says something else than the event about what its organizer decides."""
    shared = {name: body[name] for name in SHARED_FIELDS if name in body and name != "attendees"}
    moved = any(
        name in body
        and read_when(body[name], calendar.zone, name).instant(calendar.zone) != held.instant(calendar.zone)
        for name, held in (("start", event.start), ("end", event.end))
    )
    recurs_otherwise = "recurrence" in body and list(body["recurrence"] or ()) != event.recurrence
    return moved or recurs_otherwise or any(value != event.fields.get(name) for name, value in shared.items())


def _merged(held: JSON, change: JSON) -> JSON:
    """JSON merge patch (RFC 7396): objects merge, everything else replaces, null removes."""
    merged = dict(held)
    for name, value in change.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict) and isinstance(merged.get(name), dict):
            merged[name] = _merged(merged[name], value)
        else:
            merged[name] = deepcopy(value)
    return merged
