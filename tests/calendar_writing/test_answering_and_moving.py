"""Invitations answered, events moved: the own answer and nothing else; one event, in one place."""

from typing import Any

import pytest

from google_workspace_mcp.core.errors import (
    ConflictError,
    GoogleRefusedError,
    GoogleUnavailableError,
    NotFoundError,
    OutcomeUnknownError,
    UserInputError,
)
from google_workspace_mcp.sandbox.faults import latency, reset_after, reset_before, server_error
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA
from tests.calendar_writing.conftest import Book, timed
from tests.support.workspace import Mailroom

RESPOND, MOVE = "calendar_respond", "calendar_move_event"
SECOND = "20260331T070000Z"


@pytest.fixture
def invitation(book: Book) -> str:
    """Ben invites Alice and Chiara, every Tuesday."""
    return book.service.add_event(
        BEN.email,
        {
            "summary": "Review",
            "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=4"],
            "attendees": [
                {"email": ALICE.email, "responseStatus": "needsAction"},
                {"email": CHIARA.email, "responseStatus": "declined", "comment": "away"},
            ],
            **timed("2026-03-24T09:00:00", "2026-03-24T10:00:00"),
        },
    )


def answers(book: Book, event_id: str) -> list[tuple[str, str]]:
    guests = book.event(event_id, BEN.email).guests()
    return [(guest["responseStatus"], guest.get("comment", "")) for guest in guests]


@pytest.mark.parametrize(("said", "kept"), [("yes", "accepted"), ("no", "declined"), ("maybe", "tentative")])
async def test_a_series_is_answered(desk: Mailroom, book: Book, invitation: str, said: str, kept: str):
    told = await desk.call(RESPOND, event_id=invitation, scope="all", answer=said, comment="see you")
    assert answers(book, invitation) == [(kept, "see you"), ("declined", "away")]
    assert told.changes == [("answer", "no answer yet", f"{said} (see you)")]
    assert told.state == "answered for the whole series"


async def test_the_organizer_alone_is_told(desk: Mailroom, book: Book, invitation: str):
    told = await desk.call(RESPOND, event_id=invitation, scope="all", answer="yes")
    assert book.mails == [("response", BEN.email)]
    assert told.mailed == [BEN.email]
    assert desk.reached[-1].recipients == (BEN.email,)


async def test_one_date_is_answered_alone(desk: Mailroom, book: Book, invitation: str):
    await desk.call(RESPOND, event_id=f"{invitation}_{SECOND}", answer="no")
    assert answers(book, invitation)[0] == ("needsAction", "")
    assert answers(book, f"{invitation}_{SECOND}") == [("declined", ""), ("declined", "away")]


async def test_answering_takes_two_steps(desk: Mailroom, invitation: str):
    await desk.call(RESPOND, event_id=f"{invitation}_{SECOND}", answer="no")
    desk.google.faults.add("*", latency(0.05))
    await desk.call(RESPOND, event_id=f"{invitation}_{SECOND}", answer="maybe")
    assert desk.round_trips == 2


async def test_the_same_answer_again_mails_nobody(desk: Mailroom, book: Book, invitation: str):
    await desk.call(RESPOND, event_id=invitation, scope="all", answer="yes")
    again = await desk.call(RESPOND, event_id=invitation, scope="all", answer="yes")
    assert again.notes == ["The answer was yes already."]
    assert book.mails == [("response", BEN.email)]


async def test_hidden_guests_are_not_lost_by_an_answer(desk: Mailroom, book: Book, invitation: str):
    book.event(invitation, BEN.email).fields["guestsCanSeeOtherGuests"] = False
    await desk.call(RESPOND, event_id=invitation, scope="all", answer="yes")
    assert answers(book, invitation) == [("accepted", ""), ("declined", "away")]


async def test_an_answer_to_an_own_event_mails_nobody(desk: Mailroom, book: Book):
    own = book.service.add_event(
        ALICE.email,
        {
            "summary": "Own",
            "attendees": [{"email": ALICE.email}, {"email": BEN.email, "responseStatus": "accepted"}],
            **timed("2026-04-01T09:00:00", "2026-04-01T10:00:00"),
        },
    )
    told = await desk.call(RESPOND, event_id=own, answer="no")
    assert (told.mailed, book.mails) == ([], [])
    assert [guest["responseStatus"] for guest in book.event(own).guests()] == ["declined", "accepted"]


