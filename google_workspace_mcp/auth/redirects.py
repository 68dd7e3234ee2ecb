"""Where a browser may be sent back to: this machine, the clients that everyone uses, and the operator's own list."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from mcp.shared.auth import OAuthClientInformationFull

_LOOPBACK = ("http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*")
# Callback addresses that the clients' own documentation names.
_KNOWN = (
    "https://claude.ai/api/mcp/auth_callback",
    "https://claude.com/api/mcp/auth_callback",
    "https://chatgpt.com/connector_platform_oauth_redirect",
    "https://chatgpt.com/connector/oauth/*",
    "https://vscode.dev/redirect",
    "https://insiders.vscode.dev/redirect",
    "cursor://anysphere.cursor-mcp/*",
    "cursor://anysphere.cursor-retrieval/*",
)
_MOST_URIS = 10
_LONGEST_URI = 2048
_LONGEST_NAME = 200


def allowed_patterns(extra_hosts: Iterable[str]) -> tuple[str, ...]:
    """Patterns as FastMCP's redirect validation takes them: loopback on any port, known clients, the given hosts."""
    return (*_LOOPBACK, *_KNOWN, *(f"https://{host}/*" for host in extra_hosts))


def check_registration(client: OAuthClientInformationFull, own_callback: str) -> str:
    """What is wrong with a registration, in words; "" when nothing is. The pattern check comes on top of this."""
    uris = [str(uri) for uri in client.redirect_uris or []]
    if len(uris) > _MOST_URIS:
        return f"at most {_MOST_URIS} redirect URIs may be registered"
    if len(client.client_name or "") > _LONGEST_NAME:
        return f"client_name is limited to {_LONGEST_NAME} characters"
    return next(filter(None, (_check_uri(uri, own_callback) for uri in uris)), "")


def _check_uri(uri: str, own_callback: str) -> str:
    parts = urlsplit(uri)
    if len(uri) > _LONGEST_URI:
        return f"a redirect URI is limited to {_LONGEST_URI} characters"
    if parts.fragment or "#" in uri:
        return "a redirect URI must not have a fragment"
    if parts.username is not None or parts.password is not None:
        return "a redirect URI must not carry a user name"
    if uri.rstrip("/") == own_callback:
        return "this server's own callback is not a client's redirect URI"
    return ""
