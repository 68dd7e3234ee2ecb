"""Calendars, settings, colours, and who is busy when."""

from typing import Any

import pytest

from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA
from google_workspace_mcp.sandbox.service import GoogleError
from tests.sandbox.calendar.conftest import Desk, event


def busy(desk: Desk, *emails: str, **more: Any) -> dict[str, Any]:
    body = {
        "timeMin": "2026-03-25T00:00:00Z",
        "timeMax": "2026-03-26T00:00:00Z",
        "items": [{"id": email} for email in emails],
    }
    return desk.alice.call("freebusy.query", body | more)["calendars"]


def test_the_calendar_list_says_what_each_is_and_may(desk: Desk):
    team = desk.calendar.add_calendar(BEN.email, "Team", access={ALICE.email: "writer"}, color="9")
    desk.calendar.subscribe(ALICE.email, BEN.email, hidden=True)

    shown = {entry["id"]: entry for entry in desk.alice.call("calendarList.list")["items"]}

    assert shown[ALICE.email]["primary"] is True
    assert (shown[team]["accessRole"], shown[team]["timeZone"]) == ("writer", "America/New_York")
    assert BEN.email not in shown
    hidden = desk.alice.call("calendarList.list", showHidden=True, minAccessRole="freeBusyReader")["items"]
    assert {entry["id"]: entry["accessRole"] for entry in hidden}[BEN.email] == "freeBusyReader"
    assert len(desk.alice.call("calendarList.list", minAccessRole="owner")["items"]) == 1


def test_the_calendar_list_comes_in_pages(desk: Desk):
    desk.calendar.add_calendar(ALICE.email, "Second")
    first = desk.alice.call("calendarList.list", maxResults=1)

    second = desk.alice.call("calendarList.list", maxResults=1, pageToken=first["nextPageToken"])

    assert [entry["summary"] for entry in first["items"] + second["items"]] == [ALICE.email, "Second"]
    assert "nextPageToken" not in second


def test_a_calendar_is_read_by_id_or_as_primary(desk: Desk):
    assert desk.alice.call("calendars.get", calendarId="primary")["id"] == ALICE.email
    assert desk.alice.call("calendarList.get", calendarId="primary")["primary"] is True
    with pytest.raises(GoogleError) as caught:
        desk.chiara.call("calendars.get", calendarId=ALICE.email)
    assert caught.value.status == 404
    with pytest.raises(GoogleError):
        desk.alice.call("calendarList.get", calendarId=BEN.email)


def test_settings_tell_zone_and_first_day_of_the_week(desk: Desk):
    held = {item["id"]: item["value"] for item in desk.ben.call("settings.list")["items"]}

    assert (held["timezone"], held["weekStart"]) == ("America/New_York", "1")
    assert desk.alice.call("settings.get", setting="timezone")["value"] == "Europe/Berlin"
    with pytest.raises(GoogleError):
        desk.alice.call("settings.get", setting="shoeSize")


def test_a_changed_setting_is_its_owners_alone(desk: Desk):
    desk.calendar.change_setting(ALICE.email, "weekStart", "0")

    assert desk.alice.call("settings.get", setting="weekStart")["value"] == "0"
    assert desk.ben.call("settings.get", setting="weekStart")["value"] == "1"


def test_a_group_is_told_by_its_members(desk: Desk):
    desk.calendar.add_group("team@example.com", [ALICE.email, CHIARA.email])
    desk.add("Lunch", "2026-03-25T12:00:00", "2026-03-25T13:00:00")
    body = {
        "timeMin": "2026-03-25T00:00:00Z",
        "timeMax": "2026-03-26T00:00:00Z",
        "items": [{"id": "team@example.com"}, {"id": BEN.email}],
    }

    answer = desk.alice.call("freebusy.query", body)

    assert answer["groups"] == {"team@example.com": {"calendars": [ALICE.email, CHIARA.email]}}
    assert list(answer["calendars"]) == [BEN.email, ALICE.email, CHIARA.email]
    assert len(answer["calendars"][ALICE.email]["busy"]) == 1
    assert answer["calendars"][CHIARA.email]["errors"][0]["reason"] == "notFound"


