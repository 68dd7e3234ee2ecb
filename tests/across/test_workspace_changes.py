"""workspace_changes: everything that happened since the last look, once, and a way on whatever happens."""

import random
from dataclasses import replace
from typing import Any

import pytest

from google_workspace_mcp.calendar.service import CalendarService
from google_workspace_mcp.calendar.source import EventSource
from google_workspace_mcp.core.errors import GoogleUnavailableError, PolicyRefusedError, UserInputError
from google_workspace_mcp.sandbox import faults
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from google_workspace_mcp.sandbox.service import not_found
from tests.across.conftest import Office, open_desk, slowly
from tests.support.clock import FakeClock
from tests.support.workspace import Mailroom

WEEK = 7 * 24 * 3600


async def begin(desk: Mailroom) -> str:
    return (await desk.call("workspace_changes")).cursor


def told(result: object) -> list[tuple[str, str, str]]:
    return [(row.id.partition(":")[0], row.what, row.title) for row in getattr(result, "changes")]  # noqa: B009


async def relabel(office: Office, message: str, add: tuple[str, ...] = (), remove: tuple[str, ...] = ()) -> None:
    mailbox = office.gmail.mailbox(ALICE.email)
    mailbox.relabel(mailbox.get(message), add, remove)


async def test_the_first_call_gives_a_beginning_and_no_changes(desk: Mailroom, office: Office, google: SimulatedGoogle):
    office.deliver("Before")
    slowly(google)

    result = await desk.call("workspace_changes")

    assert result.text() == (
        "0 changes · alice@example.com · Europe/Berlin\n"
        "From now on: mail, files, events. Call again with this cursor to hear what changed.\n"
        "note: events: the primary calendar and up to 4 others that may be written to, from a month ago on\n"
        f"later: {result.cursor}"
    )
    assert result.complete
    assert desk.round_trips == 2, "the list of calendars, and the ends of their lists"
    await begin(desk)
    assert desk.round_trips == 1


async def test_what_changed_is_told_by_item(desk: Mailroom, office: Office, google: SimulatedGoogle):
    old, gone = office.deliver("Old"), office.deliver("Gone")
    cursor = await begin(desk)
    new = office.deliver("New")
    await relabel(office, old, remove=("INBOX", "UNREAD"))
    office.gmail.mailbox(ALICE.email).remove(office.gmail.mailbox(ALICE.email).get(gone))
    file = office.file("Plan")
    event = office.event("Review")
    slowly(google)

    result = await desk.call("workspace_changes", cursor=cursor)

    assert result.text() == (
        "5 changes · alice@example.com · Europe/Berlin\n"
        "id\twhat\ttitle\tabout\twhen\n"
        f"mail:{new}\tnew (inbox, unread)\tNew\tBen Okafor <ben@example.com>\t2026-03-30T11:00+02:00\n"
        f"mail:{old}\tarchived, read\n"
        f"mail:{gone}\tdeleted\n"
        f"file:{file}\tnew or changed\tPlan\tme\t2026-03-31T10:00+02:00\n"
        f"event:primary/{event}\tnew or changed\tReview\tThu 2026-04-02 14:00-15:00 +02:00\n"
        f"later: {result.cursor}"
    )
    assert desk.round_trips == 2, "the history, and beside the others the names of what is new"


async def test_nothing_new_takes_one_step_and_is_told_once(desk: Mailroom, office: Office, google: SimulatedGoogle):
    cursor = await begin(desk)
    office.deliver("New")
    first = await desk.call("workspace_changes", cursor=cursor)
    slowly(google)

    second = await desk.call("workspace_changes", cursor=first.cursor)

    assert told(first) == [("mail", "new (inbox, unread)", "New")]
    assert told(second) == []
    assert desk.round_trips == 1


