"""Parts of a file (RFC 9110, section 14): one range of bytes, conditional on the file being the same."""

import re
from dataclasses import dataclass

_ONE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes from `start` to before `stop`; `stop` None stands for the end of a file of unknown size."""

    start: int = 0
    stop: int | None = None
    partial: bool = False


class UnsatisfiableError(Exception):
    """The file ends before the range begins."""


def wanted(header: str, if_range: str, size: int | None, tag: str) -> Part:
    """The part that is asked for; all of it without a range, with several of them, or with one of an older version.

    Raises UnsatisfiableError.
    """
    found = _ONE.fullmatch(header.strip())
    if found is None or size is None or found[0] == "bytes=-" or (if_range and if_range != tag):
        return Part(0, size)
    first, last = found[1], found[2]
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return Part(0, size)  # not a range at all: RFC 9110, section 14.1.1
    if start >= stop:
        raise UnsatisfiableError
    return Part(start, stop, partial=True)
