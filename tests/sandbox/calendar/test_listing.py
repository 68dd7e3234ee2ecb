"""`events.list`: which events, in what order, page by page, and what changed since."""

from typing import Any

import pytest

from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA
from google_workspace_mcp.sandbox.service import GoogleError
from tests.sandbox.calendar.conftest import Desk, summaries


def test_a_range_holds_what_overlaps_it(desk: Desk):
    desk.add("before", "2026-03-25T08:00:00", "2026-03-25T09:00:00")
    desk.add("into", "2026-03-25T08:30:00", "2026-03-25T09:30:00")
    desk.add("over", "2026-03-25T09:30:00", "2026-03-25T10:30:00")
    desk.add("after", "2026-03-25T10:00:00", "2026-03-25T11:00:00")

    items = desk.week(timeMin="2026-03-25T09:00:00+01:00", timeMax="2026-03-25T10:00:00+01:00")

    assert summaries(items) == ["into", "over"]


def test_a_day_belongs_to_the_zone_of_its_calendar(desk: Desk):
    desk.add("Holiday", "2026-03-25", "2026-03-26")

    assert summaries(desk.week(timeMin="2026-03-25T22:30:00Z", timeMax="2026-03-26T10:00:00Z")) == ["Holiday"]
    assert summaries(desk.week(timeMin="2026-03-25T23:30:00Z", timeMax="2026-03-26T10:00:00Z")) == []


def test_times_are_shown_in_the_zone_asked_for(desk: Desk):
    desk.add("Call", "2026-03-25T09:00:00", "2026-03-25T10:00:00")

    shown = desk.alice.call("events.list", calendarId="primary", timeZone="America/New_York")

    assert shown["timeZone"] == "America/New_York"
    assert shown["items"][0]["start"] == {"dateTime": "2026-03-25T04:00:00-04:00", "timeZone": "Europe/Berlin"}


@pytest.mark.parametrize(
    "params",
    [
        {"timeMin": "2026-03-25T09:00:00"},
        {"timeMax": "2026-03-25"},
        {"timeMin": "yesterday"},
        {"timeMin": "2026-03-25T09:00:00Z", "timeMax": "2026-03-25T09:00:00Z"},
        {"timeZone": "Mars/Olympus"},
        {"orderBy": "startTime"},
        {"pageToken": "nonsense"},
        {"syncToken": "nonsense"},
        {"syncToken": "bm9uc2Vuc2U=", "q": "x"},
    ],
)
def test_what_google_refuses_is_refused(desk: Desk, params: dict[str, Any]):
    with pytest.raises(GoogleError) as caught:
        desk.alice.call("events.list", calendarId="primary", **params)

    assert caught.value.status == 400


def test_words_are_looked_for_in_text_places_and_people(desk: Desk):
    desk.add("Launch review", "2026-03-25T09:00:00", "2026-03-25T10:00:00", location="Room Köln")
    desk.add("Lunch", "2026-03-25T12:00:00", "2026-03-25T13:00:00", attendees=[{"email": CHIARA.email}])

    assert summaries(desk.week(q="LAUNCH köln")) == ["Launch review"]
    assert summaries(desk.week(q="chiara@studio.example")) == ["Lunch"]
    assert summaries(desk.week(q="laun")) == []


def test_events_are_narrowed_by_kind_uid_and_property(desk: Desk):
    desk.add("Focus", "2026-03-25T09:00:00", "2026-03-25T10:00:00", eventType="focusTime")
    tagged = desk.add(
        "Tagged", "2026-03-25T12:00:00", "2026-03-25T13:00:00", extendedProperties={"private": {"key": "a=b"}}
    )

    assert summaries(desk.week(eventTypes=["focusTime"])) == ["Focus"]
    assert summaries(desk.week(iCalUID=f"{tagged}@google.com")) == ["Tagged"]
    assert summaries(desk.week(privateExtendedProperty=["key=a=b"])) == ["Tagged"]
    assert summaries(desk.week(sharedExtendedProperty=["key=a=b"])) == []


def test_pages_hold_together_while_events_are_added(desk: Desk):
    for hour in range(5):
        desk.add(str(hour), f"2026-03-25T0{hour}:00:00", f"2026-03-25T0{hour}:30:00")
    ask: dict[str, Any] = {"calendarId": "primary", "singleEvents": True, "orderBy": "startTime", "maxResults": 2}
    first = desk.alice.call("events.list", **ask)
    desk.add("new", "2026-03-24T00:00:00", "2026-03-24T00:30:00")

    second = desk.alice.call("events.list", **ask, pageToken=first["nextPageToken"])
    third = desk.alice.call("events.list", **ask, pageToken=second["nextPageToken"])

    assert summaries(first["items"] + second["items"] + third["items"]) == ["0", "1", "2", "3", "4"]
    assert "nextPageToken" not in third


