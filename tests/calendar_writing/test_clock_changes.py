"""Events at every clock change of three years in twelve zones: refused where there is no such time, else on time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from google_workspace_mcp.calendar.expansion import dates
from google_workspace_mcp.calendar.moments import moment
from google_workspace_mcp.calendar.rules import rule_of
from google_workspace_mcp.calendar.splitting import cut
from google_workspace_mcp.calendar.timing import new_timing
from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.tools.workspace import Zone
from google_workspace_mcp.sandbox.calendar.recurrence import Window, occurrences
from google_workspace_mcp.sandbox.calendar.times import When as SandboxWhen
from tests.calendar_tools.test_hours import ZONES, changes
from tests.support.workspace import Mailroom


def zone_of(name: str) -> Zone:
    return Zone(ZoneInfo(name))


def sides(name: str) -> Iterator[tuple[datetime, timedelta]]:
    """Each change: the last minute before it on the wall clock, and by how much clocks go forward."""
    zone = zone_of(name).info
    for change in changes(zone_of(name)):
        before = change - timedelta(minutes=1)
        by = (change.astimezone(zone).utcoffset() or timedelta()) - (before.astimezone(zone).utcoffset() or timedelta())
        yield before.astimezone(zone).replace(tzinfo=None), by


def written(wall: datetime) -> str:
    return wall.isoformat(timespec="minutes")


@pytest.mark.parametrize("name", ZONES)
def test_a_time_that_is_skipped_or_comes_twice_is_refused_with_two_readings_that_are_taken(name: str):
    zone = zone_of(name)
    for last_minute, by in sides(name):
        # In the middle of the gap, or of the hour that comes again.
        wall = last_minute + timedelta(minutes=1) + by / 2
        with pytest.raises(UserInputError) as refused:
            new_timing(written(wall), "", zone)
        assert refused.value.reason == "clock_change"
        early, late = refused.value.next_step.removeprefix("Say which is meant: ").split(" or ")
        first, second = (new_timing(reading, "", zone).start for reading in (early, late))
        assert second.instant - first.instant == abs(by)
        assert moment(early, zone) == first.instant


@pytest.mark.parametrize("name", ZONES)
def test_around_a_change_an_event_is_where_the_clock_shows_it_and_lasts_as_long_as_was_said(name: str):
    zone = zone_of(name)
    for last_minute, by in sides(name):
        before, after = last_minute - abs(by), last_minute + abs(by) * 2 + timedelta(minutes=1)
        over = new_timing(written(before), written(after), zone)
        assert (over.start.wall, over.end.wall) == (before, after)
        assert over.length == after - before - by
        hour = new_timing(written(before), "1h", zone)
        assert hour.end.instant - hour.start.instant == timedelta(hours=1)


@pytest.mark.parametrize("name", ZONES)
def test_the_day_of_a_change_is_one_day(name: str):
    zone = zone_of(name)
    for last_minute, _ in sides(name):
        day = last_minute.date().isoformat()
        timing = new_timing(day, day, zone)
        assert timing.body() == {"start": {"date": day}, "end": {"date": str(last_minute.date() + timedelta(days=1))}}


@pytest.mark.parametrize("name", ZONES)
def test_a_series_keeps_its_time_on_the_clock_over_all_changes_as_google_does(name: str):
    zone = zone_of(name)
    start = new_timing("2025-01-02T09:10", "", zone).start
    rule = rule_of("every 3 days until 2027-12-31", start)
    own = [start.at_wall(wall) for wall in dates(rule, start, datetime(2028, 1, 1))]  # noqa: DTZ001
    last = Window(None, datetime(2028, 1, 2, tzinfo=UTC))
    theirs = occurrences(SandboxWhen(start.value, name), [rule], timedelta(hours=1), last, name)
    assert [each.instant for each in own] == [each.value for each in theirs]
    assert {each.wall.time() for each in own} == {start.wall.time()}


@pytest.mark.parametrize("name", ZONES)
def test_a_series_is_cut_at_the_same_moment_on_both_sides_of_each_change(name: str):
    zone = zone_of(name)
    start = new_timing("2025-01-02T23:40", "", zone).start
    rule = rule_of("daily", start)
    for last_minute, _ in sides(name):
        for day in range(-1, 3):
            at = datetime.combine(last_minute.date() + timedelta(days=day), start.wall.time())
            halves = cut([rule], start, at)
            before = list(dates(halves.before[0], start, at + timedelta(days=9)))
            after = list(islice(dates(halves.after[0], start.at_wall(at), at + timedelta(days=9)), 3))
            assert (before[-1], after[0]) == (at - timedelta(days=1), at)


@pytest.fixture
async def nights(desk: Mailroom) -> str:
    """A series at 02:30 in Berlin, a time that the last Sunday of March does not have."""
    made = await desk.call(
        "calendar_create_event", title="Backup", start="2026-03-27T02:30", repeat="daily 5 times", end="30m"
    )
    return made.event_id


async def starts(desk: Mailroom) -> list[tuple[str, str]]:
    found = await desk.call("calendar_list_events", start="2026-03-27", end="2026-04-02")
    return [(row.title, row.start[5:]) for row in found.events]


NIGHTS = ["03-27T02:30+01:00", "03-28T02:30+01:00", "03-29T03:30+02:00", "03-30T02:30+02:00", "03-31T02:30+02:00"]
IN_THE_GAP, NEXT = "20260329T013000Z", "20260330T003000Z"


async def test_a_series_goes_on_at_its_time_after_a_date_behind_a_gap(desk: Mailroom, nights: str):
    assert await starts(desk) == [("Backup", start) for start in NIGHTS]
    changed = {"scope": "following", "title": "Copy", "notify": "none"}
    with pytest.raises(UserInputError) as refused:
        await desk.call("calendar_update_event", event_id=f"{nights}_{IN_THE_GAP}", **changed)
    assert refused.value.reason == "clock_change"
    await desk.call("calendar_update_event", event_id=f"{nights}_{NEXT}", **changed)
    titles = ["Backup"] * 3 + ["Copy"] * 2
    assert await starts(desk) == list(zip(titles, NIGHTS, strict=True))


async def test_a_series_can_be_ended_at_a_date_behind_a_gap(desk: Mailroom, nights: str):
    await desk.call("calendar_delete_event", event_id=f"{nights}_{IN_THE_GAP}", scope="following", notify="none")
    assert await starts(desk) == [("Backup", start) for start in NIGHTS[:2]]


async def test_a_deleted_date_behind_a_gap_stays_deleted_when_all_move(desk: Mailroom, nights: str):
    await desk.call("calendar_delete_event", event_id=f"{nights}_{IN_THE_GAP}", notify="none")
    await desk.call("calendar_update_event", event_id=nights, scope="all", start="2026-03-27T05:00", notify="none")
    assert [start for _, start in await starts(desk)] == [
        f"{NIGHTS[number][:5]}T05:00{NIGHTS[number][11:]}" for number in (0, 1, 3, 4)
    ]
