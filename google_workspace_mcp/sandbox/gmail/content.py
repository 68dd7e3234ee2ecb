"""A raw message and what reading it gives, each worked out once and when first asked for."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property

from google_workspace_mcp.sandbox.gmail.headers import Field, decode_bytes, split
from google_workspace_mcp.sandbox.gmail.mime import Part, parse
from google_workspace_mcp.sandbox.gmail.text import body_text, snippet, words

_MESSAGE_ID = re.compile(r"<[^<>\s]+>")
_REPLY_MARK = re.compile(r"^\s*(?:(?:re|aw|fwd?|wg|sv|rif|r)(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
# Words of these are found by a plain search, next to the text.
_SEARCHED = ("subject", "from", "to", "cc", "bcc", "reply-to")


class Content:
    """Immutable, so that everybody who got the message shares one."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    @property
    def size(self) -> int:
        return len(self.raw)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The header fields of the message itself."""
        return tuple(split(self.raw)[0])

    @cached_property
    def root(self) -> Part:
        return parse(self.raw)

    @cached_property
    def snippet(self) -> str:
        return snippet(self.root)

    def values(self, name: str) -> list[str]:
        """All decoded values of a header field."""
        return [field.value for field in self.fields if field.name.lower() == name]

    def value(self, name: str) -> str:
        """The first decoded value, or ""."""
        return next(iter(self.values(name)), "")

    @cached_property
    def message_id(self) -> str:
        """With its angle brackets, or ""."""
        found = _MESSAGE_ID.search(self.value("message-id"))
        return found[0] if found else ""

    @cached_property
    def references(self) -> tuple[str, ...]:
        """Ids of the messages this one answers, the nearest first."""
        ids = _MESSAGE_ID.findall(self.value("in-reply-to"))
        return tuple(dict.fromkeys([*ids, *reversed(_MESSAGE_ID.findall(self.value("references")))]))

    @cached_property
    def topic(self) -> str:
        """The subject without its marks of reply and forward: what must agree within a thread."""
        return " ".join(_REPLY_MARK.sub("", self.value("subject")).casefold().split())

    @cached_property
    def date(self) -> datetime | None:
        """The Date field, or None when it is missing or makes no sense."""
        try:
            date = parsedate_to_datetime(self.value("date"))
            date = date if date.tzinfo else date.replace(tzinfo=UTC)
            return date.astimezone(UTC) if date.year > 1970 else None
        except (ValueError, TypeError, OverflowError, IndexError):
            return None

    @cached_property
    def has_attachment(self) -> bool:
        return any(part.is_attachment for part in self.root.walk())

    @cached_property
    def filename_words(self) -> tuple[tuple[str, ...], ...]:
        return tuple(words(part.filename) for part in self.root.walk() if part.filename)

    @cached_property
    def source_text(self) -> str:
        """The text parts as written, markup included: links are looked for here."""
        parts = (part for part in self.root.walk() if part.is_readable)
        return " ".join(decode_bytes(part.content, part.charset) for part in parts)

    @cached_property
    def searched(self) -> tuple[tuple[str, ...], ...]:
        """The fields that a plain word or phrase is looked for in, a phrase never across two of them."""
        headers = (words(value) for name in _SEARCHED for value in self.values(name))
        return (*headers, words(body_text(self.root)), *self.filename_words)

    def words_of(self, name: str) -> list[tuple[str, ...]]:
        return [words(value) for value in self.values(name)]
