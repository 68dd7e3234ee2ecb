"""Asking a person to open a link, where the client can show one (MCP 2026-07-28, elicitation in URL mode).

A modern client that says it can is answered with the link as a request for input, and calls again when the person has
gone there. Every other client gets the link in the words of the failure. Handshake-era clients have no way back in a
stateless service, so they are always told in words.
"""

from typing import Final

from fastmcp.server.context import Context
from fastmcp.server.dependencies import get_context
from fastmcp.tools.base import InputRequiredToolResult, ToolResult
from mcp_types import ElicitRequest, ElicitRequestURLParams, InputRequiredResult
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from google_workspace_mcp.core.errors import WorkspaceError

_REQUEST: Final = "connect"


def asked_to_open(error: WorkspaceError) -> ToolResult | None:
    """The failure as a request to open its link; None when words have to do, or the person has been asked already."""
    if not error.link or not _can_open(get_context()):
        return None
    params = ElicitRequestURLParams(message=f"{error.message.rstrip('.')}. Open the page to mend this.", url=error.link)
    return InputRequiredToolResult(InputRequiredResult(input_requests={_REQUEST: ElicitRequest(params=params)}))


def _can_open(context: Context) -> bool:
    request = context.request_context
    if request is None or request.protocol_version not in MODERN_PROTOCOL_VERSIONS:
        return False
    # The second round of the same call: asking again would keep a person going in circles.
    if context.input_responses is not None:
        return False
    capabilities = context.session.client_capabilities
    return bool(capabilities and capabilities.elicitation and capabilities.elicitation.url)
