"""Sealed objects open only with our keys, unchanged, and in their own place."""

import asyncio
import os
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from google_workspace_mcp.core.keys import Key, KeyRing
from google_workspace_mcp.core.storage.base import ObjectConflictError, ObjectNotFoundError, StoreUnavailableError
from google_workspace_mcp.core.storage.directory import DirectoryStore
from google_workspace_mcp.core.storage.key_value import SealedKeyValue
from google_workspace_mcp.core.storage.lives import CLIENT, LASTING, SESSION, TRANSIENT
from google_workspace_mcp.core.storage.observed import ObservedStore, ObservedWrapper, Watch
from google_workspace_mcp.core.storage.rotation import reseal_all
from google_workspace_mcp.core.storage.sealing import KeyRingWrapper, SealBrokenError, SealedStore
from google_workspace_mcp.core.storage.sweeping import sweep
from tests.support.clock import FakeClock

OLD, NEW = Key("old", os.urandom(32)), Key("new", os.urandom(32))


@pytest.fixture
def objects(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(tmp_path)


@pytest.fixture
def store(objects: DirectoryStore) -> SealedStore:
    return SealedStore(objects, KeyRingWrapper(KeyRing((OLD,))))


async def test_plain_bytes_come_back_and_never_lie_in_the_store(store: SealedStore) -> None:
    await store.put("a", "note", b"the secret words")
    assert (await store.get("a", "note")).data == b"the secret words"
    assert b"secret" not in (await store.objects.get("a")).data


async def test_the_same_bytes_are_sealed_differently_each_time(store: SealedStore) -> None:
    first = await store.put("a", "note", b"same")
    assert await store.put("a", "note", b"same") != first


async def test_an_object_moved_to_another_key_does_not_open(store: SealedStore) -> None:
    await store.put("users/a", "grant", b"of a")
    await store.objects.put("users/b", (await store.objects.get("users/a")).data)
    with pytest.raises(SealBrokenError):
        await store.get("users/b", "grant")


async def test_an_object_of_another_kind_does_not_open(store: SealedStore) -> None:
    await store.put("a", "grant", b"x")
    with pytest.raises(SealBrokenError):
        await store.get("a", "session")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.integers(min_value=0), flip=st.integers(min_value=1, max_value=255))
async def test_any_changed_byte_breaks_the_seal(store: SealedStore, position: int, flip: int) -> None:
    await store.put("a", "note", b"words")
    sealed = bytearray((await store.objects.get("a")).data)
    sealed[position % len(sealed)] ^= flip
    await store.objects.put("a", bytes(sealed))
    with pytest.raises(SealBrokenError):
        await store.get("a", "note")


@pytest.mark.parametrize("length", [0, 1, 4, 5, 8, 20, 70])
async def test_a_truncated_object_breaks_the_seal(store: SealedStore, length: int) -> None:
    await store.put("a", "note", b"words")
    await store.objects.put("a", (await store.objects.get("a")).data[:length])
    with pytest.raises(SealBrokenError):
        await store.get("a", "note")


async def test_a_new_first_key_writes_and_the_old_one_still_reads(store: SealedStore, objects: DirectoryStore) -> None:
    await store.put("a", "note", b"sealed with old")
    rotated = SealedStore(objects, KeyRingWrapper(KeyRing((NEW, OLD))))
    assert (await rotated.get("a", "note")).data == b"sealed with old"
    await rotated.put("b", "note", b"sealed with new")
    with pytest.raises(SealBrokenError):
        await store.get("b", "note")


async def test_conditions_and_absence_are_those_of_the_store_below(store: SealedStore) -> None:
    with pytest.raises(ObjectNotFoundError):
        await store.get("a", "note")
    await store.put("a", "note", b"1", if_none_match=True)
    with pytest.raises(ObjectConflictError):
        await store.put("a", "note", b"2", if_none_match=True)


# -- what does not open


@pytest.mark.security("S-1")
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"GWS1", id="only-the-mark"),
        pytest.param(b"GWS2" + bytes(100), id="another-version"),
        pytest.param(b'{"refresh_token": "plain"}', id="plain-json"),
        pytest.param(bytes(10_000_000), id="ten-megabytes"),
        pytest.param("another", id="of-another-deployment"),
    ],
)
async def test_what_does_not_open_is_reported_kept_aside_once_and_left_in_place(
    objects: DirectoryStore, tmp_path: Path, data: bytes | str
) -> None:
    reported: list[str] = []
    store = SealedStore(objects, KeyRingWrapper(KeyRing((OLD,))), broken=reported.append)
    if isinstance(data, str):
        await SealedStore(objects, KeyRingWrapper(KeyRing((NEW,)))).put("a/b", "note", b"x")
        data = (await objects.get("a/b")).data
    await objects.put("a/b", data)
    with pytest.raises(SealBrokenError):
        await store.get("a/b", "note")
    with pytest.raises(SealBrokenError) as caught:
        await store.get("a/b", "note")
    assert reported == ["note", "note"]
    stored = await objects.get("a/b")
    assert (stored.data, stored.etag) == (data, caught.value.etag)
    [aside] = [key async for key in objects.list("quarantine/")]
    assert (await objects.get(aside)).data == data


