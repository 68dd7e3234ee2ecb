"""Recurrence rules (RFC 5545, 3.3.10) in a few words for a reader."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_UNITS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}
_DAYS = {"MO": "Mon", "TU": "Tue", "WE": "Wed", "TH": "Thu", "FR": "Fri", "SA": "Sat", "SU": "Sun"}
_WORKDAYS = {"MO", "TU", "WE", "TH", "FR"}
_ORDINALS = {"1": "first", "2": "second", "3": "third", "4": "fourth", "5": "fifth", "-1": "last"}
_TOLD = frozenset({"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "UNTIL", "COUNT", "WKST"})


def phrase(recurrence: Sequence[str], zone: ZoneInfo | None = None) -> str:
    """Such as "every 2 weeks on Mon, Wed until 2026-06-30"; empty when a few words would not be true.

    `recurrence` is an event's list of RRULE, EXDATE and RDATE lines. A rule with parts that no phrase tells gives
    nothing: the rule itself is shown beside it anyway. `zone` is the event's: an end given as a moment in UTC falls on
    another day there.
    """
    rules = [_parts(line) for line in recurrence if line.upper().startswith("RRULE:")]
    if len(rules) != 1 or not _TOLD.issuperset(rules[0]):
        return ""
    rule = rules[0]
    unit = _UNITS.get(rule.get("FREQ", ""))
    interval = rule.get("INTERVAL", "1")
    if unit is None or not interval.isdigit():
        return ""
    days = _days(rule)
    if days is None:
        return ""
    often = f"every {unit}" if int(interval) == 1 else f"every {int(interval)} {unit}s"
    said = " ".join(part for part in (often, days, _end(rule, zone)) if part)
    extra = ", with exceptions" if any(line.upper().startswith(("EXDATE", "RDATE")) for line in recurrence) else ""
    return said + extra


def _parts(line: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in line.partition(":")[2].upper().split(";") if part)
    return {name: value for name, _, value in pairs}


def _days(rule: dict[str, str]) -> str | None:
    """ "on Mon, Wed", "on the last Fri", "on day 15"; None for days that cannot be said shortly."""
    codes = rule["BYDAY"].split(",") if rule.get("BYDAY") else []
    month_days = rule.get("BYMONTHDAY", "")
    if codes and month_days:
        return None
    if month_days:
        numbers = ", ".join(month_days.split(","))
        return "on the last day" if month_days == "-1" else f"on day {numbers}" if "-" not in numbers else None
    if set(codes) == _WORKDAYS:
        return "on workdays"
    names = [_day(code) for code in codes]
    return f"on {', '.join(name for name in names if name)}" * bool(names) if all(names) else None


def _day(code: str) -> str:
    name, position = _DAYS.get(code[-2:], ""), code[:-2].removeprefix("+")
    if not position:
        return name
    return f"the {_ORDINALS[position]} {name}" if name and position in _ORDINALS else ""


def _end(rule: dict[str, str], zone: ZoneInfo | None) -> str:
    if until := rule.get("UNTIL"):
        try:
            return f"until {_last_day(until, zone)}"
        except ValueError:
            return ""
    return f"{rule['COUNT']} times" if rule.get("COUNT") else ""


def _last_day(until: str, zone: ZoneInfo | None) -> date:
    if zone is None or not until.endswith("Z"):
        return datetime.strptime(until[:8], "%Y%m%d").date()  # noqa: DTZ007 - only the day is taken
    return datetime.strptime(until, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).astimezone(zone).date()
