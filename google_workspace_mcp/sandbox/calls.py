"""The log of calls, by which tests count round trips."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """One request as it was answered. Times are seconds of a monotonic clock.

    `status` 0 means that the connection was dropped. `batch` is the id of the batch that it was a part of, or empty.
    """

    method: str
    person: str
    started: float
    ended: float
    status: int
    batch: str = ""
    request_bytes: int = 0
    response_bytes: int = 0


class CallLog:
    """The last calls, oldest first."""

    def __init__(self, limit: int = 10_000) -> None:
        self._calls: deque[LoggedCall] = deque(maxlen=limit)

    def add(self, call: LoggedCall) -> None:
        self._calls.append(call)

    def all(self, method: str = "") -> list[LoggedCall]:
        """All calls, or those of one method."""
        return [call for call in tuple(self._calls) if not method or call.method == method]

    def api_calls(self) -> list[LoggedCall]:
        """The calls to Gmail, Drive, Calendar and People, without those of the sign-in."""
        return [call for call in self.all() if not call.method.startswith("oauth.")]

    def methods(self) -> list[str]:
        """Method ids in the order in which the calls were answered."""
        return [call.method for call in self.all()]

    def clear(self) -> None:
        self._calls.clear()


def round_trips(calls: Iterable[LoggedCall]) -> int:
    """How many calls had to wait for one another: the longest chain in which each began after the one before had ended.

    Calls that overlap in time count as one, and so do the parts of one batch.
    """
    spans: dict[str, tuple[float, float]] = {}
    for position, call in enumerate(calls):
        key = call.batch or f"#{position}"
        started, ended = spans.get(key, (call.started, call.ended))
        spans[key] = (min(started, call.started), max(ended, call.ended))
    length, free_from = 0, float("-inf")
    for started, ended in sorted(spans.values(), key=lambda span: span[1]):
        if started >= free_from:
            length, free_from = length + 1, ended
    return length
