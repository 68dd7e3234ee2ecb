"""Recurring events: the wall clock stays, ids and original starts are right, exceptions take their places."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from google_workspace_mcp.sandbox.calendar.recurrence import Window, is_occurrence, occurrences
from google_workspace_mcp.sandbox.calendar.times import When
from google_workspace_mcp.sandbox.people.cast import ALICE
from google_workspace_mcp.sandbox.service import GoogleError
from tests.sandbox.calendar.conftest import Desk, event

MARCH: dict[str, Any] = {"calendarId": "primary", "timeMin": "2026-03-01T00:00:00Z", "timeMax": "2026-04-15T00:00:00Z"}
SINGLE: dict[str, Any] = MARCH | {"singleEvents": True, "orderBy": "startTime"}


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        # Germany goes forward on 29 March 2026, New York on 8 March.
        ("Europe/Berlin", ["03-05T09:00:00+01:00", "03-12T09:00:00+01:00", "03-19T09:00:00+01:00",
                           "03-26T09:00:00+01:00", "04-02T09:00:00+02:00", "04-09T09:00:00+02:00"]),
        ("America/New_York", ["03-05T09:00:00-05:00", "03-12T09:00:00-04:00", "03-19T09:00:00-04:00",
                              "03-26T09:00:00-04:00", "04-02T09:00:00-04:00", "04-09T09:00:00-04:00"]),
    ],
)  # fmt: skip
def test_nine_o_clock_stays_nine_o_clock_across_a_clock_change(desk: Desk, zone: str, expected: list[str]):
    desk.add("Weekly", "2026-03-05T09:00:00", "2026-03-05T09:30:00", zone, recurrence=["RRULE:FREQ=WEEKLY"])

    items = desk.alice.call("events.list", **SINGLE, timeZone=zone)["items"]

    assert [item["start"]["dateTime"] for item in items] == [f"2026-{start}" for start in expected]
    assert {item["start"]["timeZone"] for item in items} == {zone}


def test_instances_carry_the_moment_they_were_meant_for_in_their_ids(desk: Desk):
    master = desk.add("Weekly", "2026-03-26T09:00:00", "2026-03-26T10:00:00", recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"])

    items = desk.alice.call("events.list", **SINGLE)["items"]

    assert [item["id"] for item in items] == [f"{master}_20260326T080000Z", f"{master}_20260402T070000Z"]
    assert [item["originalStartTime"] for item in items] == [item["start"] for item in items]
    assert {item["recurringEventId"] for item in items} == {master}
    assert "recurrence" not in items[0]


def test_days_recur_without_regard_to_clocks(desk: Desk):
    master = desk.add("Day", "2026-03-28", "2026-03-30", recurrence=["RRULE:FREQ=MONTHLY;BYMONTHDAY=28;UNTIL=20260428"])

    items = desk.alice.call("events.instances", calendarId="primary", eventId=master)["items"]

    assert [(item["id"], item["start"]["date"], item["end"]["date"]) for item in items] == [
        (f"{master}_20260328", "2026-03-28", "2026-03-30"),
        (f"{master}_20260428", "2026-04-28", "2026-04-30"),
    ]


def test_dates_are_left_out_and_added(desk: Desk):
    desk.add(
        "Weekly",
        "2026-03-05T09:00:00",
        "2026-03-05T10:00:00",
        recurrence=[
            "RRULE:FREQ=WEEKLY;UNTIL=20260326T080000Z",
            "EXDATE;TZID=Europe/Berlin:20260312T090000",
            "EXDATE:20260319T080000Z",
            "RDATE;TZID=America/New_York:20260320T090000",
        ],
    )

    items = desk.alice.call("events.list", **SINGLE)["items"]

    assert [item["start"]["dateTime"] for item in items] == [
        "2026-03-05T09:00:00+01:00",
        "2026-03-20T14:00:00+01:00",
        "2026-03-26T09:00:00+01:00",
    ]


def test_a_moved_and_a_cancelled_instance_take_the_place_of_what_they_replace(desk: Desk):
    master = desk.add("Weekly", "2026-03-05T09:00:00", "2026-03-05T10:00:00", recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])
    moved = desk.calendar.change_instance(
        ALICE.email,
        master,
        datetime(2026, 3, 12, 8, tzinfo=UTC),
        {
            "summary": "Moved",
            "start": {"dateTime": "2026-03-13T11:00:00+01:00"},
            "end": {"dateTime": "2026-03-13T12:00:00+01:00"},
        },
    )
    cancelled = desk.calendar.cancel_instance(ALICE.email, master, datetime(2026, 3, 19, 8, tzinfo=UTC))

    singly = desk.alice.call("events.list", **SINGLE)["items"]
    folded = desk.alice.call("events.list", **MARCH)["items"]

    assert [(item["summary"], item["start"]["dateTime"]) for item in singly] == [
        ("Weekly", "2026-03-05T09:00:00+01:00"),
        ("Moved", "2026-03-13T11:00:00+01:00"),
        ("Weekly", "2026-03-26T09:00:00+01:00"),
    ]
    assert (singly[1]["id"], singly[1]["originalStartTime"]["dateTime"]) == (moved, "2026-03-12T09:00:00+01:00")
    assert [(item["id"], item["status"]) for item in folded] == [
        (master, "confirmed"),
        (moved, "confirmed"),
        (cancelled, "cancelled"),
    ]
    with_deleted = desk.alice.call("events.list", **SINGLE, showDeleted=True)["items"]
    assert [item["status"] for item in with_deleted].count("cancelled") == 1


def test_one_instance_can_be_read_by_its_id_and_others_do_not_exist(desk: Desk):
    master = desk.add("Daily", "2026-03-28T02:30:00", "2026-03-28T03:00:00", recurrence=["RRULE:FREQ=DAILY"])

    # 02:30 does not exist on the 29th; it falls on 03:30.
    instance = desk.alice.call("events.get", calendarId="primary", eventId=f"{master}_20260329T013000Z")

    assert instance["start"]["dateTime"] == "2026-03-29T03:30:00+02:00"
    for wrong in ("20260329T003000Z", "20260329", "20260329T013000", "x"):
        with pytest.raises(GoogleError) as caught:
            desk.alice.call("events.get", calendarId="primary", eventId=f"{master}_{wrong}")
        assert caught.value.status == 404


def test_instances_of_a_series_are_listed_by_window_and_original_start(desk: Desk):
    master = desk.add("Weekly", "2026-03-05T09:00:00", "2026-03-05T10:00:00", recurrence=["RRULE:FREQ=WEEKLY"])
    ask: dict[str, Any] = {"calendarId": "primary", "eventId": master}

    one = desk.alice.call("events.instances", **ask, originalStart="2026-03-12T09:00:00+01:00")["items"]
    some = desk.alice.call("events.instances", **ask, timeMin="2026-03-10T00:00:00Z", timeMax="2026-03-20T00:00:00Z")

    assert [item["id"] for item in one] == [f"{master}_20260312T080000Z"]
    assert len(some["items"]) == 2


def test_a_series_without_end_stops_somewhere(desk: Desk):
    master = desk.add("Daily", "2026-03-05T09:00:00", "2026-03-05T10:00:00", recurrence=["RRULE:FREQ=DAILY"])

    first = desk.alice.call("events.instances", calendarId="primary", eventId=master, maxResults=2500)

    assert len(first["items"]) == 730


def test_a_rule_that_no_day_meets_leaves_its_first_day(desk: Desk):
    desk.add("Never", "2026-03-05", "2026-03-06", recurrence=["RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"])

    items = desk.alice.call("events.list", calendarId="primary", singleEvents=True)["items"]

    assert [item["start"]["date"] for item in items] == ["2026-03-05"]


@pytest.mark.parametrize(
    "line",
    [
        "RRULE:FREQ=SOMETIMES",
        "RRULE:FREQ=SECONDLY",
        "FREQ=DAILY",
        "RRULE:FREQ=DAILY;UNTIL=tomorrow",
        "RRULE:FREQ=DAILY;COUNT=2;UNTIL=20260401",
        "EXDATE:yesterday",
        "DTSTART:20260301T000000Z",
        "",
    ],
)
def test_rules_that_cannot_be_read_are_refused(desk: Desk, line: str):
    with pytest.raises(GoogleError) as caught:
        desk.alice.call(
            "events.insert",
            event("x", "2026-03-05T09:00:00", "2026-03-05T10:00:00", recurrence=[line]),
            calendarId="primary",
        )

    assert caught.value.status == 400


@given(
    day=st.dates(date(2025, 1, 1), date(2026, 12, 31)),
    hour=st.integers(0, 23),
    step=st.integers(1, 20),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]),
    offset=st.integers(-100, 400),
)
def test_daily_series_agree_with_counting_days_on_a_wall_clock(day: date, hour: int, step: int, zone: str, offset: int):
    start = datetime(day.year, day.month, day.day, hour, 15, tzinfo=ZoneInfo(zone))
    after = start.astimezone(UTC) + timedelta(days=offset)
    before = after + timedelta(days=60)
    counted = [
        moment.astimezone(UTC)
        for number in range(600)
        if after < (moment := _wall_clock(start, number * step)).astimezone(UTC) + timedelta(hours=1)
        and moment.astimezone(UTC) < before
    ]
    master = When(start.astimezone(UTC), zone)
    rule = [f"RRULE:FREQ=DAILY;INTERVAL={step}"]

    found = list(occurrences(master, rule, timedelta(hours=1), Window(after, before), zone))

    assert [when.value for when in found] == counted
    assert all(is_occurrence(master, rule, when) for when in found)


def _wall_clock(start: datetime, days: int) -> datetime:
    later = start.date() + timedelta(days=days)
    return start.replace(year=later.year, month=later.month, day=later.day)
