"""Bytes to and from a simulated Drive: small and large, with breaks, with limits."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import pytest

from google_workspace_mcp.core.clock import SystemClock
from google_workspace_mcp.core.errors import (
    GoogleRefusedError,
    GoogleUnavailableError,
    OutcomeUnknownError,
    TooLargeError,
    WorkspaceError,
)
from google_workspace_mcp.core.google import uploads
from google_workspace_mcp.core.google.calls import CallKind
from google_workspace_mcp.core.google.client import make_http_client
from google_workspace_mcp.core.google.deadline import Deadline
from google_workspace_mcp.core.google.endpoints import GoogleEndpoints
from google_workspace_mcp.core.google.records import CallRecord
from google_workspace_mcp.core.google.resources import GoogleResources
from google_workspace_mcp.core.google.session import GoogleSession
from google_workspace_mcp.core.google.transport import GoogleTransport
from google_workspace_mcp.core.google.uploads import Content, Progress
from google_workspace_mcp.sandbox import faults
from google_workspace_mcp.sandbox.drive import DriveService
from google_workspace_mcp.sandbox.people.cast import ALICE
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.core.google.scripted import Bench, Drip, Say, ScriptedServer, Seen, Step
from tests.support.workspace import OneToken

DRIVE = "https://www.googleapis.com/auth/drive"
MIB = 2**20


def some_bytes(size: int) -> bytes:
    """The same bytes every time; line ends of every kind are among them."""
    return random.Random(size).randbytes(size)


def content_of(data: bytes, mime_type: str = "application/octet-stream") -> Content:
    async def read(offset: int, length: int) -> bytes:
        return data[offset : offset + length]

    return Content(len(data), mime_type, read)


@dataclass
class Desk:
    google: SimulatedGoogle
    drive: DriveService
    session: GoogleSession
    records: list[CallRecord] = field(default_factory=list)

    async def upload(self, data: bytes, progress: Progress | None = None) -> dict[str, Any]:
        files = self.session.drive.files
        return await self.session.upload(
            lambda media: files.create(body={"name": "report.bin"}, media_body=media, fields="id,name,size"),
            content_of(data),
            kind=CallKind.CREATE,
            progress=progress,
        )

    async def bytes_of(self, file_id: str) -> bytes:
        request = self.session.drive.files.get_media(fileId=file_id)
        return await self.session.download(request, max_bytes=64 * MIB)

    def names(self) -> list[str]:
        return [call.method for call in self.google.calls.all("drive.files.create")]


@pytest.fixture
async def desk() -> AsyncGenerator[Desk]:
    drive = DriveService(SystemClock())
    drive.add_person(ALICE)
    records: list[CallRecord] = []

    async def at_once(_: float) -> None:
        return None

    with SimulatedGoogle([drive], [ALICE]) as google:
        async with make_http_client() as http:
            transport = GoogleTransport(
                http, clock=SystemClock(), randomness=lambda: 0.0, observe=records.append, sleep=at_once
            )
            token = google.grant(ALICE.email, [DRIVE]).access_token
            session = GoogleSession(
                transport,
                GoogleResources(GoogleEndpoints.of(google.url)),
                OneToken(ALICE.email, token),
                Deadline(time.monotonic, 60),
            )
            yield Desk(google, drive, session, records)
        assert google.violations == []


@pytest.mark.parametrize("size", [0, 1, 70_000])
async def test_a_small_file_goes_up_in_one_request_and_comes_back_byte_for_byte(desk: Desk, size: int):
    made = await desk.upload(some_bytes(size))

    assert made["name"] == "report.bin"
    assert len(desk.names()) == 1
    assert await desk.bytes_of(made["id"]) == some_bytes(size)


async def test_a_large_file_goes_up_in_pieces_and_tells_how_far_it_is(desk: Desk):
    told: list[tuple[int, int]] = []

    async def progress(sent: int, total: int) -> None:
        told.append((sent, total))

    data = some_bytes(9 * MIB + 17)
    made = await desk.upload(data, progress=progress)

    assert told == [(4 * MIB, len(data)), (8 * MIB, len(data)), (len(data), len(data))]
    assert await desk.bytes_of(made["id"]) == data


async def test_five_megabytes_exactly_still_go_in_one_request(desk: Desk):
    await desk.upload(some_bytes(uploads.SMALL))

    assert len(desk.names()) == 1


@pytest.mark.parametrize(
    "fault", [faults.reset_before(), faults.server_error(503), faults.html_error(502), faults.too_many_requests()]
)
async def test_an_upload_goes_on_after_a_break_from_where_google_is(desk: Desk, fault: faults.Fault):
    data = some_bytes(9 * MIB)

    async def break_once(sent: int, _total: int) -> None:
        if sent == 4 * MIB:
            desk.google.faults.add("drive.files.create", fault, times=1)

    made = await desk.upload(data, progress=break_once)

    assert await desk.bytes_of(made["id"]) == data
    assert desk.google.faults.active() == []


@pytest.mark.parametrize("fault", [faults.reset_after(), faults.truncated_json()])
async def test_a_lost_answer_to_the_last_piece_is_fetched_again_and_nothing_is_made_twice(
    desk: Desk, fault: faults.Fault
):
    data = some_bytes(6 * MIB)

    async def lose_the_last(sent: int, _total: int) -> None:
        if sent == 4 * MIB:
            desk.google.faults.add("drive.files.create", fault, times=1)

    made = await desk.upload(data, progress=lose_the_last)

    assert await desk.bytes_of(made["id"]) == data
    listed = await desk.session.execute(desk.session.drive.files.list(q="trashed = false", fields="files(id)"))
    assert listed["files"] == [{"id": made["id"]}]


async def test_when_even_asking_fails_after_the_last_piece_the_outcome_is_unknown(desk: Desk):
    async def lose_all(sent: int, _total: int) -> None:
        if sent == 4 * MIB:
            desk.google.faults.add("drive.files.create", faults.reset_before())

    with pytest.raises(OutcomeUnknownError):
        await desk.upload(some_bytes(6 * MIB), progress=lose_all)


async def test_a_break_before_the_last_piece_is_certain_nothing_was_made(desk: Desk):
    async def lose_all(sent: int, _total: int) -> None:
        if sent == 4 * MIB:
            desk.google.faults.add("drive.files.create", faults.reset_before())

    with pytest.raises(GoogleUnavailableError):
        await desk.upload(some_bytes(13 * MIB), progress=lose_all)


async def test_a_refusal_ends_an_upload_at_once(desk: Desk):
    async def refuse(sent: int, _total: int) -> None:
        if sent == 4 * MIB:
            desk.google.faults.add("drive.files.create", faults.forbidden("storageQuotaExceeded"))

    with pytest.raises(GoogleRefusedError) as refused:
        await desk.upload(some_bytes(9 * MIB), progress=refuse)

    assert refused.value.reason == "storage_full"


async def test_a_session_at_another_address_is_refused_and_gets_no_bytes(google: ScriptedServer, bench: Bench):
    google.script = [Say(200, b"", {"Location": "http://127.0.0.2:9/upload?upload_id=x"})]
    files = bench.session.drive.files

    with pytest.raises(GoogleUnavailableError) as refused:
        await bench.session.upload(
            lambda media: files.create(body={}, media_body=media), content_of(bytes(6 * MIB)), kind=CallKind.CREATE
        )

    assert refused.value.reason == "redirect"
    assert len(google.seen) == 1


async def collected(session: GoogleSession, request: Any, **more: Any) -> bytes:
    async with aclosing(session.stream(request, **({"max_bytes": 64 * MIB} | more))) as chunks:
        return b"".join([chunk async for chunk in chunks])


async def test_a_stream_gives_all_bytes_in_pieces(desk: Desk):
    made = await desk.upload(some_bytes(3 * MIB))
    pieces = 0
    async with aclosing(
        desk.session.stream(desk.session.drive.files.get_media(fileId=made["id"]), max_bytes=4 * MIB)
    ) as chunks:
        async for chunk in chunks:
            pieces += 1
            assert len(chunk) <= MIB
    assert pieces > 3


async def test_a_stream_may_begin_in_the_middle(desk: Desk):
    data = some_bytes(100_000)
    made = await desk.upload(data)
    request = desk.session.drive.files.get_media(fileId=made["id"])

    assert await collected(desk.session, request, start=99_000) == data[99_000:]


async def test_a_stream_ends_with_a_failure_as_soon_as_it_is_over_its_limit(desk: Desk):
    made = await desk.upload(some_bytes(100_000))
    request = desk.session.drive.files.get_media(fileId=made["id"])

    assert len(await collected(desk.session, request, max_bytes=100_000)) == 100_000
    with pytest.raises(TooLargeError):
        await collected(desk.session, request, max_bytes=99_999)


async def test_a_stream_that_is_left_early_gives_its_slot_back(desk: Desk):
    made = await desk.upload(some_bytes(2 * MIB))
    for _ in range(20):
        async with aclosing(
            desk.session.stream(desk.session.drive.files.get_media(fileId=made["id"]), max_bytes=4 * MIB)
        ) as chunks:
            async for _chunk in chunks:
                break

    assert len(await desk.bytes_of(made["id"])) == 2 * MIB


def broken_after(data: bytes, at: int, **headers: str) -> Say:
    """All of it is promised and the beginning is given."""
    return Say(200, data[:at], {"Content-Type": "application/pdf", **headers}, length=len(data))


def rest_of(data: bytes, seen: Seen, **headers: str) -> Say:
    first = int(seen.headers["range"].removeprefix("bytes=").rstrip("-"))
    return Say(206, data[first:], {"Content-Range": f"bytes {first}-{len(data) - 1}/{len(data)}", **headers})


async def test_a_broken_stream_is_continued_where_it_broke_off_with_the_same_version(
    google: ScriptedServer, bench: Bench
):
    data = some_bytes(1000)

    def answer(seen: Seen) -> Step:
        return rest_of(data, seen, ETag='"v1"') if "range" in seen.headers else broken_after(data, 300, ETag='"v1"')

    google.answer = answer

    assert await collected(bench.session, bench.session.drive.files.get_media(fileId="f1")) == data
    assert google.seen[1].headers["range"] == "bytes=300-"
    assert google.seen[1].headers["if-range"] == '"v1"'
    assert google.seen[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("version", ['"v1"', ""])
async def test_bytes_of_two_versions_are_never_put_together(google: ScriptedServer, bench: Bench, version: str):
    data = some_bytes(1000)
    tag = {"ETag": version} if version else {}
    google.script = [broken_after(data, 300, **tag), Say(200, some_bytes(999), {"ETag": '"v2"'})]

    with pytest.raises(GoogleUnavailableError) as broken:
        await collected(bench.session, bench.session.drive.files.get_media(fileId="f1"))

    assert broken.value.reason == "not_resumable"


async def test_a_stream_that_breaks_and_brings_nothing_more_is_reported(google: ScriptedServer, bench: Bench):
    data = some_bytes(1000)

    def answer(seen: Seen) -> Step:
        if "range" not in seen.headers:
            return broken_after(data, 300)
        return Say(206, b"", {"Content-Range": "bytes 300-999/1000"}, length=700)

    google.answer = answer

    with pytest.raises(GoogleUnavailableError) as broken:
        await collected(bench.session, bench.session.drive.files.get_media(fileId="f1"))

    assert broken.value.reason == "reset"
    assert len(google.seen) == 3


async def test_a_stream_whose_file_is_gone_says_so(google: ScriptedServer, bench: Bench):
    google.script = [Say(404, b"")]

    with pytest.raises(WorkspaceError) as gone:
        await collected(bench.session, bench.session.drive.files.get_media(fileId="f1"))

    assert gone.value.code == "not_found"


async def test_a_stream_does_not_outlive_its_deadline(google: ScriptedServer, bench: Bench):
    google.script = [Drip(b"abc")]
    session = bench.within(Deadline(time.monotonic, 0.3))

    with pytest.raises(GoogleUnavailableError) as late:
        await asyncio.wait_for(collected(session, session.drive.files.get_media(fileId="f1")), 10)

    assert late.value.reason == "deadline"