@pytest.mark.security("S-1")
async def test_a_store_that_takes_no_copy_still_says_that_the_seal_is_broken(tmp_path: Path) -> None:
    objects = DirectoryStore(tmp_path)
    await objects.put("a", b"damaged")
    (tmp_path / "quarantine").write_text("a file where a directory should be")
    with pytest.raises(SealBrokenError):
        await SealedStore(objects, KeyRingWrapper(KeyRing((OLD,)))).get("a", "note")


# -- sealing anew


async def test_everything_is_sealed_anew_and_a_second_run_has_nothing_to_do(
    store: SealedStore, objects: DirectoryStore
) -> None:
    for number in range(20):
        await store.put(f"k/{number}", "note", str(number).encode())
    rotated = SealedStore(objects, KeyRingWrapper(KeyRing((NEW, OLD))))
    assert (await reseal_all(rotated)).counts == {"resealed": 20}
    assert (await reseal_all(rotated)).counts == {"current": 20}
    only_new = SealedStore(objects, KeyRingWrapper(KeyRing((NEW,))))
    assert [(await only_new.get(f"k/{number}", "note")).data for number in range(20)] == [
        str(number).encode() for number in range(20)
    ]


async def test_damaged_objects_are_named_and_left_as_they_are(store: SealedStore, objects: DirectoryStore) -> None:
    await store.put("good", "note", b"x")
    await objects.put("bad", b"damaged")
    await objects.put("quarantine/worse/0", b"damaged")
    done = await reseal_all(SealedStore(objects, KeyRingWrapper(KeyRing((NEW, OLD)))))
    assert (done.counts, done.damaged, done.is_complete) == ({"resealed": 1, "damaged": 1}, ["bad"], True)
    assert (await objects.get("bad")).data == b"damaged"


async def test_a_write_that_comes_in_between_is_not_lost(store: SealedStore, objects: DirectoryStore) -> None:
    await store.put("a", "note", b"read by the rotation")
    old = await objects.get("a")
    await store.put("a", "note", b"written meanwhile")
    rotated = SealedStore(objects, KeyRingWrapper(KeyRing((NEW, OLD))))
    with pytest.raises(ObjectConflictError):
        await rotated.reseal("a", old.data, old.etag)
    assert (await reseal_all(rotated)).counts == {"resealed": 1}
    assert (await rotated.get("a", "note")).data == b"written meanwhile"


async def test_writers_that_go_on_meanwhile_lose_nothing(store: SealedStore, objects: DirectoryStore) -> None:
    await store.put("counter", "number", b"0")
    rotated = SealedStore(objects, KeyRingWrapper(KeyRing((NEW, OLD))))

    async def count_up(through: SealedStore) -> None:
        for _ in range(20):
            while True:
                opened = await through.get("counter", "number")
                try:
                    await through.put("counter", "number", str(int(opened.data) + 1).encode(), if_match=opened.etag)
                except ObjectConflictError:
                    continue
                break

    async def rotate() -> None:
        for _ in range(20):
            await reseal_all(rotated)

    # Every task has both keys before one of them writes with the new one.
    knows_both = SealedStore(objects, KeyRingWrapper(KeyRing((OLD, NEW))))
    await asyncio.gather(count_up(knows_both), count_up(rotated), rotate())
    assert (await rotated.get("counter", "number")).data == b"40"


# -- what is told to whoever counts


