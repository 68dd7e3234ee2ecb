"""None of the ways to hide text lets it through, and nothing is lost that only looks hidden.

That the lists are right is proven in a browser: tests/browser/test_hidden.py.
"""

import pytest

from google_workspace_mcp.core.content.html import visible_text
from tests.core.content.hidden.cases import Case, cases


def named(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", cases("hidden"), ids=named)
def test_what_a_person_does_not_see_is_left_out(case: Case):
    seen = visible_text(case.page())
    assert case.word not in seen.text
    assert seen.complete


@pytest.mark.parametrize("case", cases("visible"), ids=named)
def test_what_only_looks_hidden_stays(case: Case):
    assert case.word in visible_text(case.page()).text


@pytest.mark.parametrize("case", cases("left-out"), ids=named)
def test_what_is_declared_to_be_no_text_is_left_out_and_counted(case: Case):
    seen = visible_text(case.page())
    assert case.word not in seen.text
    assert seen.hidden_chars == len(case.word)


def test_the_lists_are_long_enough_to_mean_something():
    assert len(cases("hidden")) >= 60
    assert len(cases("visible")) >= 30
