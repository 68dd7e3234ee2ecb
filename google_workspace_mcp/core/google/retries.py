"""When a failed call is sent again, and after how long."""

from collections.abc import Callable
from dataclasses import dataclass

from google_workspace_mcp.core.errors import WorkspaceError
from google_workspace_mcp.core.google.breaker import BREAKER_OPEN
from google_workspace_mcp.core.google.calls import CallKind
from google_workspace_mcp.core.google.deadline import DEADLINE
from google_workspace_mcp.core.google.quota import QUEUE, UNITS

# Waiting was tried already, or does not help.
_FINAL = frozenset({DEADLINE, "redirect", "not_resumable", "upload_lost", BREAKER_OPEN, QUEUE, UNITS})


@dataclass(frozen=True, slots=True)
class RetryRule:
    """Three attempts with full jitter; times are seconds.

    `longest_wait` is the most that Google may ask for: beyond it the caller is told instead. `room` is what an
    attempt needs of the deadline to be worth starting.
    """

    attempts: int = 3
    base: float = 0.5
    cap: float = 8.0
    longest_wait: float = 20.0
    room: float = 1.0

    def wait(
        self, error: WorkspaceError, *, kind: CallKind, attempt: int, left: float, randomness: Callable[[], float]
    ) -> float | None:
        """Seconds before the next attempt, None when this failure is to be reported. `attempt` counts from 1."""
        if not kind.repeatable or not error.retryable or error.reason in _FINAL or attempt >= self.attempts:
            return None
        asked = error.retry_after or 0.0
        if asked > self.longest_wait:
            return None
        # Added to what Google asked for, so that everybody who was told the same does not come back together.
        wait = asked + randomness() * min(self.cap, self.base * 2 ** (attempt - 1))
        return wait if wait + self.room <= left else None
