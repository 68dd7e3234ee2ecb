"""Every answer of a handler is held against the schema that Google publishes for it."""

import httpx2
import pytest

from google_workspace_mcp.sandbox.discovery import Directory
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from google_workspace_mcp.sandbox.service import JSON
from google_workspace_mcp.sandbox.validation import SchemaError, check_answer
from tests.sandbox.world import Recorder


async def test_a_wrong_answer_is_a_500_that_names_the_place(
    google: SimulatedGoogle, alice: httpx2.AsyncClient, recorder: Recorder
) -> None:
    recorder.label = {"id": "Label_1", "color": {"textColour": "#000000"}}

    answer = await alice.get("/gmail/v1/users/me/labels/Label_1")

    assert answer.status_code == 500
    assert "gmail.users.labels.get Label.color: unknown field 'textColour'" in answer.json()["error"]["message"]
    assert google.violations == ["gmail.users.labels.get Label.color: unknown field 'textColour'"]
    assert google.app.violations is google.violations


async def test_a_handler_that_fails_is_a_violation(google: SimulatedGoogle, alice: httpx2.AsyncClient) -> None:
    assert (await alice.get("/gmail/v1/users/me/messages/broken")).status_code == 500

    assert google.violations == ["gmail.users.messages.get failed: LookupError: no such thing"]


async def test_no_answer_where_one_is_promised_is_a_violation(
    google: SimulatedGoogle, alice: httpx2.AsyncClient, recorder: Recorder
) -> None:
    recorder.answers_nothing = True

    assert (await alice.get("/gmail/v1/users/me/profile")).status_code == 500
    assert google.violations == ["gmail.users.getProfile: no answer was given where Profile is promised"]


async def test_right_answers_leave_no_violation(google: SimulatedGoogle, alice: httpx2.AsyncClient) -> None:
    for path in ("/gmail/v1/users/me/messages/a1", "/gmail/v1/users/me/labels/Label_1", "/drive/v3/files"):
        assert (await alice.get(path)).status_code == 200

    assert google.violations == []


@pytest.mark.parametrize(
    ("method", "answer", "place"),
    [
        ("gmail.users.messages.get", {"historyId": 5}, "Message.historyId"),
        ("gmail.users.messages.get", {"historyId": "five"}, "Message.historyId"),
        ("gmail.users.messages.get", {"sizeEstimate": "5"}, "Message.sizeEstimate"),
        ("gmail.users.messages.get", {"sizeEstimate": True}, "Message.sizeEstimate"),
        ("gmail.users.messages.get", {"snippet": None}, "Message.snippet"),
        ("gmail.users.messages.get", {"raw": "a+/="}, "Message.raw"),
        ("gmail.users.messages.get", {"payload": {"parts": [{}, {"size": 1}]}}, "Message.payload.parts[1]"),
        ("gmail.users.messages.get", {"payload": []}, "Message.payload"),
        ("gmail.users.messages.get", {"labelIds": "INBOX"}, "Message.labelIds"),
        ("gmail.users.labels.get", {"type": "custom"}, "Label.type"),
        ("drive.files.get", {"modifiedTime": "2026-03-02"}, "File.modifiedTime"),
        ("drive.files.get", {"modifiedTime": "2026-03-02T25:00:00Z"}, "File.modifiedTime"),
        ("drive.files.get", {"properties": {"colour": 5}}, "File.properties.colour"),
        ("calendar.events.get", {"start": {"dateTime": "2026-03-02T09:00:00"}}, "Event.start.dateTime"),
        ("calendar.events.get", {"start": {"date": "20260302"}}, "Event.start.date"),
        ("calendar.freebusy.query", {"calendars": {"a@b": {"busy": [{"begin": "x"}]}}}, "FreeBusyResponse"),
        ("calendar.events.delete", {}, "calendar.events.delete"),
    ],
)
def test_a_violation_names_where_it_is(method: str, answer: JSON, place: str) -> None:
    with pytest.raises(SchemaError) as caught:
        check_answer(Directory().methods[method], answer)

    assert place in str(caught.value)


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("gmail.users.messages.get", {"historyId": "18446744073709551615", "raw": "_-8=", "payload": {"parts": [{}]}}),
        ("drive.files.get", {"modifiedTime": "2026-03-02T09:00:00.123Z", "size": "5", "properties": {"colour": "red"}}),
        ("calendar.events.get", {"start": {"dateTime": "2026-03-02T09:00:00+01:00"}, "end": {"date": "2026-03-03"}}),
        ("calendar.freebusy.query", {"calendars": {"a@b": {"busy": []}}}),
        ("drive.about.get", {"exportFormats": {"text/plain": ["a"]}, "storageQuota": {"limit": "5"}}),
    ],
)
def test_what_google_sends_passes(method: str, answer: JSON) -> None:
    check_answer(Directory().methods[method], answer)
