"""Rows, times and sizes as the model reads them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from google_workspace_mcp.core.content.sizes import human_size
from google_workspace_mcp.core.content.tables import rows
from google_workspace_mcp.core.content.times import from_epoch_ms, iso_minute, local_time, offset, start_of_day

BERLIN = ZoneInfo("Europe/Berlin")


def test_rows_are_tab_separated():
    assert rows(["a", "b"], [["1", "2"], ["3", "4"]]) == "a\tb\n1\t2\n3\t4"


def test_a_cell_cannot_make_a_row_or_column_of_its_own():
    assert rows(["a", "b"], [["1\n2\t3", "x"]]) == "a\tb\n1 2 3\tx"


def test_a_column_that_is_empty_everywhere_is_left_out():
    assert rows(["a", "b", "c"], [["1", "", "2"], ["3", "", ""]]) == "a\tc\n1\t2\n3"


def test_a_moment_is_shown_with_day_and_offset():
    assert local_time(datetime(2026, 3, 31, 7, 0, tzinfo=UTC), BERLIN) == "Tue 2026-03-31 09:00 +02:00"


def test_offsets_differ_across_a_change_of_clocks():
    assert offset(datetime(2026, 3, 28, 12, tzinfo=UTC), BERLIN) == "+01:00"
    assert offset(datetime(2026, 3, 29, 12, tzinfo=UTC), BERLIN) == "+02:00"
    assert offset(datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo("America/St_Johns")) == "-03:30"


def test_the_same_moment_for_programs():
    assert iso_minute(datetime(2026, 3, 31, 7, 0, 30, tzinfo=UTC), BERLIN) == "2026-03-31T09:00+02:00"


def test_a_day_begins_at_local_midnight():
    assert start_of_day(date(2026, 7, 1), BERLIN) == datetime(2026, 6, 30, 22, tzinfo=UTC)


def test_a_day_without_midnight_begins_when_clocks_have_jumped():
    # Beirut goes from 00:00 to 01:00 on 2026-03-29.
    assert start_of_day(date(2026, 3, 29), ZoneInfo("Asia/Beirut")) == datetime(2026, 3, 28, 22, tzinfo=UTC)


def test_googles_milliseconds_are_read():
    assert from_epoch_ms("1774940400000") == datetime(2026, 3, 31, 7, tzinfo=UTC)


def test_an_absurd_time_is_an_error():
    with pytest.raises(ValueError, match="outside"):
        from_epoch_ms("9" * 30)


def test_sizes_are_said_as_people_say_them():
    assert [human_size(n) for n in (0, 812, 14_200, 3_200_000, 5_100_000_000)] == [
        "",
        "812 B",
        "14 kB",
        "3.2 MB",
        "5.1 GB",
    ]
