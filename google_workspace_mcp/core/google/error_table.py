"""What Google, or the way to it, can answer, and what is made of it: the rows of `docs/errors.md`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx2

from google_workspace_mcp.core.errors import WorkspaceError
from google_workspace_mcp.core.google.answers import Answer
from google_workspace_mcp.core.google.breaker import open_breaker
from google_workspace_mcp.core.google.calls import CallKind
from google_workspace_mcp.core.google.failures import broken_connection, error_of, json_of, out_of_time, too_large
from google_workspace_mcp.core.google.quota import out_of_units, too_many
from google_workspace_mcp.core.google.reasons import BY_REASON, BY_STATUS

_WHEN = datetime(2026, 1, 1, tzinfo=UTC)
_SERVER = (500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """What was met, and the failure for a read and for a send (also: for creating something)."""

    met: str
    read: WorkspaceError
    send: WorkspaceError


def error_rows() -> Iterator[ErrorRow]:
    """All rows: Google's reasons, then its statuses, then what happens to connections, then limits of our own."""
    for failure in dict.fromkeys(BY_REASON.values()):
        reasons = ", ".join(f"`{reason}`" for reason, row in BY_REASON.items() if row == failure)
        yield _same(f"reason {reasons}", failure.error())
    for status in (*BY_STATUS, 302, 418):
        words = {302: "any redirect", 418: "any other 4xx"}.get(status, f"status {status} without a known reason")
        yield _same(words, error_of(Answer(status, {}, b""), kind=CallKind.READ, now=_WHEN))
    yield _by_kind("status " + ", ".join(map(str, _SERVER)), lambda kind: _answered(Answer(503, {}, b""), kind))
    yield _by_kind(
        "HTML, cut off or other than a JSON object", lambda kind: _answered(Answer(200, {}, b"<html>"), kind)
    )
    yield _by_kind("nothing where an answer is promised", lambda kind: _answered(Answer(204, {}, b""), kind))
    yield _by_kind("status 200 with an error inside", lambda kind: _answered(Answer(200, {}, b'{"error": {}}'), kind))
    for words, error in _CONNECTIONS:
        yield _by_kind(words, lambda kind, error=error: broken_connection(error, kind=kind))
    yield _by_kind("the call's deadline passed, the request sent", lambda kind: out_of_time(kind, sent=True))
    yield _by_kind("the call's deadline passed, nothing sent", lambda kind: out_of_time(kind, sent=False))
    yield _same("an answer over its size limit", too_large(48 * 2**20))
    yield _same("too many calls of the account under way", too_many(5))
    yield _same("the account's units are used up", out_of_units(5))
    yield _same("most calls to the API fail", open_breaker(10))


_CONNECTIONS: tuple[tuple[str, httpx2.RequestError], ...] = (
    ("no connection: refused, TLS, name not found, connect timeout", httpx2.ConnectError("")),
    ("connection reset or closed in the middle", httpx2.ReadError("")),
    ("read or write timeout", httpx2.ReadTimeout("")),
    ("an encoding that cannot be undone", httpx2.DecodingError("")),
    ("all of this process's connections are in use", httpx2.PoolTimeout("")),
)


def _by_kind(met: str, failure: Callable[[CallKind], WorkspaceError]) -> ErrorRow:
    return ErrorRow(met, failure(CallKind.READ), failure(CallKind.SEND))


def _answered(answer: Answer, kind: CallKind) -> WorkspaceError:
    try:
        json_of(answer, kind=kind, promises_json=True, now=_WHEN)
    except WorkspaceError as error:
        return error
    raise AssertionError("the table holds failures only")


def _same(met: str, error: WorkspaceError) -> ErrorRow:
    return ErrorRow(met, error, error)