async def test_operations_are_counted_by_outcome_and_a_failing_part_is_named_until_it_works(tmp_path: Path) -> None:
    counted: list[tuple[str, str]] = []
    failing: list[str | None] = []
    watch = Watch(lambda operation, outcome, _: counted.append((operation, outcome)), failing.append)
    place = tmp_path / "store"
    ring = KeyRingWrapper(KeyRing((OLD,)))
    store = SealedStore(ObservedStore(DirectoryStore(place), watch), ObservedWrapper(ring, watch))
    await store.put("a", "note", b"x")
    await store.get("a", "note")
    with pytest.raises(ObjectNotFoundError):
        await store.get("b", "note")
    with pytest.raises(ObjectConflictError):
        await store.put("a", "note", b"x", if_none_match=True)
    assert failing == []
    place.rename(tmp_path / "elsewhere")
    place.write_text("a file where a directory should be")
    for _ in range(2):
        with pytest.raises(StoreUnavailableError):
            await store.delete("a")
    place.unlink()
    (tmp_path / "elsewhere").rename(place)
    assert [key async for key in store.objects.list("")] == ["a"]
    assert failing == ["store", None]
    assert [pair for pair in counted if pair[0] != "wrap"] == [
        ("put", "ok"),
        ("get", "ok"),
        ("unwrap", "ok"),
        ("get", "absent"),
        ("put", "conflict"),
        ("delete", "unavailable"),
        ("delete", "unavailable"),
        ("list", "ok"),
    ]


async def test_keys_that_fail_are_not_hidden_by_a_store_that_works() -> None:
    failing: list[str | None] = []
    watch = Watch(lambda *_: None, failing.append)
    with pytest.raises(StoreUnavailableError), watch.over("keys", "unwrap"):
        raise StoreUnavailableError("no answer")
    with watch.over("store", "get"):
        pass
    assert failing == ["keys"]
    with watch.over("keys", "unwrap"):
        pass
    assert failing == ["keys", None]


# -- how long objects live


async def test_a_sweep_ends_each_object_with_its_class(tmp_path: Path, clock: FakeClock) -> None:
    objects = DirectoryStore(tmp_path)
    for life in (TRANSIENT, SESSION, CLIENT, LASTING):
        await objects.put(life.place("thing"), b"x")
    await objects.put("quarantine/thing", b"x")
    left: dict[int, list[str]] = {}
    for days in (0, 2, 32, 91, 400):
        later = FakeClock(clock.now() + timedelta(days=days))
        await sweep(objects, later)
        left[days] = [key.partition("/")[0] async for key in objects.list("")]
    assert left == {
        0: ["client", "lasting", "quarantine", "session", "transient"],
        2: ["client", "lasting", "quarantine", "session"],
        32: ["client", "lasting", "quarantine"],
        91: ["lasting", "quarantine"],
        400: ["lasting", "quarantine"],
    }


async def test_oauth_state_lies_where_its_life_ends_in_time(values: SealedKeyValue, store: SealedStore) -> None:
    for collection in ("mcp-oauth-proxy-clients", "mcp-oauth-transactions", "account-sign-ins", "something-new"):
        await values.put("k", {}, collection=collection)
    places = sorted([key.partition("/")[0] async for key in store.objects.list("")])
    assert places == ["client", "session", "transient", "transient"]


# -- OAuth state on top of it


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def values(store: SealedStore, clock: FakeClock) -> SealedKeyValue:
    return SealedKeyValue(store, clock)


async def test_a_value_comes_back_until_it_expires(values: SealedKeyValue, clock: FakeClock) -> None:
    await values.put("k", {"n": 1}, collection="c", ttl=60)
    clock.advance(59)
    assert await values.ttl("k", collection="c") == ({"n": 1}, 1)
    clock.advance(1)
    assert await values.get("k", collection="c") is None


async def test_collections_do_not_see_each_other(values: SealedKeyValue) -> None:
    await values.put("k", {"n": 1}, collection="c")
    assert await values.get("k", collection="d") is None
    assert await values.delete("k", collection="d") is False
    assert await values.delete("k", collection="c") is True


async def test_many_values_go_and_come_together(values: SealedKeyValue) -> None:
    await values.put_many(["a", "b"], [{"n": 1}, {"n": 2}], collection="c")
    assert await values.get_many(["a", "x", "b"], collection="c") == [{"n": 1}, None, {"n": 2}]
    assert await values.ttl_many(["a"], collection="c") == [({"n": 1}, None)]
    assert await values.delete_many(["a", "b", "x"], collection="c") == 2


async def test_names_in_the_store_tell_nothing_of_the_keys(values: SealedKeyValue, store: SealedStore) -> None:
    await values.put("https://client.example/metadata.json", {}, collection="clients")
    keys = [key async for key in store.objects.list("")]
    assert len(keys) == 1
    assert keys[0].startswith("session/oauth/")
    assert "client" not in keys[0]


async def test_a_value_that_no_longer_opens_is_absent(values: SealedKeyValue, store: SealedStore) -> None:
    await values.put("k", {"n": 1}, collection="c")
    [key] = [key async for key in store.objects.list("")]
    await store.objects.put(key, b"damaged")
    assert await values.get("k", collection="c") is None
