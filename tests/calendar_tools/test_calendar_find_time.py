"""calendar_find_time: times that suit people in several zones, with what is not known said."""

import pytest

from google_workspace_mcp.core.errors import NotFoundError, UserInputError
from google_workspace_mcp.sandbox.faults import latency, server_error
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA
from tests.calendar_tools.conftest import Calendars, timed
from tests.drive.desk import Desk

TOOL = "calendar_find_time"
WEEK = {"start": "2026-03-30", "end": "2026-04-03"}
MONDAY = {"start": "2026-03-30", "end": "2026-03-30"}


def starts(result: object) -> list[str]:
    return [slot.start for slot in result.slots]  # type: ignore[attr-defined]


def busy(calendars: Calendars, who: str, start: str, end: str, zone: str = "Europe/Berlin", **more: object) -> None:
    calendars.service.add_event(who, {"summary": "Taken", **timed(start, end, zone), **more})


async def test_the_answer_says_zone_weekday_offset_hours_and_why(desk: Desk):
    result = await desk.call(TOOL, people=[BEN.email], limit=2, **MONDAY)
    assert result.text().splitlines() == [
        "2 slots · alice@example.com · Mon 2026-03-30 00:00 +02:00 to Tue 2026-03-31 00:00 +02:00 · Europe/Berlin",
        "1. Mon 2026-03-30 15:00-15:30 +02:00 · Mon 2026-03-30 09:00-09:30 -04:00 America/New_York (ben@example.com) · "
        "within everybody's hours",
        "2. Mon 2026-03-30 16:00-16:30 +02:00 · Mon 2026-03-30 10:00-10:30 -04:00 America/New_York (ben@example.com) · "
        "within everybody's hours",
        "hours assumed: Google tells nobody's, each in their own zone: Mon-Fri 09:00-17:00",
        "Order: everybody's hours, optional people, preferred hours, day, full and half hours.",
    ]
    assert result.slots[0].weekday == "Mon"


async def test_two_steps_at_first_and_one_when_names_and_zones_are_known(desk: Desk):
    desk.google.faults.add("*", latency(0.05))
    await desk.call(TOOL, people=[BEN.email], rooms=["Team"])
    assert desk.round_trips == 2
    await desk.call(TOOL, people=[BEN.email], rooms=["Team"])
    assert desk.round_trips == 1
    assert desk.methods == ["calendar.freebusy.query"]


async def test_only_oneself_is_enough_and_busy_times_are_left_out(desk: Desk):
    result = await desk.call(TOOL, minutes=60, limit=20, **MONDAY)
    assert starts(result) == [f"2026-03-30T{hour}:00+02:00" for hour in (10, 11, 12, 13, 15, 16)]


async def test_a_calendar_that_cannot_be_seen_is_named_and_never_taken_as_free(desk: Desk, calendars: Calendars):
    result = await desk.call(TOOL, people=[CHIARA.email], **WEEK)
    assert result.slots
    assert result.not_seen == ["chiara@studio.example (this account may not see it, or there is no such calendar)"]
    assert "not seen, may be busy: chiara@studio.example" in result.text()
    assert "chiara" not in "".join(str(slot) for slot in result.slots)


async def test_where_no_calendar_can_be_seen_no_time_is_called_free(desk: Desk, calendars: Calendars):
    calendars.service.fail_free_busy(ALICE.email, "internalError")
    result = await desk.call(TOOL, **WEEK)
    assert not result.slots
    assert "no time can be called free" in result.text()


async def test_where_no_room_can_be_seen_no_time_is_offered(desk: Desk, calendars: Calendars):
    result = await desk.call(TOOL, rooms=[calendars.closed], **WEEK)
    assert not result.slots
    assert calendars.closed in result.not_seen[0]


