"""What to do next when a Google account is missing: the words, in one place for tools, pages and the HTTP face."""

from google_workspace_mcp.core.google.endpoints import ISSUER
from google_workspace_mcp.core.principal import Principal


def to_connect(principal: Principal) -> str:
    """How this principal gets an account connected: a person signs in, an agent sends its user a link."""
    if principal.issuer == ISSUER:
        return "Sign in again with this client to connect one"
    return "Get a link from POST /connections/link and let the person open it"
