"""Recurring events: from the lines of `recurrence` to the starts they mean (RFC 5545, sections 3.8.5.1 to 3.8.5.3).

Everything is counted on the wall clock of the event's own zone, so that 09:00 stays 09:00 across a clock change.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rruleset, rrulestr

from google_workspace_mcp.sandbox.calendar.times import When, known_zone
from google_workspace_mcp.sandbox.service import bad_request

# A series without end, asked for without an end, stops here.
UNBOUNDED_LIMIT = 730
# The most occurrences looked at to reach a window: 130 years of days.
_STEPS = 50_000

_HORIZON = "21000101T000000"

_LINE = re.compile(r"(?P<name>RRULE|EXRULE|RDATE|EXDATE)(?P<params>(?:;[A-Z-]+=[^:;]+)*):(?P<value>.+)", re.DOTALL)
_UNTIL = re.compile(r"UNTIL=([^;]+)")
_TOO_OFTEN = re.compile(r"FREQ=(SECONDLY|MINUTELY)")


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time, open at either end when None: holds what ends after `after` and starts before `before`."""

    after: datetime | None = None
    before: datetime | None = None

    def holds(self, start: datetime, end: datetime) -> bool:
        # An event without length at the lower bound is in: it has not ended before it.
        ends_after = self.after is None or end > self.after or (start == end == self.after)
        return ends_after and (self.before is None or start < self.before)


def check_recurrence(start: When, lines: list[str]) -> None:
    """Raises 400 for lines that cannot be read."""
    rules = _rules(start, lines)
    next(iter(rules), None)


def occurrences(start: When, lines: list[str], lasts: timedelta, window: Window, calendar_zone: str) -> Iterator[When]:
    """The starts of the occurrences that lie in the window, in order.

    Args:
        lasts: the length of each occurrence.
        calendar_zone: where all-day events begin at midnight.
    """
    limit = _STEPS if window.before else UNBOUNDED_LIMIT
    return islice(_in_window(start, _rules(start, lines), lasts, window, calendar_zone), limit)


def is_occurrence(start: When, lines: list[str], wanted: When) -> bool:
    """Whether the series has an occurrence that starts exactly there."""
    wall = When(wanted.value, start.zone).wall()
    day = timedelta(days=1)
    # A start that the spring change moved is found under the time that the rule says, an hour earlier.
    near = _rules(start, lines).between(wall - day, wall + day, inc=True)
    return any(start.at_wall(candidate).mark() == wanted.mark() for candidate in near)


def _in_window(start: When, rules: Any, lasts: timedelta, window: Window, zone: str) -> Iterator[When]:
    lowest = None if window.after is None else _wall_of(window.after, start) - lasts - timedelta(days=2)
    highest = None if window.before is None else _wall_of(window.before, start) + timedelta(days=2)
    for wall in islice(iter(rules), _STEPS):
        if highest is not None and wall > highest:
            return
        if lowest is not None and wall < lowest:
            continue
        found = start.at_wall(wall)
        if window.holds(found.instant(zone), found.shifted(lasts).instant(zone)):
            yield found


def _wall_of(moment: datetime, start: When) -> datetime:
    return moment.astimezone(ZoneInfo(start.zone)).replace(tzinfo=None)


def _rules(start: When, lines: list[str]) -> Any:
    rules: Any = rruleset(cache=False)
    # DTSTART is an occurrence whether or not the rule meets it (RFC 5545, 3.8.5.3).
    rules.rdate(start.wall())
    for line in lines:
        try:
            _add(rules, start, line)
        except (ValueError, TypeError, KeyError, OverflowError):
            raise bad_request("Invalid recurrence rule.", location="recurrence") from None
    return rules


def _add(rules: Any, start: When, line: str) -> None:
    match = _LINE.fullmatch(line.strip())
    if match is None or _TOO_OFTEN.search(match["value"]):
        raise bad_request("Invalid recurrence rule.", location="recurrence")
    params = dict(part.split("=", 1) for part in match["params"].split(";") if part)
    if match["name"] in {"RRULE", "EXRULE"}:
        rule = rrulestr(_with_wall_until(match["value"], start), dtstart=start.wall())
        (rules.rrule if match["name"] == "RRULE" else rules.exrule)(rule)
        return
    for value in match["value"].split(","):
        wall = _wall(value.partition("/")[0], params.get("TZID", ""), start)
        (rules.rdate if match["name"] == "RDATE" else rules.exdate)(wall)


def _with_wall_until(rule: str, start: When) -> str:
    """UNTIL in the event's own zone: the rule is worked out on naive wall times."""
    found = _UNTIL.search(rule)
    if found is None:
        # Without an end, a rule that no day meets (30 February) would be worked out up to the year 9999.
        return rule if "COUNT=" in rule else f"{rule};UNTIL={_HORIZON}"
    if "COUNT=" in rule:
        raise bad_request("Invalid recurrence rule.", location="recurrence")
    until = _wall(found[1], "", start)
    if "T" not in found[1] and not start.all_day:
        until = datetime.combine(until.date(), time(23, 59, 59))
    return rule.replace(found[0], f"UNTIL={until:%Y%m%dT%H%M%S}")


def _wall(value: str, zone: str, start: When) -> datetime:
    text = value.strip()
    if "T" not in text:
        day = datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
        return datetime.combine(day, time() if start.all_day else start.wall().time())
    utc = text.endswith("Z")
    naive = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007
    if start.all_day:
        return datetime.combine(naive.date(), time())
    if not utc and not zone:
        return naive
    moment = naive.replace(tzinfo=UTC if utc else ZoneInfo(known_zone(zone)))
    return _wall_of(moment, start)


def original_of(mark: str, start: When) -> When | None:
    """The start that the end of an instance's id stands for, or None when it is no such mark."""
    try:
        if "T" in mark:
            moment = datetime.strptime(mark, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            return None if start.all_day else When(moment, start.zone)
        day: date = datetime.strptime(mark, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None
    return When(day, start.zone) if start.all_day else None
