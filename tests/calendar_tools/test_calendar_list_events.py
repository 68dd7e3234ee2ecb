import pytest

from google_workspace_mcp.core.errors import (
    AmbiguousNameError,
    GoogleUnavailableError,
    NotFoundError,
    RateLimitedError,
    UserInputError,
)
from google_workspace_mcp.sandbox.faults import latency, server_error, too_many_requests
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN
from tests.calendar_tools.conftest import Calendars, days, timed
from tests.drive.desk import Desk

TOOL = "calendar_list_events"
# Long enough for calls that are sent together to overlap in the log.
OVERLAP = 0.05


def titles(found: object) -> list[str]:
    return [row.title for row in found.events]  # type: ignore[attr-defined]


async def test_by_default_the_next_seven_days_of_the_primary_calendar_are_listed(desk: Desk):
    found = await desk.call(TOOL)
    assert (found.start, found.end) == ("2026-03-27T09:30+01:00", "2026-04-03T09:30+02:00")
    assert titles(found) == [
        "Night shift",
        "Standup",
        "Launch review",
        "Fair in Milan",
        "Standup",
        "Standup",
        "Write",
        "Standup",
        "Standup",
    ]
    assert found.complete


async def test_the_first_listing_is_two_round_trips_and_the_next_one(desk: Desk):
    desk.google.faults.add("*", latency(OVERLAP))
    await desk.call(TOOL, calendars=["all"])
    assert desk.round_trips == 2
    await desk.call(TOOL, calendars=["all"])
    assert desk.round_trips == 1
    assert desk.methods == ["calendar.events.list"] * 3


async def test_the_primary_calendar_alone_needs_no_list_of_calendars(desk: Desk):
    await desk.call(TOOL)
    assert desk.methods == ["calendar.events.list", "calendar.settings.get"]


async def test_all_calendars_are_merged_in_time_order(desk: Desk):
    found = await desk.call(TOOL, calendars=["all"], start="2026-03-30", end="2026-03-30")
    assert titles(found) == ["Standup", "Team lunch", "Launch review", "busy"]
    assert [row.calendar for row in found.events] == ["", "Team", "", "Team"]


@pytest.mark.parametrize("name", ["Team", "team", " TEAM "])
async def test_a_calendar_is_found_by_its_name(desk: Desk, name: str):
    assert titles(await desk.call(TOOL, calendars=[name])) == ["Team lunch", "busy"]


async def test_a_calendar_is_found_by_its_id(desk: Desk, calendars: Calendars):
    assert titles(await desk.call(TOOL, calendars=[calendars.holidays], end="2026-04-03")) == ["Good Friday"]


async def test_a_calendar_named_twice_is_listed_once(desk: Desk, calendars: Calendars):
    assert titles(await desk.call(TOOL, calendars=["Team", calendars.team])) == ["Team lunch", "busy"]


async def test_a_calendar_hidden_in_google_calendar_is_not_among_all_but_can_be_named(desk: Desk, calendars: Calendars):
    calendars.service.subscribe(ALICE.email, calendars.team, selected=False)
    assert "Team lunch" not in titles(await desk.call(TOOL, calendars=["all"]))
    assert "Team lunch" in titles(await desk.call(TOOL, calendars=["Team"]))


async def test_a_name_that_two_calendars_have_gives_both_ids_and_lists_nothing(desk: Desk, calendars: Calendars):
    other = calendars.service.add_calendar(BEN.email, "Team", access={ALICE.email: "reader"})
    with pytest.raises(AmbiguousNameError) as refused:
        await desk.call(TOOL, calendars=["Team"])
    assert other in refused.value.message
    assert calendars.team in refused.value.message
    assert "calendar.events.list" not in desk.methods


async def test_an_unknown_calendar_gets_the_known_ones_offered(desk: Desk):
    with pytest.raises(NotFoundError) as refused:
        await desk.call(TOOL, calendars=["Tim"])
    assert "Holidays, Team" in refused.value.next_step


async def test_a_calendar_that_cannot_be_read_is_named_as_not_seen(desk: Desk, calendars: Calendars):
    found = await desk.call(TOOL, calendars=["Team", calendars.closed])
    assert titles(found) == ["Team lunch", "busy"]
    assert not found.complete
    assert f"not seen: {calendars.closed} (" in found.text()


async def test_a_calendar_that_fails_for_a_moment_is_named_with_the_cause(desk: Desk, calendars: Calendars):
    desk.google.faults.add("calendar.events.list", too_many_requests(retry_after=100), times=1)
    found = await desk.call(TOOL, calendars=["Team", "Holidays"])
    assert len(found.not_seen) == 1
    assert "limit" in found.not_seen[0]


async def test_when_no_calendar_at_all_can_be_read_the_call_fails(desk: Desk, calendars: Calendars):
    with pytest.raises(NotFoundError):
        await desk.call(TOOL, calendars=[calendars.closed])
    desk.google.faults.add("calendar.events.list", too_many_requests(retry_after=100))
    with pytest.raises(RateLimitedError):
        await desk.call(TOOL, calendars=["all"])


