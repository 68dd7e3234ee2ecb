"""Google's answers and broken connections as typed failures, in our own words: never Google's text or addresses.

Whether a lost answer means "nothing was changed" or "nobody knows" depends on the kind of call and on whether the
request can have left this machine. A refusal with a 4xx status is certain: nothing was done.
"""

from datetime import datetime

import httpx2

from google_workspace_mcp.core.errors import (
    GoogleUnavailableError,
    OutcomeUnknownError,
    TooLargeError,
    WorkspaceError,
)
from google_workspace_mcp.core.google.answers import Answer, GoogleError, google_error, retry_after
from google_workspace_mcp.core.google.calls import JSON, CallKind
from google_workspace_mcp.core.google.deadline import DEADLINE, deadline_passed
from google_workspace_mcp.core.google.reasons import BY_REASON, BY_STATUS, INTERNAL

# These end before a byte of the request is written.
_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.UnsupportedProtocol)
BUSY = "busy"
# What tells that an API does not work, for its breaker: 5xx, timeouts, no connection.
_BROKEN = frozenset({"server_error", "timeout", "connect"})
_TELLS_NOTHING = frozenset({DEADLINE, BUSY})
_NOTHING = GoogleError(None, (), "")


def json_of(answer: Answer, *, kind: CallKind, promises_json: bool, now: datetime) -> JSON:
    """The JSON object that Google answered, {} for a method that answers nothing.

    Raises a WorkspaceError for an error status, an error inside a 200, and for anything that is not a JSON object
    although the discovery document promises one.
    """
    if answer.status >= 300:
        raise error_of(answer, kind=kind, now=now)
    if answer.status == 204 or not answer.body.strip():
        if promises_json and kind is not CallKind.REPEATABLE_WRITE:
            raise lost_answer(kind, "empty_answer")
        return {}
    body = answer.json()
    if body is None:
        raise lost_answer(kind, "garbled_answer")
    error = google_error(body)
    if error is not None:
        status = error.code if error.code is not None and 400 <= error.code <= 599 else 500
        raise error_of(Answer(status, answer.headers, answer.body), kind=kind, now=now)
    return body


def error_of(answer: Answer, *, kind: CallKind, now: datetime) -> WorkspaceError:
    """The failure that an answer with a status of 300 or more stands for."""
    error = google_error(answer.json()) or _NOTHING
    wait = retry_after(answer.headers.get("retry-after"), error.message, now)
    if answer.status >= 500 or answer.status == 408:
        return lost_answer(kind, "server_error", wait)
    if answer.status < 400:
        return GoogleUnavailableError(
            "Google pointed to another address, which is never followed",
            next_step="Tell the operator to check the service's Google address and its proxies",
            reason="redirect",
        )
    # An expired token and a missing item are what their status says; the reason would only blur it.
    if answer.status not in (401, 404):
        for reason in error.reasons:
            if reason in BY_REASON:
                return BY_REASON[reason].error(wait)
    return BY_STATUS.get(answer.status, INTERNAL).error(wait)


def lost_answer(kind: CallKind, reason: str, wait: float | None = None) -> WorkspaceError:
    """What it means that the request may have arrived and no usable answer came back."""
    if not kind.repeatable:
        return OutcomeUnknownError(
            "The request was sent to Google and its answer was lost: it may or may not have been carried out",
            next_step="Look whether it has happened before doing anything else; do not simply repeat it",
            reason=reason,
        )
    return GoogleUnavailableError(
        "Google does not answer properly at the moment",
        next_step="Try again a little later",
        retry_after=wait,
        reason=reason,
    )


def out_of_time(kind: CallKind, *, sent: bool, stopping: bool = False) -> WorkspaceError:
    """The failure for a deadline that passed: `sent` tells whether the request may have left, `stopping` whether it was
    the end of this process that came too soon.
    """
    return lost_answer(kind, DEADLINE) if sent and not kind.repeatable else deadline_passed(stopping=stopping)


def broken_connection(error: httpx2.RequestError, *, kind: CallKind) -> WorkspaceError:
    """The failure for an exchange that did not come to its end."""
    if isinstance(error, httpx2.PoolTimeout):
        # Every connection of this process is in use: that tells nothing about Google.
        return GoogleUnavailableError(
            "This service has too many calls to Google under way at the moment",
            next_step="Try again a little later",
            retry_after=2.0,
            reason=BUSY,
            fault="service",
        )
    if isinstance(error, _NEVER_SENT):
        return GoogleUnavailableError(
            "Google cannot be reached at the moment",
            next_step="Try again a little later",
            reason="connect",
        )
    if isinstance(error, httpx2.DecodingError):
        return lost_answer(kind, "garbled_answer")
    return lost_answer(kind, "timeout" if isinstance(error, httpx2.TimeoutException) else "reset")


def api_failed(error: WorkspaceError) -> bool | None:
    """Whether the failure says that the API does not work; None when it says nothing about it."""
    return None if error.reason in _TELLS_NOTHING else error.reason in _BROKEN


def too_large(limit: int) -> TooLargeError:
    """The failure for an answer of more than `limit` bytes."""
    return TooLargeError(
        f"This is larger than the {limit / 2**20:.0f} MiB that can be read at once"
        if limit >= 2**20
        else f"This is larger than the {limit} bytes that can be read at once",
        next_step="Ask for a part of it, or give the person its link",
        reason="answer_size",
    )
