"""Hours as callers write them, and as they fall in zones."""

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from google_workspace_mcp.calendar.hours import USUAL, hours
from google_workspace_mcp.calendar.wording import span_words
from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.tools.workspace import Zone

BERLIN = Zone(ZoneInfo("Europe/Berlin"))


def local(stretch: tuple[int, int], zone: Zone = BERLIN) -> tuple[str, str]:
    start, end = (datetime.fromtimestamp(second, zone.info).strftime("%a %H:%M") for second in stretch)
    return start, end


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("09:00-17:00", "Mon-Fri 09:00-17:00"),
        ("9-17", "Mon-Fri 09:00-17:00"),
        ("Mon-Thu 08:30-16:00", "Mon,Tue,Wed,Thu 08:30-16:00"),
        ("monday, WED 10:00 - 12:00", "Mon,Wed 10:00-12:00"),
        ("Sat-Mon 10:00-12:00", "Mon,Sat,Sun 10:00-12:00"),
        ("daily 22:00-06:00", "daily 22:00-06:00"),
        ("any", "daily 00:00-24:00"),
    ],
)
def test_hours_are_read(text: str, words: str):
    assert hours(text).words == words


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9",
        "17:00-17:00",
        "25:00-26:00",
        "09:75-10:00",
        "Foo 09:00-10:00",
        "Mon-Foo 9-10",
        "9:00-10:00 Mon",
        "x" * 500,
    ],
)
def test_what_is_no_hours_is_refused_with_the_forms(text: str):
    with pytest.raises(UserInputError) as refused:
        hours(text)
    assert "Mon-Thu 08:30-16:00" in refused.value.next_step


def test_hours_keep_the_wall_clock_where_clocks_change():
    around = [datetime(2026, 3, day, 12, tzinfo=UTC) for day in (27, 30)]
    found = [local(stretch) for stretch in USUAL.windows(BERLIN, *around)]
    assert found == [(f"{day} 09:00", f"{day} 17:00") for day in ("Thu", "Fri", "Mon", "Tue")]


def test_a_night_ends_on_the_next_day():
    around = [datetime(2026, 3, 27, 12, tzinfo=UTC)] * 2
    assert local(hours("Fri 22:00-06:00").windows(BERLIN, *around)[0]) == ("Fri 22:00", "Sat 06:00")


def test_round_the_clock_is_one_stretch():
    around = [datetime(2026, 3, day, 12, tzinfo=UTC) for day in (27, 30)]
    assert len(hours("any").windows(BERLIN, *around)) == 1


ZONES = (
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Havana",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "America/St_Johns",
)
FIRST, LAST = datetime(2025, 1, 1, tzinfo=UTC), datetime(2027, 12, 31, tzinfo=UTC)


@cache
def changes(zone: Zone) -> list[datetime]:
    """The moments of 2025 to 2027 at which the zone's clocks have just changed, to the minute."""
    hours_ = [FIRST + timedelta(hours=number) for number in range(int((LAST - FIRST) / timedelta(hours=1)))]
    found: list[datetime] = []
    for early, late in pairwise(hours_):
        if early.astimezone(zone.info).utcoffset() == late.astimezone(zone.info).utcoffset():
            continue
        minutes = [early + timedelta(minutes=minute) for minute in range(1, 61)]
        before = early.astimezone(zone.info).utcoffset()
        found.append(next(each for each in minutes if each.astimezone(zone.info).utcoffset() != before))
    return found


@pytest.mark.parametrize("name", ZONES)
def test_hours_of_every_day_of_three_years_are_those_of_the_wall_clock(name: str):
    zone = Zone(ZoneInfo(name))
    windows = hours("daily 09:00-17:00").windows(zone, FIRST, LAST)
    assert len(windows) >= 3 * 365
    assert {local(each, zone)[0][4:] + local(each, zone)[1][4:] for each in windows} == {"09:0017:00"}


@pytest.mark.parametrize("name", ZONES)
def test_the_time_of_a_slot_is_told_with_the_offset_of_its_own_side_of_a_clock_change(name: str):
    zone = Zone(ZoneInfo(name))
    for change in changes(zone):
        before = span_words(change - timedelta(hours=2), change - timedelta(hours=1), zone)
        over = span_words(change - timedelta(hours=1), change + timedelta(hours=1), zone)
        after = span_words(change + timedelta(hours=1), change + timedelta(hours=2), zone)
        assert before[-6:] != after[-6:]
        # Where the two ends have different offsets both are told.
        assert before[-6:] in over
        assert over.endswith(after[-6:])
        assert f"{(change - timedelta(hours=1)).astimezone(zone.info):%a %Y-%m-%d %H:%M %:z}" in over


@pytest.mark.parametrize("name", ZONES)
def test_no_hours_end_before_they_begin_where_clocks_change(name: str):
    zone = Zone(ZoneInfo(name))
    for text in ("daily 00:00-00:30", "daily 01:30-02:30", "daily 02:00-03:00", "daily 23:30-00:30", "any"):
        for change in changes(zone):
            windows = hours(text).windows(zone, change - timedelta(days=2), change + timedelta(days=2))
            assert all(begin <= end for begin, end in windows)
            assert all(early[1] < late[0] for early, late in pairwise(windows))
