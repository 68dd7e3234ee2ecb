"""What the model is made to read fits its budgets, and grows only when somebody has looked at it."""

from dataclasses import replace

import pytest

from tests.tokens.__main__ import COMMAND, read_baseline
from tests.tokens.budgets import BUDGETS, Baseline, Measured, findings, json_tokens, renewed, tokens
from tests.tokens.measure import measure

SMALL = Measured(
    definitions={"a": 100, "b": 200},
    output_schemas={"a": 50, "b": 60},
    core=("a",),
    search_mode=300,
    texts={"a": 1000},
    structured={"a": 1200},
    worst_row=40,
    newsletter=0.01,
    events=0.05,
)
BEFORE: Baseline = {"definitions": {"a": 100, "b": 200}, "texts": {"a": 1000}}


@pytest.fixture(scope="module")
def measured() -> Measured:
    return measure()


def test_everything_is_within_its_budget_and_as_long_as_it_was(measured: Measured):
    found = "\n".join(findings(measured, read_baseline()))
    assert not found, f"\n{found}\nWhere the number is right, `{COMMAND}` takes it; look at the difference"


def test_every_tool_that_reads_is_measured_by_a_call(measured: Measured):
    assert measured.uncalled == ()
    assert {"gmail_search", "drive_read", "calendar_list_events"} <= measured.texts.keys()


def test_tokens_are_those_of_o200k_base():
    assert tokens("The quick brown fox jumps over the lazy dog.") == 10
    assert json_tokens({"a": "ü"}) == tokens('{"a":"ü"}')


def test_what_has_not_changed_is_no_finding():
    assert findings(SMALL, BEFORE) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"definitions": {"a": 100, "b": 12_000}}, "definitions of all tools: 12100, at most 12000"),
        ({"definitions": {"a": 4_001, "b": 200}}, "definitions of the core tier: 4001, at most 4000"),
        ({"search_mode": 1_501}, "definitions in search mode: 1501, at most 1500"),
        ({"definitions": {"a": 176, "b": 176}}, "definition of the median tool: 176, at most 175"),
        ({"worst_row": 61}, "the longest row of a search: 61, at most 60"),
        ({"newsletter": 0.031}, "a newsletter, as a part of its raw JSON: 0.031, at most 0.03"),
        ({"events": 0.09}, "25 events, as a part of their raw JSON: 0.09, at most 0.08"),
        ({"uncalled": ("c",)}, "c has no typical call"),
    ],
    ids=str,
)
def test_what_is_over_its_budget_is_named(change: dict[str, object], words: str):
    measured = replace(SMALL, **change)  # pyright: ignore[reportArgumentType]
    found = findings(measured, renewed(measured, {}))
    assert [line for line in found if line.startswith(words)], found


def test_growth_of_a_twentieth_passes_and_more_is_named():
    assert findings(replace(SMALL, definitions={"a": 105, "b": 210}), BEFORE) == []
    found = findings(replace(SMALL, definitions={"a": 106, "b": 200}, texts={"a": 1071}), BEFORE)
    assert found == ["definitions: a grew from 100 to 106", "texts: a grew from 1000 to 1071"]


def test_a_tool_that_the_baseline_does_not_have_is_named():
    found = findings(replace(SMALL, definitions={"a": 100, "b": 200, "c": 10}), BEFORE)
    assert found == ["definitions: c is not in the baseline (10)"]


def test_a_tool_that_is_gone_is_named():
    found = findings(replace(SMALL, texts={}), BEFORE)
    assert found == ["texts: a is in the baseline and no more"]


def test_a_new_baseline_ends_what_is_new_and_not_what_is_over_budget():
    more = replace(SMALL, definitions={"a": 150, "b": 250, "c": 10}, texts={"a": 2000}, worst_row=61)
    assert findings(more, renewed(more, BEFORE)) == [f"the longest row of a search: 61, at most {BUDGETS.search_row}"]


def test_random_markers_in_results_do_not_move_the_baseline():
    assert renewed(replace(SMALL, texts={"a": 1019}), BEFORE) == BEFORE
    assert renewed(replace(SMALL, texts={"a": 1021}), BEFORE)["texts"] == {"a": 1021}
    assert renewed(replace(SMALL, definitions={"a": 101, "b": 200}), BEFORE)["definitions"]["a"] == 101
