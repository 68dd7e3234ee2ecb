"""Real sockets, real signals: starting, draining and ending."""

import asyncio
import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from google_workspace_mcp.core.http.server import RunningServer, listen
from tests.core.http.shells import shell

ROOT = Path(__file__).parents[3]


@dataclass
class Process:
    url: str
    handle: subprocess.Popen[str]

    def stop(self, *, signals: int = 1, number: int = signal.SIGTERM) -> None:
        for _ in range(signals):
            self.handle.send_signal(number)

    def end(self) -> tuple[int, str]:
        """Exit code and output, within 20 s."""
        output, _ = self.handle.communicate(timeout=20)
        return self.handle.returncode, output


@contextmanager
def process(*, drain: float = 0, graceful: int = 5, port: int | None = None) -> Generator[Process]:
    with listen() as probe:
        port = port or probe.getsockname()[1]
    command = [sys.executable, "-m", "tests.core.http.process", str(port), str(drain), str(graceful)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as handle:
        try:
            yield Process(f"http://127.0.0.1:{port}", handle)
        finally:
            if handle.poll() is None:
                handle.kill()


async def until_ready(running: Process, client: httpx2.AsyncClient) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                if (await client.get(f"{running.url}/ready")).status_code == 200:
                    return
            except httpx2.TransportError:
                await asyncio.sleep(0.05)


async def in_flight(client: httpx2.AsyncClient, running: Process, seconds: float) -> asyncio.Task[httpx2.Response]:
    """A call that is being served when this returns."""
    call = asyncio.create_task(client.get(f"{running.url}/account/slow?seconds={seconds}"))
    await asyncio.wait({call}, timeout=0.2)
    return call


async def test_sigterm_drains_serves_on_and_ends_with_zero():
    """L-1."""
    with process(drain=1.0) as running:
        async with httpx2.AsyncClient(timeout=10) as client:
            await until_ready(running, client)
            call = await in_flight(client, running, 1.5)
            running.stop()
            signalled = time.monotonic()
            readiness = await client.get(f"{running.url}/ready")
            new_call = await client.get(f"{running.url}/account/slow?seconds=0")
            answered = time.monotonic() - signalled
            assert (readiness.status_code, readiness.json()) == (503, {"status": "draining"})
            assert new_call.text == "done"
            assert answered < 0.9
            assert (await call).text == "done"
        code, output = running.end()
    assert code == 0
    assert "closed in order" in output


async def test_an_interrupt_without_a_drain_delay_ends_soon():
    with process() as running:
        async with httpx2.AsyncClient(timeout=10) as client:
            await until_ready(running, client)
        running.stop(number=signal.SIGINT)
        begun = time.monotonic()
        code, output = running.end()
    assert (code, time.monotonic() - begun < 5) == (0, True)
    assert "Traceback" not in output


async def test_a_second_signal_stops_at_once():
    with process(drain=60, graceful=60) as running:
        async with httpx2.AsyncClient(timeout=30) as client:
            await until_ready(running, client)
            call = await in_flight(client, running, 30)
            running.stop()
            await client.get(f"{running.url}/ready")
            running.stop()
            signalled = time.monotonic()
            with contextlib.suppress(httpx2.TransportError):
                assert (await call).status_code == 500
        code, _ = running.end()
    assert code == 0
    assert time.monotonic() - signalled < 5


async def exhaust(pieces: AsyncIterator[bytes]) -> None:
    async for _ in pieces:
        pass


async def test_a_stream_without_end_is_cut_off_after_the_graceful_time():
    with process(graceful=1) as running:
        async with httpx2.AsyncClient(timeout=10) as client:
            await until_ready(running, client)
            async with asyncio.timeout(15), client.stream("GET", f"{running.url}/account/endless") as stream:
                pings = stream.aiter_raw()
                await anext(pings)
                running.stop()
                with pytest.raises(httpx2.TransportError):
                    await exhaust(pings)
        code, output = running.end()
    assert code == 0
    assert "closed in order" in output


async def test_the_collector_is_tuned_once_everything_is_up():
    with process() as running:
        async with httpx2.AsyncClient(timeout=10) as client:
            await until_ready(running, client)
            told = (await client.get(f"{running.url}/account/gc")).json()
    assert told["frozen"] > 10_000
    assert told["thresholds"][0] > 2_000


async def test_a_port_that_is_taken_is_told_by_the_exit_code():
    with listen() as taken:
        taken.listen()
        with process(port=taken.getsockname()[1]) as running:
            code, output = running.end()
    assert code != 0
    assert "Traceback" not in output


async def whoami(request: Request) -> Response:
    assert request.client is not None
    return JSONResponse({"client": request.client.host, "scheme": request.scope["scheme"]})


FORWARDED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}


def test_forwarded_headers_are_not_believed_by_default(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    with RunningServer(Starlette(routes=[Route("/", whoami)])) as server:
        told = httpx2.get(server.url, headers=FORWARDED, timeout=5).json()
    assert told == {"client": "127.0.0.1", "scheme": "http"}


def test_forwarded_headers_of_the_listed_networks_are_believed():
    with RunningServer(Starlette(routes=[Route("/", whoami)]), forwarded_allow_ips=["127.0.0.0/8"]) as server:
        told = httpx2.get(server.url, headers=FORWARDED, timeout=5).json()
    assert told == {"client": "203.0.113.9", "scheme": "https"}


def test_the_server_does_not_name_itself():
    with RunningServer(Starlette(routes=[Route("/", whoami)])) as server:
        assert "server" not in httpx2.get(server.url, timeout=5).headers


def test_one_server_answers_on_several_addresses():
    first = listen("127.0.0.1")
    second = listen("127.0.0.2", first.getsockname()[1])
    with RunningServer(Starlette(routes=[Route("/", whoami)]), first, second) as server:
        assert httpx2.get(f"http://127.0.0.2:{server.port}/", timeout=5).status_code == 200
        assert httpx2.get(server.url, timeout=5).status_code == 200


def test_a_server_that_cannot_start_says_so():
    async def refuse(scope: object, receive: object, send: object) -> None:
        raise ValueError("no")

    with pytest.raises(RuntimeError, match="did not start"):
        RunningServer(refuse).start()


@pytest.mark.security("L-7")
@pytest.mark.parametrize("declared", [True, False])
def test_a_body_over_the_limit_meets_413_on_the_wire(declared: bool):
    size = 5 * 1024 * 1024
    listener = listen()
    port = listener.getsockname()[1]
    app = shell(base_url=f"http://127.0.0.1:{port}").app
    content = b"x" * size if declared else (b"x" * 65_536 for _ in range(size // 65_536))
    with RunningServer(app, listener) as server:
        answer = httpx2.post(f"{server.url}/mcp", content=content, timeout=10)
        assert answer.status_code == 413
        assert httpx2.post(f"{server.url}/mcp", content=b"x", timeout=10).json()["size"] == 1


def test_the_answer_to_a_body_too_large_does_not_wait_for_the_body():
    listener = listen()
    port = listener.getsockname()[1]
    head = f"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 99999999\r\n\r\n"
    app = shell(base_url=f"http://127.0.0.1:{port}").app
    with RunningServer(app, listener), socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(head.encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 413")


def test_an_answer_that_breaks_off_is_seen_as_broken():
    async def breaking(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await Starlette()(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise ValueError("in the middle")

    listener = listen()
    app = shell(breaking, base_url=f"http://127.0.0.1:{listener.getsockname()[1]}").app
    with RunningServer(app, listener) as server, pytest.raises(httpx2.RemoteProtocolError):
        httpx2.get(f"{server.url}/mcp", timeout=5)
