"""Uploads in a directory and in S3: what comes in comes out, for its owner, for an hour, and no more than allowed."""

import asyncio
import hashlib
import random
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import pytest

from google_workspace_mcp.core.errors import (
    ConflictError,
    InternalError,
    NotFoundError,
    TooLargeError,
    UnavailableError,
    UserInputError,
)
from google_workspace_mcp.core.files.claims import NO_UPLOADS
from google_workspace_mcp.core.files.places import LIFE_SECONDS, MOST_BYTES, MOST_PENDING, MOST_PLACES
from google_workspace_mcp.core.files.uploads import CHUNK_BYTES, Uploads
from google_workspace_mcp.core.keys import Key, KeyRing
from google_workspace_mcp.core.principal import Principal
from google_workspace_mcp.core.storage.base import ObjectStore
from google_workspace_mcp.core.storage.directory import DirectoryStore
from google_workspace_mcp.core.storage.s3 import S3Store
from google_workspace_mcp.core.storage.sealing import KeyRingWrapper, SealedStore
from tests.support.aws import Aws
from tests.support.clock import FakeClock

ALICE, BEN = Principal("issuer", "alice"), Principal("issuer", "ben")
DATA = random.Random(3).randbytes(CHUNK_BYTES * 2 + 12345)


async def chunks_of(data: bytes, size: int = 65536) -> AsyncGenerator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


async def broken_off(data: bytes) -> AsyncGenerator[bytes]:
    yield data
    raise ConnectionResetError


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["directory", pytest.param("s3", marks=pytest.mark.slow)])
async def objects(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ObjectStore]:
    if request.param == "directory":
        yield DirectoryStore(tmp_path / "store")
        return
    aws: Aws = request.getfixturevalue("aws")
    store = S3Store(aws.bucket(), "some/prefix", aws.access)
    yield store
    await store.close()


def uploads_on(objects: ObjectStore, clock: FakeClock) -> Uploads:
    """Another process has the same keys and store and nothing else in common."""
    return Uploads(SealedStore(objects, KeyRingWrapper(KeyRing((Key("k1", b"k" * 32),)))), clock)


@pytest.fixture
def uploads(objects: ObjectStore, clock: FakeClock) -> Uploads:
    return uploads_on(objects, clock)


async def keys(objects: ObjectStore) -> list[str]:
    return [key async for key in objects.list("upload/chunks/")]


async def whole(uploads: Uploads, owner: Principal, upload_id: str) -> bytes:
    upload = await uploads.of(owner).open(upload_id)
    return b"".join([chunk async for chunk in upload.chunks()])


async def test_what_one_task_received_another_one_opens(objects: ObjectStore, clock: FakeClock):
    here, there = uploads_on(objects, clock), uploads_on(objects, clock)
    place = await here.create(ALICE, "report.pdf", "application/pdf")
    received = await there.receive(ALICE, place.id, chunks_of(DATA), len(DATA))
    assert (received.size, received.sha256) == (len(DATA), hashlib.sha256(DATA).hexdigest())
    upload = await here.of(ALICE).open(place.id)
    assert (upload.name, upload.media_type, upload.size) == ("report.pdf", "application/pdf", len(DATA))
    assert await whole(here, ALICE, place.id) == DATA
    assert await whole(there, ALICE, place.id) == DATA


async def test_what_lies_in_the_store_cannot_be_read_there(uploads: Uploads, objects: ObjectStore):
    place = await uploads.create(ALICE, "secret-name.txt", "text/plain")
    await uploads.receive(ALICE, place.id, chunks_of(b"plain words " * 1000), None)
    for key in [key async for key in objects.list("")]:
        stored = (await objects.get(key)).data
        assert b"plain words" not in stored
        assert b"secret-name" not in stored
        assert "alice" not in key


async def test_somebody_elses_upload_does_not_exist(uploads: Uploads):
    place = await uploads.create(ALICE, "a.txt", "text/plain")
    await uploads.receive(ALICE, place.id, chunks_of(b"abc"), 3)
    await uploads.create(BEN, "b.txt", "text/plain")
    with pytest.raises(NotFoundError):
        await uploads.of(BEN).open(place.id)
    with pytest.raises(NotFoundError):
        await uploads.receive(BEN, place.id, chunks_of(b"x"), 1)
    await uploads.of(BEN).release(place.id)
    assert await whole(uploads, ALICE, place.id) == b"abc"


