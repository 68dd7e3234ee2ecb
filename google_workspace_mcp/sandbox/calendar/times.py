"""Moments, days and zones as the Calendar API writes them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from google_workspace_mcp.sandbox.service import JSON, bad_request


@dataclass(frozen=True, slots=True)
class When:
    """A start or an end: a day, or a moment held as the wall clock of its own zone shows it."""

    value: date | datetime
    zone: str

    @property
    def all_day(self) -> bool:
        return not isinstance(self.value, datetime)

    def wall(self) -> datetime:
        """What a clock in the event's zone shows, without an offset; midnight for a day."""
        if isinstance(self.value, datetime):
            return self.value.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
        return datetime.combine(self.value, time())

    def instant(self, calendar_zone: str) -> datetime:
        """The moment in UTC; a day begins at midnight in the zone of the calendar that shows it."""
        if isinstance(self.value, datetime):
            return self.value.astimezone(UTC)
        return datetime.combine(self.value, time(), ZoneInfo(calendar_zone)).astimezone(UTC)

    def at_wall(self, wall: datetime) -> "When":
        """The same kind of time where the clock shows `wall`."""
        if self.all_day:
            return When(wall.date(), self.zone)
        # A time that the spring change skips is read with the offset before it, and so falls an hour later.
        return When(wall.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC), self.zone)

    def shifted(self, by: timedelta) -> "When":
        """Later by an absolute length (days for a day)."""
        if isinstance(self.value, datetime):
            return When(self.value.astimezone(UTC) + by, self.zone)
        return When(self.value + by, self.zone)

    def json(self, shown_zone: str) -> JSON:
        """Google's `EventDateTime`: the offset is that of the zone asked for, `timeZone` that of the event."""
        if isinstance(self.value, datetime):
            return {"dateTime": rfc3339(self.value, shown_zone), "timeZone": self.zone}
        return {"date": self.value.isoformat()}

    def mark(self) -> str:
        """The end of an instance's id: `YYYYMMDDTHHMMSSZ`, or `YYYYMMDD` for a day."""
        if isinstance(self.value, datetime):
            return self.value.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        return self.value.strftime("%Y%m%d")


def length(start: When, end: When) -> timedelta:
    """How long it lasts."""
    if isinstance(start.value, datetime) and isinstance(end.value, datetime):
        return end.value.astimezone(UTC) - start.value.astimezone(UTC)
    return end.wall() - start.wall()


def rfc3339(moment: datetime, zone: str = "UTC") -> str:
    """Seconds and an offset; `Z` for UTC."""
    return moment.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds").replace("+00:00", "Z")


def millis(moment: datetime) -> str:
    """UTC with milliseconds, as `created` and `updated` are printed."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def known_zone(name: str) -> str:
    """The IANA name itself.

    Raises:
        GoogleError: 400 for a zone that does not exist.
    """
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise bad_request(f"Invalid time zone definition: {name}", location="timeZone") from None


def bound(text: str, location: str) -> datetime:
    """A `timeMin`, `timeMax` or `updatedMin`.

    Raises:
        GoogleError: 400 without an offset, as Google insists on one.
    """
    moment = _moment(text, location)
    if moment.tzinfo is None:
        raise bad_request("Bad Request", location=location)
    return moment.astimezone(UTC)


def read_when(given: JSON, default_zone: str, name: str) -> When:
    """An `EventDateTime` of a request.

    Args:
        default_zone: the calendar's, for moments that have an offset and no zone of their own.
        name: `start` or `end`, for the refusal.

    Raises:
        GoogleError: 400 when it is neither a day nor a moment, or a moment without offset and zone.
    """
    day, moment_text = given.get("date"), given.get("dateTime")
    if bool(day) == bool(moment_text):
        raise bad_request(f"Invalid {name} time.", location=name)
    named = str(given.get("timeZone") or "")
    zone = known_zone(named) if named else default_zone
    if day:
        return When(_day(str(day), name), zone)
    moment = _moment(str(moment_text), name)
    if moment.tzinfo is None:
        if not named:
            raise bad_request(f"Missing time zone definition for {name} time.", location=name)
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    return When(moment.astimezone(UTC), zone)


def _day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise bad_request(f"Invalid {name} time.", location=name) from None


def _moment(text: str, location: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise bad_request("Bad Request", location=location) from None
    if "T" not in text.upper():
        raise bad_request("Bad Request", location=location)
    return moment.replace(microsecond=0)
