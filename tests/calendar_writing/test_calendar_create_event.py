"""New events: what is made of a caller's words, that it is made once, and what is said about it."""

import asyncio
from typing import Any

import pytest

from google_workspace_mcp.core.errors import (
    AmbiguousNameError,
    OutcomeUnknownError,
    UserInputError,
)
from google_workspace_mcp.sandbox.faults import latency, reset_after, reset_before, server_error, too_many_requests
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA
from tests.calendar_writing.conftest import Book, timed
from tests.support.workspace import Mailroom

TOOL = "calendar_create_event"
INSERT = "calendar.events.insert"
OVERLAP = 0.05


async def create(desk: Mailroom, title: str = "Lunch", start: str = "2026-04-01T12:00", **more: Any) -> Any:
    return await desk.call(TOOL, title=title, start=start, **more)


async def test_an_event_is_made_at_the_local_time_of_the_own_calendar(desk: Mailroom, book: Book):
    made = await create(desk, description="Bring photos", location="Room 4")
    assert (made.state, made.link[:35]) == ("created", "https://www.google.com/calendar/eve")
    assert made.facts == {
        "title": "Lunch",
        "when": "Wed 2026-04-01 12:00-13:00 +02:00 (Europe/Berlin)",
        "place": "Room 4",
        "reminders": "those of the calendar",
        "text": "Bring photos",
    }
    kept = book.event(made.event_id)
    assert (kept.start.wall().isoformat(), kept.start.zone) == ("2026-04-01T12:00:00", "Europe/Berlin")
    assert "when: Wed 2026-04-01 12:00-13:00 +02:00 (Europe/Berlin)" in made.text()


@pytest.mark.parametrize(
    ("start", "end", "when"),
    [
        ("2026-04-01T12:00", "2026-04-01T12:20", "Wed 2026-04-01 12:00-12:20 +02:00"),
        ("2026-04-01T12:00", "45m", "Wed 2026-04-01 12:00-12:45 +02:00"),
        ("2026-04-01T12:00", "1h30m", "Wed 2026-04-01 12:00-13:30 +02:00"),
        ("2026-04-01T12:00-04:00", "", "Wed 2026-04-01 18:00-19:00 +02:00"),
        ("2026-04-01", "", "Wed 2026-04-01 all day"),
        ("2026-04-01", "2026-04-03", "Wed 2026-04-01 all day to Fri 2026-04-03 all day"),
        ("2026-04-01", "2d", "Wed 2026-04-01 all day to Thu 2026-04-02 all day"),
        ("2026-03-28T22:00", "2026-03-29T06:00", "Sat 2026-03-28 22:00 +01:00 to Sun 2026-03-29 06:00 +02:00"),
    ],
)
async def test_times_are_what_people_mean(desk: Mailroom, start: str, end: str, when: str):
    assert (await create(desk, start=start, end=end)).facts["when"] == f"{when} (Europe/Berlin)"


async def test_the_last_day_of_an_all_day_event_is_the_one_that_was_said(desk: Mailroom, book: Book):
    made = await create(desk, start="2026-04-01", end="2026-04-03")
    assert str(book.event(made.event_id).end.value) == "2026-04-04"


async def test_a_zone_of_its_own_is_kept_with_the_event(desk: Mailroom, book: Book):
    made = await create(desk, timezone="Asia/Kathmandu")
    assert made.facts["when"] == "Wed 2026-04-01 12:00-13:00 +05:45 (Asia/Kathmandu)"
    assert book.event(made.event_id).start.zone == "Asia/Kathmandu"


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [
        ("2026-03-29T02:30", "", "clock_change"),
        ("2026-10-25T02:30", "", "clock_change"),
        ("2026-04-01T12:00", "2026-04-01T11:00", "time_range"),
        ("2026-04-01T12:00", "2026-04-02", "time_range"),
        ("2026-04-01", "45m", "time_range"),
        ("2026-04-02", "2026-04-01", "time_range"),
        ("tomorrow", "", "bad_time"),
    ],
)
async def test_times_that_cannot_be_meant_are_refused(desk: Mailroom, book: Book, start: str, end: str, reason: str):
    with pytest.raises(UserInputError) as refused:
        await create(desk, start=start, end=end)
    assert refused.value.reason == reason
    assert book.count() == 0


