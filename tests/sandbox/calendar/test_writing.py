"""Creating, changing, deleting and moving events."""

from typing import Any

import pytest

from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA
from google_workspace_mcp.sandbox.service import GoogleError
from tests.sandbox.calendar.conftest import Desk, event, summaries

LUNCH = event("Lunch", "2026-03-25T12:00:00", "2026-03-25T13:00:00")


def insert(desk: Desk, body: dict[str, Any] = LUNCH, **params: Any) -> dict[str, Any]:
    return desk.alice.call("events.insert", body, calendarId="primary", **params)


def refusal(desk: Desk, body: dict[str, Any], **params: Any) -> GoogleError:
    with pytest.raises(GoogleError) as caught:
        insert(desk, body, **params)
    return caught.value


def test_a_new_event_is_there_with_the_id_that_was_asked_for(desk: Desk):
    made = insert(desk, LUNCH | {"id": "lunch2026"}, sendUpdates="none")

    assert made["id"] == "lunch2026"
    assert summaries(desk.week()) == ["Lunch"]
    assert (made["creator"]["email"], made["reminders"]) == (ALICE.email, {"useDefault": True})


def test_an_id_is_taken_once_and_has_its_alphabet(desk: Desk):
    insert(desk, LUNCH | {"id": "launch01"})

    assert (refusal(desk, LUNCH | {"id": "launch01"}).status, refusal(desk, LUNCH | {"id": "XYZ"}).status) == (409, 400)


@pytest.mark.parametrize(
    "body",
    [
        {"summary": "x", "start": {"date": "2026-03-25"}},
        event("x", "2026-03-25", "2026-03-25T10:00:00"),
        event("x", "2026-03-25T10:00:00", "2026-03-25T09:00:00"),
        event("x", "2026-03-25", "2026-03-25"),
        {"start": {"dateTime": "2026-03-25T10:00:00"}, "end": {"dateTime": "2026-03-25T11:00:00"}},
        {"start": {"date": "25.3.2026"}, "end": {"date": "2026-03-26"}},
        LUNCH | {"attendees": [{"email": "not an address"}]},
        event("x", "2026-03-25", "2026-03-26", eventType="focusTime"),
    ],
)
def test_events_that_google_refuses_are_refused(desk: Desk, body: dict[str, Any]):
    assert refusal(desk, body).status == 400


def test_guests_are_mailed_only_when_that_is_said(desk: Desk):
    body = LUNCH | {"attendees": [{"email": BEN.email}, {"email": "guest@elsewhere.example"}]}

    insert(desk, body)
    assert desk.calendar.notifications == []
    insert(desk, body, sendUpdates="externalOnly")
    assert [sent.recipient for sent in desk.calendar.notifications] == ["guest@elsewhere.example"]
    insert(desk, body, sendUpdates="all")
    assert [sent.recipient for sent in desk.calendar.notifications][1:] == [BEN.email, "guest@elsewhere.example"]


def test_a_meeting_gets_a_meet_link_with_version_one_alone(desk: Desk):
    body = LUNCH | {"conferenceData": {"createRequest": {"requestId": "r1"}}}

    with_link, without = insert(desk, body, conferenceDataVersion=1), insert(desk, body)

    assert with_link["hangoutLink"].startswith("https://meet.google.com/")
    assert with_link["conferenceData"]["createRequest"]["status"] == {"statusCode": "success"}
    assert "conferenceData" not in without


def test_a_patch_changes_what_it_names(desk: Desk):
    made = insert(desk, LUNCH | {"location": "Here", "reminders": {"useDefault": False}})

    changed = desk.alice.call(
        "events.patch", {"summary": "Late lunch", "location": None}, calendarId="primary", eventId=made["id"]
    )

    assert (changed["summary"], changed["start"], changed["reminders"]) == (
        "Late lunch",
        made["start"],
        {"useDefault": False},
    )
    assert "location" not in changed
    assert changed["etag"] != made["etag"]


def test_an_update_replaces_the_whole(desk: Desk):
    made = insert(desk, LUNCH | {"location": "Here"})

    changed = desk.alice.call("events.update", LUNCH, calendarId="primary", eventId=made["id"])

    assert "location" not in changed


def test_a_change_to_a_stale_copy_is_refused(desk: Desk):
    made = insert(desk)
    ask: dict[str, Any] = {"calendarId": "primary", "eventId": made["id"]}
    desk.alice.call("events.patch", {"summary": "Now"}, headers={"if-match": made["etag"]}, **ask)

    for method, body in (("events.patch", {"summary": "Then"}), ("events.delete", None)):
        with pytest.raises(GoogleError) as caught:
            desk.alice.reply(method, body, headers={"if-match": made["etag"]}, **ask)
        assert (caught.value.status, caught.value.reason) == (412, "conditionNotMet")


