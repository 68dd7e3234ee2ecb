"""Refuses names that are not ours and pages that are not allowed, and serves both addresses from one application.

`HostGuard` comes first, then `Prefix` (which settles what the path is), then `OriginGuard` (which needs to know it).
"""

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from google_workspace_mcp.core.http.headers import header_values
from google_workspace_mcp.core.http.hosts import Face, Hosts, Origins, reached_at
from google_workspace_mcp.core.http.paths import (
    MCP,
    METRICS,
    READY,
    below,
    is_discovery,
    is_tool_call,
    without_root,
)
from google_workspace_mcp.core.http.problems import ProblemResponse

_FACE: Final = "google_workspace_mcp.face"
_READING: Final = frozenset({"GET", "HEAD"})


class HostGuard:
    """403 for a `Host` that is missing, doubled or not ours. What passes has its face noted in the scope."""

    def __init__(self, app: ASGIApp, hosts: Hosts) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = header_values(scope, b"host")
        face = self._hosts.face(headers[0]) if len(headers) == 1 else None
        if face is None:
            refusal = ProblemResponse(403, "This service does not answer under that host name.")
            await refusal(scope, receive, send)
            return
        with reached_at(self._hosts.base_url(headers[0])):
            await self._app({**scope, _FACE: face}, receive, send)


class Prefix:
    """Moves the prefix into `root_path`, so that the application inside routes as if there were none.

    Without the prefix only internal callers are served, and the discovery documents that RFC 8414 and RFC 9728 place at
    the root of the host. `/ready` and `/metrics` do not exist below the prefix, nor does `/metrics` anywhere here.
    """

    def __init__(self, app: ASGIApp, prefix: str, scheme: str) -> None:
        self._app = app
        self._prefix = prefix
        self._scheme = scheme

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        root, route = self._split(scope["path"])
        reachable = root == self._prefix or scope[_FACE] is Face.INTERNAL or is_discovery(route)
        if not reachable or route in (READY, METRICS):
            await ProblemResponse(404, "There is nothing at this address.")(scope, receive, send)
            return
        inner = {**scope, "root_path": root, "path": root + route, "raw_path": _raw_path(scope, root + route)}
        if scope[_FACE] is Face.PUBLIC:
            # The scheme is what the operator says it is: behind a load balancer the connection itself is plain http.
            inner["scheme"] = self._scheme
        await self._app(inner, receive, send)

    def _split(self, path: str) -> tuple[str, str]:
        inside = below(path, self._prefix)
        root, route = ("", path) if inside is None else (self._prefix, inside)
        return root, MCP if route == f"{MCP}/" else route


class OriginGuard:
    """403 for a page of a foreign origin that calls tools or posts a form. No `Origin` at all is not a web page."""

    def __init__(self, app: ASGIApp, origins: Origins) -> None:
        self._app = app
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = without_root(scope)
        harmless = is_discovery(route) or (scope["method"] in _READING and not is_tool_call(route))
        if harmless or all(self._origins.allow(origin) for origin in header_values(scope, b"origin")):
            await self._app(scope, receive, send)
            return
        await ProblemResponse(403, "Pages of that origin may not call this service.")(scope, receive, send)


def _raw_path(scope: Scope, path: str) -> bytes:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    if path == scope["path"]:
        return raw
    # Only a slash at the end ever differs, see Prefix._split and paths.below.
    return raw + b"/" if path.endswith("/") else raw.removesuffix(b"/")
