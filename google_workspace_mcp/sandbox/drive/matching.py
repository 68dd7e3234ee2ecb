"""Which files a query means, seen by one person."""

import operator
import re
from collections.abc import Callable
from datetime import datetime

from google_workspace_mcp.sandbox.drive.errors import file_not_found
from google_workspace_mcp.sandbox.drive.query import And, Compare, Condition, Has, Member, Not, Or, named_parents
from google_workspace_mcp.sandbox.drive.store import DriveStore, Item, rank

_ORDERINGS: dict[str, Callable[[datetime, datetime], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
}
# Google's index takes an underscore for a letter: `report` does not find `q3_report`.
_WORD = re.compile(r"\w+")
_PHRASE = re.compile(r'"([^"]*)"')


def words(text: str) -> list[str]:
    """The words of a text as the index has them: lower case, without punctuation."""
    return _WORD.findall(text.casefold())


class Matcher:
    """Applies a query to files as `email` sees them."""

    def __init__(self, store: DriveStore, email: str, condition: Condition) -> None:
        self._store = store
        self._email = email
        self._condition = condition

    def check(self) -> None:
        """Raises 404 when the query names a folder that the person cannot see."""
        for folder_id in named_parents(self._condition):
            self._folder(folder_id)

    def matches(self, item: Item) -> bool:
        return self._holds(self._condition, item)

    def _holds(self, condition: Condition, item: Item) -> bool:
        match condition:
            case And(left, right):
                return self._holds(left, item) and self._holds(right, item)
            case Or(left, right):
                return self._holds(left, item) or self._holds(right, item)
            case Not(operand):
                return not self._holds(operand, item)
            case Member(value, collection):
                return self._is_member(value, collection, item)
            case Has(collection, key, value):
                held = item.properties if collection == "properties" else item.app_properties
                return held.get(key) == value
            case Compare(field, sign, value):
                return self._compares(field, sign, value, item)

    def _compares(self, field: str, sign: str, value: str | bool | datetime, item: Item) -> bool:
        if isinstance(value, datetime):
            moment = self._moment(field, item)
            return moment is not None and _ORDERINGS[sign](moment, value)
        if isinstance(value, bool):
            return (self._flag(field, item) == value) == (sign == "=")
        if sign == "contains":
            return _contains(field, value, item)
        return (self._text(field, item, value) == value) == (sign == "=")

    def _moment(self, field: str, item: Item) -> datetime | None:
        match field:
            case "modifiedTime":
                return item.modified
            case "createdTime":
                return item.created
            case "viewedByMeTime":
                return item.viewed.get(self._email)
            case _:
                return item.shared[self._email][0] if self._email in item.shared else None

    def _flag(self, field: str, item: Item) -> bool:
        match field:
            case "trashed":
                return self._store.trashed(item)
            case "starred":
                return self._email in item.starred_by
            case _:
                return self._email in item.shared and item.owner != self._email

    def _text(self, field: str, item: Item, value: str) -> str:
        match field:
            case "name":
                # Names compare without regard to case.
                return value if item.name.casefold() == value.casefold() else item.name
            case "mimeType":
                return item.mime_type
            case "shortcutDetails.targetId":
                return item.target
            case _:
                return self._visibility(item)

    def _visibility(self, item: Item) -> str:
        held = [permission for permission, _ in self._store.permissions(item)]
        for kind, found, linked in (
            ("anyone", "anyoneCanFind", "anyoneWithLink"),
            ("domain", "domainCanFind", "domainWithLink"),
        ):
            of_kind = [permission for permission in held if permission.kind == kind]
            if of_kind:
                return found if any(permission.discoverable for permission in of_kind) else linked
        return "limited"

    def _is_member(self, value: str, collection: str, item: Item) -> bool:
        if collection == "parents":
            return item.parent == self._folder(value)
        email = self._email if value == "me" else value.casefold()
        if collection == "owners":
            return item.owner == email
        least = "writer" if collection == "writers" else "reader"
        return any(
            permission.email == email and rank(permission.role) >= rank(least)
            for permission, _ in self._store.permissions(item)
        )

    def _folder(self, value: str) -> str:
        folder_id = self._store.roots.get(self._email, "") if value == "root" else value
        folder = self._store.items.get(folder_id)
        if folder is None or self._store.role(self._email, folder) is None:
            # Google answers a search in an unknown folder with 404 and a dot for the id.
            raise file_not_found("")
        return folder_id


def _contains(field: str, value: str, item: Item) -> bool:
    if field == "mimeType":
        return item.mime_type.startswith(value)
    if field == "name":
        held = words(item.name)
        return all(any(word.startswith(start) for word in held) for start in words(value))
    return _full_text(value, item)


def _full_text(value: str, item: Item) -> bool:
    """Whole words in any order, and `"phrases"` in theirs."""
    held = words(f"{item.name}\n{item.words()}")
    phrases = [words(phrase) for phrase in _PHRASE.findall(value)]
    loose = set(words(_PHRASE.sub(" ", value)))
    return loose <= set(held) and all(_in_sequence(phrase, held) for phrase in phrases)


def _in_sequence(phrase: list[str], held: list[str]) -> bool:
    length = len(phrase)
    return any(held[at : at + length] == phrase for at in range(len(held) - length + 1))
