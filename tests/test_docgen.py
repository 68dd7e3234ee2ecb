"""The generated pages say what the code says, on every machine."""

import json
import runpy
from pathlib import Path

import pytest

from google_workspace_mcp import docgen
from google_workspace_mcp.auth.scopes import CAPABILITIES
from google_workspace_mcp.core.settings import Settings


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return {page.path: page.text for page in docgen.pages()}


def test_the_pages_and_snapshots_in_the_tree_are_what_the_code_says(pages: dict[str, str]):
    outdated = [path for path, text in pages.items() if _read(docgen.ROOT / path) != text]
    assert not outdated, f"run `{docgen.COMMAND}` and look at the difference"


def test_what_was_written_passes_the_check(tmp_path: Path):
    assert docgen.main([], tmp_path) == 0
    assert docgen.main(["--check"], tmp_path) == 0


def test_the_check_names_the_page_that_differs_and_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    docgen.main([], tmp_path)
    (tmp_path / "docs" / "metrics.md").write_text("something else", encoding="utf-8")
    assert docgen.main(["--check"], tmp_path) == 1
    complaint = capsys.readouterr().err
    assert "docs/metrics.md" in complaint
    assert "make pages" in complaint
    assert "docs/tools.md" not in complaint


def test_the_check_writes_nothing(tmp_path: Path):
    assert docgen.main(["--check"], tmp_path) == 1
    assert list(tmp_path.iterdir()) == []


def test_the_environment_has_no_say_in_the_pages(pages: dict[str, str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GWMCP_SERVICES", "drive")
    monkeypatch.setenv("GWMCP_PORT", "no number")
    assert {page.path: page.text for page in docgen.pages()} == pages


def test_no_page_tells_of_the_machine_it_was_made_on(pages: dict[str, str]):
    told = [path for path, text in pages.items() if str(Path.home()) in text or str(docgen.ROOT) in text]
    assert told == []


def test_every_setting_is_on_the_settings_page_and_in_the_example_file(pages: dict[str, str]):
    names = [f"GWMCP_{name.upper()}" for name in Settings.model_fields]
    assert [name for name in names if f"| `{name}`" not in pages["docs/settings.md"]] == []
    assert [name for name in names if f"#{name}=" not in pages[".env.example"]] == []


def test_the_example_file_changes_nothing_as_it_stands(pages: dict[str, str]):
    lines = pages[".env.example"].splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []


def test_every_setting_says_what_it_means():
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_every_metric_is_shown_with_its_labels_or_has_none(pages: dict[str, str]):
    rows = [row.split(" | ") for row in pages["docs/metrics.md"].splitlines() if row.startswith("| `gwmcp_")]
    without = {row[0].strip("| `") for row in rows if not row[2].strip()}
    assert without == {"gwmcp_http_requests_in_flight", "gwmcp_degraded", "gwmcp_draining", "gwmcp_draining_seconds"}


def test_every_tool_of_the_snapshot_has_a_section_on_the_tools_page(pages: dict[str, str]):
    names = [tool["name"] for tool in json.loads(pages["tests/snapshots/tools.json"])]
    headings = [line.removeprefix("## ") for line in pages["docs/tools.md"].splitlines() if line.startswith("## ")]
    assert headings == names


def test_the_snapshot_holds_all_four_annotations_of_every_tool(pages: dict[str, str]):
    hints = {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"}
    tools = json.loads(pages["tests/snapshots/tools.json"])
    assert [tool["name"] for tool in tools if not hints <= tool["annotations"].keys()] == []


def test_every_schema_is_closed_flat_and_without_null(pages: dict[str, str]):
    for tool in json.loads(pages["tests/snapshots/tools.json"]):
        assert tool["inputSchema"]["additionalProperties"] is False, tool["name"]
        text = json.dumps([tool["inputSchema"], tool["outputSchema"]])
        assert not any(word in text for word in ('"$ref"', '"$defs"', '"null"')), tool["name"]


def test_the_page_about_google_names_every_capability_with_its_scopes():
    page = (docgen.ROOT / "docs" / "google-setup.md").read_text(encoding="utf-8")
    rows = {row.split("`")[1]: row for row in page.splitlines() if row.startswith("| `")}
    for capability in CAPABILITIES:
        for scope in capability.asks:
            assert f"`{scope.removeprefix('https://www.googleapis.com/auth/')}`" in rows[capability.name]


def test_the_picture_shows_the_calls_and_the_beginnings_of_answers():
    printed = (
        "Signed in.\n\n> drive_read {}\n" + "".join(f"  line <{n}>\n" for n in range(30)) + "\nAddresses\n  secret\n"
    )
    picture = runpy.run_path(str(docgen.ROOT / "docs" / "images" / "make_tour.py"))["tour_picture"](printed)
    assert '<text class="call"' in picture
    assert "line &lt;1&gt;" in picture
    assert "line &lt;29&gt;" not in picture
    assert "secret" not in picture


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