def test_one_instance_is_changed_without_the_others(desk: Desk):
    made = insert(desk, LUNCH | {"recurrence": ["RRULE:FREQ=DAILY;COUNT=3"]})
    instance = f"{made['id']}_20260326T110000Z"

    desk.alice.call("events.patch", {"summary": "Brunch"}, calendarId="primary", eventId=instance)
    desk.alice.reply("events.delete", calendarId="primary", eventId=f"{made['id']}_20260327T110000Z")

    assert summaries(desk.week()) == ["Lunch", "Brunch"]
    assert desk.week()[1]["recurringEventId"] == made["id"]


def test_moving_a_series_lets_go_of_exceptions_that_no_longer_fit(desk: Desk):
    made = insert(desk, LUNCH | {"recurrence": ["RRULE:FREQ=DAILY;COUNT=2"]})
    ask: dict[str, Any] = {"calendarId": "primary", "eventId": f"{made['id']}_20260326T110000Z"}
    desk.alice.call("events.patch", {"summary": "Brunch"}, **ask)

    later = {"start": {"dateTime": "2026-03-25T13:00:00"}, "end": {"dateTime": "2026-03-25T14:00:00"}}
    moved = desk.alice.call("events.patch", later, calendarId="primary", eventId=made["id"])

    assert summaries(desk.week()) == ["Lunch", "Lunch"]
    assert moved["sequence"] == 1


def test_a_deleted_event_is_gone_and_stays_readable_as_cancelled(desk: Desk):
    made = insert(desk, LUNCH | {"attendees": [{"email": BEN.email}]})
    ask: dict[str, Any] = {"calendarId": "primary", "eventId": made["id"]}

    desk.alice.reply("events.delete", **ask, sendUpdates="all")

    assert desk.week() == desk.week(desk.ben) == []
    assert desk.alice.call("events.get", **ask)["status"] == "cancelled"
    assert [(sent.kind, sent.recipient) for sent in desk.calendar.notifications] == [("cancel", BEN.email)]
    with pytest.raises(GoogleError) as caught:
        desk.alice.reply("events.delete", **ask)
    assert (caught.value.status, caught.value.reason) == (410, "deleted")


def test_a_guest_answers_for_themself_alone(desk: Desk):
    made = insert(desk, LUNCH | {"attendees": [{"email": BEN.email}, {"email": CHIARA.email}]})
    ask: dict[str, Any] = {"calendarId": "primary", "eventId": made["id"]}
    answers = [
        {"email": BEN.email, "responseStatus": "tentative", "comment": "maybe"},
        {"email": CHIARA.email, "responseStatus": "declined"},
    ]

    desk.ben.call("events.patch", {"attendees": answers, "colorId": "3"}, **ask, sendUpdates="all")

    seen = desk.alice.call("events.get", **ask)
    assert [guest["responseStatus"] for guest in seen["attendees"]] == ["tentative", "needsAction"]
    assert "colorId" not in seen
    assert desk.ben.call("events.get", **ask)["colorId"] == "3"
    assert [(sent.kind, sent.recipient) for sent in desk.calendar.notifications] == [("response", ALICE.email)]


def test_a_guest_cannot_change_what_all_see(desk: Desk):
    made = insert(desk, LUNCH | {"attendees": [{"email": BEN.email}]})

    for change in (
        {"summary": "Mine"},
        {"start": {"dateTime": "2026-03-25T13:00:00Z"}, "end": {"dateTime": "2026-03-25T14:00:00Z"}},
    ):
        with pytest.raises(GoogleError) as caught:
            desk.ben.call("events.patch", change, calendarId="primary", eventId=made["id"])
        assert (caught.value.status, caught.value.reason) == (403, "forbiddenForNonOrganizer")


def test_a_guest_takes_an_event_out_of_their_own_calendar(desk: Desk):
    made = insert(desk, LUNCH | {"attendees": [{"email": BEN.email}]})

    desk.ben.reply("events.delete", calendarId="primary", eventId=made["id"])

    assert desk.week(desk.ben) == []
    assert desk.week()[0]["attendees"][0]["responseStatus"] == "declined"


def test_an_event_moves_to_another_calendar_with_its_exceptions(desk: Desk):
    team = desk.calendar.add_calendar(ALICE.email, "Team")
    made = insert(desk, LUNCH | {"recurrence": ["RRULE:FREQ=DAILY;COUNT=2"]})
    instance = f"{made['id']}_20260326T110000Z"
    desk.alice.call("events.patch", {"summary": "Brunch"}, calendarId="primary", eventId=instance)

    moved = desk.alice.call("events.move", calendarId="primary", eventId=made["id"], destination=team)

    assert moved["organizer"] == {"email": team, "displayName": "Team", "self": True}
    assert desk.week() == []
    assert summaries(desk.week(calendarId=team)) == ["Lunch", "Brunch"]


def test_readers_cannot_write(desk: Desk):
    desk.calendar.share(ALICE.email, BEN.email, "reader")

    with pytest.raises(GoogleError) as caught:
        desk.ben.call("events.insert", LUNCH, calendarId=ALICE.email)

    assert (caught.value.status, caught.value.reason) == (403, "requiredAccessLevel")
