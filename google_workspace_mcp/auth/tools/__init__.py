"""The tools about the caller's own accounts."""

from google_workspace_mcp.auth.connections import Connections
from google_workspace_mcp.auth.tools import accounts_list
from google_workspace_mcp.core.tools.kinds import ToolDefinition


def tools(connections: Connections, offer: tuple[str, ...]) -> tuple[ToolDefinition, ...]:
    """Their definitions, in a stable order."""
    return (accounts_list.definition(connections, offer),)
