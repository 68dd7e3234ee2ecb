"""The tools that go across services, in the order that clients see them."""

from collections.abc import Sequence

from google_workspace_mcp.across.tools import fetch, search, workspace_changes, workspace_time
from google_workspace_mcp.core.tools.across import Source
from google_workspace_mcp.core.tools.kinds import ToolDefinition


def tools(sources: Sequence[Source]) -> tuple[ToolDefinition, ...]:
    """All of them, over the sources of those services that the operator offers."""
    over_sources = (search, fetch, workspace_changes) if sources else ()
    return (*(module.definition(sources) for module in over_sources), workspace_time.definition())
