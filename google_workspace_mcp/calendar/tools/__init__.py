"""The Calendar tools, in the order that clients see them."""

from google_workspace_mcp.calendar.finding import Finder
from google_workspace_mcp.calendar.people import People
from google_workspace_mcp.calendar.reading import EventReader
from google_workspace_mcp.calendar.service import CalendarService
from google_workspace_mcp.calendar.tools import (
    calendar_find_time,
    calendar_free_busy,
    calendar_get_event,
    calendar_list_calendars,
    calendar_list_events,
)
from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.tools.kinds import ToolDefinition


def tools(clock: Clock, service: CalendarService | None = None) -> tuple[ToolDefinition, ...]:
    """All Calendar tools on one service object, which keeps each connection's list of calendars.

    It may be shared with whoever else needs it.
    """
    service = service or CalendarService(clock)
    people = People(clock, service.names)
    return (
        calendar_list_calendars.definition(service),
        calendar_list_events.definition(service),
        calendar_get_event.definition(EventReader(service.names)),
        calendar_free_busy.definition(people),
        calendar_find_time.definition(Finder(people)),
    )
