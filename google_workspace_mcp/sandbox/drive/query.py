"""The language of `files.list`'s `q`: text in, a tree of conditions out.

Grammar, after Google's guide "Search for files and folders" and its table of query terms:

    query      = operand { ("and" | "or") operand }         evaluated from left to right, as the guide says
    operand    = "not" operand | "(" query ")" | condition
    condition  = field operator value | string "in" collection | "sharedWithMe"
               | ("properties" | "appProperties") "has" "{" "key" "=" string "and" "value" "=" string "}"

Whatever is outside of it is refused, as Google refuses it: nothing is ever dropped from a query.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from google_workspace_mcp.sandbox.drive.errors import invalid_value


@dataclass(frozen=True, slots=True)
class Compare:
    """`field operator value`."""

    field: str
    operator: str
    value: str | bool | datetime


@dataclass(frozen=True, slots=True)
class Member:
    """`'value' in collection`."""

    value: str
    collection: str


@dataclass(frozen=True, slots=True)
class Has:
    """A custom property with this key and value."""

    collection: str
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Not:
    operand: "Condition"


@dataclass(frozen=True, slots=True)
class And:
    left: "Condition"
    right: "Condition"


@dataclass(frozen=True, slots=True)
class Or:
    left: "Condition"
    right: "Condition"


type Condition = Compare | Member | Has | Not | And | Or

_EQUALITY = frozenset({"=", "!="})
_ORDER = frozenset({"<=", "<", "=", "!=", ">", ">="})
_TEXT_FIELDS = {
    "name": frozenset({"contains"}) | _EQUALITY,
    "fullText": frozenset({"contains"}),
    "mimeType": frozenset({"contains"}) | _EQUALITY,
    "visibility": _EQUALITY,
    "shortcutDetails.targetId": _EQUALITY,
}
_TIME_FIELDS = frozenset({"modifiedTime", "viewedByMeTime", "createdTime", "sharedWithMeTime"})
_FLAGS = frozenset({"trashed", "starred", "sharedWithMe"})
_COLLECTIONS = frozenset({"parents", "owners", "writers", "readers"})
_PROPERTIES = frozenset({"properties", "appProperties"})
_VISIBILITIES = frozenset({"anyoneCanFind", "anyoneWithLink", "domainCanFind", "domainWithLink", "limited"})

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^'\\]|\\['\\])*')|(?P<word>[A-Za-z][A-Za-z.]*)|(?P<symbol><=|>=|!=|[<>=(){}]))", re.DOTALL
)
# Deeper than any real query; without a bound a run of parentheses would end in a RecursionError.
_MAX_DEPTH = 100


def parse(text: str) -> Condition:
    """The tree of a query.

    Raises:
        GoogleError: 400 `invalid`, location `q`, for anything that the grammar does not have.
    """
    return _Parser(_tokens(text)).whole()


def quote(text: str) -> str:
    """A string literal of the language that stands for exactly this text."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def named_parents(condition: Condition) -> set[str]:
    """The folders that a query names in `'id' in parents`."""
    match condition:
        case Member(value, "parents"):
            return {value}
        case Not(operand):
            return named_parents(operand)
        case And(left, right) | Or(left, right):
            return named_parents(left) | named_parents(right)
        case _:
            return set()


def uses_full_text(condition: Condition) -> bool:
    """Whether relevance decides the order, so that a sort key is refused."""
    match condition:
        case Compare("fullText", _, _):
            return True
        case Not(operand):
            return uses_full_text(operand)
        case And(left, right) | Or(left, right):
            return uses_full_text(left) or uses_full_text(right)
        case _:
            return False


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    end = len(text.rstrip())
    at = 0
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise invalid_value("q")
        kind, value = match.lastgroup, match.group(match.lastgroup)
        found.append(_Token(kind, re.sub(r"\\(['\\])", r"\1", value[1:-1]) if kind == "string" else value))
        at = match.end()
    return found


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def whole(self) -> Condition:
        condition = self._query()
        if self._at != len(self._tokens):
            raise invalid_value("q")
        return condition

    def _query(self) -> Condition:
        left = self._operand()
        while (joint := self._peek()) in (_Token("word", "and"), _Token("word", "or")):
            self._at += 1
            right = self._operand()
            left = And(left, right) if joint == _Token("word", "and") else Or(left, right)
        return left

    def _operand(self) -> Condition:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise invalid_value("q")
        try:
            return self._nested()
        finally:
            self._depth -= 1

    def _nested(self) -> Condition:
        token = self._next()
        if token == _Token("word", "not"):
            return Not(self._operand())
        if token == _Token("symbol", "("):
            inner = self._query()
            self._expect("symbol", ")")
            return inner
        if token.kind == "string":
            self._expect("word", "in")
            return Member(token.text, self._one_of(_COLLECTIONS))
        if token.kind == "word":
            return self._condition(token.text)
        raise invalid_value("q")

    def _condition(self, field: str) -> Condition:
        if field in _PROPERTIES:
            return self._has(field)
        if field == "sharedWithMe" and (self._peek() is None or self._peek() not in _EQUALITY_TOKENS):
            return Compare(field, "=", True)
        operator = self._next().text
        if field in _FLAGS and operator in _EQUALITY:
            return Compare(field, operator, self._one_of(frozenset({"true", "false"})) == "true")
        if field in _TIME_FIELDS and operator in _ORDER:
            return Compare(field, operator, _moment(self._string()))
        if operator in _TEXT_FIELDS.get(field, frozenset()):
            value = self._string()
            if field == "visibility" and value not in _VISIBILITIES:
                raise invalid_value("q")
            return Compare(field, operator, value)
        raise invalid_value("q")

    def _has(self, collection: str) -> Has:
        for kind, text in (("word", "has"), ("symbol", "{"), ("word", "key"), ("symbol", "=")):
            self._expect(kind, text)
        key = self._string()
        for kind, text in (("word", "and"), ("word", "value"), ("symbol", "=")):
            self._expect(kind, text)
        value = self._string()
        self._expect("symbol", "}")
        return Has(collection, key, value)

    def _peek(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _next(self) -> _Token:
        token = self._peek()
        if token is None:
            raise invalid_value("q")
        self._at += 1
        return token

    def _expect(self, kind: str, text: str) -> None:
        if self._next() != _Token(kind, text):
            raise invalid_value("q")

    def _one_of(self, words: frozenset[str]) -> str:
        token = self._next()
        if token.kind != "word" or token.text not in words:
            raise invalid_value("q")
        return token.text

    def _string(self) -> str:
        token = self._next()
        if token.kind != "string":
            raise invalid_value("q")
        return token.text


_EQUALITY_TOKENS = (_Token("symbol", "="), _Token("symbol", "!="))


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise invalid_value("q") from None
    # The guide: "RFC 3339 format, default timezone is UTC".
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
