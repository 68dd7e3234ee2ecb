"""The transport with everything that protects Google, the process and each user from one another."""

import asyncio
from typing import Any

import pytest

from google_workspace_mcp.core.errors import GoogleUnavailableError, NotFoundError, RateLimitedError
from google_workspace_mcp.core.google.calls import CallKind
from google_workspace_mcp.core.google.quota import UserLimits
from google_workspace_mcp.core.google.session import GoogleSession
from tests.core.google.scripted import Bench, Hang, Say, ScriptedServer, bench_for, google_error

OK = Say(200, {"id": "m1"})


async def read(session: GoogleSession) -> dict[str, Any]:
    return await session.execute(session.gmail.messages.get(userId="me", id="m1"))


async def failures_of(session: GoogleSession, times: int) -> list[GoogleUnavailableError]:
    found: list[GoogleUnavailableError] = []
    for _ in range(times):
        with pytest.raises(GoogleUnavailableError) as raised:
            await read(session)
        found.append(raised.value)
    return found


async def test_a_failing_api_is_left_alone_until_its_breaker_tries_again(google: ScriptedServer, bench: Bench):
    google.answer = lambda _: Say(503)
    failures = await failures_of(bench.session, 20)

    assert failures[-1].reason == "breaker_open"
    assert failures[-1].retry_after is not None
    seen = len(google.seen)
    await failures_of(bench.session, 5)
    assert len(google.seen) == seen

    google.answer = lambda _: OK
    bench.ticks.seconds += 11
    assert await read(bench.session) == {"id": "m1"}
    assert bench.states == [("gmail", "open"), ("gmail", "half_open"), ("gmail", "closed")]


async def test_another_api_goes_on_while_one_is_left_alone(google: ScriptedServer, bench: Bench):
    google.answer = lambda seen: Say(503) if seen.path.startswith("/gmail") else Say(200, {"id": "f1"})
    await failures_of(bench.session, 20)

    assert await bench.session.execute(bench.session.drive.files.get(fileId="f1")) == {"id": "f1"}


async def test_an_open_breaker_is_certain_also_for_a_send(google: ScriptedServer, bench: Bench):
    google.answer = lambda _: Say(503)
    await failures_of(bench.session, 20)

    with pytest.raises(GoogleUnavailableError) as raised:
        await bench.session.execute(
            bench.session.gmail.messages.send(userId="me", body={"raw": "eA"}), kind=CallKind.SEND
        )

    assert raised.value.reason == "breaker_open"


@pytest.mark.parametrize("answer", [google_error(404, "notFound"), google_error(403, "userRateLimitExceeded")])
async def test_refusals_never_open_a_breaker(google: ScriptedServer, bench: Bench, answer: Say):
    google.answer = lambda _: answer
    for _ in range(30):
        with pytest.raises((NotFoundError, RateLimitedError)):
            await read(bench.as_user(""))
    google.answer = lambda _: OK
    bench.ticks.seconds += 600

    assert await read(bench.as_user("")) == {"id": "m1"}
    assert bench.states == []


async def test_retries_end_when_the_processs_budget_for_them_is_used_up(google: ScriptedServer, bench: Bench):
    google.answer = lambda _: OK
    for _ in range(100):
        await read(bench.session)
    google.answer = lambda _: Say(503)
    attempts: list[int] = []
    for _ in range(30):
        before = len(google.seen)
        await failures_of(bench.as_user(""), 1)
        attempts.append(len(google.seen) - before)

    assert attempts[0] == 3
    assert attempts[-1] == 1
    # A tenth of a hundred calls, ten in reserve, and what came back while waiting.
    assert 20 <= sum(attempts) - 30 <= 35


async def test_one_users_rate_limits_do_not_use_up_the_retries_of_others(google: ScriptedServer, bench: Bench):
    greedy, other = bench.as_user("greedy"), bench.as_user("other")
    google.answer = lambda _: google_error(429, "userRateLimitExceeded")
    for _ in range(40):
        with pytest.raises(RateLimitedError):
            await read(greedy)
    google.answer = None
    google.script = [Say(503), Say(503), OK]

    assert await read(other) == {"id": "m1"}


async def test_one_user_waits_and_is_refused_while_another_is_served_at_once(google: ScriptedServer):
    limits = UserLimits(calls=3, waiting=2)
    async with bench_for(google.url, limits=limits) as bench:
        google.script = [Hang(), Hang(), Hang(), OK, OK, OK]
        greedy, other = bench.as_user("greedy"), bench.as_user("other")
        hanging = [asyncio.create_task(read(greedy)) for _ in range(3)]
        await google.has_seen(3)
        waiting = [asyncio.create_task(read(greedy)) for _ in range(2)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)

        with pytest.raises(RateLimitedError) as refused:
            await read(greedy)
        assert (refused.value.reason, refused.value.retry_after) == ("user_queue", 5)
        assert await read(other) == {"id": "m1"}

        for task in hanging:
            task.cancel()
        assert await asyncio.wait_for(asyncio.gather(*waiting), 10) == [{"id": "m1"}] * 2
        await asyncio.gather(*hanging, return_exceptions=True)
    refusals = [record for record in bench.records if not record.sent]
    assert [(record.outcome, record.reason) for record in refusals] == [("rate_limited", "user_queue")]


async def test_a_send_beyond_the_users_units_is_told_to_wait_and_never_leaves(google: ScriptedServer, bench: Bench):
    google.answer = lambda _: Say(200, {"id": "m1"})
    request = bench.session.gmail.messages.send(userId="me", body={"raw": "eA"})
    share = bench.transport.share_of("")
    await share.pay("gmail", 4800, bench.session.deadline, bench.ticks.sleep)
    await share.pay("gmail", 350, bench.session.deadline, bench.ticks.sleep)
    bench.ticks.seconds -= bench.ticks.slept[-1]

    with pytest.raises(RateLimitedError) as refused:
        await bench.session.execute(request, kind=CallKind.SEND)

    assert refused.value.reason == "user_units"
    assert google.seen == []


async def test_each_attempt_is_charged_because_google_charges_each(google: ScriptedServer, bench: Bench):
    google.script = [Say(503), OK]

    await read(bench.session)

    assert [(record.attempt, record.units, record.sent) for record in bench.records] == [(1, 20, True), (2, 20, True)]