async def test_an_event_without_an_invitation_cannot_be_answered(desk: Mailroom, book: Book):
    own = book.service.add_event(ALICE.email, {"summary": "x"} | timed("2026-04-01T09:00:00", "2026-04-01T10:00:00"))
    with pytest.raises(UserInputError) as refused:
        await desk.call(RESPOND, event_id=own, answer="yes")
    assert refused.value.reason == "not_invited"


async def test_a_dry_answer_changes_nothing(desk: Mailroom, book: Book, invitation: str):
    told = await desk.call(RESPOND, event_id=invitation, scope="all", answer="yes", dry_run=True)
    assert told.state.startswith("would be answered")
    assert (answers(book, invitation)[0], book.mails) == (("needsAction", ""), [])


@pytest.mark.security("T-25")
async def test_a_comment_is_one_line(desk: Mailroom, invitation: str):
    with pytest.raises(UserInputError):
        await desk.call(RESPOND, event_id=invitation, scope="all", answer="yes", comment="a\nATTENDEE:evil@x.example")


# -- moving


@pytest.fixture
def lunch(book: Book) -> str:
    return book.service.add_event(
        ALICE.email, {"summary": "Lunch"} | timed("2026-04-01T12:00:00", "2026-04-01T13:00:00")
    )


async def test_an_event_moves_to_another_calendar_in_one_step(desk: Mailroom, book: Book, lunch: str):
    await desk.call(MOVE, event_id=lunch, to="Team", dry_run=True)
    moved = await desk.call(MOVE, event_id=lunch, to="team")
    assert moved.changes == [("calendar", ALICE.email, "Team")]
    assert (book.count(), book.count(book.team), book.mails) == (0, 1, [])
    assert desk.methods == ["calendar.events.move"]


async def test_a_dry_move_changes_nothing(desk: Mailroom, book: Book, lunch: str):
    assert (await desk.call(MOVE, event_id=lunch, to="Team", dry_run=True)).state.startswith("would be moved")
    assert (book.count(), book.count(book.team)) == (1, 0)


async def test_a_lost_answer_is_resolved_by_looking_where_it_is(desk: Mailroom, book: Book, lunch: str):
    desk.google.faults.add("calendar.events.move", reset_after(), times=1)
    assert (await desk.call(MOVE, event_id=lunch, to="Team")).state == "moved"
    assert book.count(book.team) == 1


async def test_a_move_that_never_arrived_is_told_as_such(desk: Mailroom, book: Book, lunch: str):
    desk.google.faults.add("calendar.events.move", reset_before(), times=1)
    with pytest.raises(GoogleUnavailableError, match="not moved"):
        await desk.call(MOVE, event_id=lunch, to="Team")
    assert book.count() == 1


async def test_when_nobody_can_tell_where_it_is_that_is_said(desk: Mailroom, lunch: str):
    desk.google.faults.add("calendar.events.move", reset_after())
    desk.google.faults.add("calendar.events.get", server_error())
    with pytest.raises(OutcomeUnknownError):
        await desk.call(MOVE, event_id=lunch, to="Team")


async def test_one_date_of_a_series_does_not_move_by_itself(desk: Mailroom, invitation: str):
    with pytest.raises(UserInputError) as refused:
        await desk.call(MOVE, event_id=f"{invitation}_{SECOND}", to="Team")
    assert invitation in refused.value.next_step


@pytest.mark.parametrize(
    ("arguments", "failure"),
    [({"to": "primary"}, UserInputError), ({"to": "all"}, UserInputError), ({"to": "Tim"}, NotFoundError)],
)
async def test_it_moves_to_one_other_calendar(desk: Mailroom, lunch: str, arguments: Any, failure: type[Exception]):
    with pytest.raises(failure):
        await desk.call(MOVE, event_id=lunch, **arguments)


async def test_a_guest_cannot_move_it(desk: Mailroom, invitation: str):
    with pytest.raises(GoogleRefusedError):
        await desk.call(MOVE, event_id=invitation, to="Team")


# -- calendars


CREATE, SHARE = "calendar_create_calendar", "calendar_share_calendar"


async def test_a_calendar_is_made_in_the_own_zone_and_known_by_name_at_once(desk: Mailroom, book: Book):
    made = await desk.call(CREATE, name="Trips", description="Where I am")
    kept = book.service.store.calendars[made.id]
    assert (kept.summary, kept.zone, kept.description) == ("Trips", "Europe/Berlin", "Where I am")
    await desk.call("calendar_create_event", title="Rome", start="2026-04-01", calendar="trips")
    assert book.count(made.id) == 1


