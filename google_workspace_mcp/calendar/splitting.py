"""A series in two: what is left before a date, and what goes on from it. Nothing else of its lines is lost.

All on the wall clock of the event's zone. What a rule, a left-out date or an added one means stays the same, also when
the series moves to another time.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from google_workspace_mcp.calendar.expansion import WEEK, dates_before, until_of, until_text, wall_of
from google_workspace_mcp.calendar.timing import When
from google_workspace_mcp.core.errors import UserInputError

_LINE = re.compile(r"(RRULE|EXRULE|RDATE|EXDATE)((?:;[^:;]+)*):(.+)", re.IGNORECASE)
_ZONE = re.compile(r";TZID=([^;]+)", re.IGNORECASE)
_END = re.compile(r";?(COUNT|UNTIL)=[^;]+", re.IGNORECASE)
_COUNT = re.compile(r"COUNT=(\d+)", re.IGNORECASE)
_BYDAY = re.compile(r"(BYDAY=)([A-Z,]+)", re.IGNORECASE)
_FIXED = re.compile(r"BY(MONTHDAY|YEARDAY|WEEKNO|SETPOS|MONTH)=|BYDAY=[^;]*\d", re.IGNORECASE)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Halves:
    """The lines of both halves; `after` is for a series that begins with the date of the cut."""

    before: tuple[str, ...]
    after: tuple[str, ...]


def cut(lines: Sequence[str], start: When, at: datetime) -> Halves:
    """The series cut in front of the date at the wall time `at`.

    Raises UserInputError for a date that is not one of the rule's, and for lines that cannot be read.
    """
    before: list[str] = []
    after: list[str] = []
    rules = [line for line in lines if _name(line) == "RRULE"]
    if not any(_meets(rule, start, at) for rule in rules):
        raise UserInputError(
            "That date was added to the series by itself, so the series cannot be cut there",
            next_step="Change this date alone, or all of them",
            reason="recurrence",
        )
    for line in lines:
        if _name(line) in ("RRULE", "EXRULE"):
            before.append(_ended(line, start, at))
            after += _rest(line, start, at)
        else:
            dates = list(_dates(line, start))
            before += _date_line(_name(line), [each for each in dates if each < at], start)
            after += _date_line(_name(line), [each for each in dates if each >= at], start)
    return Halves(tuple(before), tuple(after))


def moved(lines: Sequence[str], old: When, new: When) -> tuple[str, ...]:
    """The lines for a series whose first date goes from `old` to `new`: same dates, moved as far.

    Raises UserInputError where a rule fixes the days in a way that another day cannot keep.
    """
    by, days = new.wall - old.wall, (new.wall.date() - old.wall.date()).days
    found: list[str] = []
    for line in lines:
        if _name(line) in ("RRULE", "EXRULE"):
            found.append(_moved_rule(line, old, new, by, days))
        else:
            found += _date_line(_name(line), [each + by for each in _dates(line, old)], new)
    return tuple(found)


def without(lines: Sequence[str], start: When, dates: Iterable[datetime]) -> tuple[str, ...]:
    """The lines with some more dates left out."""
    return (*lines, *_date_line("EXDATE", sorted(dates), start))


def _ended(line: str, start: When, at: datetime) -> str:
    until = until_of(line, start)
    if until is not None and until < at:
        return line
    # The evening before, as Google's own editor writes it; a moment before where a day has two dates.
    last = datetime.combine(at.date() - _DAY, time(23, 59, 59)) if _own_time(start, at) else at - timedelta(seconds=1)
    return f"{_END.sub('', line)};UNTIL={until_text(last, start)}"


def _rest(line: str, start: When, at: datetime) -> list[str]:
    if count := _COUNT.search(line):
        left = int(count[1]) - dates_before(line, start, at)
        return [_COUNT.sub(f"COUNT={left}", line)] if left > 0 else []
    until = until_of(line, start)
    return [] if until is not None and until < at else [line]


def _moved_rule(line: str, old: When, new: When, by: timedelta, days: int) -> str:
    try:
        until = until_of(line, old)
    except (ValueError, OverflowError):
        raise _unreadable() from None
    if days and (_FIXED.search(line) or not _can_rotate(line, days)):
        raise UserInputError(
            "The series is on fixed days, which the same rule on another day does not fit",
            next_step="Say with repeat how it is to recur from now on",
            reason="recurrence",
        )
    line = _BYDAY.sub(lambda found: found[1] + _rotated(found[2], days), line) if days else line
    if until is None:
        return line
    # The last moment at which it can begin, so that the day which is told stays the right one.
    early = until.time() < old.wall.time()
    last = datetime.combine(until.date() - (_DAY if early else timedelta()), old.wall.time())
    return f"{_END.sub('', line)};UNTIL={until_text(last + by, new)}"


def _can_rotate(line: str, days: int) -> bool:
    """Whether the weekdays of a rule can all go as many days on and still be one rule."""
    pairs = (part.partition("=") for part in line.upper().partition(":")[2].split(";"))
    rule = {name: value for name, _, value in pairs}
    codes = [code for code in rule.get("BYDAY", "").split(",") if code]
    if not codes or rule.get("FREQ") != "WEEKLY":
        return not codes
    # Of every second week, days that fall into the next one would come a week late.
    first = WEEK.index(rule.get("WKST", "MO"))
    weeks = {((WEEK.index(code) - first) % 7 + days) // 7 for code in codes}
    return rule.get("INTERVAL", "1") == "1" or len(weeks) == 1


def _rotated(codes: str, days: int) -> str:
    moved_codes = (WEEK[(WEEK.index(code) + days) % 7] for code in codes.upper().split(","))
    return ",".join(sorted(moved_codes, key=WEEK.index))


def _meets(rule: str, start: When, at: datetime) -> bool:
    return dates_before(rule, start, at + timedelta(seconds=1)) > dates_before(rule, start, at)


def _own_time(start: When, at: datetime) -> bool:
    return start.wall.time() == at.time()


def _dates(line: str, start: When) -> Iterator[datetime]:
    match = _parsed(line)
    zone = _ZONE.search(match[2])
    for value in match[3].split(","):
        try:
            yield wall_of(value, zone[1] if zone else "", start)
        except ValueError:
            raise _unreadable() from None


def _date_line(name: str, dates: Sequence[datetime], start: When) -> list[str]:
    if not dates:
        return []
    if start.all_day:
        return [f"{name};VALUE=DATE:{','.join(f'{each:%Y%m%d}' for each in dates)}"]
    return [f"{name};TZID={start.zone.key}:{','.join(f'{each:%Y%m%dT%H%M%S}' for each in dates)}"]


def _name(line: str) -> str:
    return _parsed(line)[1].upper()


def _parsed(line: str) -> re.Match[str]:
    match = _LINE.fullmatch(line.strip())
    if match is None:
        raise _unreadable()
    return match


def _unreadable() -> UserInputError:
    return UserInputError(
        "The recurrence of this event cannot be read", next_step="Change this date alone, or all", reason="recurrence"
    )
