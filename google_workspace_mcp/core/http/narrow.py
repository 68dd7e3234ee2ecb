"""Reads what a client leaves out of its own view, once for each request, before anything looks at tools."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from starlette.datastructures import QueryParams
from starlette.types import ASGIApp, Receive, Scope, Send

from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.http.headers import header_values
from google_workspace_mcp.core.http.paths import MCP, is_tool_call, without_root
from google_workspace_mcp.core.http.problems import failure_response
from google_workspace_mcp.core.principal import Limits
from google_workspace_mcp.core.tools.narrowing import Narrower, Narrowing

_KEY: Final = "google_workspace_mcp.narrowing"


class NarrowingMiddleware:
    """Answers 400 to an address or headers that cannot be meant; otherwise what they ask for goes with the request."""

    def __init__(self, app: ASGIApp, narrower: Narrower) -> None:
        self._app = app
        self._narrower = narrower

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and is_tool_call(route := without_root(scope)):
            query = QueryParams(scope["query_string"])
            try:
                # Plain HTTP has no list for a model, and queries of its own.
                scope[_KEY] = self._narrower.read((query.getlist, partial(_in_headers, scope)), may_search=route == MCP)
            except UserInputError as error:
                await failure_response(error)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def narrowing_of(scope: Scope) -> Narrowing:
    """What the client of this request asked for; everything, outside of the addresses that tools are called at."""
    return scope.get(_KEY, Narrowing(Limits()))


def _in_headers(scope: Scope, name: str) -> Sequence[str]:
    return header_values(scope, f"x-mcp-{name}".encode())
