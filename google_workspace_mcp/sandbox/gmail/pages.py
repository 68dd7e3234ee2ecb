"""Page tokens: opaque, bound to the request they came from, and holding their place while mail arrives."""

import base64
import binascii
import hashlib
from collections.abc import Sequence

from google_workspace_mcp.sandbox.service import bad_request

type Position = tuple[int, int]

# The API's estimate stops counting here; clients that trust it as a total are wrong on the real one too.
ESTIMATE_CAP = 201


def page[T](
    rows: Sequence[tuple[Position, T]], *, size: int, token: str, request: Sequence[object]
) -> tuple[list[T], str | None]:
    """The rows of one page and the next token. `rows` come in descending order of their position.

    The token names the last row's position, so what arrives on top moves nothing. 400 for a token that is not ours or
    was given for another request.
    """
    seal = hashlib.sha256(repr(tuple(request)).encode()).digest()[:6]
    if token:
        last = _open(token, seal)
        rows = [row for row in rows if row[0] < last]
    shown = rows[:size]
    more = len(rows) > size and bool(shown)
    return [row for _, row in shown], _token(shown[-1][0], seal) if more else None


def _token(position: Position, seal: bytes) -> str:
    data = seal + position[0].to_bytes(8, signed=True) + position[1].to_bytes(6)
    check = hashlib.sha256(data).digest()[:4]
    return base64.urlsafe_b64encode(data + check).decode()


def _open(token: str, seal: bytes) -> Position:
    try:
        data = base64.b64decode(token, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise bad_request("Invalid pageToken", location="pageToken") from None
    body, check = data[:-4], data[-4:]
    if len(data) != 24 or hashlib.sha256(body).digest()[:4] != check or body[:6] != seal:
        raise bad_request("Invalid pageToken", location="pageToken")
    return int.from_bytes(body[6:14], signed=True), int.from_bytes(body[14:])
