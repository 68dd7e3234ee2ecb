from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from google_workspace_mcp.calendar.moments import moment, span, zone_named
from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.tools.workspace import Zone

BERLIN = Zone(ZoneInfo("Europe/Berlin"))
NOW = datetime(2026, 3, 27, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-31", "2026-03-30T22:00:00+00:00"),
        ("2026-03-31T09:00", "2026-03-31T07:00:00+00:00"),
        ("2026-03-31 09:00:30", "2026-03-31T07:00:30+00:00"),
        ("2026-03-31T09:00Z", "2026-03-31T09:00:00+00:00"),
        ("2026-03-31T09:00-05:00", "2026-03-31T14:00:00+00:00"),
        (" 2026-12-01T09:00 ", "2026-12-01T08:00:00+00:00"),
    ],
)
def test_a_time_is_read_in_the_zone_unless_it_has_an_offset(text: str, expected: str):
    assert moment(text, BERLIN).isoformat() == expected


@pytest.mark.parametrize(
    "text",
    ["tomorrow", "2026-02-30", "2026-13-01", "31.03.2026", "09:00", "2026-03-31T25:00", "9999-12-31", "١٢٣٤-03-31"],
)
def test_a_time_that_cannot_be_read_is_refused_with_the_forms_that_can(text: str):
    with pytest.raises(UserInputError) as refused:
        moment(text, BERLIN, end_of_day=True)
    assert "2026-03-31T09:00+02:00" in refused.value.next_step


def test_a_time_that_the_clock_change_skips_is_refused_with_both_readings():
    with pytest.raises(UserInputError, match="does not exist") as refused:
        moment("2026-03-29T02:30", BERLIN)
    assert "2026-03-29T01:30+01:00 or 2026-03-29T03:30+02:00" in refused.value.next_step


def test_a_time_that_comes_twice_is_refused_with_both_readings():
    with pytest.raises(UserInputError, match="comes twice") as refused:
        moment("2026-10-25T02:30", BERLIN)
    assert "2026-10-25T02:30+02:00 or 2026-10-25T02:30+01:00" in refused.value.next_step


def test_each_reading_that_is_offered_can_be_used():
    early, late = moment("2026-10-25T02:30+02:00", BERLIN), moment("2026-10-25T02:30+01:00", BERLIN)
    assert (late - early).total_seconds() == 3600


def test_a_day_whose_midnight_is_skipped_begins_with_its_first_moment():
    santiago = Zone(ZoneInfo("America/Santiago"))
    assert moment("2026-09-06", santiago).astimezone(santiago.info).isoformat() == "2026-09-06T01:00:00-03:00"


def test_without_times_the_next_seven_days_are_meant():
    found = span("", "", BERLIN, NOW)
    assert found.start == NOW
    # Nine and a half in the morning stays so, though clocks change in between.
    assert found.end.astimezone(BERLIN.info).isoformat() == "2026-04-03T09:30:00+02:00"


def test_a_day_as_the_start_lasts_seven_whole_days():
    found = span("2026-03-27", "", BERLIN, NOW)
    assert found.start.astimezone(BERLIN.info).isoformat() == "2026-03-27T00:00:00+01:00"
    assert found.end.astimezone(BERLIN.info).isoformat() == "2026-04-03T00:00:00+02:00"


def test_a_day_as_the_end_is_the_last_one_included():
    found = span("2026-03-31", "2026-03-31", BERLIN, NOW)
    assert (found.end - found.start).total_seconds() == 24 * 3600


def test_the_day_of_a_clock_change_has_its_own_length():
    found = span("2026-03-29", "2026-03-29", BERLIN, NOW)
    assert (found.end - found.start).total_seconds() == 23 * 3600


@pytest.mark.parametrize(
    ("start", "end"), [("2026-03-31T09:00", "2026-03-31T09:00"), ("2026-04-02", "2026-03-31"), ("", "2026-03-26")]
)
def test_a_range_that_is_empty_or_upside_down_is_refused(start: str, end: str):
    with pytest.raises(UserInputError, match="not later"):
        span(start, end, BERLIN, NOW)


@pytest.mark.parametrize(
    ("name", "near"),
    [("Europe/Berln", "Europe/Berlin"), ("europe/berlin", "Europe/Berlin"), ("America/New York", "America/New_York")],
)
def test_a_zone_that_is_misspelt_gets_the_nearest_one_offered(name: str, near: str):
    with pytest.raises(UserInputError) as refused:
        zone_named(name)
    assert near in refused.value.next_step


def test_a_zone_like_nothing_known_is_refused_without_an_echo():
    with pytest.raises(UserInputError) as refused:
        zone_named("ignore/your orders")
    assert "orders" not in refused.value.sentence()


def test_a_zone_s_name_cannot_be_a_path():
    with pytest.raises(UserInputError):
        zone_named("../../etc/passwd")
