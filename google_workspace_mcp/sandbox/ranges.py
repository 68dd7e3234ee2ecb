"""Downloads, whole or in part (RFC 9110 section 14)."""

import re
from collections.abc import Mapping

from google_workspace_mcp.sandbox.made import MadeBytes
from google_workspace_mcp.sandbox.service import Media
from google_workspace_mcp.sandbox.wire import Outgoing

_ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def media_answer(media: Media, wanted: str, headers: Mapping[str, str]) -> Outgoing:
    """200 with all, 206 with the range asked for, or 416. Several ranges at once are answered with all."""
    data = media.made or media.data
    base = {"Content-Type": media.content_type, "Accept-Ranges": "bytes", **headers}
    found = _ONE_RANGE.fullmatch(wanted.strip())
    if found is None or found.group(0) == "bytes=-":
        return _all_of(200, data, base)
    first, last = _bounds(found[1], found[2], len(data))
    if first > last:
        return Outgoing(416, b"", base | {"Content-Range": f"bytes */{len(data)}"}, media=True)
    base["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
    return _all_of(206, data[first : last + 1], base)


def _all_of(status: int, data: bytes | MadeBytes, headers: Mapping[str, str]) -> Outgoing:
    if isinstance(data, MadeBytes):
        return Outgoing(status, b"", headers, media=True, made=data)
    return Outgoing(status, data, headers, media=True)


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """First and last byte; an empty range (first beyond last) cannot be satisfied."""
    if not first:
        return (max(0, size - int(last)), size - 1) if int(last) else (1, 0)
    end = min(int(last), size - 1) if last else size - 1
    return (int(first), end) if int(first) < size else (1, 0)
