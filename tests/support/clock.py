"""A clock that a test moves."""

from datetime import UTC, datetime, timedelta


class FakeClock:
    """Stands still until it is advanced. It starts at the present moment, or at `start`.

    The present is the default because the MCP SDK and FastMCP compare some expiries with the machine's own clock: from
    there time may go forward, never back.
    """

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime.now(UTC)

    def now(self) -> datetime:
        """The moment, aware, in UTC."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let so many seconds go by."""
        self._now += timedelta(seconds=seconds)