async def test_a_local_time_is_refused_while_the_own_zone_is_unknown(desk: Mailroom):
    desk.google.faults.add("calendar.settings.get", server_error())
    with pytest.raises(UserInputError, match="time zone is not known"):
        await create(desk)
    assert (await create(desk, timezone="Europe/Rome")).facts["when"].endswith("(Europe/Rome)")


# -- one step, once


async def test_it_takes_one_step_conflicts_and_twins_beside(desk: Mailroom):
    await create(desk)
    desk.google.faults.add("*", latency(OVERLAP))
    await create(desk, start="2026-04-02T12:00")
    assert desk.round_trips == 1
    assert desk.methods == [INSERT, "calendar.events.list"]


@pytest.mark.parametrize("times", [1, 2])
async def test_a_lost_answer_leaves_one_event(desk: Mailroom, book: Book, times: int):
    desk.google.faults.add(INSERT, reset_after(), times=times)
    made = await create(desk)
    assert book.count() == 1
    assert book.event(made.event_id).fields["summary"] == "Lunch"


async def test_an_attempt_that_never_arrived_is_made_again(desk: Mailroom, book: Book):
    desk.google.faults.add(INSERT, reset_before(), times=1)
    await create(desk)
    assert book.count() == 1


async def test_when_nobody_can_tell_that_is_said(desk: Mailroom, book: Book):
    desk.google.faults.add(INSERT, reset_after())
    desk.google.faults.add("calendar.events.get", server_error())
    with pytest.raises(OutcomeUnknownError):
        await create(desk)
    assert book.count() == 1


async def test_a_dry_run_shows_everything_and_does_nothing(desk: Mailroom, book: Book):
    shown = await create(desk, repeat="weekly 3 times", attendees=[BEN.email], notify="all", meet=True, dry_run=True)
    assert shown.state.startswith("would be created")
    assert shown.facts["repeats"] == "every week 3 times"
    assert shown.mailed == [BEN.email]
    assert (book.count(), book.mails, shown.event_id) == (0, [], "")
    assert INSERT not in desk.methods


# -- people


async def test_with_guests_it_must_be_said_whom_google_mails(desk: Mailroom, book: Book):
    with pytest.raises(UserInputError) as refused:
        await create(desk, attendees=[BEN.email])
    assert "notify" in refused.value.next_step
    assert book.count() == 0


@pytest.mark.parametrize(
    ("notify", "mailed"),
    [
        ("all", [("invite", BEN.email), ("invite", "guest@elsewhere.example")]),
        ("external", [("invite", "guest@elsewhere.example")]),
        ("none", []),
    ],
)
async def test_google_mails_whom_it_was_told_to(desk: Mailroom, book: Book, notify: str, mailed: list[Any]):
    await create(desk, attendees=[BEN.email, "guest@elsewhere.example"], notify=notify)
    assert book.mails == mailed


async def test_guests_have_names_and_may_be_optional(desk: Mailroom, book: Book):
    made = await create(
        desk, attendees=["Ben O. <ben@example.com>", f"{CHIARA.email} (optional)", ALICE.email], notify="none"
    )
    guests = book.event(made.event_id).guests()
    assert [(g["email"], g["responseStatus"], g.get("optional", False)) for g in guests] == [
        (BEN.email, "needsAction", False),
        (CHIARA.email, "needsAction", True),
        (ALICE.email, "accepted", False),
    ]
    assert guests[0]["displayName"] == "Ben O."
    assert desk.reached[-1].recipients == (BEN.email, CHIARA.email)


async def test_guests_may_be_given_in_one_line(desk: Mailroom, book: Book):
    made = await create(desk, attendees=[BEN.email, CHIARA.email], notify="none")
    assert [guest["email"] for guest in book.event(made.event_id).guests()] == [BEN.email, CHIARA.email]