async def test_an_upload_is_gone_after_its_hour(uploads: Uploads, objects: ObjectStore, clock: FakeClock):
    place = await uploads.create(ALICE, "a.txt", "text/plain")
    await uploads.receive(ALICE, place.id, chunks_of(b"abc"), 3)
    clock.advance(LIFE_SECONDS + 1)
    with pytest.raises(NotFoundError):
        await uploads.of(ALICE).open(place.id)
    assert await uploads.sweep() == 0, "what reads it may still be under way"
    clock.advance(600)
    assert await uploads.sweep() == 1
    assert await keys(objects) == []


async def test_a_sweep_leaves_what_is_waiting(uploads: Uploads):
    place = await uploads.create(ALICE, "a.txt", "text/plain")
    await uploads.receive(ALICE, place.id, chunks_of(b"abc"), 3)
    assert await uploads.sweep() == 0
    assert await whole(uploads, ALICE, place.id) == b"abc"


async def test_bytes_that_have_not_come_cannot_be_opened(uploads: Uploads):
    place = await uploads.create(ALICE, "a.txt", "text/plain")
    with pytest.raises(UserInputError):
        await uploads.of(ALICE).open(place.id)


async def test_an_attempt_that_broke_off_leaves_nothing_and_is_made_again(uploads: Uploads, objects: ObjectStore):
    place = await uploads.create(ALICE, "a.bin", "application/octet-stream")
    with pytest.raises(ConnectionResetError):
        await uploads.receive(ALICE, place.id, broken_off(DATA), len(DATA))
    assert await keys(objects) == []
    await uploads.receive(ALICE, place.id, chunks_of(DATA), len(DATA))
    assert await whole(uploads, ALICE, place.id) == DATA


async def test_an_attempt_that_is_cancelled_leaves_nothing(uploads: Uploads, objects: ObjectStore):
    place = await uploads.create(ALICE, "a.bin", "application/octet-stream")
    written = asyncio.Event()

    async def waiting() -> AsyncGenerator[bytes]:
        yield bytes(CHUNK_BYTES)
        written.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(uploads.receive(ALICE, place.id, waiting(), None))
    async with asyncio.timeout(10):
        await written.wait()
    assert len(await keys(objects)) == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await keys(objects) == []


async def test_an_address_is_good_once(uploads: Uploads):
    place = await uploads.create(ALICE, "a.txt", "text/plain")
    await uploads.receive(ALICE, place.id, chunks_of(b"first"), 5)
    with pytest.raises(ConflictError):
        await uploads.receive(ALICE, place.id, chunks_of(b"other"), 5)
    assert await whole(uploads, ALICE, place.id) == b"first"


async def test_of_two_attempts_at_once_the_later_one_counts_and_nothing_is_mixed(
    objects: ObjectStore, clock: FakeClock
):
    here, there = uploads_on(objects, clock), uploads_on(objects, clock)
    place = await here.create(ALICE, "a.txt", "text/plain")
    go_on, begun = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncGenerator[bytes]:
        yield b"slow"
        begun.set()
        await go_on.wait()

    first = asyncio.create_task(here.receive(ALICE, place.id, slow(), None))
    async with asyncio.timeout(10):
        await begun.wait()
        await there.receive(ALICE, place.id, chunks_of(b"quick"), 5)
        go_on.set()
        with pytest.raises(ConflictError):
            await first
    assert await whole(here, ALICE, place.id) == b"quick"
    assert len(await keys(objects)) == 1


@pytest.mark.parametrize(("size", "sha256"), [(4, ""), (0, "0" * 64), (2, "")])
async def test_bytes_other_than_declared_are_not_kept(uploads: Uploads, objects: ObjectStore, size: int, sha256: str):
    place = await uploads.create(ALICE, "a.txt", "text/plain", size, sha256)
    with pytest.raises((UserInputError, TooLargeError)):
        await uploads.receive(ALICE, place.id, chunks_of(b"abc"), None)
    assert await keys(objects) == []


async def test_bytes_as_declared_are_kept(uploads: Uploads):
    digest = hashlib.sha256(b"abc").hexdigest().upper()
    place = await uploads.create(ALICE, "a.txt", "text/plain", 3, digest)
    assert (await uploads.receive(ALICE, place.id, chunks_of(b"abc"), None)).received


async def test_an_empty_file_is_a_file(uploads: Uploads):
    place = await uploads.create(ALICE, "empty.txt", "text/plain")
    await uploads.receive(ALICE, place.id, chunks_of(b""), 0)
    assert await whole(uploads, ALICE, place.id) == b""


