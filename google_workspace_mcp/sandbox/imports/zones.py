"""From the names that calendar programs give to time zones to IANA names."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

# For zones of an unknown name, the best known zone with the same offsets in winter and summer.
_WELL_KNOWN = (
    "UTC", "Europe/London", "Europe/Berlin", "Europe/Helsinki", "Europe/Istanbul", "Asia/Dubai", "Asia/Kolkata",
    "Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney", "Pacific/Auckland", "America/New_York", "America/Chicago",
    "America/Denver", "America/Phoenix", "America/Los_Angeles", "America/Anchorage", "America/Sao_Paulo",
    "America/Halifax",
)  # fmt: skip


class ZoneNames:
    """Maps `TZID`s of one file. Built from its `VTIMEZONE` components, which say what unknown names mean."""

    def __init__(self, definitions: list[Any], year: int, fallback: str) -> None:
        self._fallback = fallback
        self._year = year
        self._known = available_timezones()
        self._defined: dict[str, str] = {}
        for definition in definitions:
            name = str(definition.get("tzid", ""))
            found = self._by_name(name) or self._by_name(str(definition.get("x-lic-location", "")))
            self._defined[name] = found or self._by_offsets(definition)

    def iana(self, name: str) -> str:
        """The IANA name for a `TZID`; the calendar's own zone when there is none."""
        return self._defined.get(name) or self._by_name(name) or self._fallback

    def _by_name(self, name: str) -> str:
        from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

        name = name.strip().strip('"')
        if name in WINDOWS_TO_OLSON:
            return WINDOWS_TO_OLSON[name]
        # Some programs put a path before it, such as /freeassociation.sourceforge.net/Europe/Berlin.
        parts = name.strip("/").split("/")
        candidates = ["/".join(parts[at:]) for at in range(len(parts))]
        return next((candidate for candidate in candidates if candidate in self._known), "")

    def _by_offsets(self, definition: Any) -> str:
        offsets = {
            part.name: part["tzoffsetto"].td
            for part in definition.subcomponents
            if isinstance(getattr(part.get("tzoffsetto"), "td", None), timedelta)
        }
        standard = offsets.get("STANDARD")
        if standard is None:
            return ""
        wanted = {standard, offsets.get("DAYLIGHT", standard)}
        return next((zone for zone in _WELL_KNOWN if self._offsets(zone) == wanted), "")

    def _offsets(self, zone: str) -> set[timedelta | None]:
        return {datetime(self._year, month, 15, tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset() for month in (1, 7)}
