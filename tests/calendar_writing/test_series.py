"""Series: one date, the rest, all of them; previewed, exact, and taken back when the second half fails."""

import asyncio
from typing import Any

import pytest

from google_workspace_mcp.core.errors import (
    ConflictError,
    GoogleRefusedError,
    GoogleUnavailableError,
    OutcomeUnknownError,
    RateLimitedError,
    UserInputError,
)
from google_workspace_mcp.sandbox.faults import latency, reset_after, server_error, too_many_requests
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN
from tests.calendar_writing.conftest import Book, instances, timed
from tests.support.workspace import Mailroom

UPDATE = "calendar_update_event"
DELETE = "calendar_delete_event"
INSERT, PATCH = "calendar.events.insert", "calendar.events.patch"
# Tuesdays at nine in Berlin; clocks go forward between the first and the second one.
FIRST, SECOND, THIRD, FOURTH = "20260324T080000Z", "20260331T070000Z", "20260407T070000Z", "20260414T070000Z"
WHEN = ["2026-03-24T09:00+01:00", "2026-03-31T09:00+02:00", "2026-04-07T09:00+02:00", "2026-04-14T09:00+02:00"]


@pytest.fixture
def standup(book: Book) -> str:
    return book.service.add_event(
        ALICE.email,
        {
            "summary": "Standup",
            "description": "Agenda",
            "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=4;BYDAY=TU"],
            "attendees": [
                {"email": ALICE.email, "responseStatus": "accepted"},
                {"email": BEN.email, "responseStatus": "tentative", "comment": "late"},
            ],
            "conferenceData": {"createRequest": {"requestId": "r1"}},
            "extendedProperties": {"private": {"crm": "42"}},
            "reminders": {"useDefault": False, "overrides": [{"method": "email", "minutes": 60}]},
            **timed("2026-03-24T09:00:00", "2026-03-24T09:15:00"),
        },
    )


async def update(desk: Mailroom, event_id: str, scope: str, **more: Any) -> Any:
    return await desk.call(UPDATE, event_id=event_id, scope=scope, **({"notify": "none"} | more))


async def shown(desk: Mailroom) -> list[tuple[str, str]]:
    return [(row.title, row.start) for row in await instances(desk)]


def same(title: str = "Standup", times: list[str] = WHEN) -> list[tuple[str, str]]:
    return [(title, start) for start in times]


# -- one date


async def test_one_date_changes_alone(desk: Mailroom, standup: str):
    changed = await update(desk, f"{standup}_{SECOND}", "this", title="Retro", start="2026-03-31T10:00")
    assert changed.changes[0] == ("title", "Standup", "Retro")
    assert await shown(desk) == [
        ("Standup", WHEN[0]), ("Retro", "2026-03-31T10:00+02:00"), ("Standup", WHEN[2]), ("Standup", WHEN[3])
    ]  # fmt: skip


async def test_one_date_is_deleted_alone(desk: Mailroom, standup: str):
    await desk.call(DELETE, event_id=f"{standup}_{THIRD}", notify="none")
    assert await shown(desk) == same(times=[WHEN[0], WHEN[1], WHEN[3]])


async def test_the_id_of_a_series_is_not_one_date(desk: Mailroom, standup: str):
    for tool, more in ((UPDATE, {"title": "x"}), (DELETE, {})):
        with pytest.raises(UserInputError) as refused:
            await desk.call(tool, event_id=standup, notify="none", **more)
        assert refused.value.reason == "scope"


async def test_one_date_cannot_recur(desk: Mailroom, standup: str):
    with pytest.raises(UserInputError) as refused:
        await update(desk, f"{standup}_{SECOND}", "this", repeat="daily")
    assert refused.value.reason == "scope"


# -- all dates


@pytest.mark.parametrize("event", ["{}", f"{{}}_{THIRD}"])
async def test_all_dates_change_together(desk: Mailroom, standup: str, event: str):
    changed = await update(desk, event.format(standup), "all", title="Sync")
    assert changed.state == "changed as a whole series"
    assert await shown(desk) == same("Sync")


async def test_all_dates_move_as_far_as_the_one_that_was_named(desk: Mailroom, standup: str, book: Book):
    changed = await update(desk, f"{standup}_{THIRD}", "all", start="2026-04-08T11:30")
    assert [start for _, start in await shown(desk)] == [
        "2026-03-25T11:30+01:00", "2026-04-01T11:30+02:00", "2026-04-08T11:30+02:00", "2026-04-15T11:30+02:00"
    ]  # fmt: skip
    assert book.event(standup).recurrence == ["RRULE:FREQ=WEEKLY;COUNT=4;BYDAY=WE"]
    assert ("repeats", "every week on Tue 4 times", "every week on Wed 4 times") in changed.changes


