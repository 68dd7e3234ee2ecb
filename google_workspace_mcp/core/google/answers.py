"""What an answer of Google's says: its JSON, the reasons in an error body, and how long to wait."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from google_workspace_mcp.core.google.calls import JSON

# Gmail names the moment in its message instead of a header: "User-rate limit exceeded.  Retry after 2026-…Z".
_RETRY_AFTER_IN_TEXT = re.compile(r"[Rr]etry after (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?)\d*Z")
_SECONDS = re.compile(r"\d{1,9}(?:\.\d{1,9})?")


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer, read within its limit. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> JSON | None:
        """The JSON object in the body, None when it is anything else: HTML, cut off, empty, a list."""
        try:
            value: Any = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None


@dataclass(frozen=True, slots=True)
class GoogleError:
    """The parts of an error body that decide what happens next."""

    code: int | None
    reasons: tuple[str, ...]
    message: str


def google_error(body: JSON | None) -> GoogleError | None:
    """The error in a body in any of Google's forms, None if there is none.

    The older form has `errors[].reason`, the newer `details[].reason`; both may be there. The older comes first
    because it tells a daily limit from one by the minute where the newer says RATE_LIMIT_EXCEEDED for both.
    The token endpoint's form is a bare string (RFC 6749 5.2), sometimes with Google's `error_subtype`, which comes
    second among the reasons.
    """
    body = body or {}
    error = body.get("error")
    if isinstance(error, str):
        subtype, description = body.get("error_subtype"), body.get("error_description")
        reasons = (error, subtype) if isinstance(subtype, str) and subtype else (error,)
        return GoogleError(None, reasons, description if isinstance(description, str) else "")
    if not isinstance(error, dict):
        return None
    code, message = error.get("code"), error.get("message")
    return GoogleError(
        code=code if isinstance(code, int) else None,
        reasons=(*_reasons(error.get("errors")), *_reasons(error.get("details"))),
        message=message if isinstance(message, str) else "",
    )


def _reasons(entries: Any) -> tuple[str, ...]:
    if not isinstance(entries, list):
        return ()
    found = (entry.get("reason") for entry in entries if isinstance(entry, dict))
    return tuple(reason for reason in found if isinstance(reason, str))


def retry_after(header: str | None, message: str, now: datetime) -> float | None:
    """Seconds that Google asks to wait: from Retry-After (seconds or a date, RFC 9110 10.2.3), or from Gmail's message.

    None when it says nothing that can be read. A moment that has passed is 0. `now` is aware.
    """
    text = (header or "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    moment = _http_date(text) or _moment_in(message)
    return None if moment is None else max(0.0, (moment - now).total_seconds())


def _http_date(text: str) -> datetime | None:
    if not text or len(text) > 64:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _moment_in(message: str) -> datetime | None:
    match = _RETRY_AFTER_IN_TEXT.search(message[:1000])
    if match is None:
        return None
    try:
        return datetime.fromisoformat(match[1]).replace(tzinfo=UTC)
    except ValueError:
        return None
