"""Starting, stopping and looking into the simulator."""

import socket

import httpx2
import pytest

from google_workspace_mcp.sandbox import faults
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from google_workspace_mcp.sandbox.service import Call, Reply
from tests.sandbox.world import ALICE, APP, BEN, MAIL, Recorder, StoppedClock, bearer, small_google


def test_it_serves_on_a_free_port_and_gives_it_back(recorder: Recorder, clock: StoppedClock) -> None:
    with small_google(recorder, clock) as google:
        address = google.url
        assert httpx2.get(address, timeout=10).status_code == 200

    with pytest.raises(httpx2.ConnectError):
        httpx2.get(address, timeout=10)


def test_two_run_side_by_side(recorder: Recorder, clock: StoppedClock) -> None:
    with small_google(recorder, clock) as one, small_google(recorder, clock) as other:
        assert one.url != other.url
        assert httpx2.get(other.url, headers=bearer(one), timeout=10).status_code == 200


def test_it_can_be_started_again(recorder: Recorder, clock: StoppedClock) -> None:
    google = small_google(recorder, clock)
    for _ in range(2):
        with google:
            assert httpx2.get(google.url, timeout=10).status_code == 200


def test_a_taken_port_is_an_error_at_once() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        google = SimulatedGoogle([], [ALICE], port=taken.getsockname()[1])
        with pytest.raises(OSError, match="in use"):
            google.start()


def test_without_running_it_has_no_address(google: SimulatedGoogle) -> None:
    with pytest.raises(RuntimeError, match="not running"):
        _ = google.url


def test_stopping_does_not_wait_for_an_idle_connection(recorder: Recorder, clock: StoppedClock) -> None:
    google = small_google(recorder, clock)
    google.start()
    with httpx2.Client(base_url=google.url, timeout=10) as client:
        client.get("/")
        google.stop()

        with pytest.raises(httpx2.TransportError):
            client.get("/")


def test_stopping_ends_a_call_that_takes_too_long(recorder: Recorder, clock: StoppedClock) -> None:
    google = small_google(recorder, clock)
    google.faults.add("*", faults.latency(60))
    google.start()
    with socket.create_connection(("127.0.0.1", int(google.url.rpartition(":")[2])), timeout=30) as hanging:
        hanging.sendall(b"GET /gmail/v1/users/me/profile HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        google.stop()
        hanging.settimeout(30)
        received = hanging.recv(65536)

    assert b"200 OK" not in received


def test_a_handler_for_an_unknown_method_is_refused() -> None:
    class Odd:
        def handlers(self) -> dict[str, object]:
            return {"gmail.users.messages.read": lambda _: {}}

    with pytest.raises(ValueError, match=r"gmail\.users\.messages\.read"):
        SimulatedGoogle([Odd()], [])  # pyright: ignore[reportArgumentType]


def test_a_grant_is_for_somebody_who_is_there_and_an_app_that_is_known(google: SimulatedGoogle) -> None:
    with pytest.raises(KeyError):
        google.grant("mallory@example.com", [MAIL])
    with pytest.raises(KeyError):
        google.grant(ALICE.email, [MAIL], "nobody")


def test_what_was_granted_can_be_asked_and_revoked_app_by_app(google: SimulatedGoogle) -> None:
    google.grant(ALICE.email, [MAIL], APP.client_id)
    google.grant(ALICE.email, [MAIL])
    google.revoke(ALICE.email, APP.client_id)

    assert google.granted(ALICE.email, APP.client_id) == frozenset()
    assert google.granted(ALICE.email) == {MAIL}
    assert google.granted(BEN.email) == frozenset()


async def test_drives_own_default_fields_apply_unless_others_are_given() -> None:
    class Drive:
        def handlers(self) -> dict[str, object]:
            def found(_call: Call) -> Reply:
                return Reply(json={"id": "f1", "name": "One", "size": "5", "description": "long"})

            return {"drive.files.get": found}

    google = SimulatedGoogle([Drive()], [ALICE])  # pyright: ignore[reportArgumentType]
    transport = httpx2.ASGITransport(google.app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost", headers=bearer(google)) as client:
        answer = await client.get("/drive/v3/files/f1")

    assert answer.json() == {"id": "f1", "name": "One"}