async def test_deleted_dates_stay_deleted_when_all_move(desk: Mailroom, standup: str):
    await desk.call(DELETE, event_id=f"{standup}_{SECOND}", notify="none")
    await update(desk, standup, "all", start="2026-03-24T10:00")
    assert [start for _, start in await shown(desk)] == [
        "2026-03-24T10:00+01:00", "2026-04-07T10:00+02:00", "2026-04-14T10:00+02:00"
    ]  # fmt: skip


async def test_dates_changed_by_themselves_get_the_change_of_all_and_keep_their_own(desk: Mailroom, standup: str):
    await update(desk, f"{standup}_{SECOND}", "this", start="2026-03-31T17:00", location="Room 9")
    await update(desk, standup, "all", title="Sync")
    assert await shown(desk) == [
        ("Sync", WHEN[0]), ("Sync", "2026-03-31T17:00+02:00"), ("Sync", WHEN[2]), ("Sync", WHEN[3])
    ]  # fmt: skip
    assert [row.place for row in await instances(desk)] == ["", "Room 9", "", ""]


async def test_that_dates_lose_what_they_were_changed_to_is_said_before(desk: Mailroom, standup: str):
    await update(desk, f"{standup}_{SECOND}", "this", title="Retro")
    tried = await update(desk, standup, "all", start="2026-03-24T10:00", dry_run=True)
    assert tried.notes == ["1 date changed one by one follow the series' pattern again"]
    await update(desk, standup, "all", start="2026-03-24T10:00")
    assert {title for title, _ in await shown(desk)} == {"Standup"}


async def test_all_dates_recur_otherwise(desk: Mailroom, standup: str):
    await update(desk, standup, "all", repeat="every 2 weeks on Tue until 2026-04-30")
    assert await shown(desk) == same(times=[WHEN[0], WHEN[2], "2026-04-21T09:00+02:00"])


async def test_all_dates_are_deleted(desk: Mailroom, standup: str, book: Book):
    gone = await desk.call(DELETE, event_id=f"{standup}_{THIRD}", scope="all", notify="all")
    assert gone.state == "deleted as a whole series"
    assert (await shown(desk), book.mails) == ([], [("cancel", BEN.email)])


# -- the rest


async def test_the_rest_changes_and_what_was_before_stays(desk: Mailroom, standup: str, book: Book):
    changed = await update(desk, f"{standup}_{THIRD}", "following", title="Sync", start="2026-04-07T10:00")
    assert await shown(desk) == [
        *same(times=WHEN[:2]),
        ("Sync", "2026-04-07T10:00+02:00"),
        ("Sync", "2026-04-14T10:00+02:00"),
    ]
    assert changed.state == "changed from that date on"
    assert book.event(standup).recurrence == ["RRULE:FREQ=WEEKLY;BYDAY=TU;UNTIL=20260406T215959Z"]
    assert book.event(changed.event_id).recurrence == ["RRULE:FREQ=WEEKLY;COUNT=2;BYDAY=TU"]
    assert changed.notes == [
        "The dates before Tue 2026-04-07 stay as they are (every week on Tue until 2026-04-06, 2 times), "
        f"in the series {standup}"
    ]


async def test_the_rest_keeps_everything_that_was_not_changed(desk: Mailroom, standup: str, book: Book):
    changed = await update(desk, f"{standup}_{THIRD}", "following", title="Sync")
    old, new = book.event(standup).fields, book.event(changed.event_id).fields
    for name in ("description", "conferenceData", "hangoutLink", "extendedProperties", "reminders"):
        assert new[name] == old[name]
    for guest, held in zip(new["attendees"], old["attendees"], strict=True):
        assert held.items() <= guest.items()
    assert [what for what, _, _ in changed.changes] == ["title"]


async def test_the_rest_takes_three_steps(desk: Mailroom, standup: str):
    await update(desk, f"{standup}_{THIRD}", "following", title="Sync", dry_run=True)
    desk.google.faults.add("*", latency(0.05))
    await update(desk, f"{standup}_{THIRD}", "following", title="Sync")
    assert desk.round_trips == 3


async def test_the_rest_of_a_series_from_its_first_date_on_is_all_of_it(desk: Mailroom, standup: str, book: Book):
    changed = await update(desk, f"{standup}_{FIRST}", "following", title="Sync")
    assert changed.event_id == standup
    assert (await shown(desk), book.count()) == (same("Sync"), 1)


async def test_deleted_dates_stay_deleted_in_the_rest(desk: Mailroom, standup: str):
    await desk.call(DELETE, event_id=f"{standup}_{FOURTH}", notify="none")
    await update(desk, f"{standup}_{SECOND}", "following", start="2026-04-01T09:00")
    assert [start for _, start in await shown(desk)] == [WHEN[0], "2026-04-01T09:00+02:00", "2026-04-08T09:00+02:00"]


async def test_the_rest_may_begin_with_a_date_that_was_moved(desk: Mailroom, standup: str):
    await update(desk, f"{standup}_{THIRD}", "this", start="2026-04-07T16:00")
    await update(desk, f"{standup}_{THIRD}", "following", title="Sync")
    assert await shown(desk) == [*same(times=WHEN[:2]), *same("Sync", WHEN[2:])]


