"""Lets web pages of listed origins call tools, and every page read the discovery documents. Off by default.

Credentials are never allowed across origins: callers bring a bearer token, and the pages' cookies stay with the pages.
"""

from typing import Final

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from google_workspace_mcp.core.http.hosts import Origins
from google_workspace_mcp.core.http.paths import OAUTH_ENDPOINTS, is_discovery, is_tool_call, without_root

EXPOSED_HEADERS: Final = ("WWW-Authenticate", "Mcp-Session-Id", "MCP-Protocol-Version", "X-Request-Id")


class Cors:
    """Answers preflights and marks answers, by the kind of endpoint."""

    def __init__(self, app: ASGIApp, origins: Origins) -> None:
        self._app = app
        self._discovery = CORSMiddleware(app, allow_origins=("*",), allow_methods=("GET", "HEAD"), allow_headers=("*",))
        self._callable = _for_listed(app, origins) if origins.listed else app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._for(without_root(scope))(scope, receive, send)

    def _for(self, route: str) -> ASGIApp:
        if is_discovery(route):
            return self._discovery
        if is_tool_call(route) or route in OAUTH_ENDPOINTS:
            return self._callable
        return self._app


def _for_listed(app: ASGIApp, origins: Origins) -> ASGIApp:
    return CORSMiddleware(
        app,
        allow_origins=origins.listed,
        allow_methods=("GET", "POST", "DELETE"),
        # Headers of MCP are named by the caller too (`Mcp-Param-…`), and every origin here is a trusted one.
        allow_headers=("*",),
        expose_headers=EXPOSED_HEADERS,
    )
