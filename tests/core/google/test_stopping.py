"""Deadlines in a process that is being stopped: they move up, and the failure says why."""

import asyncio
import time

import pytest

from google_workspace_mcp.core.errors import GoogleUnavailableError, OutcomeUnknownError, RateLimitedError
from google_workspace_mcp.core.google.calls import CallKind
from google_workspace_mcp.core.google.deadline import Deadline, Stopping
from google_workspace_mcp.core.google.quota import UserLimits, UserQuotas, UserShare
from google_workspace_mcp.core.google.session import GoogleSession
from google_workspace_mcp.core.google.transport import GoogleTransport
from tests.core.google.scripted import Bench, FixedClock, Hang, Say, ScriptedServer, Seen, in_batches
from tests.support.waiting import until


class Task:
    """A process whose end can be announced, as the life cycle of a server does it."""

    def __init__(self) -> None:
        self.ends_at: float | None = None
        self.stopping = Stopping(self._time_left)

    def stop(self, seconds: float) -> None:
        self.ends_at = time.monotonic() + seconds
        self.stopping.move_up()

    def _time_left(self) -> float | None:
        return None if self.ends_at is None else max(0.0, self.ends_at - time.monotonic())


@pytest.fixture
def task() -> Task:
    return Task()


@pytest.fixture
def session(bench: Bench, task: Task) -> GoogleSession:
    return bench.within(Deadline(time.monotonic, stopping=task.stopping))


def read(session: GoogleSession):
    return session.execute(session.gmail.messages.get(userId="me", id="m1"))


def send(session: GoogleSession):
    request = session.gmail.messages.send(userId="me", body={"raw": "eA"})
    return session.execute(request, kind=CallKind.SEND)


async def arrived(google: ScriptedServer) -> None:
    await until(lambda: bool(google.seen))


def test_without_an_end_in_sight_a_call_has_its_own_time(task: Task):
    assert 44 < Deadline(time.monotonic, stopping=task.stopping).left() <= 45


async def test_a_call_that_begins_while_stopping_has_what_is_left_less_two_seconds(task: Task):
    task.stop(30)
    assert 27 < Deadline(time.monotonic, stopping=task.stopping).left() <= 28


async def test_a_distant_end_takes_no_time_from_a_call(task: Task):
    task.stop(300)
    deadline = Deadline(time.monotonic, stopping=task.stopping)
    assert 44 < deadline.left() <= 45
    assert not deadline.cut_short


async def test_a_read_that_is_waited_for_ends_in_time_and_may_be_tried_again(
    google: ScriptedServer, session: GoogleSession, task: Task
):
    google.script = [Hang()]
    call = asyncio.create_task(read(session))
    await arrived(google)
    task.stop(2.2)
    began = time.monotonic()

    with pytest.raises(GoogleUnavailableError, match="being replaced") as raised:
        await call

    assert time.monotonic() - began < 1.5
    assert (raised.value.retryable, raised.value.retry_after, raised.value.fault) == (True, 1, "service")


@pytest.mark.security("L-1")
async def test_a_send_that_is_waited_for_ends_in_time_as_an_unknown_outcome(
    google: ScriptedServer, session: GoogleSession, task: Task
):
    google.script = [Hang()]
    call = asyncio.create_task(send(session))
    await arrived(google)
    task.stop(2.2)

    with pytest.raises(OutcomeUnknownError):
        await call


async def test_a_call_that_has_time_enough_finishes(google: ScriptedServer, session: GoogleSession, task: Task):
    google.script = [Say(200, {"id": "m1"})]
    task.stop(30)
    assert await read(session) == {"id": "m1"}


async def test_nothing_is_sent_when_the_end_is_nearer_than_an_answer(
    google: ScriptedServer, session: GoogleSession, task: Task
):
    task.stop(1.5)
    with pytest.raises(GoogleUnavailableError, match="being replaced"):
        await send(session)
    assert google.seen == []


async def test_waiting_before_another_attempt_ends_in_time_too(google: ScriptedServer, bench: Bench, task: Task):
    patient = GoogleTransport(bench.http, clock=FixedClock(), randomness=lambda: 1.0, observe=bench.records.append)
    deadline = Deadline(time.monotonic, stopping=task.stopping)
    google.script = [Say(429, headers={"Retry-After": "10"})]
    call = asyncio.create_task(read(GoogleSession(patient, bench.resources, bench.tokens, deadline)))
    # The answer has come, so the call waits.
    await until(lambda: bool(bench.records))
    task.stop(2.2)
    began = time.monotonic()

    with pytest.raises(GoogleUnavailableError, match="being replaced"):
        await call

    assert time.monotonic() - began < 5


async def test_a_batch_whose_pause_is_cut_short_gives_what_it_has(google: ScriptedServer, bench: Bench, task: Task):
    def answered(seen: Seen) -> Say:
        limited = seen.path.endswith("/m2")
        return Say(429, headers={"Retry-After": "10"}) if limited else Say(200, {"id": seen.path[-2:]})

    patient = GoogleTransport(bench.http, clock=FixedClock(), randomness=lambda: 1.0, observe=bench.records.append)
    session = GoogleSession(
        patient, bench.resources, bench.tokens, Deadline(time.monotonic, stopping=task.stopping), "user"
    )
    google.answer = in_batches(answered)
    requests = [session.gmail.messages.get(userId="me", id=each) for each in ("m1", "m2", "m3")]
    call = asyncio.create_task(session.execute_many(requests))
    await until(lambda: bool(bench.records))
    task.stop(2.2)
    began = time.monotonic()

    first, second, third = await call

    assert time.monotonic() - began < 5
    assert (first, third) == ({"id": "m1"}, {"id": "m3"})
    assert isinstance(second, RateLimitedError)
    assert len(google.seen) == 1


async def test_waiting_for_the_users_turn_ends_in_time_too(task: Task):
    share = UserQuotas(time.monotonic, UserLimits(calls=1, wait_seconds=60)).of("user")
    deadline = Deadline(time.monotonic, stopping=task.stopping)
    async with share.slot(deadline):
        waiting = asyncio.create_task(_one_turn(share, deadline))
        await asyncio.sleep(0)
        task.stop(2.2)
        began = time.monotonic()
        with pytest.raises(GoogleUnavailableError, match="being replaced") as raised:
            await waiting
        assert time.monotonic() - began < 5
        assert raised.value.retry_after == 1
    # The place that was given up is not lost to others.
    assert await _one_turn(share, Deadline(time.monotonic)) == 0.0


async def _one_turn(share: UserShare, deadline: Deadline) -> float:
    async with share.slot(deadline) as waited:
        return waited