async def test_pages_lose_and_repeat_nothing_while_mail_arrives(desk: Mailroom, office: Office):
    cursor = await begin(desk)
    expected = {f"mail:{office.deliver(f'Number {number}')}" for number in range(23)}
    expected |= {f"file:{office.file(f'File {number}')}" for number in range(12)}
    expected |= {f"event:primary/{office.event(f'Event {number}')}" for number in range(11)}
    seen: list[str] = []
    for call in range(20):
        result = await desk.call("workspace_changes", cursor=cursor, limit=5)
        seen += [row.id for row in result.changes]
        cursor = result.cursor
        if call < 3:
            expected.add(f"mail:{office.deliver(f'Late {call}')}")
        if result.complete:
            break
    else:
        pytest.fail("it never ended")

    assert len(seen) == len(expected)
    assert set(seen) == expected
    assert (await desk.call("workspace_changes", cursor=cursor)).changes == []


async def test_what_was_undone_again_is_not_told(desk: Mailroom, office: Office):
    message = office.deliver("Old")
    cursor = await begin(desk)
    await relabel(office, message, add=("STARRED",))
    await relabel(office, message, remove=("STARRED",))
    mailbox = office.gmail.mailbox(ALICE.email)
    mailbox.remove(mailbox.get(office.deliver("Came and went")))

    assert told(await desk.call("workspace_changes", cursor=cursor)) == []


@pytest.mark.parametrize(
    ("add", "remove", "words"),
    [
        (("TRASH",), ("INBOX",), "moved to the trash"),
        (("SPAM",), ("INBOX",), "moved to spam"),
        ((), ("INBOX",), "archived"),
        (("STARRED",), (), "starred"),
        (("Invoices",), (), "label Invoices added"),
    ],
)
async def test_labels_are_told_as_a_person_would_say(
    desk: Mailroom, office: Office, add: tuple[str, ...], remove: tuple[str, ...], words: str
):
    message = office.deliver("Old")
    mailbox = office.gmail.mailbox(ALICE.email)
    added = tuple(mailbox.labels.ensure(label) for label in add)
    cursor = await begin(desk)
    await relabel(office, message, added, remove)

    assert [row.what for row in (await desk.call("workspace_changes", cursor=cursor)).changes] == [words]


async def test_mail_that_is_gone_before_it_is_read_is_deleted(desk: Mailroom, office: Office, google: SimulatedGoogle):
    cursor = await begin(desk)
    office.deliver("Short lived")
    google.faults.add("gmail.users.messages.get", faults.Fault("gone", instead=not_found()))

    assert [row.what for row in (await desk.call("workspace_changes", cursor=cursor)).changes] == ["deleted"]


async def test_a_history_that_is_too_old_starts_over_with_a_new_cursor(desk: Mailroom, office: Office):
    cursor = await begin(desk)
    office.gmail.mailbox(ALICE.email).history.forget()
    office.file("Plan")

    result = await desk.call("workspace_changes", cursor=cursor)

    assert result.start_over == "mail"
    assert "Start over: what changed in mail is no longer known." in result.text()
    assert told(result) == [("file", "new or changed", "Plan")]
    office.deliver("New")
    assert told(await desk.call("workspace_changes", cursor=result.cursor)) == [("mail", "new (inbox, unread)", "New")]


def team_event(office: Office, calendar: str, summary: str, **more: Any) -> str:
    times = {
        end: {"dateTime": f"2026-04-02T{hour}:00:00", "timeZone": "Europe/Berlin"}
        for end, hour in (("start", "16"), ("end", "17"))
    }
    return office.calendar.add_event(calendar, {"summary": summary, **times, **more}, creator=ALICE.email)


async def test_calendars_that_one_works_in_are_followed_as_well(
    desk: Mailroom, office: Office, google: SimulatedGoogle
):
    team = office.calendar.add_calendar(BEN.email, "Team", access={ALICE.email: "writer"})
    read_only = office.calendar.add_calendar(BEN.email, "Holidays", access={ALICE.email: "reader"})
    cursor = await begin(desk)
    new, deleted = team_event(office, team, "Offsite"), team_event(office, team, "Gone")
    office.calendar.store.events[(team, deleted)].status = "cancelled"
    team_event(office, read_only, "Easter")
    slowly(google)

    result = await desk.call("workspace_changes", cursor=cursor)

    assert [(row.id, row.what, row.about) for row in result.changes] == [
        (f"event:{team}/{new}", "new or changed", "Thu 2026-04-02 16:00-17:00 +02:00 · calendar Team"),
        (f"event:{team}/{deleted}", "deleted", "calendar Team"),
    ]
    assert desk.round_trips == 1
    assert (await desk.call("fetch", id=result.changes[0].id)).title == "Offsite"
    assert (await desk.call("workspace_changes", cursor=result.cursor)).changes == []


