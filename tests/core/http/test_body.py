"""Bodies over the limit: 413, by the declared length or while it streams."""

import contextlib
from collections.abc import AsyncGenerator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from google_workspace_mcp.core.http.body import BodyTooLargeError
from tests.core.http.shells import PUBLIC, shell

MIB = 1024 * 1024


async def chunks(size: int, read: list[int] | None = None) -> AsyncGenerator[bytes]:
    for _ in range(size // 1024):
        if read is not None:
            read.append(1024)
        yield b"x" * 1024


async def flood(app: ASGIApp) -> list[Message]:
    """What is answered to a body for `/token` that never ends."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"x" * 1024, "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"host", b"tools.example")]
    scope = {"type": "http", "method": "POST", "path": "/ws/token", "raw_path": b"/ws/token", "headers": headers}
    await app(scope, receive, send)
    return sent


@pytest.mark.parametrize(("path", "limit"), [("/mcp", 4 * MIB), ("/tools/gmail_send", 4 * MIB), ("/token", 64 * 1024)])
async def test_a_body_of_exactly_the_limit_passes_and_one_byte_more_does_not(path: str, limit: int):
    running = shell()
    assert (await running.call("POST", f"{PUBLIC}/ws{path}", content=b"x" * limit)).json()["size"] == limit
    refused = await running.call("POST", f"{PUBLIC}/ws{path}", content=b"x" * (limit + 1))
    assert refused.status_code == 413
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["connection"] == "close"


async def test_a_declared_length_over_the_limit_is_refused_before_anything_is_read():
    read: list[int] = []
    headers = {"Content-Length": str(100 * MIB)}
    answer = await shell().call("POST", f"{PUBLIC}/ws/mcp", content=chunks(MIB, read), headers=headers)
    assert (answer.status_code, read) == (413, [])


async def test_a_stream_without_a_length_is_cut_off_at_the_limit():
    read: list[int] = []
    answer = await shell().call("POST", f"{PUBLIC}/ws/token", content=chunks(10 * MIB, read))
    assert answer.status_code == 413
    assert sum(read) <= 65 * 1024


async def test_a_length_that_understates_the_body_does_not_help():
    headers = {"Content-Length": "10"}
    answer = await shell().call("POST", f"{PUBLIC}/ws/token", content=chunks(MIB), headers=headers)
    assert answer.status_code == 413


async def test_an_application_that_catches_the_interruption_cannot_answer_as_well():
    async def stubborn(request: Request) -> Response:
        with contextlib.suppress(BodyTooLargeError):
            await request.body()
        return JSONResponse({"ok": True})

    running = shell(Starlette(routes=[Route("/token", stubborn, methods=["POST"])]))
    sent = await flood(running.app)
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert sent[0]["status"] == 413


async def test_an_answer_already_under_way_is_broken_off_and_not_completed():
    async def eager(_scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.body", "body": b"all well"})

    sent = await flood(shell(eager).app)
    assert [message["type"] for message in sent] == ["http.response.start"]
