"""What the discovery documents do not allow, the simulator refuses, with the error that Google gives."""

import httpx2
import pytest

from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.sandbox.world import ALICE, CALENDAR, READ_DRIVE, Recorder, bearer


def reason(answer: httpx2.Response) -> str:
    return answer.json()["error"]["errors"][0]["reason"]


# -- credentials


async def test_a_request_without_a_token_is_asked_to_log_in(anyone: httpx2.AsyncClient) -> None:
    answer = await anyone.get("/gmail/v1/users/me/profile")

    assert (answer.status_code, reason(answer)) == (401, "required")
    assert answer.headers["www-authenticate"] == 'Bearer realm="https://accounts.google.com/"'


async def test_a_token_that_nobody_issued_is_an_auth_error(anyone: httpx2.AsyncClient) -> None:
    answer = await anyone.get("/gmail/v1/users/me/profile", headers={"Authorization": "Bearer ya29.forged"})

    assert (answer.status_code, reason(answer)) == (401, "authError")
    assert answer.json()["error"]["status"] == "UNAUTHENTICATED"
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_an_expired_token_is_an_auth_error(google: SimulatedGoogle, alice: httpx2.AsyncClient) -> None:
    google.expire_access_tokens()

    assert reason(await alice.get("/gmail/v1/users/me/profile")) == "authError"


async def test_a_token_without_the_scope_is_told_so(google: SimulatedGoogle, anyone: httpx2.AsyncClient) -> None:
    answer = await anyone.get("/gmail/v1/users/me/profile", headers=bearer(google, READ_DRIVE))

    assert (answer.status_code, reason(answer)) == (403, "insufficientPermissions")
    assert answer.json()["error"]["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


async def test_a_wider_scope_than_needed_is_enough(google: SimulatedGoogle, anyone: httpx2.AsyncClient) -> None:
    answer = await anyone.get("/calendar/v3/calendars/primary", headers=bearer(google, CALENDAR))

    assert answer.status_code == 200


async def test_the_call_carries_the_person_of_the_token(alice: httpx2.AsyncClient, recorder: Recorder) -> None:
    await alice.get("/gmail/v1/users/me/profile")

    assert recorder.last.person == ALICE
    assert "https://mail.google.com/" in recorder.last.scopes


# -- parameters


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/gmail/v1/users/me/messages?maxResult=5", "invalid"),
        ("/gmail/v1/users/me/messages?maxResults=five", "invalidParameter"),
        ("/gmail/v1/users/me/messages?maxResults=-1", "invalidParameter"),
        ("/gmail/v1/users/me/messages?maxResults=99999999999999999999999", "invalidParameter"),
        ("/gmail/v1/users/me/messages?includeSpamTrash=yes", "invalidParameter"),
        ("/gmail/v1/users/me/messages?q=a&q=b", "invalidParameter"),
        ("/gmail/v1/users/me/messages/a1?format=pretty", "invalidParameter"),
        ("/drive/v3/files?pageSize=0", "invalidParameter"),
        ("/drive/v3/files?pageSize=1001", "invalidParameter"),
        ("/drive/v3/files?fileId=x", "invalid"),
        ("/drive/v3/files/f1/export", "required"),
        ("/calendar/v3/calendars/primary/events?timeMin=2026-03-02T09:00:00", "invalidParameter"),
        ("/calendar/v3/calendars/primary/events?timeMin=yesterday", "invalidParameter"),
        ("/gmail/v1/users/me/profile?alt=media", "invalid"),
        ("/gmail/v1/users/me/profile?alt=xml", "invalidParameter"),
    ],
)
async def test_a_parameter_that_is_not_allowed_is_refused(alice: httpx2.AsyncClient, path: str, expected: str) -> None:
    answer = await alice.get(path)

    assert (answer.status_code, reason(answer)) == (400, expected)


async def test_parameters_arrive_converted_with_defaults(alice: httpx2.AsyncClient, recorder: Recorder) -> None:
    path = (
        "/gmail/v1/users/me/messages?labelIds=INBOX&labelIds=UNREAD&includeSpamTrash=true&q=from:ben&prettyPrint=false"
    )
    await alice.get(path)

    params = recorder.last.params
    assert params["labelIds"] == ["INBOX", "UNREAD"]
    assert params["includeSpamTrash"] is True
    assert params["q"] == "from:ben"
    assert params["maxResults"] == 100
    assert params["userId"] == "me"


async def test_an_encoded_calendar_id_reaches_the_handler_decoded(
    alice: httpx2.AsyncClient, recorder: Recorder
) -> None:
    await alice.get("/calendar/v3/calendars/team%40group.calendar.google.com")

    assert recorder.last.params["calendarId"] == "team@group.calendar.google.com"


