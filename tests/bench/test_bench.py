"""The benchmark runs, and tells what it found; how fast anything is, is not asked here."""

import asyncio
import re
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.bench.page import PAGE, with_section
from tests.bench.picture import picture
from tests.bench.report import section
from tests.bench.results import Results, Series
from tests.bench.run import SMALL, run
from tests.bench.targets import Target, targets


@pytest.fixture(scope="module")
def results() -> Results:
    return asyncio.run(run(SMALL))


@pytest.mark.proof
@pytest.mark.timeout(300)
def test_a_small_run_measures_everything_there_is_to_tell(results: Results):
    told = section(results, date(2026, 11, 30))
    rows = re.findall(r"^\| `(\w+)`", told, re.MULTILINE)
    assert {"accounts_list", "calendar_list_events", "gmail_search", "drive_read"} <= set(rows)
    assert told.count("| service | modern |") == len(SMALL.callers)
    assert [target.what for target in targets(results)] != []
    assert (results.identity_calls, results.tool("gmail_search").round_trips) == (0, 2)
    assert results.tool("calendar_list_events").raw is not None
    assert "nan" not in told
    ElementTree.fromstring(picture(results))


@pytest.mark.proof
def test_the_section_goes_to_its_place_on_the_page(results: Results):
    page = PAGE.read_text(encoding="utf-8")
    changed = with_section(page, "bench", section(results, date(2026, 11, 30)))
    assert "### Targets" in changed
    assert changed.partition("<!-- end bench -->")[2] == page.partition("<!-- end bench -->")[2]


def test_a_target_says_by_how_much_it_was_missed():
    assert Target("CPU", 3, 2.5, " ms").verdict == "met"
    assert Target("CPU", 3, 3.5, " ms").verdict == "missed by 0.5 ms"
    assert Target("Rate", 30, 25, " %", at_least=True).verdict == "missed by 5 %"


def test_a_series_tells_medians_of_rounds_and_quantiles_of_calls():
    series = Series()
    for cpu in (0.1, 0.2, 0.9):
        series.add([0.01] * 99 + [1.0], cpu=cpu, wall=1.0)
    assert (series.cpu_ms, series.rate, series.p50_ms, series.p99_ms) == (2.0, 100.0, 10.0, 1000.0)


def test_the_picture_of_the_page_is_there():
    assert (
        "images/performance.svg" not in PAGE.read_text(encoding="utf-8")
        or (Path(PAGE).parent / "images" / "performance.svg").is_file()
    )
