"""The tools about the caller's own accounts."""

from google_workspace_mcp.auth.connections import Connections
from google_workspace_mcp.auth.disconnect import Disconnector
from google_workspace_mcp.auth.grants import Grants
from google_workspace_mcp.auth.links import ConnectLinks
from google_workspace_mcp.auth.tools import accounts_connect, accounts_disconnect, accounts_list
from google_workspace_mcp.core.tools.kinds import ToolDefinition


def tools(
    connections: Connections, grants: Grants, links: ConnectLinks, disconnector: Disconnector, offer: tuple[str, ...]
) -> tuple[ToolDefinition, ...]:
    """Their definitions, in a stable order."""
    return (
        accounts_list.definition(connections, grants, offer),
        accounts_connect.definition(links),
        accounts_disconnect.definition(connections, disconnector),
    )