@pytest.mark.parametrize(
    "entry",
    ["ben", "ben@", "a@b.example c@d.example", "evil@x.example <ben@example.com>", "ben@example.com\u2028x", "<>"],
)
async def test_an_entry_that_is_not_one_address_is_refused(desk: Mailroom, book: Book, entry: str):
    with pytest.raises(UserInputError) as refused:
        await create(desk, attendees=[entry], notify="all")
    assert refused.value.reason in ("bad_address", "one_line")
    assert book.count() == 0


async def test_the_operators_rule_is_asked_before_anything_is_done(desk: Mailroom, book: Book):
    await create(desk, attendees=[BEN.email], notify="none")
    assert desk.reached[-1].recipients == (BEN.email,)


# -- everything else an event can have


async def test_a_meet_link_is_made_on_request(desk: Mailroom):
    assert "Meet https://meet.google.com/" in (await create(desk, meet=True)).facts["video"]


async def test_options_say_what_few_events_need(desk: Mailroom, book: Book):
    made = await create(desk, color="tomato", visibility="private", reminders="10m, 1d email", free=True)
    fields = book.event(made.event_id).fields
    assert (fields["colorId"], fields["visibility"], fields["transparency"]) == ("11", "private", "transparent")
    assert fields["reminders"] == {
        "useDefault": False,
        "overrides": [{"method": "popup", "minutes": 10}, {"method": "email", "minutes": 1440}],
    }


@pytest.mark.parametrize(
    ("name", "value"), [("color", "pink"), ("reminders", "5 weeks"), ("reminders", "1m, 2m, 3m, 4m, 5m, 6m")]
)
async def test_an_option_that_cannot_be_meant_is_refused_with_those_that_can(
    desk: Mailroom, book: Book, name: str, value: str
):
    with pytest.raises(UserInputError) as refused:
        await create(desk, **{name: value})
    assert refused.value.next_step
    assert book.count() == 0


async def test_another_calendar_is_named(desk: Mailroom, book: Book):
    made = await create(desk, calendar="team")
    assert book.event(made.event_id, book.team).fields["summary"] == "Lunch"


async def test_an_ambiguous_calendar_gives_the_candidates_and_makes_nothing(desk: Mailroom, book: Book):
    book.service.add_calendar(BEN.email, "Team", access={ALICE.email: "writer"})
    with pytest.raises(AmbiguousNameError):
        await create(desk, calendar="Team")
    assert INSERT not in desk.methods


async def test_focus_time_is_made_by_its_rules(desk: Mailroom, book: Book):
    made = await create(desk, "Write", kind="focus_time", decline=True)
    assert book.event(made.event_id).fields["focusTimeProperties"] == {
        "autoDeclineMode": "declineOnlyNewConflictingInvitations",
        "chatStatus": "doNotDisturb",
    }


async def test_days_out_of_office_are_from_midnight_to_midnight(desk: Mailroom, book: Book):
    made = await create(desk, "Away", "2026-03-28", end="2026-03-29", kind="out_of_office")
    kept = book.event(made.event_id)
    assert kept.fields["outOfOfficeProperties"] == {"autoDeclineMode": "declineNone"}
    assert (kept.start.wall().isoformat(), kept.end.wall().isoformat()) == (
        "2026-03-28T00:00:00",
        "2026-03-30T00:00:00",
    )