async def test_a_free_room_of_those_named_is_told(desk: Desk, calendars: Calendars):
    rooms = [
        calendars.service.add_calendar(BEN.email, name, access={ALICE.email: "reader"}) for name in ("Red", "Blue")
    ]
    busy(calendars, rooms[0], "2026-03-30T00:00:00", "2026-03-30T12:00:00")
    busy(calendars, rooms[1], "2026-03-30T11:00:00", "2026-03-30T18:00:00")
    result = await desk.call(TOOL, rooms=["Red", "Blue"], minutes=60, limit=20, **MONDAY)
    told = [(slot.start[11:16], slot.rooms) for slot in result.slots]
    assert told == [("10:00", ["Blue"]), ("12:00", ["Red"]), ("13:00", ["Red"]), ("15:00", ["Red"]), ("16:00", ["Red"])]
    assert "room: Blue" in result.text()


async def test_zones_of_others_are_their_calendars_own_or_given(desk: Desk):
    known = await desk.call(TOOL, people=[BEN.email], **MONDAY)
    assert "America/New_York (ben@example.com)" in known.slots[0].elsewhere[0]
    given = await desk.call(TOOL, people=[f"{BEN.email} America/Halifax"], **MONDAY)
    assert "America/Halifax (ben@example.com)" in given.slots[0].elsewhere[0]
    assert known.zone_assumed == given.zone_assumed == []


async def test_a_zone_that_google_does_not_tell_is_said_to_be_assumed(desk: Desk):
    desk.google.faults.add("calendar.events.list", server_error())
    result = await desk.call(TOOL, people=[BEN.email], **MONDAY)
    assert result.zone_assumed == [BEN.email]
    assert "zone not known, own assumed: ben@example.com" in result.text()


async def test_hours_that_are_named_are_kept(desk: Desk):
    result = await desk.call(TOOL, hours="Tue,Fri 13:00-14:00", minutes=60, **WEEK)
    assert starts(result) == ["2026-04-03T13:00+02:00"]
    assert not result.hours_assumed
    assert "hours, each in their own zone: Tue,Fri 13:00-14:00" in result.text()


async def test_assumed_hours_are_left_where_nothing_lies_within_everybody_s(desk: Desk, calendars: Calendars):
    busy(calendars, BEN.email, "2026-03-30T09:00:00", "2026-03-30T11:00:00", "America/New_York")
    result = await desk.call(TOOL, people=[BEN.email], limit=1, **MONDAY)
    assert starts(result) == ["2026-03-30T17:00+02:00"]
    assert result.slots[0].reasons == ["outside the hours of alice@example.com by 30 min"]


async def test_buffers_keep_a_pause_before_and_after(desk: Desk):
    result = await desk.call(TOOL, minutes=60, buffer_minutes=15, limit=20, **MONDAY)
    # Busy until 09:15, and from 14:00 to 15:00.
    assert starts(result) == [f"2026-03-30T{hour}:00+02:00" for hour in (10, 11, 12, 16)]


async def test_the_notice_is_kept(desk: Desk):
    # It is Friday 09:30 in Berlin.
    assert starts(await desk.call(TOOL, limit=1)) == ["2026-03-27T11:00+01:00"]
    assert starts(await desk.call(TOOL, limit=1, notice_minutes=0)) == ["2026-03-27T10:00+01:00"]
    assert starts(await desk.call(TOOL, limit=1, notice_minutes=24 * 60))[0].startswith("2026-03-30")


async def test_a_range_that_ends_within_the_notice_has_no_times_and_says_so(desk: Desk):
    result = await desk.call(TOOL, end="2026-03-27T10:00", notice_minutes=120)
    assert not result.slots
    assert "try a longer range" in result.text()
    assert "calendar.freebusy.query" not in desk.methods


async def test_preferred_hours_come_first(desk: Desk):
    result = await desk.call(TOOL, preferred_hours="13:00-15:00", limit=2, **MONDAY)
    assert starts(result) == ["2026-03-30T13:00+02:00", "2026-03-30T13:30+02:00"]
    assert result.slots[0].reasons == ["within everybody's hours", "in preferred hours"]


