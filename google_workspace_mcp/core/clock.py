"""Time, passed in rather than reached for, so that a test can let a day go by in a moment."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def epoch(clock: Clock) -> float:
    """Seconds since 1970, as tokens and expiries count them."""
    return clock.now().timestamp()
