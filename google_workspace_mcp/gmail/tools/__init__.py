"""The Gmail tools, in the order that clients see them."""

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.tools.kinds import ToolDefinition
from google_workspace_mcp.gmail.service import GmailService
from google_workspace_mcp.gmail.tools import gmail_read, gmail_read_thread, gmail_search


def tools(clock: Clock) -> tuple[ToolDefinition, ...]:
    """All Gmail tools on one service object, which keeps names of labels per connection."""
    service = GmailService(clock)
    return tuple(module.definition(service) for module in (gmail_search, gmail_read, gmail_read_thread))
