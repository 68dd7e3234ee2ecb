"""The Gmail tools, in the order that clients see them."""

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.content.plain import FileReader, read_plain
from google_workspace_mcp.core.tools.kinds import ToolDefinition
from google_workspace_mcp.gmail.service import GmailService
from google_workspace_mcp.gmail.tools import gmail_get_attachment, gmail_read, gmail_read_thread, gmail_search


def tools(clock: Clock, reader: FileReader = read_plain) -> tuple[ToolDefinition, ...]:
    """All Gmail tools on one service object, which keeps names of labels per connection.

    `reader` makes text of attachments.
    """
    service = GmailService(clock)
    return (
        *(module.definition(service) for module in (gmail_search, gmail_read, gmail_read_thread)),
        gmail_get_attachment.definition(reader),
    )
