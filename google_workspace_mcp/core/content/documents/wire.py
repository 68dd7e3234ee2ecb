"""What goes through the pipes between the service and its reading processes: lengths, JSON, a document's bytes.

Both ends use it, so it imports nothing of either.
"""

import json
import struct
from typing import Any, BinaryIO

REQUEST_HEAD = struct.Struct(">II")
ANSWER_HEAD = struct.Struct(">I")
MOST_REQUEST = 64_000
# 80,000 characters of four bytes, an outline and some room.
MOST_ANSWER = 2_000_000


def packed_request(fields: dict[str, Any], data: bytes) -> bytes:
    """Head and fields of a request; the document's bytes go after them as they are."""
    body = json.dumps(fields).encode()
    return REQUEST_HEAD.pack(len(body), len(data)) + body


def next_request(source: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    """The next request and its bytes; None when no more come."""
    head = source.read(REQUEST_HEAD.size)
    if len(head) < REQUEST_HEAD.size:
        return None
    length, size = REQUEST_HEAD.unpack(head)
    body, data = source.read(length), source.read(size)
    return (json.loads(body), data) if len(body) == length and len(data) == size else None


def packed_answer(fields: dict[str, Any]) -> bytes:
    """An answer with its head."""
    body = json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace")
    return ANSWER_HEAD.pack(len(body)) + body
