"""Times as callers write them: a day, a local time, or a time with an offset."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from google_workspace_mcp.core.content.times import start_of_day
from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.tools.workspace import Zone

_FORMS = "Write 2026-03-31, 2026-03-31T09:00 (local) or 2026-03-31T09:00+02:00"
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
DEFAULT_DAYS = 7


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, aware, the end not included and later than the start."""

    start: datetime
    end: datetime


def span(start: str, end: str, zone: Zone, now: datetime) -> Span:
    """What the caller's two times mean: from now on by default, for seven days by default.

    A day as `end` is the last one included. Raises UserInputError for what cannot be read, does not exist in the zone,
    exists twice there, or is upside down.
    """
    begins = moment(start, zone) if start else now
    ends = moment(end, zone, end_of_day=True) if end else _days_later(begins, zone, bare_day=is_day(start))
    if ends <= begins:
        message = "`end` is not later than `start`" if start else "`end` is not later than now, where the range begins"
        raise UserInputError(message, next_step="Give an end that is later than the start", reason="time_range")
    return Span(begins, ends)


def is_day(text: str) -> bool:
    """Whether it is a day without a time."""
    return _DAY.fullmatch(text.strip()) is not None


def moment(text: str, zone: Zone, *, end_of_day: bool = False) -> datetime:
    """The aware moment, in UTC. A day stands for its first moment, or with `end_of_day` for the next day's.

    Raises UserInputError as `span` does.
    """
    text = text.strip()
    try:
        if is_day(text):
            return start_of_day(date.fromisoformat(text) + timedelta(days=1 if end_of_day else 0), zone.info)
        if not _TIME.fullmatch(text):
            raise _unreadable()
        written = datetime.fromisoformat(text)
        return written.astimezone(UTC) if written.tzinfo else _local(written, zone)
    except (ValueError, OverflowError):
        raise _unreadable() from None


def zone_named(name: str) -> Zone:
    """The IANA zone of that name. Raises UserInputError with the nearest names there are."""
    known = _zones()
    if name in known:
        return Zone(ZoneInfo(name))
    by_lower = {each.lower(): each for each in known}
    near = get_close_matches(name.strip().lower().replace(" ", "_")[:64], by_lower, n=3, cutoff=0.6)
    suggestion = f"Perhaps {' or '.join(by_lower[each] for each in near)}" if near else "Name it like Europe/Berlin"
    raise UserInputError("There is no IANA time zone of that name", next_step=suggestion, reason="time_zone")


@cache
def _zones() -> frozenset[str]:
    """Their names; to find them is to open 30 files and walk through 600."""
    return frozenset(available_timezones())


def _local(written: datetime, zone: Zone) -> datetime:
    early, late = (written.replace(tzinfo=zone.info, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early == late:
        return early
    # The two readings differ only where clocks change. In a gap the earlier reading falls after the later one.
    skipped = late < early
    readings = " or ".join(
        f"{reading.astimezone(zone.info).isoformat(timespec='minutes')}" for reading in sorted((early, late))
    )
    what = "does not exist" if skipped else "comes twice"
    raise UserInputError(
        f"{written:%H:%M} on {written:%Y-%m-%d} {what} in {zone.name}: clocks change then",
        next_step=f"Say which is meant: {readings}",
        reason="clock_change",
    )


def _days_later(begins: datetime, zone: Zone, *, bare_day: bool) -> datetime:
    local = begins.astimezone(zone.info)
    if bare_day:
        return start_of_day(local.date() + timedelta(days=DEFAULT_DAYS), zone.info)
    # Wall-clock arithmetic: seven days on at the same local time, whatever clocks do in between.
    return (local + timedelta(days=DEFAULT_DAYS)).astimezone(UTC)


def _unreadable() -> UserInputError:
    return UserInputError("A time cannot be read", next_step=_FORMS, reason="bad_time")