def test_a_group_of_more_than_was_allowed_is_too_big(desk: Desk):
    desk.calendar.add_group("team@example.com", [ALICE.email, BEN.email, CHIARA.email])
    body = {
        "timeMin": "2026-03-25T00:00:00Z",
        "timeMax": "2026-03-26T00:00:00Z",
        "groupExpansionMax": 2,
        "items": [{"id": "team@example.com"}],
    }

    answer = desk.alice.call("freebusy.query", body)

    assert answer["groups"]["team@example.com"]["errors"][0]["reason"] == "groupTooBig"
    assert answer["calendars"] == {}


def test_a_calendar_can_fail_by_itself(desk: Desk):
    desk.calendar.fail_free_busy(BEN.email, "internalError")

    answer = busy(desk, ALICE.email, BEN.email)

    assert "errors" not in answer[ALICE.email]
    assert answer[BEN.email] == {"errors": [{"domain": "global", "reason": "internalError"}], "busy": []}


def test_colours_have_numbers(desk: Desk):
    colors = desk.alice.call("colors.get")

    assert (len(colors["calendar"]), len(colors["event"])) == (24, 11)


def test_busy_times_are_merged_and_cut_to_the_range(desk: Desk):
    desk.add("night", "2026-03-24T23:00:00", "2026-03-25T02:00:00")
    desk.add("a", "2026-03-25T09:00:00", "2026-03-25T10:00:00")
    desk.add("b", "2026-03-25T09:30:00", "2026-03-25T11:00:00")
    desk.add("daily", "2026-03-20T15:00:00", "2026-03-20T16:00:00", recurrence=["RRULE:FREQ=DAILY"])

    assert busy(desk, ALICE.email)[ALICE.email]["busy"] == [
        {"start": "2026-03-25T00:00:00Z", "end": "2026-03-25T01:00:00Z"},
        {"start": "2026-03-25T08:00:00Z", "end": "2026-03-25T10:00:00Z"},
        {"start": "2026-03-25T14:00:00Z", "end": "2026-03-25T15:00:00Z"},
    ]
    assert busy(desk, "primary", timeZone="Europe/Berlin")["primary"]["busy"][0]["start"] == "2026-03-25T01:00:00+01:00"


def test_free_declined_and_cancelled_events_take_no_time(desk: Desk):
    desk.add("free", "2026-03-25T09:00:00", "2026-03-25T10:00:00", transparency="transparent")
    desk.calendar.add_event(
        BEN.email,
        event(
            "declined",
            "2026-03-25T11:00:00",
            "2026-03-25T12:00:00",
            attendees=[{"email": ALICE.email, "responseStatus": "declined"}],
        ),
    )
    gone = desk.add("gone", "2026-03-25T13:00:00", "2026-03-25T14:00:00")
    desk.alice.reply("events.delete", calendarId="primary", eventId=gone)

    answers = busy(desk, ALICE.email, BEN.email)

    assert answers[ALICE.email]["busy"] == []
    assert len(answers[BEN.email]["busy"]) == 1


def test_calendars_that_cannot_be_seen_are_said_to_be_unknown(desk: Desk):
    answers = busy(desk, CHIARA.email, "nobody@nowhere.example", BEN.email)

    assert answers[CHIARA.email]["errors"] == [{"domain": "global", "reason": "notFound"}]
    assert answers["nobody@nowhere.example"]["errors"][0]["reason"] == "notFound"
    assert "errors" not in answers[BEN.email]


@pytest.mark.parametrize(
    ("bounds", "reason"),
    [
        ({"timeMax": "2026-03-25T00:00:00Z"}, "timeRangeEmpty"),
        ({"timeMax": "2026-12-25T00:00:00Z"}, "timeRangeTooLong"),
        ({"timeMin": "2026-03-24T00:00:00"}, "badRequest"),
    ],
)
def test_unfit_ranges_are_refused(desk: Desk, bounds: dict[str, str], reason: str):
    with pytest.raises(GoogleError) as caught:
        busy(desk, ALICE.email, **bounds)

    assert (caught.value.status, caught.value.reason) == (400, reason)
