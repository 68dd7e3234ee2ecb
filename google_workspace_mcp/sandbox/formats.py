"""The formats that discovery documents name, such as `date-time`, `int64` and `byte`."""

import base64
import binascii
import re
from collections.abc import Callable
from datetime import date, datetime

INTEGER_RANGES = {
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
}
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?(?P<offset>[Zz]|[+-]\d\d:\d\d)?")
_URL_SAFE = re.compile(r"[A-Za-z0-9_-]*={0,2}")
_WHOLE = re.compile(r"-?\d{1,20}")


def is_whole(text: str) -> bool:
    """Whether it is a whole number in digits, of a length that any format could hold."""
    return bool(_WHOLE.fullmatch(text))


def is_long(text: str, form: str) -> bool:
    """Whether it is a number in the range of `int64` or `uint64`."""
    low, high = INTEGER_RANGES[form]
    return is_whole(text) and low <= int(text) <= high


def is_date_time(text: str, *, offset_needed: bool) -> bool:
    """Whether it is a moment as RFC 3339 writes it; without an offset where that is allowed."""
    found = _DATE_TIME.fullmatch(text)
    if found is None or (offset_needed and not found["offset"]):
        return False
    try:
        datetime.fromisoformat(text.upper())
    except ValueError:
        return False
    return True


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _offset_date_time(text: str) -> bool:
    return is_date_time(text, offset_needed=True)


def _any_date_time(text: str) -> bool:
    return is_date_time(text, offset_needed=False)


def _signed_long(text: str) -> bool:
    return is_long(text, "int64")


def _unsigned_long(text: str) -> bool:
    return is_long(text, "uint64")


def _url_safe_base64(text: str) -> bool:
    return bool(_URL_SAFE.fullmatch(text)) and _is_base64(text)


REQUEST_FORMATS: dict[str, Callable[[str], bool]] = {
    "int64": _signed_long,
    "uint64": _unsigned_long,
    # Calendar takes a local time where `timeZone` stands beside it.
    "date-time": _any_date_time,
    "google-datetime": _offset_date_time,
    "date": _is_date,
    "byte": _is_base64,
}
ANSWER_FORMATS = REQUEST_FORMATS | {"date-time": _offset_date_time, "byte": _url_safe_base64}
