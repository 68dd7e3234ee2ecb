"""Broken connections: what is certain is told as certain, what is not is told as unknown."""

import asyncio
import socket
import time

import httpx2
import pytest

from google_workspace_mcp.core.errors import GoogleUnavailableError, OutcomeUnknownError
from google_workspace_mcp.core.google.calls import CallKind
from google_workspace_mcp.core.google.deadline import Deadline
from google_workspace_mcp.core.google.failures import broken_connection
from tests.core.google.scripted import (
    Bench,
    Drip,
    Hang,
    ResetAfterReading,
    ResetBeforeReading,
    Say,
    ScriptedServer,
    Step,
    Tokens,
    bench_for,
)

KINDS = [CallKind.SEND, CallKind.CREATE]


def nobody_listens() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.mark.security("G-4")
@pytest.mark.parametrize("step", [ResetBeforeReading(), ResetAfterReading()])
async def test_a_read_survives_a_reset(google: ScriptedServer, bench: Bench, step: Step):
    google.script = [step, Say(200, {"id": "m1"})]

    assert await bench.session.execute(bench.session.gmail.messages.get(userId="me", id="m1")) == {"id": "m1"}


@pytest.mark.security("G-4")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("step", [ResetBeforeReading(), ResetAfterReading()])
async def test_a_write_whose_connection_is_reset_is_an_unknown_outcome_and_not_repeated(
    google: ScriptedServer, bench: Bench, step: Step, kind: CallKind
):
    google.script = [step]

    with pytest.raises(OutcomeUnknownError) as raised:
        await bench.session.execute(bench.session.gmail.messages.send(userId="me", body={"raw": "eA"}), kind=kind)

    assert raised.value.reason == "reset"
    assert bench.ticks.slept == []


@pytest.mark.security("G-4")
@pytest.mark.parametrize("kind", list(CallKind))
async def test_a_refused_connection_is_certain_for_every_kind_because_nothing_was_sent(kind: CallKind):
    async with bench_for(nobody_listens()) as bench:
        with pytest.raises(GoogleUnavailableError) as raised:
            await bench.session.execute(bench.session.gmail.messages.send(userId="me", body={"raw": "eA"}), kind=kind)

    assert raised.value.reason == "connect"
    assert len(bench.records) == (3 if kind.repeatable else 1)
    assert bench.records[0].status is None


@pytest.mark.security("G-4")
async def test_a_failing_tls_handshake_is_certain():
    async def speak_plainly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(64)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(speak_plainly, "127.0.0.1", 0)
    async with server, bench_for(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}") as bench:
        with pytest.raises(GoogleUnavailableError) as raised:
            await bench.session.execute(
                bench.session.gmail.messages.send(userId="me", body={"raw": "eA"}), kind=CallKind.SEND
            )
        server.abort_clients()

    assert raised.value.reason == "connect"


@pytest.mark.security("G-4")
async def test_a_name_that_does_not_resolve_is_certain():
    async with bench_for("http://google.invalid") as bench:
        with pytest.raises(GoogleUnavailableError) as raised:
            await bench.session.execute(
                bench.session.gmail.messages.send(userId="me", body={"raw": "eA"}), kind=CallKind.SEND
            )

    assert raised.value.reason == "connect"


@pytest.mark.security("G-4")
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (httpx2.ReadTimeout("SECRET"), "timeout"),
        (httpx2.WriteTimeout("SECRET"), "timeout"),
        (httpx2.ReadError("SECRET"), "reset"),
        (httpx2.WriteError("SECRET"), "reset"),
        (httpx2.RemoteProtocolError("SECRET"), "reset"),
    ],
)
def test_a_connection_that_breaks_after_it_was_made_is_uncertain_for_writes_only(
    error: httpx2.RequestError, reason: str
):
    for_read = broken_connection(error, kind=CallKind.READ)
    for_send = broken_connection(error, kind=CallKind.SEND)

    assert (type(for_read), for_read.reason) == (GoogleUnavailableError, reason)
    assert (type(for_send), for_send.reason) == (OutcomeUnknownError, reason)
    assert "SECRET" not in for_read.sentence() + for_send.sentence()


