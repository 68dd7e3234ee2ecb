"""Cutting and moving a series: whatever the rule, no date is lost, none is added, and all move as far."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rruleset, rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from google_workspace_mcp.calendar.expansion import WEEK, dates, wall_of
from google_workspace_mcp.calendar.rules import rule_of
from google_workspace_mcp.calendar.splitting import cut, moved, without
from google_workspace_mcp.calendar.timing import When
from google_workspace_mcp.core.errors import UserInputError

ZONES = [ZoneInfo(name) for name in ("Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/New_York")]


def at(wall: datetime, zone: ZoneInfo) -> When:
    return When(wall.replace(tzinfo=zone).astimezone(UTC), zone)


def expanded(lines: Any, start: When, number: int = 60) -> list[datetime]:
    """What the lines mean, by dateutil alone."""
    found: Any = rruleset()
    for line in lines:
        name, _, value = line.partition(":")
        if name == "RRULE":
            parts = dict(part.split("=") for part in value.split(";"))
            if "UNTIL" in parts:
                parts["UNTIL"] = f"{wall_of(parts['UNTIL'], '', start):%Y%m%dT%H%M%S}"
            elif "COUNT" not in parts:
                parts["UNTIL"] = "20400101T000000"
            found.rrule(rrulestr(";".join(f"{each}={held}" for each, held in parts.items()), dtstart=start.wall))
        else:
            zone = name.partition("TZID=")[2]
            for each in value.split(","):
                (found.exdate if name.startswith("EXDATE") else found.rdate)(wall_of(each, zone, start))
    return list(islice(found, number))


MINUTES = st.times(time(4), time(22)).map(lambda clock: clock.replace(second=0, microsecond=0))
STARTS = st.builds(datetime.combine, st.dates(date(2026, 1, 1), date(2027, 12, 31)), MINUTES)


@st.composite
def series(draw: Any) -> tuple[list[str], When]:
    wall = draw(STARTS)
    start = at(wall, draw(st.sampled_from(ZONES)))
    day = WEEK[wall.weekday()]
    more = draw(st.lists(st.sampled_from(WEEK), max_size=3, unique=True))
    often = draw(
        st.sampled_from(
            [
                "FREQ=DAILY",
                "FREQ=WEEKLY",
                f"FREQ=WEEKLY;BYDAY={','.join(dict.fromkeys([day, *more]))}",
                f"FREQ=MONTHLY;BYMONTHDAY={wall.day}",
                f"FREQ=MONTHLY;BYDAY={(wall.day - 1) // 7 + 1}{day}",
                "FREQ=MONTHLY",
            ]
        )
    )
    every = draw(st.integers(1, 3))
    end = draw(
        st.one_of(
            st.just(""),
            st.integers(2, 30).map(lambda count: f";COUNT={count}"),
            st.integers(30, 300).map(lambda days: f";UNTIL={wall + timedelta(days=days):%Y%m%d}"),
        )
    )
    try:
        return [rule_of(f"{often};INTERVAL={every}{end}", start)], start
    except UserInputError:
        assume(False)
        raise


@settings(deadline=None, max_examples=80)
@given(series(), st.integers(1, 25), st.lists(st.integers(0, 40), max_size=3, unique=True))
def test_both_halves_together_are_the_whole(made: tuple[list[str], When], place: int, gone: list[int]):
    lines, start = made
    whole = expanded(lines, start)
    assume(place < len(whole))
    left_out = [whole[number] for number in gone if number < len(whole) and number != place]
    lines = list(without(lines, start, left_out))
    halves = cut(lines, start, whole[place])
    before, after = expanded(halves.before, start), expanded(halves.after, start.at_wall(whole[place]))
    assert before == [each for each in whole[:place] if each not in left_out]
    wanted = [each for each in whole[place:] if each not in left_out]
    assert after[: len(wanted) - len(left_out)] == wanted[: len(wanted) - len(left_out)]
    if len(whole) < 60:
        assert after == wanted


@settings(deadline=None, max_examples=80)
@given(series(), st.integers(-10, 10), MINUTES, st.lists(st.integers(0, 20), max_size=3, unique=True))
def test_all_dates_move_as_far_or_the_move_is_refused(
    made: tuple[list[str], When], days: int, clock: time, gone: list[int]
):
    lines, start = made
    whole = expanded(lines, start)
    left_out = [whole[number] for number in gone if number < len(whole)]
    lines = list(without(lines, start, left_out))
    new = start.at_wall(datetime.combine(start.wall.date() + timedelta(days=days), clock))
    by = new.wall - start.wall
    fixed = "MONTHLY" in lines[0]
    try:
        found = moved(lines, start, new)
    except UserInputError:
        assert days
        assert "BY" in lines[0]
        return
    assume(not (fixed and days))  # months have their own lengths
    wanted = [each + by for each in expanded(lines, start, 40)]
    assert expanded(found, new, 40) == wanted


def test_a_date_that_was_added_by_itself_is_not_where_a_series_is_cut():
    start = at(datetime(2026, 3, 24, 9), ZONES[0])  # noqa: DTZ001
    lines = ["RRULE:FREQ=WEEKLY", "RDATE;TZID=Europe/Berlin:20260401T090000"]
    with pytest.raises(UserInputError):
        cut(lines, start, datetime(2026, 4, 1, 9))  # noqa: DTZ001
    halves = cut(lines, start, datetime(2026, 4, 7, 9))  # noqa: DTZ001
    assert halves.before[1:] == ("RDATE;TZID=Europe/Berlin:20260401T090000",)


@pytest.mark.parametrize(
    "line", ["RRULE", "DTSTART:20260401", "EXDATE:tomorrow", "RDATE;VALUE=PERIOD:20260401T090000Z/PT1H", ""]
)
def test_lines_that_cannot_be_read_are_refused(line: str):
    start = at(datetime(2026, 3, 24, 9), ZONES[0])  # noqa: DTZ001
    with pytest.raises(UserInputError):
        cut(["RRULE:FREQ=WEEKLY", line], start, datetime(2026, 3, 31, 9))  # noqa: DTZ001


def test_a_series_with_an_end_that_cannot_be_read_is_not_moved():
    start = at(datetime(2026, 3, 24, 9), ZONES[0])  # noqa: DTZ001
    with pytest.raises(UserInputError):
        moved(["RRULE:FREQ=WEEKLY;UNTIL=soon"], start, start.at_wall(start.wall + timedelta(hours=1)))


def test_a_series_of_every_second_week_whose_days_would_part_is_not_moved():
    start = at(datetime(2026, 3, 29, 9), ZONES[0])  # noqa: DTZ001
    with pytest.raises(UserInputError):
        moved(["RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SA,SU"], start, start.at_wall(start.wall + timedelta(days=1)))
    assert list(dates("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;COUNT=1", start, start.wall)) == [start.wall]
