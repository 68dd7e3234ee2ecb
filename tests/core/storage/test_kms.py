"""Data keys by KMS: bound to their object, and a KMS that refuses is never mistaken for a broken seal."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from google_workspace_mcp.core.aws import AwsAccess
from google_workspace_mcp.core.keys import Key, KeyRing
from google_workspace_mcp.core.storage.base import StoreMisconfiguredError, StoreUnavailableError
from google_workspace_mcp.core.storage.directory import DirectoryStore
from google_workspace_mcp.core.storage.kms import KmsWrapper
from google_workspace_mcp.core.storage.rotation import reseal_all
from google_workspace_mcp.core.storage.sealing import KeyRingWrapper, SealBrokenError, SealedStore, WrapperChain
from tests.support.aws import REGION, Aws
from tests.support.faulty import Fault, Faulty, Reset, faulty, json_error

RING = KeyRing((Key("local", os.urandom(32)),))


@pytest.fixture
def proxy(aws: Aws) -> Iterator[Faulty]:
    with faulty(aws.url) as proxy:
        yield proxy


@pytest.fixture
def objects(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(tmp_path)


@pytest.fixture
def key(aws: Aws) -> str:
    return aws.kms_key()


@pytest.fixture
async def store(objects: DirectoryStore, proxy: Faulty, key: str) -> AsyncIterator[SealedStore]:
    store = SealedStore(objects, KmsWrapper((key,), AwsAccess(REGION, proxy.url)))
    yield store
    await store.close()


async def test_what_kms_sealed_comes_back(store: SealedStore) -> None:
    await store.put("users/a", "grant", b"the secret words")
    assert (await store.get("users/a", "grant")).data == b"the secret words"
    assert b"secret" not in (await store.objects.get("users/a")).data


async def test_an_object_moved_to_another_key_is_refused_by_kms_itself(store: SealedStore) -> None:
    await store.put("users/a", "grant", b"of a")
    await store.objects.put("users/b", (await store.objects.get("users/a")).data)
    with pytest.raises(SealBrokenError, match="KMS"):
        await store.get("users/b", "grant")


async def test_the_name_of_the_object_goes_to_kms_as_a_hash_only(store: SealedStore, proxy: Faulty) -> None:
    await store.put("users/principal-name", "grant", b"x")
    await store.get("users/principal-name", "grant")
    bodies = b"".join(asked.body for asked in proxy.seen)
    assert b"gwmcp:object" in bodies
    assert b"principal-name" not in bodies


async def test_a_damaged_object_is_broken_without_asking_kms(store: SealedStore, proxy: Faulty) -> None:
    await store.put("a", "note", b"words")
    sealed = bytearray((await store.objects.get("a")).data)
    sealed[40] ^= 1
    await store.objects.put("a", bytes(sealed))
    proxy.seen.clear()
    with pytest.raises(SealBrokenError, match="damaged"):
        await store.get("a", "note")
    assert proxy.seen == []


@pytest.mark.security("S-2")
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        pytest.param(json_error(400, "AccessDeniedException"), "access was denied", id="denied"),
        pytest.param(json_error(400, "ThrottlingException"), "too many requests", id="throttled"),
        pytest.param(json_error(400, "DisabledException"), "the key is switched off", id="disabled"),
        pytest.param(json_error(400, "KMSInvalidStateException"), "the key is switched off", id="being-deleted"),
        pytest.param(json_error(400, "NotFoundException"), "there is no such key", id="gone"),
        pytest.param(json_error(400, "IncorrectKeyException"), "another KMS key", id="wrong-key"),
        pytest.param(json_error(500, "KMSInternalException"), "failed with status 500", id="500"),
        pytest.param(Reset(), "no connection", id="reset"),
    ],
)
async def test_a_kms_that_refuses_is_unavailable_and_nothing_is_set_aside(
    store: SealedStore, proxy: Faulty, fault: Fault, words: str
) -> None:
    await store.put("a", "note", b"words")
    proxy.always(fault)
    with pytest.raises(StoreUnavailableError, match=words) as caught:
        await store.get("a", "note")
    with pytest.raises(StoreUnavailableError, match=words):
        await store.put("a", "note", b"more")
    assert "SECRET" not in str(caught.value)
    proxy.heal()
    assert (await store.get("a", "note")).data == b"words"
    assert [key async for key in store.objects.list("quarantine/")] == []


async def test_what_a_kms_key_sealed_that_is_no_longer_listed_is_unavailable_not_broken(
    store: SealedStore, objects: DirectoryStore, aws: Aws
) -> None:
    await store.put("a", "note", b"words")
    other = SealedStore(objects, KmsWrapper((aws.kms_key(),), aws.access))
    with pytest.raises(StoreMisconfiguredError, match="no longer lists"):
        await other.get("a", "note")
    await other.close()


async def test_a_second_kms_key_still_reads_until_everything_is_sealed_anew(
    store: SealedStore, objects: DirectoryStore, aws: Aws, key: str
) -> None:
    await store.put("a", "note", b"words")
    second = aws.kms_key()
    both = SealedStore(objects, KmsWrapper((second, key), aws.access))
    assert (await both.get("a", "note")).data == b"words"
    assert (await reseal_all(both)).counts["resealed"] == 1
    await both.close()
    only = SealedStore(objects, KmsWrapper((second,), aws.access))
    assert (await only.get("a", "note")).data == b"words"
    await only.close()


async def test_a_store_moves_from_a_ring_to_kms(objects: DirectoryStore, aws: Aws, key: str) -> None:
    await SealedStore(objects, KeyRingWrapper(RING)).put("a", "note", b"sealed by the ring")
    moving = SealedStore(objects, WrapperChain(KmsWrapper((key,), aws.access), KeyRingWrapper(RING)))
    assert (await moving.get("a", "note")).data == b"sealed by the ring"
    assert (await reseal_all(moving)).counts["resealed"] == 1
    await moving.close()
    alone = SealedStore(objects, WrapperChain(KmsWrapper((key,), aws.access), KeyRingWrapper(KeyRing(()))))
    assert (await alone.get("a", "note")).data == b"sealed by the ring"
    await alone.close()
