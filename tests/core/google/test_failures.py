"""Each of Google's answers is its own failure, in our words."""

import pytest

from google_workspace_mcp.core.errors import (
    ConflictError,
    GoogleRefusedError,
    GoogleUnavailableError,
    InternalError,
    MisconfiguredError,
    NotFoundError,
    OutcomeUnknownError,
    RateLimitedError,
    ScopeMissingError,
    TooLargeError,
    UserInputError,
    WorkspaceError,
)
from google_workspace_mcp.core.google.calls import CallKind
from tests.core.google.scripted import Bench, Say, ScriptedServer, google_error

FINAL = [
    (google_error(400, "badRequest"), UserInputError, "bad_request"),
    (google_error(400, "timeRangeEmpty"), UserInputError, "time_range"),
    (google_error(400, "failedPrecondition"), GoogleRefusedError, "failed_precondition"),
    (google_error(400, "invalidSharingRequest"), GoogleRefusedError, "sharing_refused"),
    (google_error(403, "insufficientPermissions"), ScopeMissingError, "scope"),
    (google_error(403, "forbidden", details="ACCESS_TOKEN_SCOPE_INSUFFICIENT"), GoogleRefusedError, "no_permission"),
    (google_error(403, "", details="ACCESS_TOKEN_SCOPE_INSUFFICIENT"), ScopeMissingError, "scope"),
    (google_error(403, "domainPolicy"), GoogleRefusedError, "domain_policy"),
    (google_error(403, "forbiddenForNonOrganizer"), GoogleRefusedError, "not_organizer"),
    (google_error(403, "cannotDownloadAbusiveFile"), GoogleRefusedError, "abusive_file"),
    (google_error(403, "cannotDownloadFile"), GoogleRefusedError, "no_download"),
    (google_error(403, "fileNotDownloadable"), GoogleRefusedError, "not_downloadable"),
    (google_error(403, "accessNotConfigured"), MisconfiguredError, "api_not_enabled"),
    (google_error(403, "", details="SERVICE_DISABLED"), MisconfiguredError, "api_not_enabled"),
    (google_error(403, "dailyLimitExceeded"), MisconfiguredError, "daily_limit"),
    (google_error(403, "dailyLimitExceeded", details="RATE_LIMIT_EXCEEDED"), MisconfiguredError, "daily_limit"),
    (google_error(403, "exportSizeLimitExceeded"), TooLargeError, "export_size"),
    (google_error(403, "neverHeardOf"), GoogleRefusedError, "forbidden"),
    (Say(403, b"<html>automated queries</html>"), GoogleRefusedError, "forbidden"),
    (google_error(404, "notFound"), NotFoundError, "not_found"),
    (google_error(410, "deleted"), NotFoundError, "gone"),
    (google_error(410, "fullSyncRequired"), NotFoundError, "sync_expired"),
    (google_error(409, "duplicate"), ConflictError, "conflict"),
    (google_error(412, "conditionNotMet"), ConflictError, "changed"),
    (Say(413, b""), TooLargeError, "upload_size"),
    (google_error(418, "teapot"), InternalError, "unexpected_status"),
    (Say(200, {"error": {"code": 404, "message": "x"}}), NotFoundError, "not_found"),
]


@pytest.mark.security("G-3")
@pytest.mark.parametrize(("answer", "failure", "reason"), FINAL)
async def test_a_final_answer_is_reported_at_once_as_what_it_is(
    google: ScriptedServer, bench: Bench, answer: Say, failure: type[WorkspaceError], reason: str
):
    google.script = [answer]

    with pytest.raises(failure) as raised:
        await bench.session.execute(bench.session.drive.files.get(fileId="f1"))

    assert type(raised.value) is failure
    assert raised.value.reason == reason
    assert len(google.seen) == 1
    assert bench.ticks.slept == []


@pytest.mark.security("G-3")
@pytest.mark.parametrize("row", range(len(FINAL)))
async def test_no_failure_repeats_googles_text_or_address(google: ScriptedServer, bench: Bench, row: int):
    google.script = [FINAL[row][0]]

    with pytest.raises(WorkspaceError) as raised:
        await bench.session.execute(bench.session.drive.files.get(fileId="f1"))

    sentence = raised.value.sentence()
    assert raised.value.next_step
    assert "SECRET" not in sentence
    assert "127.0.0.1" not in sentence
    assert "neverHeardOf" not in raised.value.reason


