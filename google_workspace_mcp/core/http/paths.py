"""What a request's path means: with or without the prefix, which kind of endpoint, and its name in logs and metrics.

Nothing here looks at anything but the path. A path that came from outside never leaves this module as it is: logs and
metrics get one of a small fixed set of route names.
"""

from typing import Final

from starlette.types import Scope

from google_workspace_mcp.core.settings import SERVICES

MCP: Final = "/mcp"
HEALTH: Final = "/health"
READY: Final = "/ready"
METRICS: Final = "/metrics"
DISCOVERY: Final = "/.well-known/"
TOOLS: Final = "/tools"
FILES: Final = "/files"
UPLOADS: Final = f"{FILES}/upload"

# What programs call with a bearer token or a client's credentials, as against pages that a person looks at.
OAUTH_ENDPOINTS: Final = frozenset({"/token", "/register", "/revoke"})

_ROUTES: Final = frozenset(
    {
        "/",
        MCP,
        HEALTH,
        READY,
        METRICS,
        "/authorize",
        "/consent",
        "/auth/google/callback",
        "/connections",
        "/connections/link",
        "/docs",
        "/openapi.json",
    }
    | OAUTH_ENDPOINTS
)
# Tools by name, and the short names that a service has beside them.
_BELOW: Final = (f"{TOOLS}/", *(f"/{service}/" for service in SERVICES))
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECTIONS: Final = (
    "account",
    "auth",
    "connect",
    "connections",
    "consent",
    "docs",
    "files",
    "static",
    "tools",
    *SERVICES,
)


def below(path: str, prefix: str) -> str | None:
    """The path as it is without the prefix, `/` for the prefix alone, None for a path outside the prefix."""
    if not prefix:
        return path
    if path == prefix:
        return "/"
    return path[len(prefix) :] if path.startswith(prefix + "/") else None


def without_root(scope: Scope) -> str:
    """The path that the application inside is asked for, once the prefix is in `root_path`."""
    return below(scope["path"], scope.get("root_path", "")) or scope["path"]


def is_discovery(route: str) -> bool:
    """Whether this is an OAuth discovery document, which every origin may read."""
    return route.startswith(DISCOVERY)


def is_tool_call(route: str) -> bool:
    """Whether tools are called or listed here: MCP or plain HTTP."""
    return route in (MCP, TOOLS) or route.startswith(_BELOW)


def is_upload(route: str) -> bool:
    """Whether bytes are sent here, to an address that `files_create_upload` gave."""
    return route.startswith(f"{UPLOADS}/")


def route_name(path: str, prefix: str) -> str:
    """A name from a small fixed set for logs and metrics: ids, tool names and unknown paths are folded away."""
    route = below(path, prefix) or path
    if route.startswith(DISCOVERY):
        return f"{DISCOVERY}*"
    if route == f"{MCP}/":
        return MCP
    if route in _ROUTES:
        return route
    section = route.lstrip("/").partition("/")[0]
    return f"/{section}/*" if section in _SECTIONS else "other"


def method_name(method: str) -> str:
    """The method for logs and metrics: callers may invent their own."""
    return method if method in _METHODS else "other"
