"""Batches, by hand; google-api-python-client's own are in test_google_client."""

import httpx2
import pytest

from google_workspace_mcp.sandbox import faults
from google_workspace_mcp.sandbox.calls import round_trips
from google_workspace_mcp.sandbox.multipart import split
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.sandbox.world import BEN, MAIL, bearer


def part(line: str, content_id: str = "", headers: str = "", body: str = "") -> str:
    identity = f"Content-ID: {content_id}\r\n" if content_id else ""
    return f"--b\r\nContent-Type: application/http\r\n{identity}\r\n{line}\r\n{headers}\r\n{body}\r\n"


async def send(client: httpx2.AsyncClient, *parts: str, api: str = "gmail/v1") -> httpx2.Response:
    headers = {"Content-Type": 'multipart/mixed; boundary="b"'}
    return await client.post(f"/batch/{api}", content="".join(parts) + "--b--\r\n", headers=headers)


def opened(answer: httpx2.Response) -> list[tuple[str, int, str]]:
    """Content-ID, status and body of every part."""
    found: list[tuple[str, int, str]] = []
    for each in split(answer.content, answer.headers["content-type"]):
        head, _, body = each.body.decode().partition("\r\n\r\n")
        found.append((each.headers.get("content-id", ""), int(head.split()[1]), body))
    return found


async def test_each_part_is_answered_under_its_own_name(alice: httpx2.AsyncClient) -> None:
    answer = await send(
        alice,
        part("GET /gmail/v1/users/me/profile HTTP/1.1", "<one>"),
        part("GET /gmail/v1/users/me/messages/gone", "<two + 2>"),
        part("GET /gmail/v1/users/me/nothing"),
    )

    assert answer.status_code == 200
    assert [(name, status) for name, status, _ in opened(answer)] == [
        ("<response-one>", 200),
        ("<response-two + 2>", 404),
        ("", 404),
    ]
    assert "alice@example.com" in opened(answer)[0][2]


async def test_a_part_may_bring_its_own_authorization(google: SimulatedGoogle, alice: httpx2.AsyncClient) -> None:
    bens = f"Authorization: {bearer(google, MAIL, email=BEN.email)['Authorization']}\r\n"
    answer = await send(
        alice,
        part("GET /gmail/v1/users/me/profile", headers=bens),
        part("GET /gmail/v1/users/me/profile", headers="Authorization: Bearer dead\r\n"),
    )

    assert [status for _, status, _ in opened(answer)] == [200, 401]
    assert BEN.email in opened(answer)[0][2]


async def test_a_part_may_have_a_body(alice: httpx2.AsyncClient) -> None:
    headers = "Content-Type: application/json\r\nContent-Length: 15\r\n"
    answer = await send(alice, part("POST /gmail/v1/users/me/labels", headers=headers, body='{"name":"Work"}'))

    assert opened(answer)[0][1] == 200


async def test_the_parts_are_logged_and_count_as_one_round_trip(
    google: SimulatedGoogle, alice: httpx2.AsyncClient
) -> None:
    await send(alice, *[part(f"GET /gmail/v1/users/me/messages/a{number}") for number in range(5)])
    calls = google.calls.all("gmail.users.messages.get")

    assert len(calls) == 5
    assert len({call.batch for call in calls}) == 1
    assert calls[0].batch
    assert round_trips(google.calls.all()) == 1


async def test_a_hundred_parts_are_the_limit(google: SimulatedGoogle, alice: httpx2.AsyncClient) -> None:
    one = part("GET /gmail/v1/users/me/profile")

    assert len(opened(await send(alice, *[one] * 100))) == 100
    assert (await send(alice, *[one] * 101)).status_code == 400
    assert len(google.calls.all()) == 100


@pytest.mark.parametrize(
    "line",
    [
        "POST /upload/gmail/v1/users/me/messages/send?uploadType=media",
        "GET /drive/v3/files/f1?alt=media",
        "GET /drive/v3/files",
        "nonsense",
    ],
)
async def test_a_part_that_does_not_belong_fails_alone(alice: httpx2.AsyncClient, line: str) -> None:
    answer = await send(alice, part(line), part("GET /gmail/v1/users/me/profile"))

    assert [status for _, status, _ in opened(answer)] == [400, 200]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [("multipart/mixed; boundary=b", b"--b\r\nContent-Type: application/http\r\n\r\nGET /x"), ("text/plain", b"x")],
)
async def test_what_is_no_batch_is_a_400(alice: httpx2.AsyncClient, content_type: str, body: bytes) -> None:
    answer = await alice.post("/batch/gmail/v1", content=body, headers={"Content-Type": content_type})

    assert answer.status_code == 400


async def test_one_part_can_be_held_back(google: SimulatedGoogle, alice: httpx2.AsyncClient) -> None:
    google.faults.add("gmail.users.messages.get", faults.too_many_requests(), times=1)
    answer = await send(alice, *[part("GET /gmail/v1/users/me/messages/a1")] * 3)

    assert sorted(status for _, status, _ in opened(answer)) == [200, 200, 429]


async def test_a_whole_batch_can_fail(google: SimulatedGoogle, alice: httpx2.AsyncClient) -> None:
    google.faults.add("batch.gmail", faults.server_error(503), times=1)

    assert (await send(alice, part("GET /gmail/v1/users/me/profile"))).status_code == 503
    assert (await send(alice, part("GET /gmail/v1/users/me/profile"))).status_code == 200


def test_a_part_that_drops_the_connection_drops_it_for_all(served: SimulatedGoogle, connection: httpx2.Client) -> None:
    served.faults.add("gmail.users.messages.get", faults.reset_after(), times=1)
    body = part("GET /gmail/v1/users/me/messages/a1") + part("GET /gmail/v1/users/me/profile") + "--b--\r\n"

    with pytest.raises(httpx2.ReadError):
        connection.post("/batch/gmail/v1", content=body, headers={"Content-Type": "multipart/mixed; boundary=b"})


async def test_a_batch_for_drive_goes_to_drive(alice: httpx2.AsyncClient) -> None:
    answer = await send(alice, part("GET /drive/v3/files?fields=nextPageToken"), api="drive/v3")

    assert opened(answer)[0][1:] == (200, '{"nextPageToken":"more"}')
