"""Events under addresses of their own."""

from google_workspace_mcp.core.tools.resources import ResourceDefinition


def resources() -> tuple[ResourceDefinition, ...]:
    """An event of the primary calendar by its id, one of another by `calendar/event`."""
    return (
        ResourceDefinition(
            address="calendar://event/{id*}",
            name="calendar_event",
            title="Calendar event",
            description="An event as text, by its id or by calendar/event.",
            tool="calendar_get_event",
            arguments=lambda item_id: {"event_id": item_id},
        ),
    )
