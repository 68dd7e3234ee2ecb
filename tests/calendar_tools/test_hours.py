"""Hours as callers write them, and as they fall in zones."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from google_workspace_mcp.calendar.hours import USUAL, hours
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