async def test_an_event_that_is_in_several_calendars_is_told_once(desk: Mailroom, office: Office):
    team = office.calendar.add_calendar(BEN.email, "Team", access={ALICE.email: "writer"})
    cursor = await begin(desk)
    event = team_event(office, team, "Offsite", attendees=[{"email": ALICE.email}])

    result = await desk.call("workspace_changes", cursor=cursor)

    assert [row.id for row in result.changes] == [f"event:primary/{event}"]


async def test_an_event_that_was_moved_is_told_of_both_calendars(desk: Mailroom, office: Office):
    team = office.calendar.add_calendar(BEN.email, "Team", access={ALICE.email: "writer"})
    event = office.event("Review")
    cursor = await begin(desk)
    store = office.calendar.store
    moved = replace(store.events[(ALICE.email, event)], calendar_id=team, organizer=team, change=store.next_change())
    left = store.events[(ALICE.email, event)]
    left.status, left.change = "cancelled", store.next_change()
    store.put(moved)

    result = await desk.call("workspace_changes", cursor=cursor)

    assert [(row.id, row.what) for row in result.changes] == [
        (f"event:primary/{event}", "deleted"),
        (f"event:{team}/{event}", "new or changed"),
    ]


@pytest.mark.parametrize("unsubscribed", [False, True])
async def test_a_followed_calendar_that_was_closed_starts_over_without_it(
    desk: Mailroom, office: Office, clock: FakeClock, *, unsubscribed: bool
):
    team = office.calendar.add_calendar(BEN.email, "Team", access={ALICE.email: "writer"})
    cursor = await begin(desk)
    office.calendar.share(team, ALICE.email, "none")
    if unsubscribed:
        clock.advance(600)
    office.event("New")

    result = await desk.call("workspace_changes", cursor=cursor)

    assert (result.start_over, told(result)) == ("events", [("event", "new or changed", "New")])
    after = await desk.call("workspace_changes", cursor=result.cursor)
    assert (after.start_over, after.changes) == ("", [])


async def test_pages_of_several_calendars_lose_and_repeat_nothing(desk: Mailroom, office: Office):
    calendars = [
        office.calendar.add_calendar(BEN.email, f"Team {number}", access={ALICE.email: "writer"}) for number in range(6)
    ]
    cursor = await begin(desk)
    expected = {
        f"event:{calendar}/{team_event(office, calendar, f'Event {number}')}"
        for calendar in calendars[:4]
        for number in range(7)
    }
    for calendar in calendars[4:]:
        team_event(office, calendar, "Not followed")
    seen: list[str] = []
    for _ in range(10):
        result = await desk.call("workspace_changes", cursor=cursor, limit=3)
        seen += [row.id for row in result.changes]
        cursor = result.cursor
        if result.complete:
            break
    assert len(seen) == len(expected)
    assert set(seen) == expected


async def test_a_cursor_from_before_others_were_followed_goes_on_with_the_primary_calendar(
    desk: Mailroom, office: Office, clock: FakeClock
):
    source = EventSource(CalendarService(clock))
    work = desk.open()
    answer = await work.google.execute(work.google.calendar.events.list(calendarId="primary", fields="nextSyncToken"))
    office.event("New")

    changes = await source.since(work, {"sync": answer["nextSyncToken"]}, 5)

    assert [change.title for change in changes.items] == ["New"]
    assert not changes.start_over
    assert (await source.since(work, changes.state, 5)).items == ()


async def test_a_calendar_position_that_is_too_old_starts_over(desk: Mailroom, office: Office):
    cursor = await begin(desk)
    office.calendar.expire_sync_tokens()

    result = await desk.call("workspace_changes", cursor=cursor)

    assert result.start_over == "events"
    office.event("New")
    assert told(await desk.call("workspace_changes", cursor=result.cursor)) == [("event", "new or changed", "New")]


