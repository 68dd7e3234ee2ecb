"""Moments as a person in a zone reads them. Names of days are English whatever the machine's locale."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def local_time(moment: datetime, zone: ZoneInfo) -> str:
    """`Tue 2026-03-31 09:00 +02:00`: day, date, minute and offset in the zone. `moment` must be aware."""
    local = moment.astimezone(zone)
    return f"{local_day(local.date())} {local:%H:%M} {offset(moment, zone)}"


def local_day(day: date) -> str:
    """`Tue 2026-03-31`."""
    return f"{_DAYS[day.weekday()]} {day.isoformat()}"


def offset(moment: datetime, zone: ZoneInfo) -> str:
    """`+02:00`: how far the zone is from UTC at that moment."""
    return f"{moment.astimezone(zone):%:z}"[:6]


def iso_minute(moment: datetime, zone: ZoneInfo) -> str:
    """`2026-03-31T09:00+02:00`: the same for programs."""
    return moment.astimezone(zone).isoformat(timespec="minutes")


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of that day in the zone, in UTC.

    Where clocks jump over midnight, the day starts later: the earlier reading (fold 0) of the missing time is that
    moment.
    """
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def from_epoch_ms(text: str) -> datetime:
    """Google's milliseconds since 1970, given as a string, as a moment in UTC. Raises ValueError."""
    try:
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    except (OverflowError, OSError):
        raise ValueError("a time outside the calendar") from None


def long_time(iso_minute: str) -> str:
    """`Tue 2026-03-31 09:00 +02:00` from what `iso_minute` wrote."""
    return f"{local_day(datetime.fromisoformat(iso_minute).date())} {iso_minute[11:16]} {iso_minute[16:]}"
