"""The zone that a person's times are shown in: their calendar's setting."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from google_workspace_mcp.core.cache import Cache
from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.errors import (
    GoogleRefusedError,
    GoogleUnavailableError,
    NotFoundError,
    RateLimitedError,
    ScopeMissingError,
)
from google_workspace_mcp.core.google.session import GoogleSession
from google_workspace_mcp.core.tools.workspace import Zone

# While Calendar fails, each call would otherwise wait for its retries.
_SILENT_SECONDS = 30
_UNKNOWN = Zone(ZoneInfo("UTC"), known=False)


class Zones:
    """Looks the zone up once an hour per connection."""

    def __init__(self, clock: Clock) -> None:
        self._cache: Cache[Zone] = Cache(clock, 3600, 10_000)
        self._silent: Cache[Zone] = Cache(clock, _SILENT_SECONDS, 10_000)

    async def of(self, session: GoogleSession, connection_id: str, *, readable: bool) -> Zone:
        """The calendar's zone; UTC, marked as not known, when the calendar may not be read or does not answer.

        Mail and files must not fail because Calendar does: results then say that the zone is unknown.
        """
        if not readable or self._silent.peek(connection_id):
            return _UNKNOWN
        try:
            return await self._cache.get_or_load(connection_id, lambda: _ask(session))
        except (GoogleUnavailableError, RateLimitedError):
            self._silent.put(connection_id, _UNKNOWN)
            return _UNKNOWN


async def _ask(session: GoogleSession) -> Zone:
    try:
        answer = await session.execute(session.calendar.settings.get(setting="timezone", fields="value"))
        return Zone(ZoneInfo(str(answer.get("value", ""))))
    except (ScopeMissingError, GoogleRefusedError, NotFoundError, ZoneInfoNotFoundError, ValueError):
        return _UNKNOWN