async def test_no_upload_is_larger_than_the_limit(uploads: Uploads):
    with pytest.raises(TooLargeError):
        await uploads.create(ALICE, "a.bin", "application/octet-stream", MOST_BYTES + 1)
    place = await uploads.create(ALICE, "a.bin", "application/octet-stream")
    with pytest.raises(TooLargeError):
        await uploads.receive(ALICE, place.id, chunks_of(b""), MOST_BYTES + 1)


async def test_no_more_than_a_gibibyte_waits_and_what_is_used_makes_room(uploads: Uploads, clock: FakeClock):
    places = [
        await uploads.create(ALICE, "a.bin", "application/octet-stream", MOST_BYTES)
        for _ in range(MOST_PENDING // MOST_BYTES)
    ]
    with pytest.raises(TooLargeError):
        await uploads.create(ALICE, "b.bin", "application/octet-stream", 1)
    await uploads.create(BEN, "b.bin", "application/octet-stream", 1)
    await uploads.of(ALICE).release(places[0].id)
    await uploads.create(ALICE, "b.bin", "application/octet-stream", 1)
    clock.advance(LIFE_SECONDS + 1)
    await uploads.create(ALICE, "c.bin", "application/octet-stream", MOST_BYTES)


async def test_undeclared_bytes_count_as_all_that_may_come_while_they_come(uploads: Uploads):
    for _ in range(MOST_PENDING // MOST_BYTES):
        await uploads.create(ALICE, "a.bin", "application/octet-stream", MOST_BYTES)
    place = await uploads.create(ALICE, "b.bin", "application/octet-stream")
    with pytest.raises(TooLargeError):
        await uploads.receive(ALICE, place.id, chunks_of(b"abc"), None)


@pytest.mark.slow
async def test_places_at_once_on_two_tasks_stay_within_the_limit(objects: ObjectStore, clock: FakeClock):
    tasks = [uploads_on(objects, clock) for _ in range(6)]
    size = MOST_PENDING // 2
    with pytest.raises(TooLargeError):
        await tasks[0].create(ALICE, "a", "a/b", size)
    results = await asyncio.gather(
        *(task.create(ALICE, "a", "a/b", MOST_BYTES) for task in tasks), return_exceptions=True
    )
    assert sum(not isinstance(result, BaseException) for result in results) <= MOST_PENDING // MOST_BYTES


async def test_there_are_not_endlessly_many_places(uploads: Uploads):
    for _ in range(MOST_PLACES):
        await uploads.create(ALICE, "a", "a/b")
    with pytest.raises(TooLargeError):
        await uploads.create(ALICE, "a", "a/b")


async def test_what_is_used_leaves_the_store(uploads: Uploads, objects: ObjectStore):
    place = await uploads.create(ALICE, "a.bin", "application/octet-stream")
    await uploads.receive(ALICE, place.id, chunks_of(DATA), len(DATA))
    await uploads.of(ALICE).release(place.id)
    assert await keys(objects) == []
    with pytest.raises(NotFoundError):
        await uploads.of(ALICE).open(place.id)
    await uploads.of(ALICE).release(place.id)


@pytest.mark.parametrize("harm", ["missing", "damaged", "moved"])
async def test_a_chunk_that_is_not_what_it_was_is_a_failure(uploads: Uploads, objects: ObjectStore, harm: str):
    place = await uploads.create(ALICE, "a.bin", "application/octet-stream")
    await uploads.receive(ALICE, place.id, chunks_of(DATA), len(DATA))
    first, second, *_ = await keys(objects)
    if harm == "missing":
        await objects.delete(second)
    else:
        other = (await objects.get(first)).data if harm == "moved" else b"damaged"
        await objects.put(second, other)
    with pytest.raises(UnavailableError):
        await whole(uploads, ALICE, place.id)


async def test_where_nothing_can_be_uploaded_there_is_nothing():
    with pytest.raises(InternalError):
        await NO_UPLOADS.open("0123")
    await NO_UPLOADS.release("0123")


async def test_any_piece_of_an_upload_is_read_by_itself(uploads: Uploads):
    place = await uploads.create(ALICE, "report.pdf", "application/pdf")
    await uploads.receive(ALICE, place.id, chunks_of(DATA), len(DATA))
    upload = await uploads.of(ALICE).open(place.id)
    edge = CHUNK_BYTES
    for start, stop in ((0, 1), (edge - 1, edge + 1), (edge, 2 * edge), (5, 2 * edge + 5), (2 * edge + 1, len(DATA))):
        assert b"".join([piece async for piece in upload.read(start, stop)]) == DATA[start:stop]
