"""Where rows stand in the bytes of a sheet, found without parsing it."""

import re
from collections.abc import Iterable, Iterator

_ANY_ROW = re.compile(rb"<row[\s/>]")
_ROW = re.compile(rb"<row(?=\s)[^<>]{0,300}?\sr=[\"'](\d{1,7})[\"']")
_END = b"</sheetData"
# No tag of a row is longer, as far as is looked.
_LONGEST = 400


def row_number(tag: bytes) -> int:
    """The number in the tag of a row that `tag` begins with; 0 where it says none."""
    found = _ROW.match(tag)
    return int(found[1]) if found else 0


def from_row(chunks: Iterable[bytes], first: int) -> Iterator[bytes]:
    """The bytes of a sheet without the rows in front of number `first`; all of them where rows say no numbers.

    A whole sheet of 50 MB is looked through in a fraction of a second, and parsed in several.
    """
    remaining, begun, kept = iter(chunks), False, b""
    for chunk in remaining:
        window = kept + chunk
        if not begun:
            found = _ANY_ROW.search(window)
            if found is None or len(window) - found.start() < _LONGEST:
                at = found.start() if found else max(0, len(window) - _LONGEST)
                yield window[:at]
                kept = window[at:]
                continue
            if not row_number(window[found.start() :]):
                kept = window
                break
            begun = True
            yield window[: found.start()]
            window = window[found.start() :]
        start = next((match.start() for match in _ROW.finditer(window) if int(match[1]) >= first), -1)
        start = window.find(_END) if start < 0 else start
        if start >= 0:
            kept = window[start:]
            break
        kept = window[-_LONGEST:]
    yield kept
    yield from remaining
