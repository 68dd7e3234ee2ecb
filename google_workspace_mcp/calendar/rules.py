"""How a caller says that an event recurs: a few strict words, or an RRULE within limits. One rule, never more.

The words are those that `recurrence.phrase` answers with, so what was read can be written back:

    daily | weekly | monthly | yearly | weekdays | every 2 weeks | every Mon, Thu
    [on Mon, Wed | on workdays | on the second Tue | on the last Fri | on day 15 | on the last day]
    [until 2026-12-15 | 14 times]
"""

import re
from collections.abc import Mapping
from datetime import datetime, time
from typing import Final

from google_workspace_mcp.calendar.expansion import MOST, first_start, until_of, until_text
from google_workspace_mcp.calendar.timing import When
from google_workspace_mcp.core.content.times import local_day
from google_workspace_mcp.core.errors import UserInputError

_FORMS: Final = (
    "Write it like `weekly on Mon, Wed until 2026-06-30`, `every 2 weeks`, `monthly on the last Fri`, "
    "`monthly on day 15`, `weekdays 10 times`, or as an RRULE"
)
_LONGEST = 300
_MOST_INTERVAL = 999
_DAYS: Final = {"mo": "MO", "tu": "TU", "we": "WE", "th": "TH", "fr": "FR", "sa": "SA", "su": "SU"}
_DAY_NAME: Final = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?s?"
_SOME_DAYS: Final = rf"{_DAY_NAME}(?:(?:,| and|, and) {_DAY_NAME})*"
_ORDINALS: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": -1}
_ADVERBS: Final = {"daily": "DAILY", "weekly": "WEEKLY", "monthly": "MONTHLY", "yearly": "YEARLY", "annually": "YEARLY"}
_UNITS: Final = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY", "year": "YEARLY"}
_WORKDAYS: Final = "MO,TU,WE,TH,FR"
_END: Final = re.compile(r"(?P<rest>.+?),? (?:until (?P<until>\d{4}-\d\d-\d\d)|(?:for )?(?P<count>\d{1,4}) times?)")
_OFTEN: Final = re.compile(
    rf"(?:(?P<adverb>daily|weekly|monthly|yearly|annually)|(?P<work>(?:every )?(?:weekday|workday)s?)"
    rf"|every (?:(?P<number>\d{{1,3}}|other|second|third|fourth) )?"
    rf"(?:(?P<unit>day|week|month|year)s?|(?P<days>{_SOME_DAYS})))"
    r"(?: on (?P<on>.+))?"
)
_PLACED: Final = re.compile(
    rf"the (?P<place>first|second|third|fourth|fifth|last|[1-5](?:st|nd|rd|th)) (?P<day>{_DAY_NAME})"
)
_NUMBERED: Final = re.compile(r"(?:the )?days? (?P<numbers>\d{1,2}(?:(?:,| and|, and) \d{1,2})*)")
_PARTS: Final = {
    "FREQ": re.compile(r"DAILY|WEEKLY|MONTHLY|YEARLY"),
    "INTERVAL": re.compile(r"\d{1,9}"),
    "COUNT": re.compile(r"\d{1,9}"),
    "UNTIL": re.compile(r"\d{8}(T\d{6}Z?)?"),
    "BYDAY": re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)(,([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)){0,13}"),
    "BYMONTHDAY": re.compile(r"-?([1-9]|[12]\d|3[01])(,-?([1-9]|[12]\d|3[01])){0,30}"),
    "BYMONTH": re.compile(r"([1-9]|1[0-2])(,([1-9]|1[0-2])){0,11}"),
    "BYSETPOS": re.compile(r"-?([1-9]|[12]\d|3[01])"),
    "WKST": re.compile(r"MO|SU"),
}


def rule_of(text: str, start: When) -> str:
    """The RRULE line that is meant, for an event that begins at `start`.

    Raises UserInputError for anything else than one rule within limits (daily or rarer, every 999 at most, 730 times
    at most, an end or a number and not both), and for one that does not begin at `start`, with the date it would.
    """
    words = text.strip()
    if len(words) > _LONGEST or not words.isprintable() or not words.isascii():
        raise _refused()
    parts = _parts(words) if "=" in words else _said(" ".join(words.lower().split()))
    if "UNTIL" in parts:
        parts = {**parts, "UNTIL": _until(parts["UNTIL"], start)}
    _check(parts)
    rule = "RRULE:" + ";".join(f"{name}={parts[name]}" for name in _PARTS if name in parts)
    _check_begin(rule, start)
    return rule


