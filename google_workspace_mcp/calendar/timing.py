"""When an event is: whole days or moments in a zone, from a caller's words to Google's shape and back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from google_workspace_mcp.calendar.moments import is_day, moment
from google_workspace_mcp.core.content.times import start_of_day
from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.tools.workspace import Zone

_LENGTH = re.compile(
    r"(?:(?P<days>\d{1,3}) ?d(?:ays?)?)? ?(?:(?P<hours>\d{1,3}) ?h(?:ours?)?)? ?(?:(?P<minutes>\d{1,4}) ?m(?:in)?)?"
)
_HAS_OFFSET = re.compile(r"(Z|[+-]\d\d:?\d\d)$")
_DEFAULT = timedelta(hours=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class When:
    """A start or an end: a day, or a moment in UTC with the zone whose clock it follows."""

    value: date | datetime
    zone: ZoneInfo

    @property
    def all_day(self) -> bool:
        return not isinstance(self.value, datetime)

    @property
    def wall(self) -> datetime:
        """What the clock of its zone shows, without an offset; midnight for a day."""
        if isinstance(self.value, datetime):
            return self.value.astimezone(self.zone).replace(tzinfo=None)
        return datetime.combine(self.value, time())

    @property
    def instant(self) -> datetime:
        """The moment in UTC; a day begins with its first moment in the zone."""
        return self.value if isinstance(self.value, datetime) else start_of_day(self.value, self.zone)

    def at_wall(self, wall: datetime) -> "When":
        """The same kind of time where the clock shows `wall`; a time that is skipped falls behind the gap."""
        if self.all_day:
            return replace(self, value=wall.date())
        return replace(self, value=wall.replace(tzinfo=self.zone).astimezone(UTC))

    def body(self) -> dict[str, Any]:
        """Google's `EventDateTime`."""
        if isinstance(self.value, datetime):
            local = self.value.astimezone(self.zone)
            return {"dateTime": local.isoformat(timespec="seconds"), "timeZone": self.zone.key}
        return {"date": self.value.isoformat()}

    @classmethod
    def of(cls, given: Mapping[str, Any], zone: ZoneInfo) -> Self:
        """From Google's `EventDateTime`; `zone` is for what names none that is known here."""
        try:
            own = ZoneInfo(str(given.get("timeZone") or zone.key))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            own = zone
        if day := given.get("date"):
            return cls(date.fromisoformat(str(day)), own)
        return cls(datetime.fromisoformat(str(given["dateTime"])).astimezone(UTC), own)


@dataclass(frozen=True, slots=True)
class Timing:
    """Start and end, the end not included, both of one kind."""

    start: When
    end: When

    @property
    def all_day(self) -> bool:
        return self.start.all_day

    @property
    def length(self) -> timedelta:
        """How long it lasts: real time, or days."""
        return self.end.wall - self.start.wall if self.all_day else self.end.instant - self.start.instant

    def starting(self, start: When) -> "Timing":
        """As long, from another start on."""
        if isinstance(start.value, datetime):
            return Timing(start, replace(start, value=start.value + self.length))
        return Timing(start, replace(start, value=start.value + self.length))

    def body(self) -> dict[str, Any]:
        """`start` and `end` as Google takes them for a new event."""
        return {"start": self.start.body(), "end": self.end.body()}

    def patch(self) -> dict[str, Any]:
        """The same for an event that may have had the other kind of time: what is not given is taken away."""
        nothing = {"date": None, "dateTime": None, "timeZone": None}
        return {name: nothing | given for name, given in self.body().items()}

    @classmethod
    def of(cls, event: Mapping[str, Any], zone: ZoneInfo) -> Self:
        """From an event of Google's, whose end is missing or broken at times."""
        start = When.of(event["start"], zone)
        end = When.of(event.get("end") or event["start"], zone)
        return cls(start, end if end.all_day == start.all_day else start)


def new_timing(start: str, end: str, zone: Zone) -> Timing:
    """What a caller means: days when `start` is one (the last one included), else moments, an hour by default.

    `end` may also be a length such as `45m`. Raises UserInputError for what cannot be read, is upside down, mixes days
    and moments, or is a local time while nobody knows the zone.
    """
    begins = _read(start, zone)
    length = _length(end)
    if length is not None:
        return _lasting(begins, length)
    if not end.strip():
        return Timing(begins, replace(begins, value=begins.value + (_DAY if begins.all_day else _DEFAULT)))
    return _checked(begins, _read_end(end, zone))


def changed_timing(before: Timing, start: str, end: str, zone: Zone, *, named: bool) -> Timing:
    """The timing with another start, end or both; with a start alone it lasts as long as before.

    `zone` is for local times. The event keeps the zone whose clock it follows, unless the caller `named` another one.
    """
    own = Zone(zone.info if named else before.start.zone)
    if not start and not end:
        # Another zone alone: the same clock time there.
        return before.starting(When(before.start.value, own.info).at_wall(before.start.wall))
    if not start:
        length = _length(end)
        begins = before.start
        if length is not None:
            return _lasting(begins, length)
        return _checked(begins, replace(_read_end(end, zone), zone=own.info))
    begins = replace(_read(start, zone), zone=own.info)
    if not end:
        same_kind = begins.all_day == before.all_day
        return before.starting(begins) if same_kind else new_timing(start, "", zone)
    ends = new_timing(start, end, zone)
    return Timing(begins, replace(ends.end, zone=own.info))


def require_known(zone: Zone) -> None:
    """Raises UserInputError where the account's own zone could not be found out: nothing is silently in UTC."""
    if not zone.known:
        raise UserInputError(
            "The account's own time zone is not known at the moment",
            next_step="Give timezone, such as Europe/Berlin",
            reason="time_zone",
        )


def _read(text: str, zone: Zone) -> When:
    if not is_day(text) and not _HAS_OFFSET.search(text.strip()):
        require_known(zone)
    found = moment(text, zone).replace(microsecond=0)
    return When(date.fromisoformat(text.strip()) if is_day(text) else found, zone.info)


def _read_end(text: str, zone: Zone) -> When:
    """The end that is not included: the day after, for a day."""
    found = _read(text, zone)
    return found if isinstance(found.value, datetime) else replace(found, value=found.value + _DAY)


def _length(text: str) -> timedelta | None:
    match = _LENGTH.fullmatch(text.strip().lower())
    if match is None or not any(match.groups()):
        return None
    return timedelta(**{unit: int(number or 0) for unit, number in match.groupdict().items()})


def _lasting(begins: When, length: timedelta) -> Timing:
    if begins.all_day and length % _DAY:
        raise _mixed()
    return _checked(begins, replace(begins, value=begins.value + length))


def _checked(start: When, end: When) -> Timing:
    if start.all_day != end.all_day:
        raise _mixed()
    if end.instant <= start.instant:
        raise UserInputError(
            "`end` is not later than `start`", next_step="Give an end that is later than the start", reason="time_range"
        )
    return Timing(start, end)


def _mixed() -> UserInputError:
    return UserInputError(
        "Start and end are a day and a time",
        next_step="Give two days for an event that takes whole days, or two times",
        reason="time_range",
    )
