"""Recurrence in a caller's words: what is read, what is refused, and that what is answered can be said again."""

import time
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from google_workspace_mcp.calendar.expansion import MOST, first_start, how_many, sentence
from google_workspace_mcp.calendar.recurrence import phrase
from google_workspace_mcp.calendar.rules import rule_of
from google_workspace_mcp.calendar.timing import When
from google_workspace_mcp.core.errors import UserInputError
from tests.calendar_writing.conftest import Book
from tests.support.workspace import Mailroom

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")


def at(text: str, zone: ZoneInfo = BERLIN) -> When:
    """A day, or a local time."""
    if "T" not in text:
        return When(date.fromisoformat(text), zone)
    return When(datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC), zone)


TUESDAY = at("2026-03-31T09:00")


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("daily", "FREQ=DAILY"),
        ("every day", "FREQ=DAILY"),
        ("Every 3 days", "FREQ=DAILY;INTERVAL=3"),
        ("weekly", "FREQ=WEEKLY"),
        ("every other week", "FREQ=WEEKLY;INTERVAL=2"),
        ("every second Tuesday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"),
        ("weekly on Tue, Thu", "FREQ=WEEKLY;BYDAY=TU,TH"),
        ("every 2 weeks on tuesday and friday 10 times", "FREQ=WEEKLY;INTERVAL=2;COUNT=10;BYDAY=TU,FR"),
        ("every Tue, Wed", "FREQ=WEEKLY;BYDAY=TU,WE"),
        ("weekdays", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("every workday until 2026-04-30", "FREQ=WEEKLY;UNTIL=20260430T215959Z;BYDAY=MO,TU,WE,TH,FR"),
        ("every week on workdays", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("monthly on day 31", "FREQ=MONTHLY;BYMONTHDAY=31"),
        ("monthly on the last day", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("every month on the last Tue 6 times", "FREQ=MONTHLY;COUNT=6;BYDAY=-1TU"),
        ("monthly on the 5th tuesday", "FREQ=MONTHLY;BYDAY=5TU"),
        ("yearly for 3 times", "FREQ=YEARLY;COUNT=3"),
        ("RRULE:FREQ=WEEKLY;BYDAY=TU", "FREQ=WEEKLY;BYDAY=TU"),
        ("freq=monthly;bysetpos=-1;byday=mo,tu,we,th,fr", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"),
        ("FREQ=DAILY;UNTIL=20260405", "FREQ=DAILY;UNTIL=20260405T215959Z"),
        ("FREQ=DAILY;UNTIL=20260405T070000Z", "FREQ=DAILY;UNTIL=20260405T070000Z"),
    ],
)
def test_words_and_rules_are_read(words: str, rule: str):
    assert rule_of(words, TUESDAY) == f"RRULE:{rule}"


def test_a_series_of_days_ends_on_a_day():
    assert rule_of("daily until 2026-04-05", at("2026-03-31")) == "RRULE:FREQ=DAILY;UNTIL=20260405"


@pytest.mark.security("T-23")
@pytest.mark.parametrize(
    "words",
    [
        "FREQ=BOGUS",
        "FREQ=SECONDLY",
        "FREQ=MINUTELY",
        "FREQ=HOURLY",
        "FREQ=DAILY;COUNT=1000000000",
        "FREQ=DAILY;COUNT=731",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=-1",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=1000",
        "FREQ=DAILY;COUNT=3;UNTIL=20260405",
        "FREQ=DAILY;FREQ=WEEKLY",
        "FREQ=DAILY\nATTENDEE:mailto:evil@x.example",
        "FREQ=DAILY\\nATTENDEE:mailto:evil@x.example",
        "RRULE:FREQ=DAILY\r\nRRULE:FREQ=WEEKLY",
        "FREQ=DAILY;X-EVIL=1",
        "FREQ=DAILY;BYHOUR=1,2,3",
        "FREQ=YEARLY;BYYEARDAY=1",
        "FREQ=YEARLY;BYWEEKNO=20",
        "FREQ=WEEKLY;BYDAY=2TU",
        "FREQ=MONTHLY;BYSETPOS=1",
        "FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=2",
        "FREQ=MONTHLY;BYDAY=9TU",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=DAILY;UNTIL=20261399",
        "FREQ=WEEKLY;BYMONTHDAY=31",
        "COUNT=3",
        "=",
        "",
        "sometimes",
        "every 0 days",
        "daily 731 times",
        "daily 0 times",
        "daily until 2026-02-30",
        "daily on Mon",
        "yearly on day 15",
        "weekly on the first Mon",
        "monthly on Mon",
        "weekly on Tue; DROP",
        "weekly until 2026-04-05 until 2026-04-06",
        "\u0501aily",
        "daily" + " " * 300 + "3 times",
    ],
)
def test_a_rule_that_is_wrong_or_endless_is_refused_with_the_forms_that_are_not(words: str):
    started = time.process_time()
    with pytest.raises(UserInputError) as refused:
        rule_of(words, TUESDAY)
    assert time.process_time() - started < 1
    assert refused.value.reason == "recurrence"
    assert refused.value.next_step
    assert "evil" not in refused.value.sentence()


@pytest.mark.security("T-23")
@pytest.mark.parametrize(
    "rule", ["FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;INTERVAL=999;BYMONTH=2;BYMONTHDAY=31;COUNT=2"]
)
def test_a_rule_that_no_date_meets_is_found_out_in_no_time(rule: str):
    started = time.process_time()
    with pytest.raises(UserInputError, match="No date ever"):
        rule_of(rule, TUESDAY)
    assert time.process_time() - started < 1


def test_a_series_that_would_begin_on_another_day_is_refused_with_that_day():
    with pytest.raises(UserInputError, match=r"Tue 2026-03-31.*first on Wed 2026-04-01"):
        rule_of("weekly on Wed", TUESDAY)
    with pytest.raises(UserInputError, match="end before it begins"):
        rule_of("daily until 2026-03-30", TUESDAY)


def test_a_series_is_told_as_a_sentence_with_how_often():
    rule = rule_of("every second Tuesday until 2026-10-01", TUESDAY)
    assert sentence([rule], TUESDAY) == "every 2 weeks on Tue until 2026-10-01, 14 times"
    assert sentence(["RRULE:FREQ=DAILY"], TUESDAY) == "every day"


def test_the_last_day_is_told_in_the_events_own_zone():
    evening = at("2026-03-31T20:00", NEW_YORK)
    rule = rule_of("daily until 2026-04-30", evening)
    assert rule.endswith("UNTIL=20260501T035959Z")
    assert phrase([rule], NEW_YORK) == "every day until 2026-04-30"


@pytest.mark.parametrize(
    "rule", ["FREQ=WEEKLY;UNTIL=soon", "FREQ=WEEKLY;UNTIL=20261399T000000Z", "FREQ=DAILY;BYMONTHDAY=99;UNTIL=20270101"]
)
def test_a_foreign_rule_that_cannot_be_followed_is_told_as_far_as_it_can(rule: str):
    assert sentence([f"RRULE:{rule}"], TUESDAY).startswith("every ")


def test_a_series_without_a_near_end_is_not_counted():
    assert how_many("RRULE:FREQ=DAILY", TUESDAY) is None
    assert how_many("RRULE:FREQ=DAILY;UNTIL=99990101T000000Z", TUESDAY) is None
    assert how_many("RRULE:FREQ=DAILY;UNTIL=20290101T000000Z", TUESDAY) is None


ENDS = st.one_of(
    st.just(""),
    st.integers(1, MOST).map(lambda count: f" {count} times"),
    st.dates(date(2026, 4, 1), date(2040, 12, 31)).map(lambda day: f" until {day}"),
)
OFTEN = st.one_of(
    st.sampled_from(["daily", "weekly", "yearly", "every month on day 31", "monthly on the last day"]),
    st.tuples(st.integers(1, 99), st.sampled_from(["days", "weeks", "months", "years"])).map(
        lambda pair: f"every {pair[0]} {pair[1]}"
    ),
    st.lists(st.sampled_from(["Wed", "Thu", "Fri", "Sat"]), max_size=4, unique=True).map(
        lambda days: f"weekly on {', '.join(['Tue', *days])}"
    ),
    st.sampled_from(["monthly on the last Tue", "monthly on the fifth Tue", "weekdays"]),
)


@given(OFTEN, ENDS)
def test_what_is_answered_can_be_said_again(often: str, end: str):
    rule = rule_of(often + end, TUESDAY)
    assert rule_of(phrase([rule], BERLIN), TUESDAY) == rule
    assert first_start(rule, TUESDAY) == TUESDAY.wall


@given(st.text(max_size=60))
def test_no_text_at_all_gets_past_as_something_else_than_one_rule(text: str):
    try:
        rule = rule_of(text, TUESDAY)
    except UserInputError:
        return
    assert rule.startswith("RRULE:FREQ=")
    assert rule.isascii()
    assert rule.isprintable()


# -- with the tool


async def made(desk: Mailroom, **more: Any) -> Any:
    return await desk.call("calendar_create_event", title="Standup", start="2026-03-31T09:00", **more)


async def test_a_series_is_made_and_told(desk: Mailroom, book: Book):
    series = await made(desk, repeat="weekly on Tue, Thu until 2026-04-30")
    assert series.facts["repeats"] == "every week on Tue, Thu until 2026-04-30, 10 times"
    assert book.event(series.event_id).recurrence == ["RRULE:FREQ=WEEKLY;UNTIL=20260430T215959Z;BYDAY=TU,TH"]


@pytest.mark.security("T-23")
async def test_a_rule_with_something_behind_it_makes_no_event(desk: Mailroom, book: Book):
    with pytest.raises(UserInputError):
        await made(desk, repeat="FREQ=DAILY;COUNT=2\nATTENDEE:mailto:evil@x.example")
    assert book.count() == 0
