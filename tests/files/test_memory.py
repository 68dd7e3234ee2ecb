"""Large files go through a task whose memory does not notice: measured from outside, at its peak."""

import asyncio
import hashlib
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from google_workspace_mcp.core.clock import SystemClock
from google_workspace_mcp.core.files.places import MOST_BYTES
from google_workspace_mcp.sandbox.drive import DriveService
from google_workspace_mcp.sandbox.gmail.service import GmailService
from google_workspace_mcp.sandbox.made import MadeBytes
from google_workspace_mcp.sandbox.people.cast import ALICE
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.lifecycle.task import Task, task
from tests.support.oauth import HandClient

MIB = 2**20
pytestmark = pytest.mark.timeout(600)
SIZES = [pytest.param(128 * MIB, id="128 MiB"), pytest.param(1024 * MIB, id="1 GiB", marks=pytest.mark.proof)]
# Buffers of the HTTP client and server, of a few chunks; the file itself would be far more.
ALLOWED = 24 * MIB


class Peak:
    """The most memory that a process has had since it was last asked (Linux)."""

    def __init__(self, running: Task) -> None:
        self._folder = Path(f"/proc/{running.handle.pid}")

    def forget(self) -> None:
        (self._folder / "clear_refs").write_text("5", encoding="ascii")

    def bytes(self) -> int:
        status = (self._folder / "status").read_text(encoding="ascii")
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))


@pytest.fixture
def drive() -> DriveService:
    drive = DriveService(SystemClock())
    drive.add_person(ALICE)
    return drive


@pytest.fixture
def running(drive: DriveService, tmp_path: Path) -> Iterator[tuple[SimulatedGoogle, Task]]:
    gmail = GmailService(SystemClock())
    gmail.add_person(ALICE)
    with SimulatedGoogle([gmail, drive], [ALICE]) as google, task(google, tmp_path) as running:
        yield google, running


@asynccontextmanager
async def signed_in(running: Task) -> AsyncGenerator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(timeout=120, trust_env=False) as http:
        client = HandClient(running.base, http)
        await client.register()
        token = (await client.tokens(ALICE.email))["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        yield http


async def asked(http: httpx2.AsyncClient, running: Task, tool: str, **arguments: str | int) -> str:
    """The address that a tool gives."""
    answer = await http.post(f"{running.base}/tools/{tool}", json=arguments)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["url"]


async def taken(http: httpx2.AsyncClient, url: str) -> tuple[int, str]:
    """How many bytes came, and their MD5."""
    size, digest = 0, hashlib.md5()
    async with http.stream("GET", url) as response:
        assert response.status_code == 200
        async for chunk in response.aiter_bytes():
            size += len(chunk)
            digest.update(chunk)
    return size, digest.hexdigest()


def told(what: str, size: int, before: int, grown: int) -> str:
    return f"\n{what} of {size // MIB} MiB: {before / MIB:.0f} MiB before, {grown / MIB:.1f} MiB more at its peak\n"


@pytest.mark.parametrize("size", SIZES)
async def test_a_download_takes_no_memory(
    running: tuple[SimulatedGoogle, Task], drive: DriveService, size: int, capsys: pytest.CaptureFixture[str]
):
    _, process = running
    content = MadeBytes(size)
    expected = content.checksums[0]
    large = drive.add_file(ALICE.email, "large.bin", content)
    small = drive.add_file(ALICE.email, "small.bin", MadeBytes(MIB))
    async with signed_in(process) as http:
        await taken(http, await asked(http, process, "drive_download", file_id=small))
        peak = Peak(process)
        peak.forget()
        before = peak.bytes()
        assert await taken(http, await asked(http, process, "drive_download", file_id=large)) == (size, expected)
        grown = peak.bytes() - before
    with capsys.disabled():
        sys.stdout.write(
            f"\ndownload of {size // MIB} MiB: {before / MIB:.0f} MiB before, {grown / MIB:.1f} more at its peak\n"
        )
    assert grown < ALLOWED


@pytest.mark.parametrize(
    "size", [pytest.param(64 * MIB, id="64 MiB"), pytest.param(MOST_BYTES, id="256 MiB", marks=pytest.mark.proof)]
)
async def test_an_upload_takes_no_memory(
    running: tuple[SimulatedGoogle, Task], size: int, capsys: pytest.CaptureFixture[str]
):
    _, process = running
    content = MadeBytes(size)

    async def body(made: MadeBytes) -> AsyncGenerator[bytes]:
        for block in made.blocks():
            yield block
            await asyncio.sleep(0)

    async with signed_in(process) as http:
        small = await asked(http, process, "files_create_upload", name="small.bin")
        assert (await http.put(small, content=body(MadeBytes(5 * MIB)))).status_code == 201
        peak = Peak(process)
        peak.forget()
        before = peak.bytes()
        url = await asked(http, process, "files_create_upload", name="large.bin")
        answer = await http.put(url, content=body(content))
        assert answer.json()["data"]["sha256"] == content.checksums[2]
        grown = peak.bytes() - before
    with capsys.disabled():
        sys.stdout.write(
            f"\nupload of {size // MIB} MiB: {before / MIB:.0f} MiB before, {grown / MIB:.1f} more at its peak\n"
        )
    assert grown < ALLOWED


@pytest.mark.parametrize(
    "size", [pytest.param(48 * MIB, id="48 MiB"), pytest.param(200 * MIB, id="200 MiB", marks=pytest.mark.proof)]
)
async def test_a_file_goes_up_to_drive_without_taking_memory(
    running: tuple[SimulatedGoogle, Task], drive: DriveService, size: int, capsys: pytest.CaptureFixture[str]
):
    _, process = running
    content = MadeBytes(size)

    async def sent(name: str, made: MadeBytes) -> str:
        async def body() -> AsyncGenerator[bytes]:
            for block in made.blocks():
                yield block
                await asyncio.sleep(0)

        answer = await http.put(await asked(http, process, "files_create_upload", name=name), content=body())
        return answer.json()["data"]["upload_id"]

    async def stored(upload_id: str) -> str:
        answer = await http.post(f"{process.base}/tools/drive_create_file", json={"upload_id": upload_id})
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]["id"]

    async with signed_in(process) as http:
        await stored(await sent("small.bin", MadeBytes(6 * MIB)))
        upload_id = await sent("large.bin", content)
        peak = Peak(process)
        peak.forget()
        before = peak.bytes()
        file_id = await stored(upload_id)
        grown = peak.bytes() - before
    assert hashlib.sha256(drive.store.items[file_id].data or b"").hexdigest() == content.checksums[2]
    with capsys.disabled():
        sys.stdout.write(told("upload to Drive", size, before, grown))
    assert grown < ALLOWED
