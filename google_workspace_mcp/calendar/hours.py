"""Hours of the day on days of the week, as callers write them and as they fall in a zone."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from google_workspace_mcp.core.content.times import start_of_day
from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.tools.workspace import Zone

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WORKDAYS = frozenset(range(5))
_EVERY_DAY = frozenset(range(7))
_DAY_MINUTES = 24 * 60
_HOURS = re.compile(
    r"(?:(?P<days>[a-z,\- ]{3,60}?)\s+)?(?P<from>\d{1,2}(?::\d\d)?)\s?[-\u2013]\s?(?P<to>\d{1,2}(?::\d\d)?)"
)
_FORMS = "Write 09:00-17:00, Mon-Thu 08:30-16:00, daily 10:00-22:00 or any"


@dataclass(frozen=True, slots=True)
class Hours:
    """From minute `begin` of these days of the week (0 is Monday) to minute `end`, which may lie on the day after."""

    begin: int
    end: int
    days: frozenset[int] = _WORKDAYS

    def windows(self, zone: Zone, first: datetime, last: datetime) -> list[tuple[int, int]]:
        """The stretches in seconds since 1970, in order, of the days around `first` to `last`; by the wall clock."""
        day = first.astimezone(zone.info).date() - timedelta(days=1)
        end = last.astimezone(zone.info).date() + timedelta(days=1)
        found: list[tuple[int, int]] = []
        while day <= end:
            if day.weekday() in self.days:
                begins, ends = _second(day, self.begin, zone), _second(day, self.end, zone)
                # Round the clock is one stretch: a meeting may go over midnight.
                begins = found.pop()[0] if found and begins <= found[-1][1] else begins
                found.append((begins, ends))
            day += timedelta(days=1)
        return found

    @property
    def words(self) -> str:
        """`Mon-Fri 09:00-17:00`."""
        return f"{_days_words(self.days)} {_clock(self.begin)}-{_clock(self.end)}"


# What is taken where nobody says anything else: Google tells no program when somebody works.
USUAL: Final = Hours(9 * 60, 17 * 60)


def hours(text: str) -> Hours:
    """What the caller wrote; without days it is Monday to Friday. Raises UserInputError for what cannot be read."""
    text = text.strip().casefold()
    if text in ("any", "any time"):
        return Hours(0, _DAY_MINUTES, _EVERY_DAY)
    match = _HOURS.fullmatch(text)
    if match is None:
        raise _unreadable()
    begin, end = _minutes(match["from"]), _minutes(match["to"])
    if begin >= _DAY_MINUTES or begin == end:
        raise _unreadable()
    return Hours(begin, end if end > begin else end + _DAY_MINUTES, _days(match["days"] or ""))


def _minutes(text: str) -> int:
    hour, _, minute = text.partition(":")
    found = int(hour) * 60 + int(minute or 0)
    if found > _DAY_MINUTES or int(minute or 0) > 59:
        raise _unreadable()
    return found


def _days(text: str) -> frozenset[int]:
    text = text.replace(" ", "")
    if text in ("daily", "everyday", "anyday"):
        return _EVERY_DAY
    found: set[int] = set()
    for part in text.split(",") if text else ():
        first, dash, last = part.partition("-")
        begin = _day(first)
        found |= {(begin + step) % 7 for step in range((_day(last) - begin) % 7 + 1)} if dash else {begin}
    return frozenset(found) or _WORKDAYS


def _day(text: str) -> int:
    if len(text) < 3 or text[:3] not in _DAYS:
        raise _unreadable()
    return _DAYS.index(text[:3])


def _second(day: date, minute: int, zone: Zone) -> int:
    day, minute = day + timedelta(days=minute // _DAY_MINUTES), minute % _DAY_MINUTES
    if not minute:
        return int(start_of_day(day, zone.info).timestamp())
    return int(datetime.combine(day, time(minute // 60, minute % 60), zone.info).timestamp())


def _days_words(days: frozenset[int]) -> str:
    if days == _EVERY_DAY:
        return "daily"
    if days == _WORKDAYS:
        return "Mon-Fri"
    return ",".join(_DAYS[day].title() for day in sorted(days))


def _clock(minute: int) -> str:
    """24:00 is the end of the day, what is later lies on the next one."""
    minute = minute - _DAY_MINUTES if minute > _DAY_MINUTES else minute
    return f"{minute // 60:02}:{minute % 60:02}"


def _unreadable() -> UserInputError:
    return UserInputError("The hours cannot be read", next_step=_FORMS, reason="bad_hours")
