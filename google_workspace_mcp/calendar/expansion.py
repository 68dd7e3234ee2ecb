"""Recurrence worked out: which dates a rule means, never more of them than somebody asked for.

Everything is counted on the wall clock of the event's own zone (RFC 5545, 3.3.10), day by day: no rule goes more than
once a day here. It is our own, because dateutil cannot be told where to stop: it follows a rule that no date meets up
to the year 9999, which takes it seconds, and a rule may come with anybody's invitation.
"""

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from google_workspace_mcp.calendar.recurrence import phrase
from google_workspace_mcp.calendar.timing import When
from google_workspace_mcp.core.errors import UserInputError

MOST = 730
WEEK: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# The longest wait for a date of a rule that has any: 29 February across 2100.
_FIRST_WITHIN = timedelta(days=366 * 9)
_TOLD_WITHIN = timedelta(days=366 * 60)
_STEPS = 20_000
_UNTIL = re.compile(r"UNTIL=([^;]+)", re.IGNORECASE)
_COUNT = re.compile(r"COUNT=(\d+)", re.IGNORECASE)
_KNOWN = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"})


def first_start(rule: str, start: When) -> datetime | None:
    """The first date, by the wall clock, from `start` on with which a series of that rule can begin; None for none."""
    first = start.wall.date()
    # Wherever a series begins, its period is the first that counts.
    pattern = replace(_Pattern.of(rule, first), interval=1)
    day = next((day for day in pattern.days(first + _FIRST_WITHIN) if day >= first), None)
    return datetime.combine(day, start.wall.time()) if day else None


def how_many(rule: str, start: When) -> int | None:
    """How often it takes place; None for no end, or one too far away to be counted."""
    if count := _COUNT.search(rule):
        return int(count[1])
    until = until_of(rule, start)
    if until is None or until - start.wall > _TOLD_WITHIN:
        return None
    number = sum(1 for _ in islice(dates(rule, start, until), MOST + 1))
    return number if number <= MOST else None


def dates_before(rule: str, start: When, wall: datetime) -> int:
    """How many dates of a rule lie before a wall time. Raises UserInputError for a series that is too long to count."""
    number = sum(1 for _ in islice(dates(rule, start, wall - timedelta(seconds=1)), _STEPS))
    if number == _STEPS:
        raise _too_much()
    return number


def until_of(rule: str, start: When) -> datetime | None:
    """The wall time up to which a rule goes, that moment included; None for a rule without UNTIL."""
    found = _UNTIL.search(rule)
    if found is None:
        return None
    wall = wall_of(found[1], "", start)
    return datetime.combine(wall.date(), time(23, 59, 59)) if "T" not in found[1] and not start.all_day else wall


def wall_of(value: str, zone: str, start: When) -> datetime:
    """A DATE or DATE-TIME of a recurrence line on the wall clock of the event. Raises ValueError."""
    text = value.strip().upper()
    if "T" not in text:
        day = datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - a day
        return datetime.combine(day, time() if start.all_day else start.wall.time())
    utc = text.endswith("Z")
    naive = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - the zone comes next
    if start.all_day:
        return datetime.combine(naive.date(), time())
    if not utc and not zone:
        return naive
    try:
        given = UTC if utc else ZoneInfo(zone)
    except (ZoneInfoNotFoundError, OSError):
        raise ValueError("a zone that is not known") from None
    return naive.replace(tzinfo=given).astimezone(start.zone).replace(tzinfo=None)


def until_text(wall: datetime, start: When) -> str:
    """A wall time as UNTIL wants it: a day for whole days, else UTC (RFC 5545, 3.3.10)."""
    if start.all_day:
        return f"{wall:%Y%m%d}"
    return f"{wall.replace(tzinfo=start.zone).astimezone(UTC):%Y%m%dT%H%M%SZ}"


def sentence(lines: Sequence[str], start: When) -> str:
    """Such as "every 2 weeks on Tue until 2026-12-15, 14 times"; empty where few words would not be true."""
    said = phrase(lines, start.zone)
    rules = [line for line in lines if line.upper().startswith("RRULE:")]
    if not said or "COUNT=" in rules[0].upper() or len(rules) != len(lines):
        return said
    try:
        number = how_many(rules[0], start)
    except (UserInputError, ValueError, OverflowError):
        # Somebody else's rule may say anything; it is told as far as it can be read.
        return said
    return f"{said}, {number} times" if number is not None else said