# -- bodies


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Work", "colour": "red"},
        {"name": 5},
        {"name": "Work", "messageListVisibility": "sometimes"},
        {"name": "Work", "color": {"textColor": "#000", "shade": "x"}},
        {"name": "Work", "messagesTotal": "5"},
        ["Work"],
    ],
)
async def test_a_body_that_the_schema_does_not_allow_is_refused(alice: httpx2.AsyncClient, body: object) -> None:
    answer = await alice.post("/gmail/v1/users/me/labels", json=body)

    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"


async def test_an_unknown_field_is_named(alice: httpx2.AsyncClient) -> None:
    body = {"start": {"date": "2026-03-02", "zone": "x"}, "end": {"date": "2026-03-03"}}
    answer = await alice.post("/calendar/v3/calendars/primary/events", json=body)

    assert "Unknown name \"zone\" at 'start'" in answer.json()["error"]["message"]


async def test_a_required_field_that_is_missing_is_named(alice: httpx2.AsyncClient) -> None:
    answer = await alice.post("/calendar/v3/calendars/primary/events", json={"start": {"date": "2026-03-02"}})

    assert (answer.status_code, reason(answer)) == (400, "required")
    assert answer.json()["error"]["message"] == "Missing end."


async def test_a_date_that_does_not_exist_is_refused(alice: httpx2.AsyncClient) -> None:
    body = {"start": {"date": "2026-02-30"}, "end": {"date": "2026-03-03"}}

    assert (await alice.post("/calendar/v3/calendars/primary/events", json=body)).status_code == 400


async def test_a_read_only_field_is_tolerated(alice: httpx2.AsyncClient, recorder: Recorder) -> None:
    answer = await alice.post("/gmail/v1/users/me/labels", json={"name": "Work", "id": "mine"})

    assert answer.status_code == 200
    assert recorder.last.body == {"name": "Work", "id": "mine"}


async def test_a_body_that_is_not_json_is_a_parse_error(alice: httpx2.AsyncClient) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await alice.post("/gmail/v1/users/me/labels", content=b"{", headers=headers)

    assert reason(answer) == "parseError"


async def test_a_body_of_another_type_is_refused(alice: httpx2.AsyncClient) -> None:
    answer = await alice.post("/gmail/v1/users/me/labels", content=b"name=Work", headers={"Content-Type": "text/plain"})

    assert (answer.status_code, reason(answer)) == (400, "badContent")


async def test_a_method_without_a_body_takes_none(alice: httpx2.AsyncClient) -> None:
    assert (await alice.post("/gmail/v1/users/me/messages/a1/trash")).status_code == 200
    assert (await alice.post("/gmail/v1/users/me/messages/a1/trash", json={"id": "a1"})).status_code == 400


async def test_a_long_get_may_come_as_a_post(alice: httpx2.AsyncClient, recorder: Recorder) -> None:
    headers = {"X-HTTP-Method-Override": "GET", "Content-Type": "application/x-www-form-urlencoded"}
    answer = await alice.post("/gmail/v1/users/me/messages", content=b"q=from%3Aben&maxResults=3", headers=headers)

    assert answer.status_code == 200
    assert recorder.last.method_id == "gmail.users.messages.list"
    assert (recorder.last.params["q"], recorder.last.params["maxResults"]) == ("from:ben", 3)


# -- what is not there


async def test_an_unknown_path_is_a_404_page(alice: httpx2.AsyncClient) -> None:
    answer = await alice.get("/gmail/v1/users/me/<script>")

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "<script>" not in answer.text


async def test_a_method_without_a_handler_says_its_name_loudly(alice: httpx2.AsyncClient) -> None:
    answer = await alice.get("/gmail/v1/users/me/labels")

    assert answer.status_code == 501
    assert "gmail.users.labels.list" in answer.json()["error"]["message"]


async def test_gmail_names_a_status_in_its_errors(alice: httpx2.AsyncClient) -> None:
    error = (await alice.get("/gmail/v1/users/me/messages/gone")).json()["error"]

    assert (error["code"], error["status"], error["errors"][0]["reason"]) == (404, "NOT_FOUND", "notFound")


async def test_drive_names_a_location_and_no_status(alice: httpx2.AsyncClient) -> None:
    error = (await alice.get("/drive/v3/files/none")).json()["error"]

    assert "status" not in error
    assert error["errors"][0]["location"] == "fileId"
    assert error["errors"][0]["locationType"] == "parameter"


async def test_a_deletion_is_answered_with_nothing(alice: httpx2.AsyncClient) -> None:
    answer = await alice.delete("/calendar/v3/calendars/primary/events/e1")

    assert (answer.status_code, answer.content) == (204, b"")


async def test_a_page_of_another_name_cannot_reach_the_simulator(google: SimulatedGoogle) -> None:
    transport = httpx2.ASGITransport(google.app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://rebound.example") as client:
        answer = await client.get("/")

    assert answer.status_code == 400
