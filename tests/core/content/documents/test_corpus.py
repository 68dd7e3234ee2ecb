"""Documents that nobody here made: the test sets of libraries that read them, as they lie in their source packages.

`python -m pytest -s -m proof tests/core/content/documents/test_corpus.py` prints the worst twenty.
"""

import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from google_workspace_mcp.core.content.documents.confine import MOST_MEMORY
from google_workspace_mcp.core.content.documents.pool import SECONDS, Pool
from google_workspace_mcp.core.content.documents.service import Documents
from google_workspace_mcp.core.errors import TooLargeError, UserInputError
from tests.support.sdists import documents_in, downloaded

LIBRARIES = (
    "pypdf",
    "pypdfium2",
    "pikepdf",
    "ocrmypdf",
    "pdf2docx",
    "python-docx",
    "python-pptx",
    "python-calamine",
    "xlsx2csv",
    "pyexcel-xlsx",
)
KINDS = (".pdf", ".docx", ".xlsx", ".xlsm", ".pptx", ".xls", ".csv")
AT_LEAST = 300


@dataclass(frozen=True, slots=True)
class Reading:
    """How one document was read. `peak` is the most memory its process had until then, in MB."""

    name: str
    size: int
    seconds: float
    peak: int
    outcome: str
    chars: int


async def read_one(documents: Documents, pool: Pool, name: str, data: bytes) -> Reading:
    began = time.perf_counter()
    try:
        found = await documents.read(data, name=name, max_chars=80_000)
        outcome, chars = found.kind, len(found.text)
    except (UserInputError, TooLargeError) as refused:
        outcome, chars = refused.reason, 0
    return Reading(name, len(data), time.perf_counter() - began, _peak(pool), outcome, chars)


def _peak(pool: Pool) -> int:
    peaks = [0]
    for process in pool.process_ids:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
        peaks += [int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")]
    return max(peaks)


def table(readings: list[Reading]) -> str:
    lines = [f"{'s':>6} {'kB':>7} {'MB':>4} {'chars':>6}  outcome"]
    lines += [
        f"{one.seconds:6.2f} {one.size // 1000:7} {one.peak:4} {one.chars:6}  {one.outcome:22} {one.name}"
        for one in readings
    ]
    return "\n".join(lines)


@pytest.mark.proof
@pytest.mark.timeout(900)
@pytest.mark.security("T-17")
async def test_real_documents_are_read_or_refused_within_the_limits(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    archives = downloaded(LIBRARIES, tmp_path)
    pool = Pool()
    documents = Documents(pool)
    readings = [
        await read_one(documents, pool, name, data)
        for archive in archives
        for name, data in documents_in(archive, KINDS)
    ]
    await documents.aclose()
    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(readings)} documents: {dict(Counter(one.outcome for one in readings).most_common())}\n"
        )
        sys.stdout.write(table(sorted(readings, key=lambda one: -one.seconds)[:20]) + "\n")
    assert len(readings) >= AT_LEAST
    assert max(one.seconds for one in readings) <= SECONDS + 1
    assert max(one.peak for one in readings) <= MOST_MEMORY >> 20
    # Nothing here is built to harm: what is not read is damaged, locked, of another kind or without text.
    unread = Counter(one.outcome for one in readings if one.outcome.startswith("document_"))
    assert unread.keys() <= {"document_damaged", "document_password", "document_old_office"}
    assert unread["document_damaged"] < len(readings) // 50