@pytest.mark.parametrize("error", [httpx2.ConnectTimeout(""), httpx2.PoolTimeout(""), httpx2.ConnectError("")])
def test_waiting_in_vain_for_a_connection_is_certain_also_for_writes(error: httpx2.RequestError):
    assert type(broken_connection(error, kind=CallKind.SEND)) is GoogleUnavailableError


def test_that_this_process_has_no_connection_left_is_no_fault_of_googles():
    assert broken_connection(httpx2.PoolTimeout(""), kind=CallKind.READ).fault == "service"
    assert broken_connection(httpx2.ConnectError(""), kind=CallKind.READ).fault == "google"


async def test_a_proxy_named_in_the_environment_is_not_used(google: ScriptedServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTP_PROXY", nobody_listens())
    google.script = [Say(200, {"id": "m1"})]

    async with bench_for(google.url) as bench:
        assert await bench.session.execute(bench.session.gmail.messages.get(userId="me", id="m1")) == {"id": "m1"}


@pytest.mark.security("G-4")
@pytest.mark.parametrize("step", [Hang(), Drip(b'{"id": ')])
async def test_a_read_that_does_not_end_by_its_deadline_may_be_tried_again(
    google: ScriptedServer, bench: Bench, step: Step
):
    google.script = [step]
    session = bench.within(Deadline(time.monotonic, 0.2))

    with pytest.raises(GoogleUnavailableError) as raised:
        await session.execute(session.gmail.messages.get(userId="me", id="m1"))

    assert raised.value.reason == "deadline"
    assert raised.value.retryable
    assert len(google.seen) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("step", [Hang(), Drip(b'{"id": ')])
async def test_a_write_that_does_not_end_by_its_deadline_is_an_unknown_outcome(
    google: ScriptedServer, bench: Bench, step: Step, kind: CallKind
):
    google.script = [step]
    session = bench.within(Deadline(time.monotonic, 0.2))

    with pytest.raises(OutcomeUnknownError) as raised:
        await session.execute(session.gmail.messages.send(userId="me", body={"raw": "eA"}), kind=kind)

    assert raised.value.reason == "deadline"


async def test_a_deadline_that_passes_while_connecting_is_certain_also_for_a_send():
    # The queue of a listener that accepts nobody is filled, so that one more connection gets no answer.
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        try:
            for filler in fillers:
                filler.setblocking(False)
                filler.connect_ex(listener.getsockname())
            async with bench_for(f"http://127.0.0.1:{listener.getsockname()[1]}") as bench:
                session = bench.within(Deadline(time.monotonic, 0.3))
                with pytest.raises(GoogleUnavailableError) as raised:
                    await session.execute(
                        session.gmail.messages.send(userId="me", body={"raw": "eA"}), kind=CallKind.SEND
                    )
        finally:
            for filler in fillers:
                filler.close()

    assert raised.value.reason == "deadline"


async def test_nothing_is_sent_after_the_deadline(google: ScriptedServer, bench: Bench):
    session = bench.within(Deadline(bench.ticks, 0.0))

    with pytest.raises(GoogleUnavailableError) as raised:
        await session.execute(session.gmail.messages.get(userId="me", id="m1"))

    assert raised.value.reason == "deadline"
    assert google.seen == []


async def test_a_slow_token_counts_against_the_deadline(google: ScriptedServer, bench: Bench):
    class NeverReady(Tokens):
        async def access_token(self, *, rejected: str | None = None) -> str:
            await asyncio.Event().wait()
            return ""

    bench.tokens = NeverReady()
    session = bench.within(Deadline(time.monotonic, 0.05))

    with pytest.raises(GoogleUnavailableError) as raised:
        await session.execute(session.gmail.messages.get(userId="me", id="m1"))

    assert raised.value.reason == "deadline"


async def test_a_caller_that_leaves_is_recorded_as_cancelled(google: ScriptedServer, bench: Bench):
    arrived = asyncio.Event()

    def hang(_: object) -> Step:
        arrived.set()
        return Hang()

    google.answer = hang
    task = asyncio.create_task(bench.session.execute(bench.session.gmail.messages.get(userId="me", id="m1")))
    await asyncio.wait_for(arrived.wait(), 10)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert [record.outcome for record in bench.records] == ["cancelled"]
