"""The time that one tool call has for everything it asks of Google."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from math import inf

from google_workspace_mcp.core.errors import GoogleUnavailableError, WorkspaceError

TOOL_SECONDS = 45.0
# What a task that is being stopped keeps back for its answers to leave it.
STOP_MARGIN_SECONDS = 2.0
DEADLINE = "deadline"


def deadline_passed(*, stopping: bool = False) -> GoogleUnavailableError:
    """The failure for time that ran out before anything was changed; `reason` is "deadline".

    `stopping` says that it ran out because this process ends.
    """
    if stopping:
        return GoogleUnavailableError(
            "This call was cut short because the server that ran it is being replaced",
            next_step="Make the same call again: another server answers it",
            retry_after=1,
            reason=DEADLINE,
            fault="service",
        )
    return GoogleUnavailableError(
        "Google did not answer in the time this call has",
        next_step="Ask for less at once, or try again a little later",
        reason=DEADLINE,
    )


class Stopping:
    """The end of this process as calls must know of it. Deadlines that are being waited for move up when it is known.

    `time_left` gives the seconds until running calls are cut off, None while no end is in sight.
    """

    def __init__(self, time_left: Callable[[], float | None] = lambda: None) -> None:
        self._time_left = time_left
        self._running: dict[asyncio.Timeout, Callable[[], float]] = {}

    def left(self) -> float:
        """Seconds that a call may still take, without end while none is in sight."""
        left = self._time_left()
        return inf if left is None else max(0.0, left - STOP_MARGIN_SECONDS)

    def move_up(self) -> None:
        """Let the calls that are running end in time. To be called in the event loop, once the end is known."""
        now = asyncio.get_running_loop().time()
        for timer, left in self._running.items():
            if not timer.expired():
                timer.reschedule(now + left())

    @contextmanager
    def watching(self, timer: asyncio.Timeout, left: Callable[[], float]) -> Generator[None]:
        """Have `timer`, which is running, go by what `left` gives when the end comes in sight."""
        self._running[timer] = left
        try:
            yield
        finally:
            del self._running[timer]


class Deadline:
    """A moment after which a call must have ended, on a monotonic clock in seconds; earlier in a process that stops."""

    def __init__(
        self,
        clock_monotonic: Callable[[], float],
        seconds: float = TOOL_SECONDS,
        *,
        stopping: Stopping | None = None,
    ) -> None:
        self._clock = clock_monotonic
        self._end = clock_monotonic() + seconds
        self._stopping = stopping or Stopping()

    def now(self) -> float:
        """The monotonic clock's reading, for durations."""
        return self._clock()

    def left(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, min(self._end - self._clock(), self._stopping.left()))

    @property
    def expired(self) -> bool:
        return self.left() <= 0

    @property
    def cut_short(self) -> bool:
        """Whether it is the end of this process that ends the call."""
        return self._stopping.left() < self._end - self._clock()

    def passed(self) -> GoogleUnavailableError:
        """The failure for this deadline when it passed before anything was changed."""
        return deadline_passed(stopping=self.cut_short)

    @asynccontextmanager
    async def limit(self, failure: Callable[[], WorkspaceError] | None = None) -> AsyncGenerator[None]:
        """Run the block in the time that is left.

        Raises what `failure` makes when it was not enough; else GoogleUnavailableError with reason "deadline".
        """
        if self.expired:
            raise self.passed()
        timer = asyncio.timeout(self.left())
        try:
            async with timer:
                with self._stopping.watching(timer, self.left):
                    yield
        except TimeoutError:
            if timer.expired():
                raise (failure or self.passed)() from None
            raise
