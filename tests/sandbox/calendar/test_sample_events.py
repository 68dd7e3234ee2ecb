"""What the sample people have in their calendars."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from google_workspace_mcp.sandbox.calendar import CalendarService
from google_workspace_mcp.sandbox.people import sample_world
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA, PEOPLE
from google_workspace_mcp.sandbox.people.events import TEAM, fill_events
from tests.sandbox.drive.client import Client, SetClock

MOMENTS = [
    datetime(2026, 3, 25, 10, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    datetime(2027, 1, 1, tzinfo=UTC),
    datetime(2028, 2, 29, 23, 59, tzinfo=UTC),
    datetime(2026, 3, 8, 6, 59, tzinfo=UTC),
]


def filled(now: datetime) -> CalendarService:
    clock = SetClock(now)
    calendar = CalendarService(clock)
    fill_events(calendar, clock)
    return calendar


def seven_days(calendar: CalendarService, person: Any, now: datetime, **params: Any) -> list[dict[str, Any]]:
    asked: dict[str, Any] = {
        "calendarId": "primary",
        "timeMin": (now - timedelta(days=now.weekday() + 1)).isoformat(),
        "timeMax": (now + timedelta(days=8)).isoformat(),
        "singleEvents": True,
        "orderBy": "startTime",
    }
    return Client(calendar, "calendar", person).call("events.list", **(asked | params))["items"]


@pytest.mark.parametrize("now", MOMENTS)
def test_no_week_is_empty_whenever_it_is(now: datetime):
    calendar = filled(now)

    assert len(seven_days(calendar, ALICE, now)) >= 8
    assert len(seven_days(calendar, ALICE, now, calendarId=TEAM)) >= 3
    assert seven_days(calendar, BEN, now)
    assert seven_days(calendar, CHIARA, now)


def test_filling_at_the_same_moment_gives_the_same_events():
    now = MOMENTS[0]

    assert seven_days(filled(now), ALICE, now) == seven_days(filled(now), ALICE, now)


def test_the_meeting_with_new_york_shifts_in_berlin_while_only_one_side_has_summer_time():
    now = datetime(2026, 3, 4, 10, tzinfo=UTC)
    calendar = filled(now)

    items = seven_days(
        calendar, ALICE, now, q="New York", timeMin="2026-02-20T00:00:00Z", timeMax="2026-04-10T00:00:00Z"
    )

    starts = {item["start"]["dateTime"] for item in items}
    assert "2026-02-24T16:00:00+01:00" in starts
    assert "2026-03-10T15:00:00+01:00" in starts
    assert "2026-04-07T16:00:00+02:00" in starts


def test_the_series_has_one_moved_and_one_cancelled_instance():
    now = MOMENTS[0]
    items = seven_days(filled(now), ALICE, now, q="New York", showDeleted=True, timeMax="2026-04-20T00:00:00Z")

    # Cancelled instances have no words to be found by: they are looked up in a listing of their own.
    everything = seven_days(filled(now), ALICE, now, showDeleted=True, timeMax="2026-04-20T00:00:00Z")
    assert any(item.get("summary", "").endswith("(moved)") for item in items)
    assert [item["status"] for item in everything].count("cancelled") == 1


def test_guests_have_answered_in_every_way():
    now = MOMENTS[0]
    (review,) = seven_days(filled(now), ALICE, now, q="launch review")

    answers = {guest["responseStatus"] for guest in review["attendees"]}
    assert answers == {"accepted", "tentative", "declined", "needsAction"}
    assert review["hangoutLink"].startswith("https://meet.google.com/")


def test_the_whole_sample_world_is_made_in_three_seconds():
    started = time.process_time()

    world = sample_world(SetClock())

    assert time.process_time() - started < 3
    assert world.people == PEOPLE
    methods = {method.partition(".")[0] for service in world.services for method in service.handlers()}
    assert methods == {"gmail", "drive", "calendar"}
