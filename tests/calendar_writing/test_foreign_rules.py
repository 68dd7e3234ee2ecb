"""Rules that nobody here made: dateutil's own test cases, and the calendars in the test sets of other libraries.

They are downloaded by this run, read and never executed. This service and the simulated Google, which have no line of
code for rules in common, both have to come to what dateutil's tests expect, and to the same for all other calendars.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from google_workspace_mcp.calendar.expansion import WEEK, dates
from google_workspace_mcp.calendar.timing import When
from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.sandbox.calendar.recurrence import Window, occurrences
from google_workspace_mcp.sandbox.calendar.times import When as SandboxWhen
from google_workspace_mcp.sandbox.service import GoogleError
from tests.support.sdists import documents_in, downloaded

DATEUTIL = "python-dateutil==2.9.0.post0"
CALENDARS = ("recurring-ical-events", "icalendar", "vobject", "ics", "ics-query")
FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
PARTS = {"byweekday": "BYDAY"} | {
    name: name.upper() for name in ("interval", "count", "bymonth", "bymonthday", "bysetpos", "wkst", "until")
}
BERLIN = ZoneInfo("Europe/Berlin")
SPAN = timedelta(days=366 * 4)
MOST = 60

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    # Test sets are there to be odd.
    pytest.mark.filterwarnings("ignore::UserWarning", "ignore::icalendar.error.GloballyUniqueTZIDGuessed"),
]


@dataclass(frozen=True)
class Case:
    """A rule, where it begins, and the dates that its author expects."""

    name: str
    rule: str
    start: datetime
    expected: list[datetime]


def value_of(node: ast.expr) -> Any:
    """A number, a weekday, a time or some of them, as dateutil's tests write them. Raises ValueError for the rest."""
    match node:
        case ast.Constant(value=int(number)):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number))):
            return -number
        case ast.Name(id=name) if name in WEEK:
            return name
        case ast.Call(func=ast.Name(id=name), args=[place]) if name in WEEK:
            return f"{value_of(place)}{name}"
        case ast.Call(func=ast.Name(id="datetime"), args=numbers):
            return datetime(*(value_of(number) for number in numbers))  # noqa: DTZ001 - wall clocks
        case ast.Tuple(elts=items) | ast.List(elts=items):
            return [value_of(item) for item in items]
        case _:
            raise ValueError("something else")


def case_of(name: str, node: ast.Call) -> Case | None:
    """`self.assertEqual(list(rrule(…)), […])` of a frequency that events have; None for other assertions."""
    match node:
        case ast.Call(
            func=ast.Attribute(attr="assertEqual"),
            args=[
                ast.Call(
                    func=ast.Name(id="list"),
                    args=[ast.Call(func=ast.Name(id="rrule"), args=[ast.Name(id=freq)], keywords=keywords)],
                ),
                expected,
            ],
        ) if freq in FREQUENCIES:
            pass
        case _:
            return None
    try:
        given = {str(keyword.arg): value_of(keyword.value) for keyword in keywords}
        start = given.pop("dtstart")
        parts = [f"FREQ={freq}", *(f"{PARTS[name]}={text_of(value)}" for name, value in given.items())]
        return Case(name, f"RRULE:{';'.join(parts)}", start, value_of(expected))
    except (ValueError, KeyError):
        return None


def text_of(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y%m%dT%H%M%S}"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


@pytest.fixture(scope="module")
def of_dateutil(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    [archive] = downloaded([DATEUTIL], tmp_path_factory.mktemp("dateutil"))
    [(_, source)] = documents_in(archive, ("test_rrule.py",))
    found: list[Case] = []
    for test in ast.walk(ast.parse(source)):
        if isinstance(test, ast.FunctionDef):
            calls = (node for node in ast.walk(test) if isinstance(node, ast.Call))
            # Google's times have no fractions of seconds.
            found += [case for call in calls if (case := case_of(test.name, call)) and not case.start.microsecond]
    return found


def at(wall: datetime, zone: ZoneInfo = BERLIN) -> When:
    return When(wall.replace(tzinfo=zone).astimezone(UTC), zone)


def by_simulator(rule: str, start: When, last: datetime) -> list[datetime]:
    """The wall times that the simulated Google gives. It has the first date in any case, as Google has."""
    begin = SandboxWhen(start.value, start.zone.key)
    window = Window(None, start.at_wall(last).instant)
    return [each.wall() for each in occurrences(begin, [rule], timedelta(), window, start.zone.key)]


def test_the_cases_of_dateutil_come_out_as_it_expects(of_dateutil: list[Case]):
    followed = 0
    for case in of_dateutil:
        last = min((case.expected or [case.start])[-1], datetime(9990, 1, 1))  # noqa: DTZ001
        try:
            found = list(dates(case.rule, at(case.start), last + timedelta(days=800)))
        except UserInputError:
            assert "BYSETPOS=3,-3" in case.rule or "," in case.rule.partition("BYSETPOS=")[2], case
            continue
        assert found == case.expected, case
        simulated = by_simulator(case.rule, at(case.start), last + timedelta(days=1))
        assert [each for each in simulated if each != case.start or each in case.expected] == case.expected, case
        followed += 1
    assert followed >= 50


def calendars(folder: Path) -> Iterator[tuple[str, Any, str]]:
    """Where each recurring event is, its start, and its rule."""
    for archive in downloaded(CALENDARS, folder):
        for name, data in documents_in(archive, (".ics",)):
            try:
                components = [
                    event for each in Calendar.from_ical(data, multiple=True) for event in each.walk("VEVENT")
                ]
            except ValueError:
                continue  # some are there to be broken
            for event in components:
                try:
                    rules, start = event.get("RRULE"), event.decoded("DTSTART")
                except (KeyError, ValueError):
                    continue
                if rules is not None and not isinstance(rules, list):
                    yield name, start, rules.to_ical().decode()


def start_of(value: Any) -> When | None:
    if isinstance(value, datetime):
        zone = getattr(value.tzinfo, "key", None) or ("UTC" if value.tzinfo else "Europe/Berlin")
        wall = value.replace(tzinfo=None, microsecond=0)
        return at(wall, ZoneInfo(zone))
    return When(value, BERLIN) if isinstance(value, date) else None


def differs_by_choice(rule: str) -> bool:
    """Where programs do not agree: positions in a week, weekdays with and without a place in one rule."""
    days = re.findall(r"BYDAY=([^;]+)", rule)
    placed = {any(sign.isdigit() for sign in code) for code in (days[0].split(",") if days else ())}
    return ("BYSETPOS" in rule and "WEEKLY" in rule) or len(placed) > 1


def test_the_rules_of_other_calendars_come_out_the_same_twice(tmp_path: Path):
    followed = refused = 0
    for name, given, rule in calendars(tmp_path):
        start = start_of(given)
        if start is None or differs_by_choice(rule):
            continue
        last = start.wall + SPAN
        try:
            found = list(islice(dates(f"RRULE:{rule}", start, last), MOST))
        except UserInputError:
            refused += 1
            continue
        try:
            simulated = by_simulator(f"RRULE:{rule}", start, last)
        except GoogleError:
            continue
        # A time that the spring change skips is shown behind the gap.
        shown = [start.at_wall(wall).wall for wall in found]
        if start.wall not in found:
            simulated = [wall for wall in simulated if wall != start.wall]
        assert simulated[: len(shown)] == shown, (name, given, rule)
        followed += 1
    assert followed >= 200
    assert refused < followed / 4
