"""Readers that go away or are slow, accounts that end, and what is written down about it."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import pytest

from google_workspace_mcp.core.files.downloads import DOWNLOADS_AT_ONCE
from google_workspace_mcp.sandbox.people.cast import ALICE
from tests.files.world import LARGE, PDF, World, connect_people, world_in
from tests.support.clock import FakeClock
from tests.support.logs import captured_log
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(90)


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[World]:
    """A service of its own, whose accounts may be ended."""
    with world_in(tmp_path, FakeClock()) as world:
        await connect_people(world)
        async with world.http:
            yield world


class Reader:
    """A plain socket that asks for an address of the service and takes as much as it is told to."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._socket = socket.create_connection((parts.hostname or "", parts.port or 80), timeout=20)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        self._socket.sendall(f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())

    async def take(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size and (piece := await asyncio.to_thread(self._socket.recv, size - len(data))):
            data += piece
        return bytes(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()


async def large_link(world: World) -> str:
    return (await world.call("drive_download", file_id=world.files.large, address="internal"))["url"]


async def test_a_reader_that_goes_away_ends_the_request_to_google(world: World):
    world.google.streams.clear()
    with Reader(await large_link(world)) as reader:
        assert b"200 OK" in await reader.take(100_000)
    await until(lambda: bool(world.google.streams))
    [(size, taken)] = world.google.streams
    assert size == len(LARGE)
    assert taken < len(LARGE)


async def test_a_slow_reader_sets_the_pace_for_google(world: World):
    """What is not taken stays at Google: a few buffers are filled, then nothing more is asked for."""
    world.google.streams.clear()
    with Reader(await large_link(world)) as reader:
        await reader.take(1000)
        # Another whole download meanwhile: the slow one has had its time to run ahead.
        async with world.http.stream("GET", await large_link(world)) as response:
            size = sum([len(chunk) async for chunk in response.aiter_bytes()])
        assert size == len(LARGE)
    await until(lambda: len(world.google.streams) == 2)
    taken = min(taken for _, taken in world.google.streams)
    assert taken < len(LARGE) // 2, "the buffers of two connections, no more"


async def test_one_account_has_few_downloads_at_once_and_tools_go_on(world: World):
    url = await large_link(world)
    with ExitStack() as stack:
        for _ in range(DOWNLOADS_AT_ONCE):
            await stack.enter_context(Reader(url)).take(1000)
        refused = await world.http.get(url)
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        assert refused.headers["retry-after"] == "10"
        assert (await world.call("drive_search"))["files"]

    async with asyncio.timeout(20):
        while (await world.http.get(url, headers={"Range": "bytes=0-9"})).status_code != 206:
            pass


async def test_a_link_is_dead_once_its_account_is_disconnected_and_stays_dead(own: World):
    url = (await own.file("Größe.pdf"))["url"]
    assert (await own.http.get(url)).content == PDF
    await own.call("accounts_disconnect", account=ALICE.email)
    gone = await own.http.get(url)
    assert gone.status_code == 410
    assert "disconnected" in gone.json()["detail"]
    own.clock.advance(90)
    await connect_people(own)
    own.clock.advance(60)
    assert (await own.call("accounts_list"))["accounts"][0]["healthy"]
    assert (await own.http.get(url)).status_code == 410, "another connection has the same id and is not the same"


async def test_a_link_of_a_dead_grant_says_what_to_do(own: World):
    url = (await own.file("Größe.pdf"))["url"]
    own.google.revoke(ALICE.email)
    response = await own.http.get(url)
    assert (response.status_code, response.json()["code"]) == (403, "reauth_required")
    assert response.json()["next_step"]


async def test_no_link_and_no_upload_address_is_ever_logged(tmp_path: Path):
    with captured_log("debug") as log, world_in(tmp_path, FakeClock()) as world:
        await connect_people(world)
        async with world.http:
            found = await world.file("Größe.pdf")
            place = await world.call("files_create_upload", name="a.txt")
            await world.http.get(found["url"])
            await world.http.get(found["url"][:-3])
            await world.http.put(place["url"], content=b"abc")
            world.clock.advance(4000)
            await world.http.get(found["url"])
    text = log.text
    assert "/files/*" in text
    for secret in (found["url"], place["url"]):
        token = secret.rpartition("/")[2]
        assert token[:30] not in text
        assert token[-30:] not in text


async def test_following_a_link_stores_nothing(own: World, tmp_path: Path):
    url = (await own.file("Größe.pdf"))["url"]
    before = sorted(os.walk(tmp_path / "store"))
    await own.http.get(url)
    assert sorted(os.walk(tmp_path / "store")) == before


async def test_a_service_that_is_switched_off_serves_no_links(tmp_path: Path):
    clock = FakeClock()
    with world_in(tmp_path, clock, services=("drive",)) as world:
        await connect_people(world)
        async with world.http:
            found = await world.call("drive_download", file_id=world.files.photo)
            assert (await world.http.get(found["url"])).status_code == 200
            refused = await world.answer("gmail_get_attachment", {"message_id": world.files.message})
            assert refused.status_code == 404


async def test_a_stopping_service_lets_a_download_end(tmp_path: Path):
    """The listener closes, the stream goes on: it is a call in flight like any other."""
    with world_in(tmp_path, FakeClock()) as world:
        await connect_people(world)
        async with world.http:
            with Reader(await large_link(world)) as reader:
                await reader.take(1000)
                world.deployment.stack.service.lifecycle.drain(60)
                assert (await world.http.get(f"{world.deployment.stack.internal_url}/ready")).status_code == 503
                left = len(LARGE) - 1000
                assert len(await reader.take(left)) == left
