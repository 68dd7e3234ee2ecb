"""Gmail queries from separate conditions."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.gmail.query import MAX_QUERY, Conditions, gmail_query
from google_workspace_mcp.sandbox.gmail.query import Both, Term, parse

BERLIN = ZoneInfo("Europe/Berlin")


def test_no_condition_is_no_query():
    assert gmail_query(Conditions(), BERLIN) == ""


@pytest.mark.security("T-11")
def test_a_query_alone_goes_as_it_is():
    assert (
        gmail_query(Conditions(query="in:anywhere rfc822msgid:x OR {a b}"), BERLIN)
        == "in:anywhere rfc822msgid:x OR {a b}"
    )


def test_conditions_narrow_each_other_and_the_query():
    conditions = Conditions("a OR b", "ben@example.com", "al", "big lamp", has_attachment=True, unread=True)
    assert gmail_query(conditions, BERLIN) == (
        'from:"ben@example.com" to:"al" subject:"big" subject:"lamp" has:attachment is:unread (a OR b)'
    )


def test_a_subject_in_quotes_is_a_phrase():
    assert gmail_query(Conditions(subject='"big lamp"'), BERLIN) == 'subject:"big lamp"'


def test_days_begin_at_the_persons_midnight():
    query = gmail_query(Conditions(after="2026-03-29", before="2026-03-30"), BERLIN)
    # Clocks change that night: the day has 23 hours.
    assert query == "after:1774738800 before:1774821600"


def test_a_time_with_or_without_offset_may_be_given():
    assert gmail_query(Conditions(after="2026-03-31T09:00"), BERLIN) == "after:1774940400"
    assert gmail_query(Conditions(after="2026-03-31T09:00+00:00"), BERLIN) == "after:1774947600"


@pytest.mark.parametrize("text", ["yesterday", "31.3.2026", "2026-13-01", "0000-01-01"])
def test_a_date_that_is_none_is_refused_without_an_echo(text: str):
    with pytest.raises(UserInputError, match="after is not a date") as caught:
        gmail_query(Conditions(after=text), BERLIN)
    assert text not in caught.value.sentence()


@pytest.mark.parametrize("control", ["\x00", "\x1b", "\x7f"])
def test_control_characters_are_refused(control: str):
    text = f"a{control}b"
    for conditions in (Conditions(query=text), Conditions(sender=text), Conditions(to=text)):
        with pytest.raises(UserInputError, match="control characters"):
            gmail_query(conditions, BERLIN)


@pytest.mark.security("T-11")
def test_a_line_break_in_the_query_is_refused():
    with pytest.raises(UserInputError, match="control characters"):
        gmail_query(Conditions(query="a\nb"), BERLIN)


@pytest.mark.security("T-11")
def test_a_query_over_two_thousand_characters_is_refused():
    with pytest.raises(UserInputError, match="longer than 2000"):
        gmail_query(Conditions(query="x" * (MAX_QUERY - 10), sender="ben@example.com"), BERLIN)


@pytest.mark.parametrize("query", ["a) OR (b", 'a "b', "{a", "(a}", ")", "a (b"])
def test_a_query_that_would_break_out_of_its_brackets_is_refused(query: str):
    with pytest.raises(UserInputError, match="without its other half"):
        gmail_query(Conditions(query=query, unread=True), BERLIN)


@given(st.text(alphabet='ab ():{}"-\\OR', min_size=1, max_size=30))
def test_no_value_changes_the_structure_of_the_query(value: str):
    query = gmail_query(Conditions(sender=value, unread=True), BERLIN)
    tree = parse(query)
    sender, unread = tree.nodes if isinstance(tree, Both) else (Term("from", ""), tree)
    assert isinstance(sender, Term)
    assert sender.operator == "from"
    assert unread == Term("is", "unread")
