"""Faults meet the calls they are meant for, as often as they are meant to, and look like the real thing."""

import json
from datetime import UTC, datetime

import httpx2
import pytest

from google_workspace_mcp.sandbox import faults
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.sandbox.pages import refresh
from tests.sandbox.world import ALICE, APP, BEN, CALENDAR, READ_MAIL, Recorder, bearer

PROFILE = "/gmail/v1/users/me/profile"


async def test_a_fault_meets_the_next_calls_and_is_used_up(google: SimulatedGoogle, alice: httpx2.AsyncClient) -> None:
    google.faults.add("gmail.users.getProfile", faults.server_error(503), times=2)
    statuses = [(await alice.get(PROFILE)).status_code for _ in range(3)]

    assert statuses == [503, 503, 200]
    assert google.faults.active() == []


async def test_a_fault_may_meet_every_third_call_only(google: SimulatedGoogle, alice: httpx2.AsyncClient) -> None:
    google.faults.add("gmail.users.getProfile", faults.server_error(503), every=3, times=2)
    statuses = [(await alice.get(PROFILE)).status_code for _ in range(9)]

    assert statuses == [200, 200, 503, 200, 200, 503, 200, 200, 200]


async def test_a_fault_without_a_count_stays_until_removed(google: SimulatedGoogle, alice: httpx2.AsyncClient) -> None:
    fault = google.faults.add("gmail.*", faults.server_error(500))
    before = [(await alice.get(PROFILE)).status_code for _ in range(3)]
    google.faults.remove(fault.id)

    assert before == [500, 500, 500]
    assert (await alice.get(PROFILE)).status_code == 200


async def test_a_fault_meets_only_its_method_and_its_person(
    google: SimulatedGoogle, anyone: httpx2.AsyncClient
) -> None:
    google.faults.add("gmail.users.getProfile", faults.server_error(), person=BEN.email)
    alices, bens = bearer(google), bearer(google, email=BEN.email)

    assert (await anyone.get(PROFILE, headers=alices)).status_code == 200
    assert (await anyone.get(PROFILE, headers=bens)).status_code == 503
    assert (await anyone.get("/gmail/v1/users/me/messages", headers=bens)).status_code == 200


@pytest.mark.parametrize(
    ("after", "header"),
    [(None, None), (7, "7"), (datetime(2026, 3, 2, 9, 0, 5, tzinfo=UTC), "Mon, 02 Mar 2026 09:00:05 GMT")],
)
async def test_too_many_requests_says_when_to_come_back(
    google: SimulatedGoogle, alice: httpx2.AsyncClient, after: int | datetime | None, header: str | None
) -> None:
    google.faults.add("*", faults.too_many_requests(after))
    answer = await alice.get(PROFILE)

    assert answer.status_code == 429
    assert answer.headers.get("retry-after") == header
    assert answer.json()["error"]["errors"][0]["domain"] == "usageLimits"
    assert answer.json()["error"]["status"] == "RESOURCE_EXHAUSTED"


@pytest.mark.parametrize(
    "reason", ["userRateLimitExceeded", "domainPolicy", "accessNotConfigured", "dailyLimitExceeded"]
)
async def test_a_403_names_its_reason(google: SimulatedGoogle, alice: httpx2.AsyncClient, reason: str) -> None:
    google.faults.add("*", faults.forbidden(reason))
    answer = await alice.get(PROFILE)

    assert (answer.status_code, answer.json()["error"]["errors"][0]["reason"]) == (403, reason)


async def test_html_comes_where_json_is_expected(google: SimulatedGoogle, alice: httpx2.AsyncClient) -> None:
    google.faults.add("*", faults.html_error(502))
    answer = await alice.get(PROFILE)

    assert answer.status_code == 502
    assert answer.headers["content-type"].startswith("text/html")


