"""Many independent requests at once, in batches and in parallel."""

from typing import Any

import pytest

from google_workspace_mcp.core.errors import (
    GoogleUnavailableError,
    NotFoundError,
    RateLimitedError,
    ReauthRequiredError,
    WorkspaceError,
)
from google_workspace_mcp.core.google.calls import CallKind
from google_workspace_mcp.core.google.deadline import Deadline
from google_workspace_mcp.core.google.quota import UserLimits
from tests.core.google.scripted import (
    Bench,
    ResetAfterReading,
    Say,
    ScriptedServer,
    Seen,
    Step,
    bench_for,
    google_error,
    in_batches,
    parts_of,
)

REFUSED = google_error(401, "authError")


def messages(bench: Bench, count: int) -> list[Any]:
    return [bench.session.gmail.messages.get(userId="me", id=f"m{number}") for number in range(count)]


def drafts(bench: Bench, count: int) -> list[Any]:
    return [
        bench.session.gmail.drafts.create(userId="me", body={"message": {"raw": str(number)}})
        for number in range(count)
    ]


def name_of(seen: Seen) -> str:
    return seen.path.rpartition("/")[2]


def ids(results: list[Any]) -> list[str]:
    return [result["id"] for result in results if not isinstance(result, WorkspaceError)]


def echo(seen: Seen) -> Say:
    return Say(200, {"id": name_of(seen)})


async def test_many_reads_go_in_one_batch_and_their_answers_come_in_order(google: ScriptedServer, bench: Bench):
    google.answer = in_batches(echo)

    results = await bench.session.execute_many(messages(bench, 6))

    assert ids(results) == ["m0", "m1", "m2", "m3", "m4", "m5"]
    (seen,) = google.seen
    assert (seen.method, seen.path) == ("POST", "/batch/gmail/v1")
    assert seen.headers["authorization"] == "Bearer token-1"
    assert parts_of(seen)[0].target == "/gmail/v1/users/me/messages/m0?alt=json"


async def test_one_failure_leaves_the_others_alone(google: ScriptedServer, bench: Bench):
    google.answer = in_batches(lambda seen: google_error(404, "notFound") if name_of(seen) == "m3" else echo(seen))

    results = await bench.session.execute_many(messages(bench, 6))

    assert isinstance(results[3], NotFoundError)
    assert ids(results) == ["m0", "m1", "m2", "m4", "m5"]
    assert len(google.seen) == 1


async def test_only_the_parts_that_failed_for_the_moment_are_tried_again(google: ScriptedServer, bench: Bench):
    asked: list[str] = []

    def answer(seen: Seen) -> Say:
        asked.append(name_of(seen))
        busy = name_of(seen) in ("m1", "m4") and asked.count(name_of(seen)) == 1
        return Say(429, b"", {"Retry-After": "3"}) if busy else echo(seen)

    google.answer = in_batches(answer)

    results = await bench.session.execute_many(messages(bench, 6))

    assert ids(results) == ["m0", "m1", "m2", "m3", "m4", "m5"]
    assert [len(parts_of(seen)) for seen in google.seen] == [6, 2]
    assert bench.ticks.slept == [3.5]


async def test_a_part_that_keeps_failing_is_reported_after_three_attempts(google: ScriptedServer, bench: Bench):
    google.answer = in_batches(lambda seen: Say(503) if name_of(seen) == "m2" else echo(seen))

    results = await bench.session.execute_many(messages(bench, 5))

    assert isinstance(results[2], GoogleUnavailableError)
    assert ids(results) == ["m0", "m1", "m3", "m4"]
    assert [len(parts_of(seen)) for seen in google.seen] == [5, 1, 1]


@pytest.mark.parametrize("step", [Say(503), ResetAfterReading(), Say(200, b"<html>"), Say(200, b"")])
async def test_a_batch_that_fails_as_a_whole_is_sent_again_as_a_whole(google: ScriptedServer, bench: Bench, step: Step):
    good = in_batches(echo)
    google.answer = lambda seen: step if len(google.seen) == 1 else good(seen)

    results = await bench.session.execute_many(messages(bench, 4))

    assert ids(results) == ["m0", "m1", "m2", "m3"]
    assert len(google.seen) == 2


async def test_a_batch_that_keeps_failing_is_a_failure_of_each_of_its_requests(google: ScriptedServer, bench: Bench):
    google.answer = lambda _: Say(503)

    results = await bench.session.execute_many(messages(bench, 4))

    assert [type(result) for result in results] == [GoogleUnavailableError] * 4
    assert len(google.seen) == 3


async def test_a_part_that_is_missing_from_the_answer_is_asked_for_again(google: ScriptedServer, bench: Bench):
    good = in_batches(echo)

    def answer(seen: Seen) -> Step:
        step = good(seen)
        if len(google.seen) == 1:
            assert isinstance(step, Say)
            return Say(200, step.body.replace(b"<response-2>", b"<response-77>"), step.headers)
        return step

    google.answer = answer

    assert ids(await bench.session.execute_many(messages(bench, 4))) == ["m0", "m1", "m2", "m3"]
    assert [len(parts_of(seen)) for seen in google.seen] == [4, 1]


