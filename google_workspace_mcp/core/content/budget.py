"""A number of characters, shared among the texts of one answer, and cuts that continue exactly where they ended."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

# A cut may give up this part of its share to end where a paragraph, a line or a sentence ends.
_SLACK = 0.25
_SENTENCE_END = re.compile(r"[.!?…]['\")\]]*\s|[。！？]")  # noqa: RUF001


@dataclass(frozen=True, slots=True)
class Cut:
    """A piece of a text: characters `start` to `end` of `total`."""

    text: str
    start: int
    end: int
    total: int

    @property
    def remaining(self) -> int:
        """Characters after this piece."""
        return self.total - self.end

    @property
    def next_offset(self) -> int:
        """Where to continue; 0 when nothing is left."""
        return self.end if self.remaining else 0


def cut(text: str, max_chars: int, offset: int = 0) -> Cut:
    """At most `max_chars` characters from `offset` on, ended at a paragraph, line, sentence or word where one is near.

    Pieces taken one after another by `next_offset` make up the whole text, nothing twice, nothing lost.
    """
    start = min(max(0, offset), len(text))
    end = start + max(1, max_chars)
    if end >= len(text):
        return Cut(text[start:], start, len(text), len(text))
    end = _good_end(text, start, end)
    return Cut(text[start:end], start, end, len(text))


def share(texts: Sequence[str], max_chars: int) -> list[Cut]:
    """Every text shortened to its part of the budget: short ones whole, what they leave goes to the long ones."""
    left, parts = max_chars, [0] * len(texts)
    by_length = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    for position, index in enumerate(by_length):
        parts[index] = min(len(texts[index]), left // (len(texts) - position))
        left -= parts[index]
    return [cut(text, part) if part else Cut("", 0, 0, len(text)) for text, part in zip(texts, parts, strict=True)]


def _good_end(text: str, start: int, end: int) -> int:
    floor = end - max(1, int((end - start) * _SLACK))
    for mark in ("\n\n", "\n"):
        at = text.rfind(mark, floor, end)
        if at > start:
            return at + len(mark)
    sentences = [match.end() for match in _SENTENCE_END.finditer(text, floor, end)]
    if sentences:
        return sentences[-1]
    at = text.rfind(" ", floor, end)
    return at + 1 if at > start else end
