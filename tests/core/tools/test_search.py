"""A query of search mode is widened to what the tools' texts say."""

import pytest

from google_workspace_mcp.core.tools.search import named_in, widened


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("emails", {"email", "mail", "message", "gmail"}),
        ("label", {"label", "labels"}),
        ("Set my OUT-OF-OFFICE", {"set", "vacation"}),
    ],
)
def test_other_forms_and_other_words_are_looked_for_too(query: str, words: set[str]) -> None:
    assert words <= {*widened(query).split()}


def test_words_that_say_nothing_are_left_out() -> None:
    assert widened("how to do it with a") == widened("do")
    assert widened("the of a").split() == []


@pytest.mark.parametrize("call", [None, [], "x", {}, {"name": 1}, {"name": None}, {"name": ["x"]}], ids=str)
def test_what_names_no_tool_is_no_name(call: object) -> None:
    assert named_in(call) == ""
