"""Bytes sent to an address, through the proxy with its prefix and on the internal one."""

import asyncio
import hashlib
import random
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from google_workspace_mcp.core.files.places import LIFE_SECONDS, MOST_BYTES
from tests.clients.deployment import Address
from tests.files.world import World

pytestmark = pytest.mark.timeout(90)
ADDRESSES = ["public", "internal"]
DATA = random.Random(5).randbytes(5_000_000)
DIGEST = hashlib.sha256(DATA).hexdigest()


async def in_pieces(data: bytes, size: int = 50_000) -> AsyncGenerator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]
        await asyncio.sleep(0)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("method", ["PUT", "POST"])
@pytest.mark.parametrize("announced", [True, False])
async def test_bytes_arrive_and_the_answer_says_what_came(world: World, address: Address, method: str, announced: bool):
    place = await world.call("files_create_upload", name="Größe.pdf", address=address)
    assert place["url"].startswith(f"{world.deployment.base_of(address)}/files/upload/")
    assert f"curl -T FILE {place['url']}" in place["words"]
    response = await world.http.request(method, place["url"], content=DATA if announced else in_pieces(DATA))
    assert response.status_code == 201, response.text
    told = response.json()["data"]
    assert (told["upload_id"], told["name"], told["type"]) == (place["upload_id"], "Größe.pdf", "application/pdf")
    assert (told["size"], told["sha256"]) == (len(DATA), DIGEST)
    assert "upload_id" in told["next_step"]


async def test_curl_does_what_the_tool_says(world: World, tmp_path: Path):
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed")
    (tmp_path / "FILE").write_bytes(DATA)
    place = await world.call("files_create_upload", name="data.bin", size=len(DATA), sha256=DIGEST)
    command = place["words"].splitlines()[-1].split()
    assert command[:3] == ["curl", "-T", "FILE"]
    process = await asyncio.create_subprocess_exec(
        curl, "-sS", *command[1:], cwd=tmp_path, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await asyncio.wait_for(process.communicate(), 30)
    assert DIGEST.encode() in output


async def test_a_repeated_upload_is_told_that_it_is_complete(world: World):
    place = await world.call("files_create_upload", name="a.txt")
    assert (await world.http.put(place["url"], content=b"abc")).status_code == 201
    again = await world.http.put(place["url"], content=b"abc")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert "complete" in again.json()["detail"]


async def test_an_upload_that_broke_off_is_made_again_whole(world: World):
    place = await world.call("files_create_upload", name="a.bin", address="internal")

    async def breaking() -> AsyncGenerator[bytes]:
        yield DATA[:3_000_000]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await world.http.put(place["url"], content=breaking())
    response = await world.http.put(place["url"], content=DATA)
    assert response.status_code == 201, response.text
    assert response.json()["data"]["sha256"] == DIGEST


@pytest.mark.parametrize(
    ("declared", "sent", "status"),
    [
        ({"size": 4}, b"abc", 400),
        ({"size": 2}, b"abc", 413),
        ({"sha256": "0" * 64}, b"abc", 400),
        ({"size": 3, "sha256": hashlib.sha256(b"abc").hexdigest()}, b"abc", 201),
    ],
)
@pytest.mark.security("T-8")
async def test_what_comes_is_held_against_what_was_declared(
    world: World, declared: dict[str, Any], sent: bytes, status: int
):
    place = await world.call("files_create_upload", name="a.txt", **declared)
    response = await world.http.put(place["url"], content=sent)
    assert response.status_code == status, response.text
    if status == 400:
        assert (await world.http.put(place["url"], content=sent)).status_code == 400, "it can be tried again"


async def test_a_body_over_the_limit_is_refused_before_it_is_read(world: World):
    place = await world.call("files_create_upload", name="a.bin", address="internal")
    url = place["url"].removeprefix("http://")
    host, _, path = url.partition("/")
    name, _, port = host.partition(":")
    reader, writer = await asyncio.open_connection(name, int(port))
    head = f"PUT /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {MOST_BYTES + 1}\r\n\r\n"
    writer.write(head.encode())
    await writer.drain()
    status = await asyncio.wait_for(reader.readline(), 10)
    writer.close()
    await writer.wait_closed()
    assert b" 413 " in status


@pytest.mark.parametrize("arguments", [{"size": MOST_BYTES + 1}, {"sha256": "xyz"}, {"media_type": "a/b\r\nX: y"}])
@pytest.mark.security("T-8")
async def test_declarations_that_cannot_be_meant_are_refused(world: World, arguments: dict[str, int | str]):
    response = await world.answer("files_create_upload", {"name": "a.txt", **arguments})
    assert (response.status_code, response.json()["code"]) == (400, "invalid_argument")


async def test_a_form_is_not_a_file(world: World):
    place = await world.call("files_create_upload", name="a.txt")
    response = await world.http.post(place["url"], files={"file": b"abc"})
    assert response.status_code == 415
    assert "curl -T" in response.json()["next_step"]


async def test_an_address_that_was_tampered_with_is_none(world: World):
    place = await world.call("files_create_upload", name="a.txt")
    url = place["url"]
    for changed in (url[:-3], url[:-20] + ("A" if url[-20] != "A" else "B") + url[-19:]):
        assert (await world.http.put(changed, content=b"abc")).status_code == 404
    assert (await world.http.get(url)).status_code == 405
    link = (await world.file("table.csv"))["url"]
    as_upload = link.replace("/files/", "/files/upload/")
    assert (await world.http.put(as_upload, content=b"abc")).status_code == 404


async def test_an_address_ends_after_an_hour(world: World):
    place = await world.call("files_create_upload", name="a.txt")
    world.clock.advance(LIFE_SECONDS + 1)
    response = await world.http.put(place["url"], content=b"abc")
    assert (response.status_code, response.json()["code"]) == (410, "gone")
    assert "files_create_upload" in response.json()["next_step"]


async def test_a_page_of_another_origin_cannot_send_bytes(world: World):
    place = await world.call("files_create_upload", name="a.txt")
    response = await world.http.put(place["url"], content=b"abc", headers={"Origin": "https://evil.example"})
    assert response.status_code == 403


async def test_a_name_and_a_type_are_made_harmless(world: World):
    place = await world.call("files_create_upload", name="../../evil\r\n.html")
    assert (place["name"], place["type"]) == ("_.._evil .html", "text/html")


async def test_a_token_that_can_write_nothing_is_not_offered_uploads(world: World):
    headers = world.bearer(readonly=True)
    base = world.deployment.base
    listed = (await world.http.get(f"{base}/tools", headers=headers)).json()["data"]["tools"]
    assert "files_create_upload" not in {tool["name"] for tool in listed}
    refused = await world.http.post(f"{base}/tools/files_create_upload", json={"name": "a"}, headers=headers)
    assert refused.status_code == 403