async def test_a_rest_can_be_cut_again(desk: Mailroom, standup: str):
    first = await update(desk, f"{standup}_{SECOND}", "following", title="Two")
    await update(desk, f"{first.event_id}_{FOURTH}", "following", title="Three")
    assert [title for title, _ in await shown(desk)] == ["Standup", "Two", "Two", "Three"]


async def test_the_rest_is_deleted(desk: Mailroom, standup: str):
    gone = await desk.call(DELETE, event_id=f"{standup}_{THIRD}", scope="following", notify="none")
    assert gone.state == "deleted from Tue 2026-04-07 on"
    assert await shown(desk) == same(times=WHEN[:2])


async def test_a_dry_run_of_the_rest_changes_nothing(desk: Mailroom, standup: str, book: Book):
    tried = await update(desk, f"{standup}_{THIRD}", "following", title="Sync", notify="all", dry_run=True)
    assert tried.changes == [("title", "Standup", "Sync")]
    assert tried.mailed == [BEN.email]
    assert (await shown(desk), book.count(), book.mails) == (same(), 1, [])


async def test_everybody_is_asked_about_before_they_are_invited_anew(desk: Mailroom, standup: str):
    await update(desk, f"{standup}_{THIRD}", "following", title="Sync")
    assert desk.reached[-1].recipients == (BEN.email,)


async def test_a_guest_cannot_cut_a_series(ben: Mailroom, standup: str, book: Book):
    for tool, more in ((UPDATE, {"title": "Mine"}), (DELETE, {})):
        with pytest.raises(GoogleRefusedError) as refused:
            await ben.call(tool, event_id=f"{standup}_{THIRD}", scope="following", notify="none", **more)
        assert refused.value.reason == "not_organizer"
    assert book.event(standup).recurrence == ["RRULE:FREQ=WEEKLY;COUNT=4;BYDAY=TU"]


async def test_a_scope_means_nothing_for_a_single_event(desk: Mailroom, book: Book):
    lunch = book.service.add_event(
        ALICE.email, {"summary": "Lunch"} | timed("2026-04-01T12:00:00", "2026-04-01T13:00:00")
    )
    changed = await update(desk, lunch, "following", title="Brunch")
    assert (changed.state, changed.event_id) == ("changed", lunch)


# -- when one half fails


async def test_when_the_new_half_cannot_be_made_nothing_has_changed(desk: Mailroom, standup: str, book: Book):
    desk.google.faults.add(INSERT, too_many_requests(retry_after=100))
    with pytest.raises(RateLimitedError):
        await update(desk, f"{standup}_{THIRD}", "following", title="Sync")
    assert (await shown(desk), book.count()) == (same(), 1)


async def test_when_the_old_half_cannot_be_ended_the_new_one_is_taken_back(desk: Mailroom, standup: str, book: Book):
    await update(desk, f"{standup}_{FOURTH}", "this", title="Retro")
    desk.google.faults.add(PATCH, server_error())
    with pytest.raises(GoogleUnavailableError):
        await update(desk, f"{standup}_{THIRD}", "following", title="Sync")
    assert await shown(desk) == [*same(times=WHEN[:3]), ("Retro", WHEN[3])]


async def test_when_somebody_changed_the_old_half_meanwhile_the_new_one_is_taken_back(
    desk: Mailroom, standup: str, book: Book
):
    desk.google.faults.add(INSERT, latency(0.3))

    async def other() -> None:
        await update(desk, standup, "all", location="Room 9")

    answers = await asyncio.gather(
        update(desk, f"{standup}_{THIRD}", "following", title="Sync"), other(), return_exceptions=True
    )
    assert isinstance(answers[0], ConflictError)
    assert "location" in answers[0].message
    assert await shown(desk) == same()


async def test_a_lost_answer_of_either_half_is_no_failure(desk: Mailroom, standup: str, book: Book):
    desk.google.faults.add(INSERT, reset_after(), times=1)
    desk.google.faults.add(PATCH, reset_after(), times=1)
    await update(desk, f"{standup}_{THIRD}", "following", title="Sync")
    assert await shown(desk) == [*same(times=WHEN[:2]), *same("Sync", WHEN[2:])]
    assert book.count() == 2


async def test_when_not_even_that_can_be_taken_back_it_is_said_what_is_left(desk: Mailroom, standup: str, book: Book):
    desk.google.faults.add(PATCH, server_error())
    desk.google.faults.add("calendar.events.delete", server_error())
    with pytest.raises(OutcomeUnknownError) as unknown:
        await update(desk, f"{standup}_{THIRD}", "following", title="Sync")
    left = next(event.id for _, event in book.service.store.events.items() if event.fields["summary"] == "Sync")
    assert left in unknown.value.next_step