async def test_google_failing_is_an_error_that_may_be_tried_again(desk: Desk):
    desk.google.faults.add("calendar.events.list", server_error())
    with pytest.raises(GoogleUnavailableError):
        await desk.call(TOOL)


@pytest.mark.parametrize("calendar_id", ["a/b@x", "../x@example.com", "a@b?x=1", "a%2e@example.com", "😀@example.com"])
async def test_a_calendar_id_that_is_none_never_reaches_google(desk: Desk, calendar_id: str):
    with pytest.raises(UserInputError):
        await desk.call(TOOL, calendars=[calendar_id])
    assert "calendar.events.list" not in desk.methods


async def test_an_all_day_event_ends_on_the_day_that_people_mean(desk: Desk):
    fair = next(row for row in (await desk.call(TOOL)).events if row.title == "Fair in Milan")
    assert (fair.start, fair.end, fair.all_day) == ("2026-03-31", "2026-04-02", True)


async def test_an_end_given_as_a_day_includes_that_day(desk: Desk):
    found = await desk.call(TOOL, calendars=["all"], start="2026-04-03", end="2026-04-03")
    assert titles(found) == ["Good Friday", "Standup"]


async def test_the_text_shows_days_times_marks_and_ids(desk: Desk, calendars: Calendars):
    found = await desk.call(TOOL, calendars=["all"], start="2026-03-30", end="2026-03-31")
    ids = {row.title: row.id for row in found.events}
    assert found.text().splitlines() == [
        "6 events · alice@example.com · 2026-03-30 00:00 to 2026-04-01 00:00 · Europe/Berlin",
        "Mon 2026-03-30 +02:00",
        f"09:00-09:15\tStandup\trecurring\t{calendars.standup}_20260330T070000Z",
        f"12:00-13:00\tTeam lunch\tTeam\t{ids['Team lunch']}",
        f"14:00-15:00\tLaunch review\t@ Room 4\tmaybe, Meet\t{calendars.review}",
        f"16:00-17:00\tbusy\tTeam\t{ids['busy']}",
        "Tue 2026-03-31",
        f"all day to Thu 2026-04-02\tFair in Milan\t{ids['Fair in Milan']}",
        f"09:00-09:15\tStandup\trecurring\t{calendars.standup}_20260331T070000Z",
    ]


async def test_the_offset_stands_beside_the_first_day_and_where_it_changes(desk: Desk):
    text = (await desk.call(TOOL, query="standup", start="2026-03-26", end="2026-03-31")).text()
    days = [line for line in text.splitlines()[1:] if "\t" not in line]
    assert days == ["Thu 2026-03-26 +01:00", "Fri 2026-03-27", "Mon 2026-03-30 +02:00", "Tue 2026-03-31"]


async def test_a_list_without_events_has_the_days_and_offsets_of_its_range(desk: Desk):
    head = (await desk.call(TOOL, query="zebra")).text().splitlines()[0]
    assert "Fri 2026-03-27 09:30 +01:00 to Fri 2026-04-03 09:30 +02:00 · Europe/Berlin" in head


async def test_a_list_without_events_says_what_to_try(desk: Desk):
    words = (await desk.call(TOOL, query="zebra")).text().splitlines()[-1]
    assert words == 'Nothing here; try another range or fewer words or calendars=["all"].'
    words = (await desk.call(TOOL, calendars=["all"], start="2024-01-06", end="2024-01-07")).text().splitlines()[-1]
    assert words == "Nothing here; try another range."


async def test_offsets_are_shown_where_clocks_change_within_an_event(desk: Desk):
    text = (await desk.call(TOOL, query="night")).text()
    assert "Sat 2026-03-28 +01:00\n22:00-Sun 2026-03-29 06:00 +02:00\tNight shift" in text


async def test_a_weekly_meeting_keeps_its_local_time_across_the_clock_change(desk: Desk):
    found = await desk.call(TOOL, query="standup", start="2026-03-27", end="2026-03-30")
    assert [row.start for row in found.events] == ["2026-03-27T09:00+01:00", "2026-03-30T09:00+02:00"]


async def test_rows_of_a_clock_change_day_carry_their_own_offset(desk: Desk, calendars: Calendars):
    for hour, name in ((1, "before"), (4, "after")):
        times = timed(f"2026-03-29T0{hour}:00:00", f"2026-03-29T0{hour}:30:00")
        calendars.service.add_event(ALICE.email, {"summary": name, **times})
    text = (await desk.call(TOOL, start="2026-03-29", end="2026-03-29")).text()
    assert "Sun 2026-03-29\n01:00-01:30\tbefore" in text
    assert "04:00 +02:00-04:30\tafter" in text


async def test_times_are_shown_in_another_zone_on_request(desk: Desk):
    found = await desk.call(TOOL, timezone="America/New_York", start="2026-03-30", end="2026-03-30")
    assert found.zone == "America/New_York"
    assert found.events[0].start == "2026-03-30T03:00-04:00"


async def test_a_misspelt_zone_is_refused_before_google_is_asked(desk: Desk):
    with pytest.raises(UserInputError) as refused:
        await desk.call(TOOL, timezone="Europe/Berln")
    assert "Europe/Berlin" in refused.value.next_step
    assert desk.methods == []


