from bpe_openai import get_encoding

from google_workspace_mcp.sandbox.people.cast import ALICE
from tests.drive.conftest import Files
from tests.drive.desk import Desk

ROW_BUDGET = 60


async def test_a_search_row_fits_its_budget(desk: Desk, files: Files):
    files.drive.add_file(ALICE.email, "Quarterly report Q3 2026, final.pdf", b"x" * 4_321_000, "application/pdf")
    rows = (await desk.call("drive_search")).text().splitlines()[2:]
    encoding = get_encoding("o200k_base")
    assert max(len(encoding.encode(row)) for row in rows) <= ROW_BUDGET