async def test_optional_people_count_for_the_order_alone(desk: Desk, calendars: Calendars):
    calendars.service.share(CHIARA.email, ALICE.email, "freeBusyReader")
    busy(calendars, CHIARA.email, "2026-03-30T09:00:00", "2026-03-30T12:00:00", "Europe/Rome")
    result = await desk.call(TOOL, optional_people=[CHIARA.email], minutes=60, limit=20, **MONDAY)
    assert starts(result)[0] == "2026-03-30T12:00+02:00"
    assert result.slots[0].reasons[1] == "optional people free"
    assert result.slots[-1].reasons[1] == "without chiara@studio.example"


async def test_oneself_may_be_optional(desk: Desk, calendars: Calendars):
    busy(calendars, ALICE.email, "2026-03-30T00:00:00", "2026-03-31T00:00:00")
    result = await desk.call(TOOL, people=[BEN.email], optional_people=["primary"], limit=1, **MONDAY)
    assert result.slots[0].reasons[1] == "without alice@example.com"


async def test_a_group_is_asked_by_its_members_in_their_zones(desk: Desk, calendars: Calendars):
    calendars.service.add_group("team@example.com", [BEN.email, CHIARA.email])
    result = await desk.call(TOOL, people=["team@example.com"], **MONDAY)
    assert result.slots[0].start == "2026-03-30T15:00+02:00"
    assert result.not_seen[0].startswith("chiara@studio.example (of team@example.com)")


async def test_local_hours_hold_across_the_clock_change(desk: Desk):
    result = await desk.call(TOOL, start="2026-03-27T16:00", end="2026-03-30T12:00", notice_minutes=0, limit=20)
    assert [time[5:] for time in starts(result)] == [
        *("03-27T16:00+01:00", "03-27T16:30+01:00"),
        *("03-30T10:00+02:00", "03-30T11:00+02:00"),
        *("03-30T09:30+02:00", "03-30T10:30+02:00", "03-30T11:30+02:00"),
    ]


async def test_times_are_shown_in_another_zone_and_hours_stay_one_s_own(desk: Desk):
    result = await desk.call(
        TOOL, timezone="America/New_York", minutes=60, limit=1, start="2026-03-30", end="2026-03-30"
    )
    assert result.zone == "America/New_York"
    assert result.slots[0].start == "2026-03-30T04:00-04:00"
    assert "Mon 2026-03-30 10:00-11:00 +02:00 Europe/Berlin (alice@example.com)" in result.text()


async def test_when_nothing_fits_ways_out_are_named(desk: Desk, calendars: Calendars):
    busy(calendars, ALICE.email, "2026-03-30T00:00:00", "2026-03-31T00:00:00")
    result = await desk.call(TOOL, hours="09:00-17:00", **MONDAY)
    assert not result.slots
    assert result.hint == "No time suits everybody; try a longer range, a shorter meeting, other hours."


@pytest.mark.parametrize(
    "arguments",
    [
        {"minutes": 4},
        {"minutes": 2000},
        {"buffer_minutes": -1},
        {"notice_minutes": -5},
        {"limit": 0},
        {"limit": 100},
        {"hours": "morning"},
        {"preferred_hours": "later"},
        {"timezone": "Berlin"},
        {"people": [f"{BEN.email} Europe/Berln"]},
        {"people": [f"p{number}@example.com" for number in range(50)]},
        {"start": "2026-03-30", "end": "2026-12-30"},
        {"start": "2026-03-29T02:30"},
        {"people": ["../x@example.com"]},
    ],
)
async def test_what_cannot_be_meant_is_refused_before_google_is_asked(desk: Desk, arguments: dict[str, object]):
    with pytest.raises(UserInputError):
        await desk.call(TOOL, **arguments)
    assert "calendar.freebusy.query" not in desk.methods


async def test_an_unknown_name_gets_the_known_ones_offered(desk: Desk):
    with pytest.raises(NotFoundError):
        await desk.call(TOOL, people=["Benjamin"])