async def test_a_batch_holds_no_more_than_fifty(google: ScriptedServer, bench: Bench):
    google.answer = in_batches(echo)

    results = await bench.session.execute_many(messages(bench, 120))

    assert ids(results) == [f"m{number}" for number in range(120)]
    assert sorted(len(parts_of(seen)) for seen in google.seen) == [20, 50, 50]


async def test_two_reads_go_by_themselves_because_a_batch_would_not_pay(google: ScriptedServer, bench: Bench):
    google.answer = echo

    assert ids(await bench.session.execute_many(messages(bench, 2))) == ["m0", "m1"]
    assert [seen.method for seen in google.seen] == ["GET", "GET"]


async def test_a_repeatable_write_in_a_batch_carries_its_body(google: ScriptedServer, bench: Bench):
    google.answer = in_batches(lambda seen: Say(200, {"id": seen.body.decode()}))
    requests = [
        bench.session.gmail.messages.modify(userId="me", id=f"m{number}", body={"addLabelIds": [f"L{number}"]})
        for number in range(3)
    ]

    results = await bench.session.execute_many(requests, kind=CallKind.REPEATABLE_WRITE)

    assert ids(results) == [f'{{"addLabelIds": ["L{number}"]}}' for number in range(3)]


@pytest.mark.parametrize("kind", [CallKind.CREATE, CallKind.SEND])
async def test_what_must_not_be_repeated_never_goes_in_a_batch(google: ScriptedServer, bench: Bench, kind: CallKind):
    google.answer = lambda _: Say(200, {"id": "d"})

    results = await bench.session.execute_many(drafts(bench, 40), kind=kind)

    assert ids(results) == ["d"] * 40
    assert {seen.path for seen in google.seen} == {"/gmail/v1/users/me/drafts"}
    assert 1 < google.most_under_way <= 8


async def test_however_many_there_are_only_one_of_them_stands_in_the_users_queue(google: ScriptedServer):
    async with bench_for(google.url, limits=UserLimits(calls=2, waiting=1)) as bench:
        google.answer = lambda _: Say(200, {"id": "d"})

        results = await bench.session.execute_many(drafts(bench, 30), kind=CallKind.CREATE)

    assert ids(results) == ["d"] * 30
    assert google.most_under_way == 2


async def test_no_requests_give_no_answers(bench: Bench):
    assert await bench.session.execute_many([]) == []


async def test_a_rejected_token_is_replaced_once_for_the_whole_batch(google: ScriptedServer, bench: Bench):
    good = in_batches(echo)
    google.answer = lambda seen: good(seen) if seen.headers["authorization"] == "Bearer token-2" else REFUSED

    assert ids(await bench.session.execute_many(messages(bench, 10))) == [f"m{number}" for number in range(10)]
    assert bench.tokens.rejections == ["token-1"]
    assert len(google.seen) == 2


async def test_a_token_that_is_rejected_inside_a_batch_is_replaced_too(google: ScriptedServer, bench: Bench):
    good, bad = in_batches(echo), in_batches(lambda _: REFUSED)
    google.answer = lambda seen: (good if seen.headers["authorization"] == "Bearer token-2" else bad)(seen)

    assert len(ids(await bench.session.execute_many(messages(bench, 10)))) == 10
    assert len(google.seen) == 2


async def test_a_lost_connection_is_raised_for_all_and_stops_what_has_not_begun(google: ScriptedServer, bench: Bench):
    google.answer = lambda _: REFUSED

    with pytest.raises(ReauthRequiredError):
        await bench.session.execute_many([bench.session.drive.files.get(fileId=f"f{n}") for n in range(1000)])

    # Eight batches were under way, each with two tokens.
    assert len(google.seen) <= 16


async def test_a_deadline_is_raised_for_all_reads(google: ScriptedServer, bench: Bench):
    session = bench.within(Deadline(bench.ticks, 0.0))

    with pytest.raises(GoogleUnavailableError) as raised:
        await session.execute_many(messages(bench, 3))

    assert raised.value.reason == "deadline"


async def test_writes_that_went_through_are_told_although_the_connection_was_lost_among_them(
    google: ScriptedServer, bench: Bench
):
    google.answer = lambda seen: Say(200, {"id": "x"}) if b'"0"' in seen.body else REFUSED

    results = await bench.session.execute_many(drafts(bench, 3), kind=CallKind.CREATE)

    assert results[0] == {"id": "x"}
    assert all(isinstance(result, ReauthRequiredError) for result in results[1:])


async def test_a_batch_is_charged_the_units_of_all_its_parts(google: ScriptedServer, bench: Bench):
    google.answer = in_batches(echo)

    await bench.session.execute_many(messages(bench, 10))

    (record,) = bench.records
    assert (record.method_id, record.units, record.outcome) == ("gmail.batch", 200, "ok")


async def test_reads_beyond_the_users_units_are_told_to_wait_and_not_sent(google: ScriptedServer, bench: Bench):
    google.answer = in_batches(echo)
    for _ in range(4):
        await bench.session.execute_many(messages(bench, 50))

    await bench.session.execute_many(messages(bench, 40))
    results = await bench.session.execute_many(messages(bench, 50))

    assert all(isinstance(result, RateLimitedError) and result.reason == "user_units" for result in results)
    assert len(google.seen) == 5
