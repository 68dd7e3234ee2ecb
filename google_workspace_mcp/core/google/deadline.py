"""The time that one tool call has for everything it asks of Google."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from google_workspace_mcp.core.errors import GoogleUnavailableError

TOOL_SECONDS = 45.0
DEADLINE = "deadline"


def deadline_passed() -> GoogleUnavailableError:
    """The failure for time that ran out before anything was changed; `reason` is "deadline"."""
    return GoogleUnavailableError(
        "Google did not answer in the time this call has",
        next_step="Ask for less at once, or try again a little later",
        reason=DEADLINE,
    )


class Deadline:
    """A moment after which a call must have ended, on a monotonic clock in seconds."""

    def __init__(self, clock_monotonic: Callable[[], float], seconds: float = TOOL_SECONDS) -> None:
        self._clock = clock_monotonic
        self._end = clock_monotonic() + seconds

    def now(self) -> float:
        """The monotonic clock's reading, for durations."""
        return self._clock()

    def left(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self._end - self._clock())

    @property
    def expired(self) -> bool:
        return self.left() <= 0

    @asynccontextmanager
    async def limit(self) -> AsyncGenerator[None]:
        """Run the block in the time that is left. Raises GoogleUnavailableError with reason "deadline"."""
        if self.expired:
            raise deadline_passed()
        timer = asyncio.timeout(self.left())
        try:
            async with timer:
                yield
        except TimeoutError:
            if timer.expired():
                raise deadline_passed() from None
            raise
