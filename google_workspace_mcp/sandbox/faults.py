"""Faults that can be switched on per method: what a network and a busy Google do to their callers."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from fnmatch import fnmatchcase
from itertools import count

from google_workspace_mcp.sandbox.service import GoogleError
from google_workspace_mcp.sandbox.wire import Outgoing, html_answer, json_answer


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong. `instead` keeps the handler from running, `afterwards` spoils the answer of one that ran."""

    label: str
    seconds: float = 0
    instead: GoogleError | Outgoing | None = None
    afterwards: Callable[[Outgoing], Outgoing] | None = None


@dataclass(frozen=True, slots=True)
class ActiveFault:
    """A fault that is on. `left` is how many calls it still meets, None for all until it is removed.

    It meets only every `every`th of the calls that it could meet; `passed` are those since the last.
    """

    id: int
    method: str
    fault: Fault
    left: int | None
    person: str = ""
    every: int = 1
    passed: int = 0

    def meets(self, method: str, person: str) -> bool:
        return fnmatchcase(method, self.method) and self.person in {"", person}


class Faults:
    """The faults that are on.

    Patterns: method ids (`gmail.users.messages.list`), `gmail.*`, `oauth.token`, `batch.gmail` (a whole batch), or `*`.
    """

    def __init__(self) -> None:
        self._active: dict[int, ActiveFault] = {}
        self._ids = count(1)

    def add(
        self, method: str, fault: Fault, *, times: int | None = None, person: str = "", every: int = 1
    ) -> ActiveFault:
        """Switch one on, for the next `times` calls or until removed, for everybody or one person's calls.

        `every` 20 spoils the twentieth such call, the fortieth and so on.
        """
        active = ActiveFault(next(self._ids), method, fault, times, person, every)
        self._active[active.id] = active
        return active

    def remove(self, fault_id: int) -> None:
        """Switch one off; one that is used up is gone already."""
        self._active.pop(fault_id, None)

    def clear(self) -> None:
        self._active.clear()

    def active(self) -> list[ActiveFault]:
        return list(self._active.values())

    def take(self, method: str, person: str = "") -> list[Fault]:
        """The faults that this call meets: every latency, and the first of the others. Counts them down."""
        taken: list[Fault] = []
        spoiled = False
        for active in self.active():
            if not active.meets(method, person):
                continue
            if not active.fault.seconds:
                if spoiled or not self._due(active):
                    continue
                spoiled = True
            taken.append(active.fault)
            self._count_down(active)
        return taken

    def _due(self, active: ActiveFault) -> bool:
        """Whether it is this call's turn; the call is counted."""
        passed = (active.passed + 1) % active.every
        self._active[active.id] = replace(active, passed=passed)
        return passed == 0

    def _count_down(self, active: ActiveFault) -> None:
        if active.left is None:
            return
        if active.left <= 1:
            self.remove(active.id)
        else:
            self._active[active.id] = replace(self._active[active.id], left=active.left - 1)


def latency(seconds: float) -> Fault:
    """The answer comes that much later."""
    return Fault(f"latency {seconds:g} s", seconds=seconds)


def too_many_requests(retry_after: int | datetime | None = None, reason: str = "rateLimitExceeded") -> Fault:
    """429, with `Retry-After` in seconds, as an HTTP date, or without it."""
    if isinstance(retry_after, datetime):
        after = format_datetime(retry_after, usegmt=True)
    else:
        after = "" if retry_after is None else str(retry_after)
    error = GoogleError(429, reason, "Rate Limit Exceeded", retry_after=after)
    return Fault(f"429 {reason}" + (f", retry after {after}" if after else ""), instead=error)


def forbidden(reason: str, message: str = "") -> Fault:
    """403 of that reason, such as `userRateLimitExceeded`, `domainPolicy` or `accessNotConfigured`."""
    return Fault(f"403 {reason}", instead=GoogleError(403, reason, message or f"Forbidden: {reason}"))


def server_error(status: int = 503, retry_after: str = "") -> Fault:
    """A 5xx in Google's JSON shape."""
    error = GoogleError(status, "backendError", "The service is currently unavailable.", retry_after=retry_after)
    return Fault(f"{status} backendError", instead=error)


def html_error(status: int = 502) -> Fault:
    """An HTML page where JSON is expected. With 200 it looks like a captive portal."""
    return Fault(f"{status} as HTML", instead=html_answer(status, "The server encountered a temporary error."))


def truncated_json() -> Fault:
    """The method runs, and half of its answer arrives."""

    def cut(answer: Outgoing) -> Outgoing:
        return replace(answer, body=answer.body[: len(answer.body) // 2])

    return Fault("truncated JSON", afterwards=cut)


def error_with_200(status: int = 500) -> Fault:
    """Status 200 and an error in the body."""
    body = {"error": {"code": status, "message": "Internal error encountered.", "status": "INTERNAL"}}
    return Fault("error with status 200", instead=json_answer(body))


def reset_before() -> Fault:
    """The connection is dropped and nothing was done."""
    return Fault("connection reset before the call", instead=Outgoing(0, reset=True))


def reset_after() -> Fault:
    """The method runs, then the connection is dropped: the caller cannot tell."""

    def drop(answer: Outgoing) -> Outgoing:
        return replace(answer, reset=True)

    return Fault("connection reset after the call", afterwards=drop)


def dead_grant() -> Fault:
    """The token endpoint's answer for a grant that is no more. Meant for `oauth.token`."""
    error = GoogleError(400, "invalid_grant", "Token has been expired or revoked.")
    return Fault("dead grant", instead=error)
