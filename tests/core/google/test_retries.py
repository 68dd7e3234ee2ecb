import pytest

from google_workspace_mcp.core.errors import GoogleUnavailableError, RateLimitedError
from google_workspace_mcp.core.google.calls import CallKind
from tests.core.google.scripted import Bench, Say, ScriptedServer, bench_for, google_error

OK = Say(200, {"id": "m1"})


async def test_a_read_succeeds_on_the_third_attempt_with_growing_waits(google: ScriptedServer, bench: Bench):
    google.script = [Say(503), google_error(429, "rateLimitExceeded"), OK]

    answer = await bench.session.execute(bench.session.gmail.messages.get(userId="me", id="m1"))

    assert answer == {"id": "m1"}
    assert bench.ticks.slept == [0.5, 1.0]


async def test_a_repeatable_write_is_retried_like_a_read_with_the_same_body(google: ScriptedServer, bench: Bench):
    google.script = [Say(500), OK]
    request = bench.session.gmail.messages.modify(userId="me", id="m1", body={"addLabelIds": ["X"]})

    await bench.session.execute(request, kind=CallKind.REPEATABLE_WRITE)

    assert [seen.body for seen in google.seen] == [b'{"addLabelIds": ["X"]}'] * 2


@pytest.mark.security("G-2")
@pytest.mark.parametrize(
    ("header", "waited"),
    [
        ("7", 7.5),
        ("20", 20.5),
        ("0", 0.5),
        ("Wed, 25 Nov 2026 12:00:09 GMT", 9.5),
        ("Wed, 25 Nov 2026 11:00:00 GMT", 0.5),
        ("soon", 0.5),
        ("-5", 0.5),
        ("nan", 0.5),
        ("Infinity", 0.5),
        ("Wed, 99 Nov 99999 99:99:99 GMT", 0.5),
        ("9" * 400, 0.5),
    ],
)
async def test_retry_after_is_honoured_in_both_forms_and_nonsense_ignored(
    google: ScriptedServer, bench: Bench, header: str, waited: float
):
    google.script = [Say(429, b"", {"Retry-After": header}), OK]

    await bench.session.execute(bench.session.gmail.messages.get(userId="me", id="m1"))

    assert bench.ticks.slept == [waited]


@pytest.mark.security("G-2")
@pytest.mark.parametrize(("header", "asked"), [("21", 21), ("86400", 86400), ("Thu, 26 Nov 2026 12:00:00 GMT", 86400)])
async def test_a_wait_of_more_than_twenty_seconds_is_told_and_not_waited_for(
    google: ScriptedServer, bench: Bench, header: str, asked: float
):
    google.script = [Say(429, b"", {"Retry-After": header})]

    with pytest.raises(RateLimitedError) as raised:
        await bench.session.execute(bench.session.gmail.messages.get(userId="me", id="m1"))

    assert raised.value.retry_after == asked
    assert bench.ticks.slept == []
    assert len(google.seen) == 1


async def test_the_moment_that_gmail_names_in_its_message_is_honoured(google: ScriptedServer, bench: Bench):
    message = "User-rate limit exceeded.  Retry after 2026-11-25T12:00:05.250Z"
    google.script = [google_error(429, "rateLimitExceeded", message=message), OK]

    await bench.session.execute(bench.session.gmail.messages.get(userId="me", id="m1"))

    assert bench.ticks.slept == [5.75]


@pytest.mark.security("G-2")
async def test_an_attempt_is_not_begun_when_the_deadline_leaves_no_room_for_it(google: ScriptedServer):
    async with bench_for(google.url, seconds=6.0) as bench:
        google.script = [Say(503, b"", {"Retry-After": "5"})]

        with pytest.raises(GoogleUnavailableError) as raised:
            await bench.session.execute(bench.session.gmail.messages.get(userId="me", id="m1"))

    assert raised.value.retry_after == 5
    assert bench.ticks.slept == []


async def test_every_attempt_is_recorded_without_ids_or_addresses(google: ScriptedServer, bench: Bench):
    google.script = [Say(503), Say(200, {"id": "m1secret"})]

    await bench.session.execute(bench.session.gmail.messages.get(userId="me", id="m1secret"))

    first, second = bench.records
    assert (first.method_id, first.status, first.attempt, first.outcome) == (
        "gmail.users.messages.get",
        503,
        1,
        "google_unavailable",
    )
    assert (second.status, second.attempt, second.outcome) == (200, 2, "ok")
    assert "m1secret" not in repr(bench.records)
    assert "127.0.0.1" not in repr(bench.records)
