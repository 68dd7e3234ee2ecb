"""The zone that a person's times are shown in: their calendar's setting."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from google_workspace_mcp.core.cache import Cache
from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.errors import GoogleRefusedError, NotFoundError, ScopeMissingError
from google_workspace_mcp.core.google.session import GoogleSession
from google_workspace_mcp.core.tools.workspace import Zone

_UNKNOWN = Zone(ZoneInfo("UTC"), known=False)


class Zones:
    """Looks the zone up once an hour per connection."""

    def __init__(self, clock: Clock) -> None:
        self._cache: Cache[Zone] = Cache(clock, 3600, 10_000)

    async def of(self, session: GoogleSession, connection_id: str, *, readable: bool) -> Zone:
        """The calendar's zone; UTC marked as not known when the calendar may not be read. Google failing is raised."""
        if not readable:
            return _UNKNOWN
        return await self._cache.get_or_load(connection_id, lambda: _ask(session))


async def _ask(session: GoogleSession) -> Zone:
    try:
        answer = await session.execute(session.calendar.settings.get(setting="timezone", fields="value"))
        return Zone(ZoneInfo(str(answer.get("value", ""))))
    except (ScopeMissingError, GoogleRefusedError, NotFoundError, ZoneInfoNotFoundError, ValueError):
        return _UNKNOWN
