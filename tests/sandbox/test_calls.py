"""The log of calls, and how round trips are counted from it."""

import httpx2
from hypothesis import given
from hypothesis import strategies as st

from google_workspace_mcp.sandbox import faults
from google_workspace_mcp.sandbox.calls import CallLog, LoggedCall, round_trips
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.sandbox.pages import allow, redeem
from tests.sandbox.world import ALICE


def call(started: float, ended: float, batch: str = "") -> LoggedCall:
    return LoggedCall("gmail.users.getProfile", ALICE.email, started, ended, 200, batch)


async def test_a_call_is_logged_with_all_that_is_counted(google: SimulatedGoogle, alice: httpx2.AsyncClient) -> None:
    answer = await alice.post("/gmail/v1/users/me/labels", json={"name": "Work"})
    (logged,) = google.calls.all()

    assert (logged.method, logged.person, logged.status) == ("gmail.users.labels.create", ALICE.email, 200)
    assert logged.request_bytes == len(b'{"name":"Work"}')
    assert logged.response_bytes == len(answer.content)
    assert logged.started <= logged.ended
    assert logged.batch == ""


async def test_methods_are_listed_in_their_order_and_cleared(
    google: SimulatedGoogle, alice: httpx2.AsyncClient
) -> None:
    await alice.get("/gmail/v1/users/me/messages")
    await alice.get("/gmail/v1/users/me/messages/gone")
    listed = google.calls.methods()
    google.calls.clear()

    assert listed == ["gmail.users.messages.list", "gmail.users.messages.get"]
    assert google.calls.all() == []


async def test_calls_of_the_sign_in_are_told_apart(google: SimulatedGoogle, anyone: httpx2.AsyncClient) -> None:
    tokens = (await redeem(anyone, (await allow(anyone))["code"])).json()
    await anyone.get("/gmail/v1/users/me/profile", headers={"Authorization": f"Bearer {tokens['access_token']}"})

    assert google.calls.methods() == ["oauth.token", "gmail.users.getProfile"]
    assert [logged.method for logged in google.calls.api_calls()] == ["gmail.users.getProfile"]


async def test_a_call_that_met_a_fault_is_logged(google: SimulatedGoogle, alice: httpx2.AsyncClient) -> None:
    google.faults.add("*", faults.server_error(503), times=1)
    await alice.get("/gmail/v1/users/me/profile")

    assert [logged.status for logged in google.calls.all("gmail.users.getProfile")] == [503]


def test_the_log_is_bounded() -> None:
    log = CallLog(limit=2)
    for start in range(3):
        log.add(call(start, start + 1))

    assert [logged.started for logged in log.all()] == [1, 2]


def test_no_calls_are_no_round_trips() -> None:
    assert round_trips([]) == 0


def test_one_after_another_is_as_many() -> None:
    assert round_trips([call(0, 1), call(1, 2), call(2.5, 3)]) == 3


def test_side_by_side_is_one() -> None:
    assert round_trips([call(0, 2), call(0.5, 1), call(1.5, 3)]) == 2
    assert round_trips([call(0, 3), call(0.5, 3), call(1, 4)]) == 1


def test_the_parts_of_a_batch_are_one() -> None:
    assert round_trips([call(0, 1, "b"), call(1, 2, "b"), call(2, 3, "b"), call(3, 4)]) == 2


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(1, 4)), max_size=7))
def test_it_is_the_longest_chain(spans: list[tuple[int, int]]) -> None:
    calls = [call(start, start + length) for start, length in spans]

    def longest(after: float) -> int:
        return max((1 + longest(each.ended) for each in calls if each.started >= after), default=0)

    assert round_trips(calls) == longest(0)
