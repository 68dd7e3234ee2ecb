"""The Calendar tools, in the order that clients see them."""

import os
from collections.abc import Callable

from google_workspace_mcp.calendar.changing import Changing
from google_workspace_mcp.calendar.creating import Creating
from google_workspace_mcp.calendar.finding import Finder
from google_workspace_mcp.calendar.managing import Managing
from google_workspace_mcp.calendar.moving import Moving
from google_workspace_mcp.calendar.people import People
from google_workspace_mcp.calendar.reading import EventReader
from google_workspace_mcp.calendar.service import CalendarService
from google_workspace_mcp.calendar.tools import (
    calendar_create_event,
    calendar_delete_event,
    calendar_find_time,
    calendar_free_busy,
    calendar_get_event,
    calendar_list_calendars,
    calendar_list_events,
    calendar_move_event,
    calendar_respond,
    calendar_update_event,
    calendars,
)
from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.tools.kinds import ToolDefinition


def tools(
    clock: Clock, service: CalendarService | None = None, randomness: Callable[[int], bytes] = os.urandom
) -> tuple[ToolDefinition, ...]:
    """All Calendar tools on one service object, which keeps each connection's list of calendars.

    It may be shared with whoever else needs it. `randomness` is for the ids of new events.
    """
    service = service or CalendarService(clock)
    people = People(clock, service.names)
    changing = Changing(service.names, randomness)
    return (
        calendar_list_calendars.definition(service),
        calendar_list_events.definition(service),
        calendar_get_event.definition(EventReader(service.names)),
        calendar_free_busy.definition(people),
        calendar_find_time.definition(Finder(people)),
        calendar_create_event.definition(Creating(service.names, randomness)),
        calendar_update_event.definition(changing),
        calendar_delete_event.definition(changing),
        calendar_respond.definition(changing),
        calendar_move_event.definition(Moving(service.names)),
        *calendars.definitions(Managing(service.names)),
    )