def test_a_sync_token_brings_what_has_changed_since(desk: Desk):
    kept = desk.add("kept", "2026-03-25T09:00:00", "2026-03-25T10:00:00")
    gone = desk.add("gone", "2026-03-25T11:00:00", "2026-03-25T12:00:00")
    token = desk.alice.call("events.list", calendarId="primary")["nextSyncToken"]
    desk.add("new", "2026-03-26T09:00:00", "2026-03-26T10:00:00")
    desk.alice.reply("events.delete", calendarId="primary", eventId=gone)

    changed = desk.alice.call("events.list", calendarId="primary", syncToken=token)

    assert {(item["id"] == gone, item["status"]) for item in changed["items"]} == {
        (True, "cancelled"),
        (False, "confirmed"),
    }
    assert kept not in {item["id"] for item in changed["items"]}
    again = desk.alice.call("events.list", calendarId="primary", syncToken=changed["nextSyncToken"])
    assert again["items"] == []


def test_an_expired_sync_token_asks_for_a_full_sync(desk: Desk):
    token = desk.alice.call("events.list", calendarId="primary")["nextSyncToken"]
    desk.calendar.expire_sync_tokens()

    with pytest.raises(GoogleError) as caught:
        desk.alice.call("events.list", calendarId="primary", syncToken=token)

    assert (caught.value.status, caught.value.reason) == (410, "fullSyncRequired")


def test_a_narrowed_listing_gives_no_sync_token(desk: Desk):
    assert "nextSyncToken" not in desk.alice.call("events.list", calendarId="primary", q="x")
    assert "nextSyncToken" in desk.alice.call("events.list", calendarId="primary", timeMin="2026-03-01T00:00:00Z")


def test_guests_find_the_event_in_their_own_calendar(desk: Desk):
    event_id = desk.add(
        "Review",
        "2026-03-25T15:00:00",
        "2026-03-25T16:00:00",
        attendees=[{"email": ALICE.email, "responseStatus": "accepted"}, {"email": BEN.email}],
    )

    (mine,) = desk.week()
    (his,) = desk.week(desk.ben)

    assert his["id"] == mine["id"] == event_id
    assert his["start"]["dateTime"] == "2026-03-25T10:00:00-04:00"
    assert (mine["organizer"].get("self"), his["organizer"].get("self")) == (True, None)
    assert [guest["email"] for guest in his["attendees"] if guest.get("self")] == [BEN.email]
    assert desk.week(desk.chiara) == []


def test_only_the_guest_is_shown_when_there_are_too_many_or_they_are_hidden(desk: Desk):
    desk.add(
        "Review",
        "2026-03-25T15:00:00",
        "2026-03-25T16:00:00",
        attendees=[{"email": BEN.email}, {"email": CHIARA.email}],
        guestsCanSeeOtherGuests=False,
    )

    (his,) = desk.week(desk.ben)
    (mine,) = desk.week(maxAttendees=1)

    assert ([guest["email"] for guest in his["attendees"]], his["attendeesOmitted"]) == ([BEN.email], True)
    assert "attendees" not in mine
    assert mine["attendeesOmitted"] is True


def test_a_colleague_sees_only_that_somebody_is_busy(desk: Desk):
    desk.add("Secret plan", "2026-03-25T15:00:00", "2026-03-25T16:00:00", location="Room 1")

    (block,) = desk.week(desk.ben, calendarId=ALICE.email)

    assert block["visibility"] == "private"
    assert {"summary", "location", "creator", "htmlLink"}.isdisjoint(block)
    with pytest.raises(GoogleError) as caught:
        desk.week(desk.chiara, calendarId=ALICE.email)
    assert caught.value.status == 404


def test_readers_see_private_events_as_busy(desk: Desk):
    desk.calendar.share(ALICE.email, BEN.email, "reader")
    desk.add("Dentist", "2026-03-25T15:00:00", "2026-03-25T16:00:00", visibility="private")
    desk.add("Lunch", "2026-03-25T17:00:00", "2026-03-25T18:00:00")

    private, public = desk.week(desk.ben, calendarId=ALICE.email)

    assert "summary" not in private
    assert public["summary"] == "Lunch"
    assert summaries(desk.week()) == ["Dentist", "Lunch"]