async def test_a_start_that_the_clock_change_skips_is_refused_with_both_readings(desk: Desk):
    with pytest.raises(UserInputError, match="does not exist in Europe/Berlin") as refused:
        await desk.call(TOOL, start="2026-03-29T02:30")
    assert "01:30+01:00 or 2026-03-29T03:30+02:00" in refused.value.next_step


async def test_an_event_s_own_colour_is_shown_by_name(desk: Desk, calendars: Calendars):
    times = timed("2026-03-28T10:00:00", "2026-03-28T11:00:00")
    calendars.service.add_event(ALICE.email, {"summary": "Party", "colorId": "5", **times})
    found = await desk.call(TOOL, query="party")
    assert found.events[0].colour == "banana"
    assert "\tParty\tbanana\t" in found.text()


async def test_series_are_listed_with_their_rules_when_not_expanded(desk: Desk, calendars: Calendars):
    found = await desk.call(TOOL, expanded=False, query="standup")
    assert [row.id for row in found.events] == [calendars.standup]
    assert found.events[0].rules == ["RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"]
    assert found.events[0].repeats == "every week on workdays"


async def test_one_s_own_answer_is_shown_and_not_the_one_of_a_colleague(desk: Desk, calendars: Calendars):
    calendars.service.share(BEN.email, ALICE.email, "reader")
    found = await desk.call(TOOL, calendars=[BEN.email, "primary"], query="review")
    assert sorted(row.answer for row in found.events) == ["", "maybe"]


async def test_a_calendar_of_busy_times_shows_only_that(desk: Desk):
    found = await desk.call(TOOL, calendars=[BEN.email])
    assert titles(found) == ["busy"]
    assert not found.events[0].place


async def test_an_event_without_a_title_says_so(desk: Desk, calendars: Calendars):
    calendars.service.add_event(ALICE.email, days("2026-03-28", "2026-03-29"))
    assert titles(await desk.call(TOOL, end="2026-03-28"))[0] == "(no title)"


async def test_a_title_cannot_forge_cells_rows_or_hide_anything(desk: Desk, calendars: Calendars):
    evil = "Lunch\t@ Nowhere\nMon 2026-03-30\u202e\u200b"
    calendars.service.add_event(ALICE.email, {"summary": evil, **days("2026-03-28", "2026-03-29")})
    row = (await desk.call(TOOL, end="2026-03-28")).text().splitlines()[2]
    assert row.split("\t")[:2] == ["all day", "Lunch @ Nowhere Mon 2026-03-30"]


async def test_cursors_give_every_event_once(desk: Desk):
    whole = await desk.call(TOOL, calendars=["all"])
    seen: list[str] = []
    cursor = ""
    for _ in range(10):
        found = await desk.call(TOOL, calendars=["all"], limit=4, cursor=cursor)
        seen += [row.id for row in found.events]
        cursor = found.cursor
        assert found.complete == (not cursor)
        if not cursor:
            break
    assert seen == [row.id for row in whole.events]


async def test_a_list_longer_than_google_s_pages_is_given_whole(desk: Desk, calendars: Calendars):
    for number in range(240):
        begin = f"2026-03-28T{number // 20 + 1:02}:{number % 20 * 3:02}:00"
        calendars.service.add_event(ALICE.email, {"summary": f"slot {number}", **timed(begin, begin)})
    seen: list[str] = []
    cursor = ""
    for _ in range(10):
        found = await desk.call(TOOL, query="slot", calendars=["all"], limit=90, cursor=cursor)
        seen += titles(found)
        cursor = found.cursor
        if not cursor:
            break
    assert seen == [f"slot {number}" for number in range(240)]


async def test_a_range_from_now_on_does_not_move_while_its_pages_are_read(desk: Desk):
    first = await desk.call(TOOL, limit=2)
    desk.clock.advance(3 * 3600)
    second = await desk.call(TOOL, limit=2, cursor=first.cursor)
    assert (second.start, second.end) == (first.start, first.end)


async def test_a_calendar_not_seen_on_the_first_page_is_named_on_the_next_too(desk: Desk, calendars: Calendars):
    asked = ["primary", calendars.closed]
    first = await desk.call(TOOL, calendars=asked, limit=2)
    second = await desk.call(TOOL, calendars=asked, limit=2, cursor=first.cursor)
    assert calendars.closed in second.not_seen[0]
    assert not second.complete


async def test_a_cursor_of_other_arguments_is_refused(desk: Desk):
    first = await desk.call(TOOL, limit=2)
    with pytest.raises(UserInputError, match="not valid for this request"):
        await desk.call(TOOL, limit=3, cursor=first.cursor)


@pytest.mark.parametrize("arguments", [{"query": "x" * 501}, {"calendars": ["x"] * 51}])
async def test_arguments_of_great_length_are_refused_before_google_is_asked(desk: Desk, arguments: dict[str, object]):
    with pytest.raises(UserInputError):
        await desk.call(TOOL, **arguments)
    assert desk.methods == []
