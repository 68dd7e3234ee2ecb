"""Changes of one event: only what was named changes, and nobody else's change is lost."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from google_workspace_mcp.core.errors import (
    ConflictError,
    GoogleRefusedError,
    GoogleUnavailableError,
    NotFoundError,
    UserInputError,
)
from google_workspace_mcp.sandbox.faults import latency, reset_after, server_error
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA
from tests.calendar_writing.conftest import Book, timed
from tests.support.workspace import Mailroom

TOOL = "calendar_update_event"
PATCH = "calendar.events.patch"
OVERLAP = 0.05
DAY = "Wed 2026-04-01"


@pytest.fixture
def review(book: Book) -> str:
    """A meeting with everything that a careless change would wipe."""
    return book.service.add_event(
        ALICE.email,
        {
            "summary": "Review",
            "description": "Bring photos",
            "location": "Room 4",
            "conferenceData": {"createRequest": {"requestId": "r1"}},
            "attendees": [
                {"email": ALICE.email, "responseStatus": "accepted"},
                {"email": BEN.email, "responseStatus": "tentative", "comment": "late", "additionalGuests": 1},
                {"email": CHIARA.email, "responseStatus": "accepted", "optional": True},
            ],
            "attachments": [{"fileUrl": "https://docs.google.com/document/d/1", "title": "Plan"}],
            "reminders": {"useDefault": False, "overrides": [{"method": "email", "minutes": 60}]},
            "extendedProperties": {"private": {"crm": "42"}, "shared": {"room": "4"}},
            "colorId": "5",
            "guestsCanInviteOthers": False,
            **timed("2026-04-01T14:00:00", "2026-04-01T15:00:00"),
        },
    )


async def update(desk: Mailroom, event_id: str, **more: Any) -> Any:
    return await desk.call(TOOL, event_id=event_id, **({"notify": "none"} | more))


async def test_before_and_after_are_told(desk: Mailroom, review: str):
    changed = await update(desk, review, title="Launch review", start="2026-04-01T15:00", location="-")
    assert changed.changes == [
        ("title", "Review", "Launch review"),
        ("when", f"{DAY} 14:00-15:00 +02:00 (Europe/Berlin)", f"{DAY} 15:00-16:00 +02:00 (Europe/Berlin)"),
        ("place", "Room 4", ""),
    ]  # fmt: skip
    assert "title: Review -> Launch review" in changed.text()
    assert "place: Room 4 -> (none)" in changed.text()


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Other"},
        {"start": "2026-04-02T09:00"},
        {"add_attendees": ["new@elsewhere.example"]},
        {"visibility": "private"},
        {"description": "Other"},
    ],
)
async def test_nothing_else_is_wiped(desk: Mailroom, book: Book, review: str, change: dict[str, Any]):
    before = dict(book.event(review).fields)
    await update(desk, review, **change)
    after = book.event(review).fields
    for name in ("conferenceData", "hangoutLink", "attachments", "reminders", "extendedProperties", "colorId"):
        assert after[name] == before[name]
    for guest, held in zip(after["attendees"], before["attendees"], strict=False):
        assert held.items() <= guest.items()
    assert after["guestsCanInviteOthers"] is False


async def test_guests_are_added_and_removed_one_by_one(desk: Mailroom, book: Book, review: str):
    changed = await update(
        desk,
        review,
        add_attendees=["dana@partner.example (optional)"],
        remove_attendees=[CHIARA.email.upper()],
        notify="all",
    )
    guests = book.event(review).guests()
    assert [guest["email"] for guest in guests] == [ALICE.email, BEN.email, "dana@partner.example"]
    assert (guests[1]["responseStatus"], guests[1]["comment"], guests[1]["additionalGuests"]) == (
        "tentative",
        "late",
        1,
    )
    assert set(changed.mailed) == {BEN.email, CHIARA.email, "dana@partner.example"}
    assert set(desk.reached[-1].recipients) == {BEN.email, CHIARA.email, "dana@partner.example"}


async def test_without_mail_only_the_new_guest_is_reached(desk: Mailroom, review: str):
    await update(desk, review, add_attendees=["dana@partner.example"])
    assert desk.reached[-1].recipients == ("dana@partner.example",)


async def test_somebody_who_is_not_invited_cannot_be_removed(desk: Mailroom, review: str):
    with pytest.raises(UserInputError) as refused:
        await update(desk, review, remove_attendees=["nobody@x.example"])
    assert refused.value.reason == "not_invited"


async def test_whom_google_mails_must_be_said(desk: Mailroom, book: Book, review: str):
    with pytest.raises(UserInputError) as refused:
        await update(desk, review, title="Other", notify="")
    assert refused.value.reason == "notify"
    assert book.event(review).fields["summary"] == "Review"


async def test_a_change_takes_two_steps(desk: Mailroom, review: str):
    await update(desk, review, title="Other")
    desk.google.faults.add("*", latency(OVERLAP))
    await update(desk, review, title="Another")
    assert desk.round_trips == 2
    assert desk.methods == ["calendar.events.get", PATCH]


async def test_a_dry_run_shows_the_difference_and_changes_nothing(desk: Mailroom, book: Book, review: str):
    shown = await update(desk, review, start="2026-04-02", meet="no", free="yes", color="-", notify="all", dry_run=True)
    assert [what for what, _, _ in shown.changes] == ["when", "state", "video"]
    assert shown.changes[0][2] == "Thu 2026-04-02 all day (Europe/Berlin)"
    assert PATCH not in desk.methods
    assert book.mails == []


@pytest.mark.parametrize(
    ("change", "when"),
    [
        ({"start": "2026-04-01T15:00"}, "Wed 2026-04-01 15:00-16:00 +02:00"),
        ({"end": "2026-04-01T14:30"}, "Wed 2026-04-01 14:00-14:30 +02:00"),
        ({"end": "2h"}, "Wed 2026-04-01 14:00-16:00 +02:00"),
        ({"start": "2026-04-01T09:00-04:00"}, "Wed 2026-04-01 15:00-16:00 +02:00"),
        ({"start": "2026-04-01", "end": "2026-04-02"}, "Wed 2026-04-01 all day to Thu 2026-04-02 all day"),
        ({"timezone": "America/New_York"}, "Wed 2026-04-01 20:00-21:00 +02:00"),
        ({"start": "2026-04-01T10:00", "timezone": "America/New_York"}, "Wed 2026-04-01 16:00-17:00 +02:00"),
    ],
)
async def test_times_change_as_people_mean_it(desk: Mailroom, review: str, change: dict[str, Any], when: str):
    changed = await update(desk, review, **change)
    assert {what: after for what, _, after in changed.changes}["when"] == f"{when} (Europe/Berlin)"


async def test_an_all_day_event_gets_times(desk: Mailroom, book: Book):
    fair = book.service.add_event(
        ALICE.email, {"summary": "Fair", "start": {"date": "2026-04-01"}, "end": {"date": "2026-04-03"}}
    )
    changed = await update(desk, fair, start="2026-04-01T09:00", end="3h")
    assert changed.changes[0][2] == "Wed 2026-04-01 09:00-12:00 +02:00 (Europe/Berlin)"


async def test_a_single_event_becomes_a_series_and_one_again(desk: Mailroom, book: Book, review: str):
    changed = await update(desk, review, repeat="weekly 4 times")
    assert ("repeats", "", "every week 4 times") in changed.changes
    await update(desk, review, scope="all", repeat="-")
    assert book.event(review).recurrence == []


async def test_nothing_to_change_is_said(desk: Mailroom, review: str):
    for change in ({}, {"start": "2026-04-01T14:00"}, {"meet": "yes"}):
        with pytest.raises(UserInputError) as refused:
            await update(desk, review, **change)
        assert refused.value.reason == "no_change"


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Other"},
        {"add_attendees": ["new@x.example"]},
        {"start": "2026-04-02T09:00", "end": "2h"},
        {"color": "tomato"},
    ],
)
async def test_the_same_change_again_mails_nobody_again(
    desk: Mailroom, book: Book, review: str, change: dict[str, Any]
):
    await update(desk, review, notify="all", **change)
    mails = len(book.mails)
    assert mails
    with pytest.raises(UserInputError) as refused:
        await update(desk, review, notify="all", **change)
    assert (refused.value.reason, len(book.mails)) == ("no_change", mails)


# -- somebody else was quicker


async def test_a_change_since_it_was_read_is_refused(desk: Mailroom, book: Book, review: str):
    read = await desk.call("calendar_get_event", event_id=review)
    await update(desk, review, title="Mine", etag=read.etag)
    with pytest.raises(ConflictError) as refused:
        await update(desk, review, title="Stale", etag=read.etag)
    assert "calendar_get_event" in refused.value.next_step
    assert book.event(review).fields["summary"] == "Mine"


async def test_of_two_changes_at_once_one_is_refused_and_told_what_the_other_was(
    desk: Mailroom, book: Book, review: str
):
    # Both have read the event before either writes.
    desk.google.faults.add(PATCH, latency(0.4))
    answers = await asyncio.gather(
        update(desk, review, title="Mine"), update(desk, review, location="Room 9"), return_exceptions=True
    )
    refused = next(answer for answer in answers if isinstance(answer, ConflictError))
    fields = book.event(review).fields
    if fields["summary"] == "Mine":
        assert (fields["location"], "meanwhile: title." in refused.sentence()) == ("Room 4", True)
    else:
        assert (fields["location"], "meanwhile: location." in refused.sentence()) == ("Room 9", True)


async def test_a_change_whose_answer_is_lost_has_been_made_and_is_no_conflict(desk: Mailroom, book: Book, review: str):
    desk.google.faults.add(PATCH, reset_after(), times=1)
    changed = await update(desk, review, title="Mine", start="2026-04-02T09:00", add_attendees=["new@x.example"])
    assert changed.state == "changed"
    assert book.event(review).fields["summary"] == "Mine"


async def test_a_change_that_google_did_not_take_is_told_as_such(desk: Mailroom, book: Book, review: str):
    desk.google.faults.add(PATCH, server_error())
    with pytest.raises(GoogleUnavailableError):
        await update(desk, review, title="Mine")
    assert book.event(review).fields["summary"] == "Review"


async def test_a_deleted_event_is_not_found(desk: Mailroom, review: str):
    await desk.call("calendar_delete_event", event_id=review, notify="none")
    with pytest.raises(NotFoundError):
        await update(desk, review, title="Mine")


async def test_a_guest_cannot_change_what_all_see(ben: Mailroom, book: Book, review: str):
    with pytest.raises(GoogleRefusedError) as refused:
        await update(ben, review, title="Mine")
    assert refused.value.reason == "not_organizer"


async def test_guests_that_google_hides_are_not_wiped(ben: Mailroom, book: Book, review: str):
    book.event(review).fields["guestsCanSeeOtherGuests"] = False
    with pytest.raises(GoogleRefusedError) as refused:
        await update(ben, review, add_attendees=["new@x.example"])
    assert refused.value.reason == "guests_hidden"
    assert len(book.event(review).guests()) == 3


# -- deleting


async def test_an_event_is_deleted_and_told_as_it_was(desk: Mailroom, book: Book, review: str):
    gone = await desk.call("calendar_delete_event", event_id=review, notify="all")
    assert (gone.state, gone.facts["title"]) == ("deleted", "Review")
    assert book.count() == 0
    assert book.mails == [("cancel", BEN.email), ("cancel", CHIARA.email)]


async def test_deleting_asks_whom_to_mail_and_can_be_tried_out(desk: Mailroom, book: Book, review: str):
    with pytest.raises(UserInputError):
        await desk.call("calendar_delete_event", event_id=review)
    shown = await desk.call("calendar_delete_event", event_id=review, notify="all", dry_run=True)
    assert shown.state.startswith("would be deleted")
    assert (book.count(), book.mails) == (1, [])


async def test_deleting_twice_by_a_lost_answer_is_deleting_once(desk: Mailroom, book: Book, review: str):
    desk.google.faults.add("calendar.events.delete", reset_after(), times=1)
    assert (await desk.call("calendar_delete_event", event_id=review, notify="none")).state == "deleted"
    assert book.count() == 0


async def test_deleting_what_has_changed_since_it_was_read_is_refused(desk: Mailroom, book: Book, review: str):
    read = await desk.call("calendar_get_event", event_id=review)
    await update(desk, review, title="Mine")
    with pytest.raises(ConflictError):
        await desk.call("calendar_delete_event", event_id=review, notify="none", etag=read.etag)
    assert book.count() == 1


async def test_a_guest_takes_it_out_of_their_own_calendar(ben: Mailroom, book: Book, review: str):
    gone = await ben.call("calendar_delete_event", event_id=review, notify="none")
    assert gone.state == "deleted from this account's calendar, and declined"
    assert book.count() == 1
    assert book.event(review).guests()[1]["responseStatus"] == "declined"


@pytest.mark.security("T-13")
async def test_text_that_somebody_else_wrote_is_not_repeated(desk: Mailroom, review: str):
    changed = await update(desk, review, description="Mine")
    assert changed.changes == [("text", "12 characters", "Mine")]
    gone = await desk.call("calendar_delete_event", event_id=review, notify="none")
    assert "text" not in gone.facts


async def test_many_single_changes_follow_a_change_of_all_without_crowding_the_account(desk: Mailroom, book: Book):
    made = await desk.call("calendar_create_event", title="Standup", start="2026-04-01T09:00", repeat="daily 30 times")
    for day in range(1, 31):
        event = f"{made.event_id}_202604{day:02}T070000Z"
        book.service.change_instance(
            ALICE.email, made.event_id, datetime(2026, 4, day, 7, tzinfo=UTC), {"location": f"Room {day}"}
        )
        assert book.event(event).fields["location"] == f"Room {day}"
    changed = await update(desk, made.event_id, scope="all", title="Sync")
    assert changed.notes == []
    titles = {event.fields["summary"] for event in book.service.store.events.values() if event.series}
    assert titles == {"Sync"}