async def test_a_cursor_is_good_for_weeks_and_then_starts_over(
    desk: Mailroom, office: Office, google: SimulatedGoogle, clock: FakeClock
):
    cursor = await begin(desk)
    clock.advance(WEEK)
    office.deliver("New")
    async with open_desk(google, clock) as later:
        assert len((await later.call("workspace_changes", cursor=cursor)).changes) == 1
    clock.advance(5 * WEEK)

    async with open_desk(google, clock) as later:
        result = await later.call("workspace_changes", cursor=cursor)

        assert (result.start_over, result.begun, result.changes) == ("mail, files, events", "", [])
        assert (await later.call("workspace_changes", cursor=result.cursor)).complete


async def test_a_service_that_fails_stays_where_it_was(desk: Mailroom, office: Office, google: SimulatedGoogle):
    cursor = await begin(desk)
    office.deliver("New")
    office.file("Plan")
    google.faults.add("gmail.*", faults.server_error(503))
    first = await desk.call("workspace_changes", cursor=cursor)
    google.faults.clear()

    second = await desk.call("workspace_changes", cursor=first.cursor)

    assert told(first) == [("file", "new or changed", "Plan")]
    assert first.not_looked_at[0].startswith("mail: ")
    assert not first.complete
    assert told(second) == [("mail", "new (inbox, unread)", "New")]


async def test_when_nothing_answers_the_call_fails(desk: Mailroom, google: SimulatedGoogle):
    cursor = await begin(desk)
    google.faults.add("*", faults.server_error(503))

    with pytest.raises(GoogleUnavailableError):
        await desk.call("workspace_changes", cursor=cursor)


async def test_a_service_that_is_allowed_later_begins_then(desk: Mailroom, office: Office):
    desk.barred["drive.read"] = PolicyRefusedError("Not for files")
    first = await desk.call("workspace_changes")
    del desk.barred["drive.read"]

    second = await desk.call("workspace_changes", cursor=first.cursor)

    assert (first.begun, second.begun) == ("mail, events", "files")
    office.file("Plan")
    assert told(await desk.call("workspace_changes", cursor=second.cursor)) == [("file", "new or changed", "Plan")]


async def test_deleted_events_and_files_are_told(desk: Mailroom, office: Office):
    event, file, shared = office.event("Review"), office.file("Plan"), office.file("Mine")
    bens = office.drive.add_file(BEN.email, "Ben's", b"x", "text/plain")
    office.drive.share(bens, email=ALICE.email)
    cursor = await begin(desk)
    office.drive.trash(file)
    office.drive.share(shared, email=BEN.email)
    office.calendar.store.events[(ALICE.email, event)].status = "cancelled"
    office.calendar.store.events[(ALICE.email, event)].change = office.calendar.store.next_change()

    result = await desk.call("workspace_changes", cursor=cursor)

    assert told(result) == [
        ("file", "in the trash", "Plan"),
        ("file", "new or changed", "Mine"),
        ("event", "deleted", ""),
    ]


async def test_shared_drives_and_what_is_in_them_are_told(desk: Mailroom, office: Office):
    launch = office.drive.add_shared_drive("Launch", {BEN.email: "organizer", ALICE.email: "reader"})
    cursor = await begin(desk)
    office.drive.add_file(BEN.email, "proof.txt", b"", "text/plain", parent=launch)
    office.drive.add_shared_drive("Archive", {BEN.email: "organizer", ALICE.email: "reader"})
    office.drive.add_shared_drive("Closed", {BEN.email: "organizer"})

    result = await desk.call("workspace_changes", cursor=cursor)

    assert told(result) == [("file", "new or changed", "proof.txt"), ("file", "shared drive changed", "Archive")]


@pytest.mark.security("M-8")
async def test_a_cursor_is_no_good_for_somebody_else_or_when_changed(desk: Mailroom):
    cursor = await begin(desk)
    middle = len(cursor) // 2
    changed = cursor[:middle] + random.Random(1).choice("xyz") + cursor[middle + 1 :]
    desk.email = BEN.email

    for other in (cursor, changed, "x.y", "0"):
        with pytest.raises(UserInputError):
            await desk.call("workspace_changes", cursor=other)
    assert desk.methods == []