@pytest.mark.parametrize(
    ("place", "properties"),
    [
        ("home", {"type": "homeOffice", "homeOffice": {}}),
        ("office: Berlin", {"type": "officeLocation", "officeLocation": {"label": "Berlin"}}),
        ("Library", {"type": "customLocation", "customLocation": {"label": "Library"}}),
    ],
)
async def test_a_working_location_is_a_place_for_a_day(desk: Mailroom, book: Book, place: str, properties: Any):
    made = await create(desk, "", "2026-04-01", location=place, kind="working_location")
    fields = book.event(made.event_id).fields
    assert fields["workingLocationProperties"] == properties
    assert (fields["visibility"], fields["transparency"]) == ("public", "transparent")


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "focus_time", "start": "2026-04-01"},
        {"kind": "focus_time", "attendees": [BEN.email], "notify": "none"},
        {"kind": "out_of_office", "calendar": "Team"},
        {"kind": "working_location", "start": "2026-04-01", "end": "2026-04-02"},
        {"decline": True},
    ],
)
async def test_what_google_would_refuse_of_special_events_is_said_before(desk: Mailroom, wrong: dict[str, Any]):
    with pytest.raises(UserInputError):
        await create(desk, **({"start": "2026-04-01T09:00"} | wrong))
    assert INSERT not in desk.methods


async def test_an_event_without_a_title_is_refused(desk: Mailroom):
    with pytest.raises(UserInputError, match="title"):
        await create(desk, "  ")


# -- what is there already


async def test_what_else_is_at_that_time_is_told(desk: Mailroom, book: Book):
    book.service.add_event(ALICE.email, {"summary": "Standup"} | timed("2026-04-01T12:30:00", "2026-04-01T13:30:00"))
    free = {"summary": "Fair", "transparency": "transparent"}
    book.service.add_event(ALICE.email, free | timed("2026-04-01T12:30:00", "2026-04-01T13:30:00"))
    book.service.add_event(ALICE.email, {"summary": "After"} | timed("2026-04-01T13:00:00", "2026-04-01T14:00:00"))
    book.service.add_event(book.team, {"summary": "Team lunch"} | timed("2026-04-01T12:00:00", "2026-04-01T13:00:00"))
    made = await create(desk)
    assert [each.partition(" (")[0] for each in made.conflicts] == ["Standup, Wed 2026-04-01 12:30-13:30 +02:00"]
    in_team = await create(desk, "Other", calendar="Team")
    assert [each.partition(",")[0] for each in in_team.conflicts] == ["Team lunch", "Lunch", "Standup"]


async def test_the_same_event_twice_is_told(desk: Mailroom):
    first = await create(desk)
    second = await create(desk, "LUNCH")
    assert [first.event_id in each for each in second.twins] == [True]
    assert second.conflicts == []


async def test_an_event_is_made_also_when_nobody_can_look_at_what_else_there_is(desk: Mailroom, book: Book):
    desk.google.faults.add("calendar.events.list", too_many_requests(retry_after=100))
    made = await create(desk)
    assert made.notes == ["What else is at that time could not be looked up."]
    assert book.count() == 1


async def test_two_events_at_once_have_ids_of_their_own(desk: Mailroom, book: Book):
    await asyncio.gather(create(desk), create(desk))
    assert book.count() == 2


# -- hostile input


@pytest.mark.security("T-25")
@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a < b & c", "a < b & c"),
        ("<b>Hi</b> <script>alert(1)</script>", "<b>Hi</b> "),
        ('<a href="javascript:alert(1)">x</a>', "<a>x</a>"),
        ('<a href="https://x.example/" onclick="y()">x</a>', '<a href="https://x.example/">x</a>'),
        ('<img src="https://x.example/p.png">text', "text"),
        ("one\r\ntwo\x00", "one\ntwo"),
    ],
)
async def test_a_description_has_no_markup_that_runs_or_loads(desk: Mailroom, book: Book, text: str, kept: str):
    made = await create(desk, description=text)
    assert book.event(made.event_id).fields["description"] == kept


@pytest.mark.security("T-25")
@pytest.mark.parametrize("field", ["title", "location"])
async def test_a_line_with_a_line_break_is_refused(desk: Mailroom, book: Book, field: str):
    for sign in ("\n", "\r", "\u0085", "\u2028", "\x0b"):
        with pytest.raises(UserInputError):
            await create(desk, **{"title": "x", field: f"a{sign}ATTENDEE:evil@x.example"})
    assert book.count() == 0
