"""Gmail queries from separate conditions, so that no value of one changes the meaning of another."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from google_workspace_mcp.core.content.times import start_of_day
from google_workspace_mcp.core.errors import UserInputError

MAX_QUERY = 2_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PAIRS = {")": "(", "}": "{"}


@dataclass(frozen=True, slots=True)
class Conditions:
    """What messages must fulfil, all of it. Empty means no condition; `after` and `before` are as they were written."""

    query: str = ""
    sender: str = ""
    to: str = ""
    subject: str = ""
    after: str = ""
    before: str = ""
    has_attachment: bool = False
    unread: bool = False

    @property
    def has_dates(self) -> bool:
        """Whether the person's zone is needed to write the query."""
        return bool(self.after or self.before)


def gmail_query(conditions: Conditions, zone: ZoneInfo) -> str:
    """The `q` of Gmail's API. Dates begin at midnight in `zone`, given in seconds: Gmail would take a zone of its own.

    Raises UserInputError for control characters, dates that are none, open quotes or brackets, and more than 2,000
    characters in all.
    """
    terms = [
        *_quoted("from", [conditions.sender]),
        *_quoted("to", [conditions.to]),
        *_quoted("subject", _words(conditions.subject)),
        *_dated("after", conditions.after, zone),
        *_dated("before", conditions.before, zone),
        *(["has:attachment"] if conditions.has_attachment else []),
        *(["is:unread"] if conditions.unread else []),
    ]
    raw = conditions.query.strip()
    if raw and terms:
        _refuse_open_ends(raw)
        terms.append(f"({raw})")
    elif raw:
        terms.append(raw)
    query = " ".join(terms)
    if _CONTROL.search(query):
        raise UserInputError("The query contains control characters", next_step="Write it on one line", reason="query")
    if len(query) > MAX_QUERY:
        raise UserInputError(
            f"The query is longer than {MAX_QUERY} characters", next_step="Search in several steps", reason="query"
        )
    return query


def _words(subject: str) -> list[str]:
    """A subject given in quotes is one phrase, otherwise each word must be in it."""
    subject = subject.strip()
    if len(subject) > 1 and subject[0] == subject[-1] == '"':
        return [subject]
    return subject.split()


def _quoted(operator: str, values: list[str]) -> list[str]:
    plain = [" ".join(value.replace('"', " ").split(" ")).strip() for value in values]
    return [f'{operator}:"{value}"' for value in plain if value]


def _dated(operator: str, text: str, zone: ZoneInfo) -> list[str]:
    if not text:
        return []
    try:
        day = date.fromisoformat(text)
        return [_since_1970(operator, start_of_day(day, zone))]
    except (ValueError, OverflowError):
        pass
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return [_since_1970(operator, moment)]
    except (ValueError, OverflowError):
        raise UserInputError(
            f"{operator} is not a date",
            next_step="Write it as YYYY-MM-DD, or with a time as 2026-03-31T09:00",
            reason="date",
        ) from None


def _since_1970(operator: str, moment: datetime) -> str:
    # There is no older mail, and a minus would mean something else to Gmail.
    return f"{operator}:{max(0, int(moment.timestamp()))}"


def _refuse_open_ends(raw: str) -> None:
    """Inside brackets of ours, a query with an open or a stray end of its own would mean something else."""
    open_ends: list[str] = []
    in_quotes = False
    for character in raw:
        if character == '"':
            in_quotes = not in_quotes
        elif in_quotes:
            continue
        elif character in "({":
            open_ends.append(character)
        elif character in ")}" and (not open_ends or open_ends.pop() != _PAIRS[character]):
            open_ends.append("?")
            break
    if open_ends or in_quotes:
        raise UserInputError(
            "The query has a quote or bracket without its other half",
            next_step="Close it and search again",
            reason="query",
        )
