"""Real processes: what they are not allowed, how they end, who waits."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from google_workspace_mcp.core.content.documents.confine import Memory
from google_workspace_mcp.core.content.documents.pool import Pool
from google_workspace_mcp.core.content.documents.service import MOST_BYTES, Documents
from google_workspace_mcp.core.errors import RateLimitedError, TooLargeError, UserInputError, WorkspaceError
from tests.core.content.documents import hostile
from tests.core.content.documents.making import pdf, said, slides, word, workbook
from tests.core.content.documents.test_workbook import a_budget
from tests.support.waiting import until

ROOT = Path(__file__).resolve().parents[4]
# Seconds for something that takes a moment, on a busy machine.
PATIENCE = 30


@pytest.fixture
async def pool() -> AsyncGenerator[Pool]:
    pool = Pool()
    yield pool
    await pool.aclose()


@pytest.fixture(scope="module")
def slow() -> bytes:
    """A document that takes seconds, whatever the machine."""
    return hostile.million_hidden_cells()


def proc(process: int, name: str) -> Path:
    return Path(f"/proc/{process}/{name}")


def is_gone_or_dead(process: int) -> bool:
    """Whether it has ended, waited for or not."""
    return not lives(process) or proc(process, "stat").read_text().split()[2] == "Z"


def lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


async def test_every_kind_is_read_without_a_file_or_a_library_loaded_later(pool: Pool):
    documents = Documents(pool)
    for data, text in (
        (pdf(said("in a PDF")), "in a PDF"),
        (word(lambda document: document.add_paragraph("in Word")), "in Word"),
        (workbook(a_budget), "bike"),
        (slides(lambda deck: deck.slides.add_slide(deck.slide_layouts[5])), "[slide 1]"),
        (b"<p>in HTML</p>", "in HTML"),
        (("会議は三月一日です。" * 5).encode("shift_jis"), "会議"),
        (("날짜와 제품과 수량을 " * 5).encode("euc_kr"), "날짜"),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:in a calendar\nEND:VEVENT\nEND:VCALENDAR\n", "in a calendar"),
    ):
        found = await documents.read(data, name="page.html" if data.startswith(b"<") else "")
        assert text in found.text
    assert len(pool.process_ids) == 1


@pytest.mark.security("T-17")
async def test_a_process_has_given_up_memory_files_sockets_children_and_privileges(pool: Pool):
    await Documents(pool).read(b"hello")
    (process,) = pool.process_ids
    check_what_is_given_up(process)


def check_what_is_given_up(process: int) -> None:
    lines = proc(process, "limits").read_text().splitlines()
    limits = {line[:26].strip(): line[26:].split()[:2] for line in lines}
    for name in ("Max core file size", "Max file size", "Max processes", "Max open files"):
        assert limits[name] == ["0", "0"]
    assert 0 < int(limits["Max address space"][1]) <= 400 << 20
    assert int(limits["Max cpu time"][0]) <= 60
    status = proc(process, "status").read_text()
    assert "NoNewPrivs:\t1" in status
    assert "Threads:\t1" in status
    # The process cannot be looked into by its own user: only root sees the rest.
    if os.access(proc(process, "environ"), os.R_OK):
        assert proc(process, "environ").read_bytes() == b""
        assert os.readlink(proc(process, "cwd")) == "/"
        opened = {os.readlink(entry).partition(":")[0] for entry in proc(process, "fd").iterdir()}
        assert opened <= {"pipe", "socket", "/dev/null", f"/proc/{process}/statm"}


@pytest.mark.security("T-17")
async def test_a_document_that_takes_too_long_is_given_up_with_its_process(slow: bytes):
    pool = Pool(seconds=1.0)
    documents = Documents(pool)
    reading = asyncio.create_task(documents.read(slow))
    await until(lambda: bool(pool.process_ids))
    (process,) = pool.process_ids
    with pytest.raises(TooLargeError) as refused:
        await reading
    assert "range" in refused.value.next_step
    assert not lives(process)
    await pool.aclose()


async def test_whoever_is_cancelled_takes_the_process_down_and_the_next_one_gets_another(pool: Pool, slow: bytes):
    documents = Documents(pool)
    reading = asyncio.create_task(documents.read(slow))
    await until(lambda: bool(pool.process_ids))
    (process,) = pool.process_ids
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert not lives(process)
    assert (await documents.read(b"hello")).text == "hello"


async def test_beyond_the_queue_requests_are_refused_at_once(slow: bytes):
    pool = Pool(most=1, waiting=1)
    documents = Documents(pool)
    readings = [asyncio.create_task(documents.read(slow)) for _ in range(2)]
    await until(lambda: bool(pool.process_ids))
    with pytest.raises(RateLimitedError) as refused:
        await documents.read(b"hello")
    assert refused.value.retry_after
    for reading in readings:
        reading.cancel()
    await asyncio.gather(*readings, return_exceptions=True)
    assert (await documents.read(b"hello")).text == "hello"
    await pool.aclose()


async def test_at_most_two_documents_are_read_at_a_time_and_all_come_to_their_turn(pool: Pool):
    documents = Documents(pool)
    data = pdf(*(said("word " * 300) for _ in range(20)))
    found = await asyncio.gather(*(documents.read(data) for _ in range(10)))
    assert len({one.text for one in found}) == 1
    assert len(pool.process_ids) <= 2


async def test_processes_end_when_there_is_nothing_to_read():
    pool = Pool(idle_seconds=0.05)
    await Documents(pool).read(b"hello")
    (process,) = pool.process_ids or {0}
    await until(lambda: not pool.process_ids)
    assert not process or not lives(process)
    await pool.aclose()


async def test_a_process_is_exchanged_after_200_documents(pool: Pool):
    documents = Documents(pool)
    await documents.read(b"hello")
    first = pool.process_ids
    for _ in range(199):
        assert (await documents.read(b"hello")).text == "hello"
    await documents.read(b"hello")
    assert pool.process_ids
    assert not pool.process_ids & first


def test_a_process_knows_how_much_memory_it_uses():
    memory = Memory()
    before = memory.in_use()
    held = bytes(range(256)) * 200_000
    assert memory.in_use() - before > len(held) // 2


async def test_a_process_that_was_killed_from_outside_is_replaced(pool: Pool):
    documents = Documents(pool)
    await documents.read(b"hello")
    (process,) = pool.process_ids
    os.kill(process, 9)
    await until(lambda: is_gone_or_dead(process))
    for _ in range(3):
        try:
            assert (await documents.read(b"hello")).text == "hello"
            break
        except WorkspaceError:
            continue
    else:
        pytest.fail("no fresh process")


async def test_closing_ends_the_processes_that_are_reading(slow: bytes):
    pool = Pool()
    reading = asyncio.create_task(Documents(pool).read(slow))
    await until(lambda: bool(pool.process_ids))
    (process,) = pool.process_ids
    await pool.aclose()
    assert not lives(process)
    with pytest.raises(WorkspaceError):
        await reading
    assert not pool.process_ids


async def test_more_than_20_mb_are_refused_before_a_process_starts(pool: Pool):
    with pytest.raises(TooLargeError, match="20 MB"):
        await Documents(pool).read(bytes(MOST_BYTES + 1))
    assert not pool.process_ids


async def test_a_failure_says_the_next_step_in_our_own_words(pool: Pool):
    for data, part, words in (
        (pdf(said("x")), "9", "from 1 to 1"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "", ".docx"),
        (b"PK\x03\x04 nonsense", "", "link"),
    ):
        with pytest.raises(UserInputError) as refused:
            await Documents(pool).read(data, part=part)
        assert words in refused.value.next_step


def test_the_service_s_own_process_imports_no_reader():
    code = (
        "import sys, json, google_workspace_mcp.core.content.documents.service\n"
        "print(json.dumps([name for name in sys.modules if name.startswith(('pypdfium2', 'charset_normalizer', "
        "'google_workspace_mcp.core.content.documents.reading'))]))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=True
    ).stdout
    assert json.loads(printed) == []


def test_a_process_does_not_outlive_a_service_that_was_killed(tmp_path: Path, slow: bytes):
    document = tmp_path / "slow.xlsx"
    document.write_bytes(slow)
    code = (
        "import asyncio, sys\n"
        "from google_workspace_mcp.core.content.documents.pool import Pool\n"
        "from google_workspace_mcp.core.content.documents.service import Documents\n"
        "async def main():\n"
        "    pool = Pool()\n"
        "    reading = asyncio.create_task(Documents(pool).read(open(sys.argv[1], 'rb').read()))\n"
        "    while not pool.process_ids: await asyncio.sleep(0.01)\n"
        "    print(*pool.process_ids, flush=True)\n"
        "    await reading\n"
        "asyncio.run(main())"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, document], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as service:
        assert service.stdout is not None
        process = int(service.stdout.readline())
        assert lives(process)
        service.kill()
    end = time.monotonic() + PATIENCE
    while not is_gone_or_dead(process):
        assert time.monotonic() < end
        time.sleep(0.01)
