"""Mail under addresses of its own."""

from google_workspace_mcp.core.tools.resources import ResourceDefinition


def resources() -> tuple[ResourceDefinition, ...]:
    """A message and a conversation, by Gmail's ids."""
    return (
        ResourceDefinition(
            address="gmail://message/{id}",
            name="gmail_message",
            title="Gmail message",
            description="A message as text, by its id.",
            tool="gmail_read",
            arguments=lambda item_id: {"message_ids": [item_id]},
        ),
        ResourceDefinition(
            address="gmail://thread/{id}",
            name="gmail_thread",
            title="Gmail conversation",
            description="A conversation as text, oldest message first, by its id.",
            tool="gmail_read_thread",
            arguments=lambda item_id: {"thread_ids": [item_id]},
        ),
    )
