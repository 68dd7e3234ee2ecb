"""Files under addresses of their own."""

from google_workspace_mcp.core.tools.resources import ResourceDefinition


def resources() -> tuple[ResourceDefinition, ...]:
    """A file, by Drive's id."""
    return (
        ResourceDefinition(
            address="drive://file/{id}",
            name="drive_file",
            title="Drive file",
            description="A file as text, by its id.",
            tool="drive_read",
            arguments=lambda item_id: {"file_id": item_id},
        ),
    )