async def test_a_name_that_is_taken_makes_no_second_calendar(desk: Mailroom):
    with pytest.raises(ConflictError):
        await desk.call(CREATE, name="TEAM")
    assert "calendar.calendars.insert" not in desk.methods


async def test_a_lost_answer_makes_one_calendar(desk: Mailroom, book: Book):
    before = len(book.service.store.calendars)
    desk.google.faults.add("calendar.calendars.insert", reset_after(), times=1)
    made = await desk.call(CREATE, name="Trips")
    assert made.id in book.service.store.calendars
    assert len(book.service.store.calendars) == before + 1


async def test_a_calendar_that_may_not_have_been_made_is_told_as_such(desk: Mailroom):
    desk.google.faults.add("calendar.calendars.insert", reset_before(), times=1)
    with pytest.raises(OutcomeUnknownError):
        await desk.call(CREATE, name="Trips")


async def test_a_dry_run_makes_no_calendar(desk: Mailroom, book: Book):
    before = len(book.service.store.calendars)
    assert (await desk.call(CREATE, name="Trips", timezone="Asia/Tokyo", dry_run=True)).zone == "Asia/Tokyo"
    assert len(book.service.store.calendars) == before


@pytest.mark.parametrize(
    ("arguments", "key", "role"),
    [
        ({"who": BEN.email, "role": "read"}, BEN.email, "reader"),
        ({"who": "team@example.com", "kind": "group", "role": "write"}, "team@example.com", "writer"),
        ({"who": "Example.com", "kind": "domain", "role": "free_busy"}, "example.com", "freeBusyReader"),
        ({"kind": "anyone", "role": "read"}, "*", "reader"),
    ],
)
async def test_a_calendar_is_shared(desk: Mailroom, book: Book, arguments: dict[str, Any], key: str, role: str):
    await desk.call(SHARE, **arguments)
    assert book.service.store.calendars[ALICE.email].access[key] == role
    assert desk.methods == ["calendar.acl.insert"]
    assert book.mails == []
    [share] = desk.reached[-1].shares
    assert (share.kind, share.value, share.owner) == (arguments.get("kind", "user"), "" if key == "*" else key, False)


async def test_whom_it_is_shared_with_is_mailed_on_request(desk: Mailroom, book: Book):
    shared = await desk.call(SHARE, who=BEN.email, role="read", notify=True)
    assert (book.mails, shared.mailed) == ([("share", BEN.email)], True)
    assert desk.reached[-1].recipients == (BEN.email,)


async def test_access_is_taken_away(desk: Mailroom, book: Book):
    await desk.call(SHARE, who=BEN.email, role="read")
    asked = len(desk.reached)
    await desk.call(SHARE, who=BEN.email, role="none")
    assert BEN.email not in book.service.store.calendars[ALICE.email].access
    assert len(desk.reached) == asked
    with pytest.raises(NotFoundError):
        await desk.call(SHARE, who=BEN.email, role="none")


async def test_a_dry_run_says_who_would_gain_what(desk: Mailroom, book: Book):
    shown = await desk.call(SHARE, who=BEN.email, role="write", dry_run=True)
    assert "no access -> changes events" in shown.text()
    assert BEN.email not in book.service.store.calendars[ALICE.email].access


async def test_somebody_elses_calendar_is_not_shared(desk: Mailroom):
    with pytest.raises(GoogleRefusedError):
        await desk.call(SHARE, calendar="Team", who=CHIARA.email, role="read")


@pytest.mark.parametrize(
    "arguments",
    [{"who": ""}, {"who": "ben"}, {"who": "a/../b@x.example"}, {"who": "a?b@x.example"}, {"who": "x.example"},
     {"who": "@example.com", "kind": "domain"}, {"who": "exa mple.com", "kind": "domain"},
     {"who": "..", "kind": "domain"},
     {"who": "ben@example.com", "kind": "anyone"}],
)  # fmt: skip
async def test_nobody_in_particular_is_refused(desk: Mailroom, arguments: dict[str, str]):
    with pytest.raises(UserInputError):
        await desk.call(SHARE, role="read", **arguments)
    assert "calendar.acl.insert" not in desk.methods
