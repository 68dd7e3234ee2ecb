"""Records that do not open, or that somebody has put back, are as good as absent and can be made anew."""

import os
from pathlib import Path

import pytest
from pydantic import BaseModel

from google_workspace_mcp.core.keys import Key, KeyRing
from google_workspace_mcp.core.storage.directory import DirectoryStore
from google_workspace_mcp.core.storage.records import Dated, Records
from google_workspace_mcp.core.storage.sealing import KeyRingWrapper, SealedStore
from tests.support.clock import FakeClock


class Note(Dated):
    text: str


class Other(BaseModel):
    number: int


@pytest.fixture
def reported() -> list[str]:
    return []


@pytest.fixture
def store(tmp_path: Path, reported: list[str]) -> SealedStore:
    ring = KeyRing((Key("k", os.urandom(32)),))
    return SealedStore(DirectoryStore(tmp_path), KeyRingWrapper(ring), broken=reported.append)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def notes(store: SealedStore, clock: FakeClock) -> Records[Note]:
    return Records(store, "note", Note, "notes", clock)


async def write(notes: Records[Note], text: str) -> Note:
    written = await notes.update("a", lambda _: Note(text=text))
    assert written is not None
    return written


@pytest.mark.security("S-1")
async def test_a_damaged_record_is_absent_and_written_over(notes: Records[Note], store: SealedStore) -> None:
    await write(notes, "first")
    await store.objects.put("notes/a", b"damaged")
    assert await notes.read("a") is None
    assert (await write(notes, "second")).text == "second"
    version = await notes.read("a")
    assert version is not None
    assert version.record.text == "second"
    assert len([key async for key in store.objects.list("quarantine/notes/a/")]) == 1


async def test_a_record_of_another_shape_is_reported_and_absent(
    notes: Records[Note], store: SealedStore, reported: list[str]
) -> None:
    await store.put("notes/a", "note", b'{"number": 1}')
    assert await notes.read("a") is None
    assert reported == ["note"]


@pytest.mark.security("S-3")
async def test_a_record_copied_to_another_name_is_absent(
    notes: Records[Note], store: SealedStore, reported: list[str]
) -> None:
    await write(notes, "of a")
    await store.objects.put("notes/b", (await store.objects.get("notes/a")).data)
    assert await notes.read("b") is None
    assert reported == ["note"]


@pytest.mark.security("S-3")
async def test_an_older_version_put_back_is_absent_and_reported(
    notes: Records[Note], store: SealedStore, reported: list[str]
) -> None:
    await write(notes, "first")
    old = await store.objects.get("notes/a")
    await write(notes, "second")
    await store.objects.put("notes/a", old.data)
    assert await notes.read("a") is None
    assert reported == ["rolled-back"]
    await write(notes, "third")
    version = await notes.read("a")
    assert version is not None
    assert version.record.text == "third"


@pytest.mark.security("S-3")
async def test_an_older_version_put_back_after_a_removal_is_absent(
    notes: Records[Note], store: SealedStore, clock: FakeClock
) -> None:
    await write(notes, "first")
    old = await store.objects.get("notes/a")
    await notes.remove("a")
    clock.advance(1)
    await write(notes, "made anew")
    await store.objects.put("notes/a", old.data)
    assert await notes.read("a") is None


async def test_versions_grow_also_when_the_clock_stands_still(notes: Records[Note]) -> None:
    versions = [(await write(notes, str(number))).version for number in range(3)]
    assert versions == sorted(set(versions))


async def test_another_process_that_has_seen_nothing_takes_what_is_there(
    notes: Records[Note], store: SealedStore, clock: FakeClock
) -> None:
    await write(notes, "first")
    old = await store.objects.get("notes/a")
    await write(notes, "second")
    await store.objects.put("notes/a", old.data)
    version = await Records(store, "note", Note, "notes", clock).read("a")
    assert version is not None
    assert version.record.text == "first"


async def test_records_without_versions_are_left_as_they_are(store: SealedStore) -> None:
    others = Records(store, "other", Other, "others")
    await others.update("a", lambda _: Other(number=1))
    assert await others.update("a", lambda old: old and Other(number=old.number + 1)) == Other(number=2)
