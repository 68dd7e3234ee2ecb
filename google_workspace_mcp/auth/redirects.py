"""Where a browser may be sent back to: this machine, the clients that everyone uses, and the operator's own list."""

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from fastmcp.server.auth.redirect_validation import UNSAFE_REDIRECT_URI_SCHEMES, validate_redirect_uri
from pydantic import AnyUrl, ValidationError

_LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")
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


def allowed_patterns(extra_hosts: Iterable[str]) -> tuple[str, ...]:
    """Patterns as FastMCP's redirect validation takes them: loopback on any port, known clients, the given hosts."""
    return (*_LOOPBACK, *_KNOWN, *(f"https://{host}/*" for host in extra_hosts))


def normal(uri: str) -> str:
    """The URI as a URL library renders it, which is how it is stored: with a slash behind a bare host."""
    try:
        return str(AnyUrl(uri))
    except ValidationError:
        return uri


def is_allowed(uri: str, patterns: Iterable[str]) -> bool:
    """Whether the URI fits one of the patterns, by parts and not as text."""
    return validate_redirect_uri(uri, list(patterns))


def is_registered(uri: str, registered: Iterable[str]) -> bool:
    """Whether the URI is one of the registered ones exactly. On loopback the port may differ (RFC 8252, 7.3)."""
    return any(uri == known or _same_but_for_port(uri, known) for known in registered)


def problem_with(uri: str, own_callback: str) -> str:
    """What is wrong with a redirect URI in itself, in words; "" when nothing is."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return "a redirect URI must be a URL"
    scheme = parts.scheme.casefold()
    problems = {
        f"a redirect URI is limited to {_LONGEST_URI} characters": len(uri) > _LONGEST_URI,
        "a redirect URI must not have a fragment": "#" in uri,
        "a redirect URI must not carry a user name": "@" in parts.netloc or "\\" in uri,
        "a redirect URI must not have that scheme": not scheme or scheme in UNSAFE_REDIRECT_URI_SCHEMES,
        "a redirect URI needs a host": not parts.netloc and scheme in ("http", "https"),
        "this server's own callback is not a client's redirect URI": uri.rstrip("/") == own_callback,
    }
    return next((words for words, found in problems.items() if found), "")


def problem_with_all(uris: Sequence[str], own_callback: str) -> str:
    """What is wrong with the redirect URIs of a client, in words; "" when nothing is."""
    if not uris:
        return "at least one redirect URI is needed"
    if len(uris) > _MOST_URIS:
        return f"at most {_MOST_URIS} redirect URIs may be registered"
    return next(filter(None, (problem_with(uri, own_callback) for uri in uris)), "")


def _same_but_for_port(uri: str, known: str) -> bool:
    asked, registered = urlsplit(uri), urlsplit(known)
    if registered.scheme != "http" or registered.hostname not in _LOOPBACK_HOSTS or "@" in asked.netloc:
        return False
    return asked._replace(netloc=asked.hostname or "") == registered._replace(netloc=registered.hostname or "")
