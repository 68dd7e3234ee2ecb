"""Which dates a rule means: ours against dateutil's, which knows nothing of ours."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from google_workspace_mcp.calendar.expansion import WEEK, dates, dates_before
from google_workspace_mcp.calendar.timing import When
from google_workspace_mcp.core.errors import UserInputError

BERLIN = ZoneInfo("Europe/Berlin")
WEEKDAYS = st.lists(st.sampled_from(WEEK), min_size=1, max_size=4, unique=True).map(",".join)
# dateutil reads weekdays with and without a place in one rule as a single condition, which RFC 5545 does not.
PLACED = st.lists(
    st.tuples(st.sampled_from(["1", "2", "4", "-1", "-2", "+1"]), st.sampled_from(WEEK)).map("".join),
    min_size=1, max_size=3, unique=True,
).map(",".join)  # fmt: skip
# Days that every month has: for others dateutil may search up to the year 9999.
NUMBERS = st.lists(st.sampled_from([*range(1, 29), *range(-28, 0)]), min_size=1, max_size=4, unique=True)
MONTHS = st.lists(st.integers(1, 12), min_size=1, max_size=4, unique=True)


def listed(numbers: list[int]) -> str:
    return ",".join(map(str, numbers))


@st.composite
def rules(draw: Any) -> str:
    freq = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={freq}", f"INTERVAL={draw(st.integers(1, 5))}"]
    days = st.one_of(PLACED, WEEKDAYS) if freq in ("MONTHLY", "YEARLY") else WEEKDAYS
    if with_days := draw(st.booleans()):
        parts.append(f"BYDAY={draw(days)}")
    if with_numbers := freq != "WEEKLY" and draw(st.booleans()):
        parts.append(f"BYMONTHDAY={listed(draw(NUMBERS))}")
    if draw(st.booleans()):
        parts.append(f"BYMONTH={listed(draw(MONTHS))}")
    # In a series' first week dateutil counts from its first day on, others from the beginning of the week.
    if (with_days or with_numbers) and freq in ("MONTHLY", "YEARLY") and draw(st.booleans()):
        parts.append(f"BYSETPOS={draw(st.sampled_from([1, -1]))}")
    if draw(st.booleans()):
        parts.append(f"WKST={draw(st.sampled_from(['MO', 'SU']))}")
    end = draw(st.sampled_from(["", "COUNT", "UNTIL"]))
    if end == "COUNT":
        parts.append(f"COUNT={draw(st.integers(1, 40))}")
    if end == "UNTIL":
        parts.append(f"UNTIL={draw(st.dates(date(2026, 1, 1), date(2032, 1, 1))):%Y%m%d}T120000")
    return ";".join(parts)


def by_dateutil(rule: str, start: datetime, last: datetime) -> list[datetime]:
    text = rule if "UNTIL" in rule or "COUNT" in rule else f"{rule};UNTIL={last:%Y%m%dT%H%M%S}"
    found: Any = rrulestr(text, dtstart=start)
    return [each for each in islice(found, 3000) if each <= last]


@settings(deadline=None, max_examples=60)
@given(rules(), st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_the_dates_of_a_rule_are_those_of_dateutil(rule: str, day: date):
    wall = datetime.combine(day, datetime.min.time().replace(hour=9))
    start = When(wall.replace(tzinfo=BERLIN).astimezone(UTC), BERLIN)
    last = wall + timedelta(days=366 * 4)
    assert list(dates(f"RRULE:{rule}", start, last)) == by_dateutil(rule, wall, last)


# Well-known rules of RFC 5545, section 3.8.5.3, and the days that it says they are on.
@pytest.mark.parametrize(
    ("rule", "start", "expected"),
    [
        ("FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "1996-11-05",
         ["1996-11-05", "2000-11-07", "2004-11-02"]),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "1998-02-13", ["1998-02-13", "1998-03-13", "1998-11-13"]),
        ("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09-04", ["1997-09-04", "1997-10-07", "1997-11-06"]),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05",
         ["1997-08-05", "1997-08-10", "1997-08-19", "1997-08-24"]),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05",
         ["1997-08-05", "1997-08-17", "1997-08-19", "1997-08-31"]),
        ("FREQ=YEARLY;BYDAY=20MO", "1997-05-19", ["1997-05-19", "1998-05-18", "1999-05-17"]),
        ("FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007-01-15",
         ["2007-01-15", "2007-01-30", "2007-02-15", "2007-03-15", "2007-03-30"]),
    ],
)  # fmt: skip
def test_the_examples_of_the_standard_are_as_it_says(rule: str, start: str, expected: list[str]):
    begin = When(date.fromisoformat(start), BERLIN)
    found = islice(dates(f"RRULE:{rule}", begin, begin.wall + timedelta(days=366 * 9)), len(expected))
    assert [f"{each:%Y-%m-%d}" for each in found] == expected


@pytest.mark.security("T-23")
@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=HOURLY",
        "FREQ=DAILY;BYHOUR=1",
        "FREQ=YEARLY;BYWEEKNO=1",
        "FREQ=BOGUS",
        "FREQ=DAILY;INTERVAL=x",
    ],
)
def test_a_foreign_rule_that_could_go_on_for_ever_is_not_followed(rule: str):
    with pytest.raises(UserInputError):
        list(dates(f"RRULE:{rule}", When(date(2026, 1, 1), BERLIN), datetime(2027, 1, 1)))  # noqa: DTZ001


@pytest.mark.security("T-23")
def test_a_foreign_series_is_counted_no_further_than_asked():
    start = When(date(2026, 1, 1), BERLIN)
    assert dates_before("RRULE:FREQ=DAILY;COUNT=1000000000", start, datetime(2026, 1, 11)) == 10  # noqa: DTZ001
    with pytest.raises(UserInputError):
        dates_before("RRULE:FREQ=DAILY", start, datetime(9000, 1, 1))  # noqa: DTZ001
