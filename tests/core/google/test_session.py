import asyncio

import pytest

from google_workspace_mcp.core.errors import (
    ReauthRequiredError,
    TooLargeError,
)
from google_workspace_mcp.core.google.calls import CallKind
from google_workspace_mcp.core.google.deadline import Deadline
from tests.core.google.scripted import Bench, Drip, Say, ScriptedServer, Tokens, google_error

REFUSED = google_error(401, "authError")


def test_a_session_tells_whose_account_it_is(bench: Bench):
    assert bench.session.address == "anna@example.com"


@pytest.mark.security("G-1")
async def test_a_rejected_token_is_replaced_once_and_the_call_succeeds(google: ScriptedServer, bench: Bench):
    google.script = [REFUSED, Say(200, {"id": "m1"})]

    answer = await bench.session.execute(bench.session.gmail.messages.get(userId="me", id="m1"))

    assert answer == {"id": "m1"}
    assert [seen.headers["authorization"] for seen in google.seen] == ["Bearer token-1", "Bearer token-2"]
    assert bench.tokens.rejections == ["token-1"]


@pytest.mark.security("G-1")
async def test_a_second_rejection_means_that_the_person_must_connect_again(google: ScriptedServer, bench: Bench):
    google.script = [REFUSED, REFUSED]

    with pytest.raises(ReauthRequiredError):
        await bench.session.execute(bench.session.gmail.messages.get(userId="me", id="m1"))

    assert len(google.seen) == 2


async def test_a_send_whose_token_was_rejected_is_sent_with_another_because_nothing_was_done(
    google: ScriptedServer, bench: Bench
):
    google.script = [REFUSED, Say(200, {"id": "m1"})]

    await bench.session.execute(bench.session.gmail.messages.send(userId="me", body={"raw": "eA"}), kind=CallKind.SEND)

    assert len(google.seen) == 2


async def test_a_download_gives_the_bytes(google: ScriptedServer, bench: Bench):
    google.script = [Say(200, b"\x00\x01binary", {"Content-Type": "application/pdf"})]

    content = await bench.session.download(bench.session.drive.files.get_media(fileId="f1"), max_bytes=100)

    assert content == b"\x00\x01binary"
    assert google.seen[0].target == "/drive/v3/files/f1?alt=media"


async def test_an_empty_file_downloads_as_no_bytes(google: ScriptedServer, bench: Bench):
    google.script = [Say(200, b"")]

    assert await bench.session.download(bench.session.drive.files.get_media(fileId="f1"), max_bytes=100) == b""


@pytest.mark.security("L-7")
async def test_a_download_stops_as_soon_as_it_is_over_its_limit(google: ScriptedServer, bench: Bench):
    # The answer never ends: without the limit this would run into the deadline.
    google.script = [Drip(b"x" * 101)]

    with pytest.raises(TooLargeError):
        await asyncio.wait_for(
            bench.session.download(bench.session.drive.files.get_media(fileId="f1"), max_bytes=100), 10
        )


async def test_a_download_of_exactly_its_limit_is_allowed(google: ScriptedServer, bench: Bench):
    google.script = [Say(200, b"x" * 100)]

    content = await bench.session.download(bench.session.drive.files.get_media(fileId="f1"), max_bytes=100)

    assert len(content) == 100


async def test_an_export_that_google_finds_too_large_is_too_large(google: ScriptedServer, bench: Bench):
    google.script = [google_error(403, "exportSizeLimitExceeded")]
    request = bench.session.drive.files.export_media(fileId="f1", mimeType="text/plain")

    with pytest.raises(TooLargeError):
        await bench.session.download(request, max_bytes=100)


async def test_a_download_is_retried_and_its_rejected_token_replaced(google: ScriptedServer, bench: Bench):
    google.script = [Say(503), REFUSED, Say(200, b"abc")]

    content = await bench.session.download(bench.session.drive.files.get_media(fileId="f1"), max_bytes=100)

    assert content == b"abc"
    assert bench.tokens.rejections == ["token-1"]


async def test_a_dead_grant_reported_by_the_token_source_is_passed_on_unchanged(google: ScriptedServer, bench: Bench):
    class Dead(Tokens):
        async def access_token(self, *, rejected: str | None = None) -> str:
            raise ReauthRequiredError("gone", reason="invalid_grant")

    bench.tokens = Dead()
    session = bench.within(Deadline(bench.ticks))

    with pytest.raises(ReauthRequiredError) as raised:
        await session.execute(session.gmail.messages.get(userId="me", id="m1"))

    assert raised.value.reason == "invalid_grant"
    assert google.seen == []
