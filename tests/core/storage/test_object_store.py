"""What every object store promises. Another implementation joins by another parameter of the fixture."""

import asyncio
import multiprocessing
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from google_workspace_mcp.core.storage.base import (
    ObjectConflictError,
    ObjectNotFoundError,
    ObjectStore,
    StoreUnavailableError,
)
from google_workspace_mcp.core.storage.directory import DirectoryStore
from google_workspace_mcp.core.storage.s3 import S3Store
from tests.support.aws import Aws


@pytest.fixture(params=["directory", "s3", "s3-whole-bucket"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ObjectStore]:
    if request.param == "directory":
        yield DirectoryStore(tmp_path / "store")
        return
    aws: Aws = request.getfixturevalue("aws")
    store = S3Store(aws.bucket(), "some/prefix" if request.param == "s3" else "", aws.access)
    yield store
    await store.close()


async def test_what_was_put_comes_back_with_its_etag(store: ObjectStore) -> None:
    etag = await store.put("a/b.json", b"one")
    stored = await store.get("a/b.json")
    assert (stored.data, stored.etag) == (b"one", etag)


async def test_a_missing_object_is_not_found(store: ObjectStore) -> None:
    with pytest.raises(ObjectNotFoundError):
        await store.get("a/nothing")


async def test_a_folder_of_objects_is_not_an_object(store: ObjectStore) -> None:
    await store.put("a/b", b"one")
    with pytest.raises((ObjectNotFoundError, StoreUnavailableError)):
        await store.get("a")


async def test_if_none_match_writes_only_where_nothing_is(store: ObjectStore) -> None:
    await store.put("k", b"first", if_none_match=True)
    with pytest.raises(ObjectConflictError):
        await store.put("k", b"second", if_none_match=True)
    assert (await store.get("k")).data == b"first"


async def test_if_match_writes_only_over_the_version_that_was_read(store: ObjectStore) -> None:
    old = await store.put("k", b"first")
    await store.put("k", b"second", if_match=old)
    with pytest.raises(ObjectConflictError):
        await store.put("k", b"third", if_match=old)
    assert (await store.get("k")).data == b"second"


async def test_if_match_on_a_missing_object_is_a_conflict(store: ObjectStore) -> None:
    with pytest.raises(ObjectConflictError):
        await store.put("k", b"first", if_match="0" * 64)
    with pytest.raises(ObjectNotFoundError):
        await store.get("k")


async def test_deleting_removes_and_may_be_repeated(store: ObjectStore) -> None:
    await store.put("k", b"first")
    await store.delete("k")
    await store.delete("k")
    with pytest.raises(ObjectNotFoundError):
        await store.get("k")


async def test_a_conditional_delete_spares_a_newer_version(store: ObjectStore) -> None:
    old = await store.put("k", b"first")
    await store.put("k", b"second")
    with pytest.raises(ObjectConflictError):
        await store.delete("k", if_match=old)
    assert (await store.get("k")).data == b"second"


async def test_a_conditional_delete_of_the_version_that_was_read_removes_it(store: ObjectStore) -> None:
    etag = await store.put("k", b"first")
    await store.delete("k", if_match=etag)
    with pytest.raises(ObjectNotFoundError):
        await store.get("k")


async def test_a_conditional_delete_of_nothing_is_a_conflict(store: ObjectStore) -> None:
    with pytest.raises(ObjectConflictError):
        await store.delete("k", if_match="0" * 64)


async def test_a_large_object_comes_back_whole(store: ObjectStore) -> None:
    data = os.urandom(3_000_000)
    await store.put("k", data)
    assert (await store.get("k")).data == data


async def test_a_listing_gives_the_keys_below_a_prefix_in_order(store: ObjectStore) -> None:
    for key in ("b/2", "a/1", "b/1", "bb/1"):
        await store.put(key, b"")
    assert [key async for key in store.list("b/")] == ["b/1", "b/2"]
    assert [key async for key in store.list("")] == ["a/1", "b/1", "b/2", "bb/1"]
    assert [key async for key in store.list("b")] == ["b/1", "b/2", "bb/1"]
    assert [key async for key in store.list("b/2")] == ["b/2"]
    assert [key async for key in store.list("c/d/")] == []


async def test_of_many_writers_at_once_exactly_one_wins(store: ObjectStore) -> None:
    etag = await store.put("k", b"start")
    results = await asyncio.gather(
        *(store.put("k", f"writer {n}".encode(), if_match=etag) for n in range(12)), return_exceptions=True
    )
    assert sum(isinstance(result, str) for result in results) == 1
    assert sum(isinstance(result, ObjectConflictError) for result in results) == 11


@pytest.mark.parametrize("key", ["../x", "/x", "a//b", "a/../b", ".hidden", "a/.b", "", "a\0b", "ä"])
async def test_a_key_that_could_leave_the_store_is_refused(store: ObjectStore, key: str) -> None:
    with pytest.raises(ValueError, match="relative paths"):
        await store.put(key, b"")


async def test_the_check_leaves_nothing_behind(store: ObjectStore) -> None:
    await store.check()
    assert [key async for key in store.list("")] == []


# -- what the local directory promises beyond that


async def test_files_can_be_read_by_their_owner_only(tmp_path: Path) -> None:
    await DirectoryStore(tmp_path / "store").put("a/b", b"one")
    assert (tmp_path / "store" / "a" / "b").stat().st_mode & 0o077 == 0
    assert (tmp_path / "store" / "a").stat().st_mode & 0o077 == 0


async def test_a_place_that_cannot_be_a_directory_is_unavailable_not_empty(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file")
    with pytest.raises(StoreUnavailableError):
        await DirectoryStore(tmp_path / "store").put("a", b"")


async def test_a_sweep_removes_what_is_older_and_only_below_its_prefix(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path / "store")
    for key in ("transient/a/old", "transient/a/new", "lasting/old"):
        await store.put(key, b"x")
    now = datetime.now(UTC)
    two_days_ago = (now - timedelta(days=2)).timestamp()
    for key in ("transient/a/old", "lasting/old"):
        os.utime(tmp_path / "store" / key, (two_days_ago, two_days_ago))
    assert await store.sweep("transient", now - timedelta(days=1)) == 1
    assert [key async for key in store.list("")] == ["lasting/old", "transient/a/new"]


async def test_a_sweep_removes_drafts_that_a_killed_process_left(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path / "store")
    await store.put("transient/a", b"x")
    draft = tmp_path / "store" / "transient" / ".0123"
    draft.write_bytes(b"half")
    os.utime(draft, (0, 0))
    assert await store.sweep("transient", datetime.now(UTC) - timedelta(days=1)) == 0
    assert not draft.exists()


async def test_a_sweep_of_a_store_that_is_not_there_yet_is_no_failure(tmp_path: Path) -> None:
    assert await DirectoryStore(tmp_path / "store").sweep("transient", datetime.now(UTC)) == 0


def _count_up(root: Path, times: int) -> None:
    async def run() -> None:
        store = DirectoryStore(root)
        done = 0
        while done < times:
            stored = await store.get("counter")
            try:
                await store.put("counter", str(int(stored.data) + 1).encode(), if_match=stored.etag)
            except ObjectConflictError:
                continue
            done += 1

    asyncio.run(run())


async def test_several_processes_never_lose_an_update(tmp_path: Path) -> None:
    await DirectoryStore(tmp_path).put("counter", b"0")
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_count_up, args=(tmp_path, 20)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        await asyncio.to_thread(worker.join, 60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert (await DirectoryStore(tmp_path).get("counter")).data == b"60"