def _said(words: str) -> dict[str, str]:
    end: dict[str, str] = {}
    if match := _END.fullmatch(words):
        words = match["rest"].rstrip(",")
        end = {"COUNT": match["count"]} if match["count"] else {"UNTIL": match["until"].replace("-", "")}
    often = _OFTEN.fullmatch(words)
    if often is None:
        raise _refused()
    parts = {"FREQ": _freq(often)}
    if (every := _number(often["number"] or "1")) != 1:
        parts["INTERVAL"] = str(every)
    fixed = _WORKDAYS if often["work"] else _codes(often["days"] or "")
    if fixed and often["on"]:
        raise _refused()
    days = {"BYDAY": fixed} if fixed else _on(often["on"], parts["FREQ"]) if often["on"] else {}
    return {**parts, **days, **end}


def _freq(often: re.Match[str]) -> str:
    if often["adverb"]:
        return _ADVERBS[often["adverb"]]
    return _UNITS[often["unit"]] if often["unit"] else "WEEKLY"


def _number(word: str) -> int:
    return int(word) if word.isdigit() else 2 if word == "other" else _ORDINALS[word]


def _on(words: str, freq: str) -> dict[str, str]:
    if freq == "WEEKLY":
        if words in ("weekdays", "workdays"):
            return {"BYDAY": _WORKDAYS}
        if re.fullmatch(_SOME_DAYS, words):
            return {"BYDAY": _codes(words)}
    if freq == "MONTHLY":
        if words == "the last day":
            return {"BYMONTHDAY": "-1"}
        if match := _PLACED.fullmatch(words):
            place = match["place"]
            return {"BYDAY": f"{_ORDINALS[place] if place in _ORDINALS else int(place[0])}{_codes(match['day'])}"}
        if match := _NUMBERED.fullmatch(words):
            return {"BYMONTHDAY": ",".join(str(int(number)) for number in re.findall(r"\d+", match["numbers"]))}
    raise _refused()


def _codes(days: str) -> str:
    return ",".join(dict.fromkeys(_DAYS[name[:2]] for name in re.findall(_DAY_NAME, days)))


def _parts(text: str) -> dict[str, str]:
    """The parts of an RRULE, each once. Others than those known here are refused."""
    parts: dict[str, str] = {}
    for piece in text.upper().removeprefix("RRULE:").rstrip(";").split(";"):
        name, equals, value = piece.partition("=")
        if not equals or name in parts or name not in _PARTS or not _PARTS[name].fullmatch(value):
            raise _refused()
        parts[name] = value
    if "FREQ" not in parts:
        raise _refused()
    return parts


def _check(parts: Mapping[str, str]) -> None:
    if "COUNT" in parts and "UNTIL" in parts:
        raise _refused("A series ends on a day or after a number of times, not both")
    if int(parts.get("COUNT", "1")) not in range(1, MOST + 1):
        raise _refused(f"A series takes place at most {MOST} times")
    if not 1 <= int(parts.get("INTERVAL", "1")) <= _MOST_INTERVAL:
        raise _refused(f"A series recurs every 1 to {_MOST_INTERVAL} days, weeks, months or years")
    if "BYMONTHDAY" in parts and parts["FREQ"] == "WEEKLY":
        raise _refused("Weekly series have weekdays, not days of the month")
    rare = parts["FREQ"] in ("MONTHLY", "YEARLY")
    if any(sign.isdigit() for sign in parts.get("BYDAY", "")) and not rare:
        raise _refused("Only monthly and yearly series have a first or last weekday")
    # In the first week programs do not agree from which day on to count.
    if "BYSETPOS" in parts and (not rare or not {"BYDAY", "BYMONTHDAY"}.intersection(parts)):
        raise _refused("Only monthly and yearly series have a first or last of their days")


def _until(value: str, start: When) -> str:
    """A day as the last one on which it may take place, whatever the zone; RFC 5545 wants UTC for timed events."""
    try:
        wall = until_of(f"RRULE:UNTIL={value}", start)
        assert wall is not None
        if start.all_day or "T" in value:
            return until_text(wall, start)
        return until_text(datetime.combine(wall.date(), time(23, 59, 59)), start)
    except (ValueError, OverflowError):
        raise _refused() from None


def _check_begin(rule: str, start: When) -> None:
    until = until_of(rule, start)
    if until is not None and until < start.wall:
        raise _refused("The series would end before it begins", "Give a later end")
    first = first_start(rule, start)
    if first is None:
        raise _refused("No date ever meets this rule", "Give other days")
    if first != start.wall:
        raise _refused(
            f"The event begins on {local_day(start.wall.date())}, and by its rule first on {local_day(first.date())}",
            "Begin with a date of the rule, or give the rule other days",
        )


def _refused(message: str = "The recurrence cannot be read", next_step: str = _FORMS) -> UserInputError:
    return UserInputError(message, next_step=next_step, reason="recurrence")