async def test_truncated_json_does_not_parse(google: SimulatedGoogle, alice: httpx2.AsyncClient) -> None:
    google.faults.add("*", faults.truncated_json())
    answer = await alice.get(PROFILE)

    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


async def test_an_error_may_come_with_status_200(google: SimulatedGoogle, alice: httpx2.AsyncClient) -> None:
    google.faults.add("*", faults.error_with_200())
    answer = await alice.get(PROFILE)

    assert (answer.status_code, answer.json()["error"]["code"]) == (200, 500)


async def test_latency_adds_to_another_fault(google: SimulatedGoogle, alice: httpx2.AsyncClient) -> None:
    google.faults.add("*", faults.latency(0.05))
    google.faults.add("*", faults.server_error(503), times=1)
    answer = await alice.get(PROFILE)
    (call,) = google.calls.all()

    assert answer.status_code == 503
    assert call.ended - call.started >= 0.05


async def test_of_two_faults_the_second_waits_its_turn(google: SimulatedGoogle, alice: httpx2.AsyncClient) -> None:
    google.faults.add("*", faults.server_error(500), times=1)
    google.faults.add("*", faults.server_error(502), times=1)

    assert [(await alice.get(PROFILE)).status_code for _ in range(3)] == [500, 502, 200]


async def test_an_error_fault_keeps_the_handler_from_running(
    google: SimulatedGoogle, alice: httpx2.AsyncClient, recorder: Recorder
) -> None:
    google.faults.add("*", faults.server_error())
    await alice.get(PROFILE)

    assert recorder.seen == []


async def test_a_dead_grant_is_told_at_the_token_endpoint(google: SimulatedGoogle, anyone: httpx2.AsyncClient) -> None:
    token = google.grant(ALICE.email, [READ_MAIL], APP.client_id).refresh_token
    google.faults.add("oauth.token", faults.dead_grant(), times=1)
    dead = await refresh(anyone, token)

    assert (dead.status_code, dead.json()["error"]) == (400, "invalid_grant")
    assert (await refresh(anyone, token)).status_code == 200


async def test_the_token_endpoint_may_be_down(google: SimulatedGoogle, anyone: httpx2.AsyncClient) -> None:
    google.faults.add("oauth.*", faults.server_error(503))
    answer = await refresh(anyone, "any")

    assert (answer.status_code, answer.json()["error"]) == (503, "backendError")


@pytest.mark.parametrize(("fault", "runs"), [(faults.reset_before(), 0), (faults.reset_after(), 1)])
def test_a_reset_is_real_and_the_next_connection_works(
    served: SimulatedGoogle, connection: httpx2.Client, recorder: Recorder, fault: faults.Fault, runs: int
) -> None:
    served.faults.add("gmail.users.getProfile", fault, times=1)
    with pytest.raises(httpx2.ReadError):
        connection.get(PROFILE)

    assert len(recorder.seen) == runs
    assert served.calls.all()[-1].status == 0
    assert connection.get(PROFILE).status_code == 200


def test_the_token_endpoint_can_drop_the_connection_too(served: SimulatedGoogle, connection: httpx2.Client) -> None:
    served.faults.add("oauth.token", faults.reset_before(), times=1)

    with pytest.raises(httpx2.ReadError):
        connection.post("/token", data={"grant_type": "refresh_token"})


async def test_in_process_a_reset_is_the_exception(google: SimulatedGoogle, alice: httpx2.AsyncClient) -> None:
    google.faults.add("*", faults.reset_after())

    with pytest.raises(ConnectionResetError):
        await alice.get(PROFILE)


async def test_drive_and_calendar_faults_have_no_status(google: SimulatedGoogle, anyone: httpx2.AsyncClient) -> None:
    google.faults.add("calendar.*", faults.forbidden("rateLimitExceeded"))
    answer = await anyone.get("/calendar/v3/calendars/primary", headers=bearer(google, CALENDAR))

    assert "status" not in answer.json()["error"]
