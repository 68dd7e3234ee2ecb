"""The Calendar tools, in the order that clients see them."""

from google_workspace_mcp.calendar.service import CalendarService
from google_workspace_mcp.calendar.tools import calendar_list_calendars, calendar_list_events
from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.tools.kinds import ToolDefinition


def tools(clock: Clock, service: CalendarService | None = None) -> tuple[ToolDefinition, ...]:
    """All Calendar tools on one service object, which keeps each connection's list of calendars.

    It may be shared with whoever else needs it.
    """
    service = service or CalendarService(clock)
    return tuple(module.definition(service) for module in (calendar_list_calendars, calendar_list_events))
