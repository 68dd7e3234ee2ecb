"""Sealed objects open only with our keys, unchanged, and in their own place."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from google_workspace_mcp.core.keys import Key, KeyRing
from google_workspace_mcp.core.storage.base import ObjectConflictError, ObjectNotFoundError
from google_workspace_mcp.core.storage.directory import DirectoryStore
from google_workspace_mcp.core.storage.key_value import SealedKeyValue
from google_workspace_mcp.core.storage.sealing import KeyRingWrapper, SealBrokenError, SealedStore
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
    assert "client" not in keys[0]


async def test_a_value_that_no_longer_opens_is_absent(values: SealedKeyValue, store: SealedStore) -> None:
    await values.put("k", {"n": 1}, collection="c")
    [key] = [key async for key in store.objects.list("")]
    await store.objects.put(key, b"damaged")
    assert await values.get("k", collection="c") is None