def dates(rule: str, start: When, last: datetime) -> Iterator[datetime]:
    """The dates of one RRULE line from `start` up to `last` at most.

    Raises UserInputError for a rule that is more than this can follow.
    """
    try:
        until = until_of(rule, start)
        count = _COUNT.search(rule)
        pattern = _Pattern.of(rule, start.wall.date())
    except (ValueError, OverflowError):
        raise _too_much() from None
    end = min(last, until) if until else last
    found = pattern.days(end.date())
    at_time = (datetime.combine(day, start.wall.time()) for day in found)
    within = (wall for wall in at_time if start.wall <= wall <= end)
    yield from islice(within, int(count[1]) if count else None)


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A rule as days: which of a day, week, month or year, and every how many of those."""

    freq: str
    interval: int
    first: date
    weekdays: frozenset[tuple[int, int]]
    month_days: frozenset[int]
    months: frozenset[int]
    position: int
    week_start: int

    @classmethod
    def of(cls, rule: str, first: date) -> Self:
        """From an RRULE line. Raises UserInputError for parts that are not known here, ValueError for bad numbers."""
        pairs = (part.partition("=") for part in rule.upper().partition(":")[2].split(";") if part)
        parts = {name: value for name, _, value in pairs}
        if not _KNOWN.issuperset(parts) or parts.get("FREQ") not in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY"):
            raise _too_much()
        return cls(
            freq=parts["FREQ"],
            interval=max(1, int(parts.get("INTERVAL", "1"))),
            first=first,
            weekdays=frozenset(_weekday(code) for code in parts.get("BYDAY", "").split(",") if code),
            month_days=frozenset(int(each) for each in parts.get("BYMONTHDAY", "").split(",") if each),
            months=frozenset(int(each) for each in parts.get("BYMONTH", "").split(",") if each),
            position=int(parts.get("BYSETPOS", "0")),
            week_start=WEEK.index(parts.get("WKST", "MO")),
        )

    def days(self, last: date) -> Iterator[date]:
        """All days up to `last`, from the beginning of the first one's period on."""
        begin = self._begin(self.first)
        while begin <= last:
            yield from (day for day in self._period(begin) if day <= last)
            following = self._later(begin)
            if following is None:
                return
            begin = following

    def _period(self, begin: date) -> list[date]:
        length = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": monthrange(begin.year, begin.month)[1], "YEARLY": 366}[self.freq]
        # The last year that there is ends early.
        length = min(length, date.max.toordinal() - begin.toordinal() + 1)
        span = (begin + timedelta(days=number) for number in range(length))
        found = [day for day in span if self._meets(day) and (self.freq != "YEARLY" or day.year == begin.year)]
        if not self.position:
            return found
        index = self.position - 1 if self.position > 0 else self.position
        return found[index : index + 1 or None]

    def _meets(self, day: date) -> bool:
        if self.months and day.month not in self.months:
            return False
        in_month = monthrange(day.year, day.month)[1]
        if self.month_days and not {day.day, day.day - in_month - 1} & self.month_days:
            return False
        if self.weekdays:
            return any(code == day.weekday() and self._placed(day, place, in_month) for place, code in self.weekdays)
        return bool(self.month_days) or self._as_first(day)

    def _as_first(self, day: date) -> bool:
        """Where a rule names no days, they are the first one's."""
        match self.freq:
            case "WEEKLY":
                return day.weekday() == self.first.weekday()
            case "MONTHLY":
                return day.day == self.first.day
            case "YEARLY":
                return day.day == self.first.day and (bool(self.months) or day.month == self.first.month)
            case _:
                return True

    def _placed(self, day: date, place: int, in_month: int) -> bool:
        if not place or self.freq not in ("MONTHLY", "YEARLY"):
            return True
        number, of = day.day, in_month
        if self.freq == "YEARLY" and not self.months:
            number, of = day.timetuple().tm_yday, date(day.year, 12, 31).timetuple().tm_yday
        return (number - 1) // 7 + 1 == place if place > 0 else (of - number) // 7 + 1 == -place

    def _begin(self, day: date) -> date:
        match self.freq:
            case "WEEKLY":
                return day - timedelta(days=(day.weekday() - self.week_start) % 7)
            case "MONTHLY":
                return day.replace(day=1)
            case "YEARLY":
                return day.replace(month=1, day=1)
            case _:
                return day

    def _later(self, begin: date) -> date | None:
        """The next period; None at the end of the calendar."""
        try:
            match self.freq:
                case "MONTHLY":
                    months = begin.year * 12 + begin.month - 1 + self.interval
                    return date(months // 12, months % 12 + 1, 1)
                case "YEARLY":
                    return date(begin.year + self.interval, 1, 1)
                case _:
                    return begin + timedelta(days=self.interval * (7 if self.freq == "WEEKLY" else 1))
        except (ValueError, OverflowError):
            return None


def _weekday(code: str) -> tuple[int, int]:
    """Place and number of a weekday: `-1FR` is the last Friday, 0 stands for each."""
    return int(code[:-2] or "0"), WEEK.index(code[-2:])


def _too_much() -> UserInputError:
    return UserInputError(
        "The recurrence of this event is more than this service can follow",
        next_step="Change one date alone, or change it in Google Calendar",
        reason="recurrence",
    )