PASSING = [
    (google_error(403, "rateLimitExceeded"), RateLimitedError, "rate_limit"),
    (google_error(403, "userRateLimitExceeded"), RateLimitedError, "user_rate_limit"),
    (google_error(403, "", details="RATE_LIMIT_EXCEEDED"), RateLimitedError, "rate_limit"),
    (google_error(429, "rateLimitExceeded"), RateLimitedError, "rate_limit"),
    (Say(429, b""), RateLimitedError, "rate_limit"),
    (google_error(500, "backendError"), GoogleUnavailableError, "server_error"),
    (Say(502, b"<html>Bad Gateway</html>"), GoogleUnavailableError, "server_error"),
    (Say(503, b""), GoogleUnavailableError, "server_error"),
    (Say(504, b""), GoogleUnavailableError, "server_error"),
    (Say(200, b"<!doctype html><title>Sign in</title>"), GoogleUnavailableError, "garbled_answer"),
    (Say(200, b'{"id": "f1", "name": "cut o'), GoogleUnavailableError, "garbled_answer"),
    (Say(200, b"[1]"), GoogleUnavailableError, "garbled_answer"),
    (Say(200, b"not gzip", {"Content-Encoding": "gzip"}), GoogleUnavailableError, "garbled_answer"),
    (Say(200, {"error": {"code": 503}}), GoogleUnavailableError, "server_error"),
    (Say(200, {"error": {"message": "no code"}}), GoogleUnavailableError, "server_error"),
    (Say(200, b'{"id": "f1"}', length=500), GoogleUnavailableError, "reset"),
    (Say(200, b""), GoogleUnavailableError, "empty_answer"),
    (Say(204), GoogleUnavailableError, "empty_answer"),
]


@pytest.mark.security("G-4")
@pytest.mark.parametrize(("answer", "failure", "reason"), PASSING)
async def test_a_passing_failure_of_a_read_is_tried_three_times_and_then_reported_as_retryable(
    google: ScriptedServer, bench: Bench, answer: Say, failure: type[WorkspaceError], reason: str
):
    google.script = [answer] * 3

    with pytest.raises(failure) as raised:
        await bench.session.execute(bench.session.drive.files.get(fileId="f1"))

    assert raised.value.reason == reason
    assert raised.value.retryable
    assert len(google.seen) == 3
    assert "SECRET" not in raised.value.sentence()


UNKNOWN = [row for row in PASSING if row[1] is GoogleUnavailableError]


@pytest.mark.security("G-4")
@pytest.mark.parametrize("kind", [CallKind.SEND, CallKind.CREATE])
@pytest.mark.parametrize("row", range(len(UNKNOWN)))
async def test_the_same_failure_of_a_send_or_create_is_an_unknown_outcome_and_never_repeated(
    google: ScriptedServer, bench: Bench, row: int, kind: CallKind
):
    google.script = [UNKNOWN[row][0]]

    with pytest.raises(OutcomeUnknownError):
        await bench.session.execute(bench.session.gmail.messages.send(userId="me", body={"raw": "eA"}), kind=kind)

    assert len(google.seen) == 1


@pytest.mark.security("G-2")
@pytest.mark.parametrize("kind", [CallKind.SEND, CallKind.CREATE])
async def test_a_rate_limit_of_a_send_is_certain_and_not_repeated(google: ScriptedServer, bench: Bench, kind: CallKind):
    google.script = [google_error(429, "rateLimitExceeded")]

    with pytest.raises(RateLimitedError):
        await bench.session.execute(bench.session.gmail.messages.send(userId="me", body={"raw": "eA"}), kind=kind)

    assert len(google.seen) == 1


async def test_a_redirect_is_refused_and_the_token_goes_nowhere_else(google: ScriptedServer, bench: Bench):
    google.script = [Say(302, b"", {"Location": f"{google.url}/elsewhere"})]

    with pytest.raises(GoogleUnavailableError) as raised:
        await bench.session.execute(bench.session.drive.files.get(fileId="f1"))

    assert raised.value.reason == "redirect"
    assert [seen.path for seen in google.seen] == ["/drive/v3/files/f1"]


async def test_a_write_that_answers_nothing_by_contract_gives_an_empty_object(google: ScriptedServer, bench: Bench):
    google.script = [Say(204)]

    answer = await bench.session.execute(bench.session.drive.files.delete(fileId="f1"), kind=CallKind.REPEATABLE_WRITE)

    assert answer == {}
