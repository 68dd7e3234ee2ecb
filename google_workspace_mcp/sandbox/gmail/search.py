"""What a search term means for one message.

Words are compared whole, without case. Dates given as a day begin at midnight Pacific time, as Google documents for
the API, whatever the person's zone; a number of five digits or more is seconds since 1970.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from google_workspace_mcp.sandbox.gmail.content import Content
from google_workspace_mcp.sandbox.gmail.labels import CATEGORIES, Labels
from google_workspace_mcp.sandbox.gmail.query import Both, Either, Node, Not, QueryError, Term
from google_workspace_mcp.sandbox.gmail.text import words

PACIFIC = ZoneInfo("America/Los_Angeles")


class Searchable(Protocol):
    """What search needs to know of a message."""

    labels: set[str]
    internal_date: int
    content: Content


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """Who asks and when: for `me`, label names and ages."""

    email: str
    labels: Labels
    now: datetime


type Test = Callable[[Searchable], bool]

_ADDRESS_FIELDS = {
    "from": ("from",),
    "to": ("to", "cc", "bcc"),
    "cc": ("cc",),
    "bcc": ("bcc",),
    "subject": ("subject",),
}
_OTHER_FIELDS = {"list": "list-id", "deliveredto": "delivered-to"}
_PLACES = {
    "inbox": "INBOX",
    "sent": "SENT",
    "trash": "TRASH",
    "spam": "SPAM",
    "draft": "DRAFT",
    "drafts": "DRAFT",
    "starred": "STARRED",
    "important": "IMPORTANT",
    "unread": "UNREAD",
    "chat": "CHAT",
    "chats": "CHAT",
}
_LINKS = {
    "drive": ("drive.google.com/", "docs.google.com/"),
    "document": ("docs.google.com/document",),
    "spreadsheet": ("docs.google.com/spreadsheets",),
    "presentation": ("docs.google.com/presentation",),
    "youtube": ("youtube.com/watch", "youtu.be/"),
}
_SIZE = re.compile(r"(\d{1,15})([kmg]?)b?", re.IGNORECASE)
_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
_AGE = re.compile(r"(\d{1,6})([dmy])", re.IGNORECASE)
_DAY = re.compile(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})")
_DAY_AMERICAN = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
_EPOCH = re.compile(r"\d{5,12}")


def compile_query(node: Node, view: Viewpoint) -> Test:
    """A test for messages. Every value is checked now, so that a bad one is refused by an empty mailbox too."""
    match node:
        case Both(nodes):
            tests = [compile_query(one, view) for one in nodes]
            return lambda message: all(test(message) for test in tests)
        case Either(nodes):
            tests = [compile_query(one, view) for one in nodes]
            return lambda message: any(test(message) for test in tests)
        case Not(inner):
            refused = compile_query(inner, view)
            return lambda message: not refused(message)
        case Term():
            return _term(node, view)


def reaches_spam_or_trash(node: Node) -> frozenset[str]:
    """Which of SPAM and TRASH the query asks for by itself, so that they are not left out."""
    match node:
        case Both(nodes) | Either(nodes):
            return frozenset[str]().union(*(reaches_spam_or_trash(one) for one in nodes))
        case Term("in" | "label" | "is", value):
            name = value.lower()
            if name == "anywhere":
                return frozenset({"SPAM", "TRASH"})
            return frozenset({name.upper()}) & {"SPAM", "TRASH"}
        case _:
            return frozenset()


def _term(term: Term, view: Viewpoint) -> Test:
    operator, value = term.operator, term.value
    if operator == "":
        return _words_anywhere(value)
    if operator in _ADDRESS_FIELDS:
        return _words_in(_ADDRESS_FIELDS[operator], view.email if value.lower() == "me" else value)
    if operator in _OTHER_FIELDS:
        return _words_in((_OTHER_FIELDS[operator],), value)
    return _SPECIAL[operator](term, view)


def _words_anywhere(value: str) -> Test:
    wanted = words(value)
    return lambda message: any(contains(field, wanted) for field in message.content.searched)


def _words_in(names: tuple[str, ...], value: str) -> Test:
    wanted = words(value)
    return lambda message: any(contains(field, wanted) for name in names for field in message.content.words_of(name))


def contains(field: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """Whether the wanted words stand in the field one after another. No words are in no field."""
    if not wanted:
        return False
    length = len(wanted)
    start = -1
    try:
        while True:
            start = field.index(wanted[0], start + 1)
            if field[start : start + length] == wanted:
                return True
    except ValueError:
        return False


def _has_label(*labels: str) -> Test:
    return lambda message: any(label in message.labels for label in labels)


def _label(term: Term, view: Viewpoint) -> Test:
    found = view.labels.search(term.value)
    return _has_label(found.id) if found else _has_label()


def _in(term: Term, view: Viewpoint) -> Test:
    name = term.value.lower()
    if name in ("anywhere", "all"):
        return lambda _message: True
    if name == "archive":
        return lambda message: not message.labels & {"INBOX", "SPAM", "TRASH", "SENT", "DRAFT"}
    if name in _PLACES:
        return _has_label(_PLACES[name])
    if view.labels.search(name):
        return _label(term, view)
    raise _unknown(term)


def _is(term: Term, _view: Viewpoint) -> Test:
    name = term.value.lower()
    if name == "read":
        return lambda message: "UNREAD" not in message.labels
    if name in _PLACES:
        return _has_label(_PLACES[name])
    raise _unknown(term)


def _has(term: Term, _view: Viewpoint) -> Test:
    name = term.value.lower()
    if name == "attachment":
        return lambda message: message.content.has_attachment
    if name in _LINKS:
        return lambda message: any(link in message.content.source_text for link in _LINKS[name])
    if name in ("userlabels", "nouserlabels"):
        expected = name == "userlabels"
        return lambda message: any(label.startswith("Label_") for label in message.labels) is expected
    raise _unknown(term)


def _category(term: Term, _view: Viewpoint) -> Test:
    name = term.value.upper().replace("PRIMARY", "PERSONAL")
    if name not in CATEGORIES:
        raise _unknown(term)
    if name != "PERSONAL":
        return _has_label(f"CATEGORY_{name}")
    others = {f"CATEGORY_{other}" for other in CATEGORIES if other != "PERSONAL"}
    return lambda message: "INBOX" in message.labels and not message.labels & others


def _filename(term: Term, _view: Viewpoint) -> Test:
    wanted = words(term.value)
    return lambda message: any(contains(name, wanted) for name in message.content.filename_words)


def _message_id(term: Term, _view: Viewpoint) -> Test:
    wanted = term.value.strip("<>").lower()
    return lambda message: message.content.message_id.strip("<>").lower() == wanted


def _larger(term: Term, _view: Viewpoint) -> Test:
    limit = _bytes(term)
    return lambda message: message.content.size > limit


def _smaller(term: Term, _view: Viewpoint) -> Test:
    limit = _bytes(term)
    return lambda message: message.content.size < limit


def _bytes(term: Term) -> int:
    match = _SIZE.fullmatch(term.value)
    if not match:
        raise _unknown(term)
    return int(match[1]) * _UNITS[match[2].lower()]


def _after(term: Term, _view: Viewpoint) -> Test:
    start = _moment(term)
    return lambda message: message.internal_date >= start


def _before(term: Term, _view: Viewpoint) -> Test:
    end = _moment(term)
    return lambda message: message.internal_date < end


def _newer_than(term: Term, view: Viewpoint) -> Test:
    start = _age(term, view)
    return lambda message: message.internal_date >= start


def _older_than(term: Term, view: Viewpoint) -> Test:
    end = _age(term, view)
    return lambda message: message.internal_date < end


def _moment(term: Term) -> int:
    """Milliseconds since 1970."""
    if _EPOCH.fullmatch(term.value):
        return int(term.value) * 1000
    match, american = _DAY.fullmatch(term.value), _DAY_AMERICAN.fullmatch(term.value)
    if match:
        year, month, day = (int(number) for number in match.groups())
    elif american:
        month, day, year = (int(number) for number in american.groups())
    else:
        raise _unknown(term)
    try:
        return int(datetime(year, month, day, tzinfo=PACIFIC).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise _unknown(term) from None


def _age(term: Term, view: Viewpoint) -> int:
    match = _AGE.fullmatch(term.value)
    if not match:
        raise _unknown(term)
    count = int(match[1])
    spans = {"d": relativedelta(days=count), "m": relativedelta(months=count), "y": relativedelta(years=count)}
    try:
        return int((view.now.astimezone(UTC) - spans[match[2].lower()]).timestamp() * 1000)
    except (ValueError, OverflowError):
        return 0


def _unknown(term: Term) -> QueryError:
    return QueryError(f"The value of {term.operator}: is not supported.")


_SPECIAL: dict[str, Callable[[Term, Viewpoint], Test]] = {
    "label": _label,
    "in": _in,
    "is": _is,
    "has": _has,
    "category": _category,
    "filename": _filename,
    "rfc822msgid": _message_id,
    "larger": _larger,
    "size": _larger,
    "smaller": _smaller,
    "after": _after,
    "newer": _after,
    "before": _before,
    "older": _before,
    "newer_than": _newer_than,
    "older_than": _older_than,
}


def matching[M: Searchable](messages: Iterable[M], test: Test) -> list[M]:
    """Those that pass, in the order given."""
    return [message for message in messages if test(message)]
