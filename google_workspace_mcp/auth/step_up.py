"""403 `insufficient_scope` for a call of a tool that the token may not see (MCP authorization, step-up; RFC 6750, 3.1).

FastMCP answers such a call like one of a tool that does not exist, with status 200: no client would ask its person for
more. A token of ours can be widened by signing in again, which the challenge says; an agent's token cannot.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from google_workspace_mcp.core.google.endpoints import ISSUER
from google_workspace_mcp.core.http.headers import header_values
from google_workspace_mcp.core.http.narrow import narrowing_of
from google_workspace_mcp.core.http.paths import MCP, without_root
from google_workspace_mcp.core.principal import Limits
from google_workspace_mcp.core.tools.search import CALL, named_in

_CALL = "tools/call"


class StepUpMiddleware:
    """Challenges calls of `tools` (name to capabilities, of which one is enough) that the token's scopes do not reach.

    The first of them is asked for. Runs once it is known who asks; a challenge gets its `resource_metadata` from the
    middleware around this one. `left` says whether limits leave a tool: nobody is asked for more than the client itself
    wants to see.
    """

    def __init__(self, app: ASGIApp, tools: Mapping[str, tuple[str, ...]], left: Callable[[Limits, str], bool]) -> None:
        self._app = app
        self._tools = tools
        self._left = left
        self._all = frozenset(name for needs in tools.values() for name in needs)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        held = _scopes(scope)
        if held is None or self._all <= held:
            await self._app(scope, receive, send)
            return
        narrowing = narrowing_of(scope)
        body: list[Message] = []
        name = _named(scope)
        if name is None or (name == CALL and narrowing.search):
            body = await _whole(receive)
            name = _called(body, through_search=narrowing.search)
        needed = self._tools.get(name, ())
        if needed and held.isdisjoint(needed) and self._left(narrowing.limits, name):
            await _challenge(held, needed[0])(scope, receive, send)
            return
        await self._app(scope, _replayed(body, receive), send)


def _scopes(scope: Scope) -> frozenset[str] | None:
    """The scopes of a person's token that calls tools; None for every other request."""
    if scope["type"] != "http" or scope["method"] != "POST" or without_root(scope) != MCP:
        return None
    user = scope.get("user")
    if not isinstance(user, AuthenticatedUser):
        return None
    claims = user.access_token.claims or {}
    return frozenset(user.access_token.scopes) if claims.get("iss") == ISSUER else None


def _named(scope: Scope) -> str | None:
    """The tool that a modern client's headers name, which the server holds against the body; None without headers."""
    methods = header_values(scope, b"mcp-method")
    if not methods:
        return None
    names = header_values(scope, b"mcp-name")
    return names[0] if methods[0] == _CALL and names else ""


async def _whole(receive: Receive) -> list[Message]:
    """The body's messages; its size was bounded further out."""
    messages = [await receive()]
    while messages[-1]["type"] == "http.request" and messages[-1].get("more_body"):
        messages.append(await receive())
    return messages


def _called(body: list[Message], *, through_search: bool) -> str:
    """The tool that the body calls, directly or, in search mode, by the tool that calls others."""
    try:
        call: Any = json.loads(b"".join(message.get("body", b"") for message in body))
    except (ValueError, RecursionError):
        return ""
    if not isinstance(call, dict) or call.get("method") != _CALL:
        return ""
    params = call.get("params")
    name = named_in(params)
    if name == CALL and through_search and isinstance(params, dict):
        return named_in(params.get("arguments"))
    return name


def _replayed(body: list[Message], receive: Receive) -> Receive:
    waiting = list(body)

    async def again() -> Message:
        return waiting.pop(0) if waiting else await receive()

    return again


def _challenge(held: frozenset[str], needed: str) -> JSONResponse:
    scopes = " ".join(sorted({*held, needed}))
    error, description = "insufficient_scope", f"This tool needs {needed}"
    challenge = f'Bearer error="{error}", error_description="{description}", scope="{scopes}"'
    headers = {"WWW-Authenticate": challenge, "Cache-Control": "no-store"}
    return JSONResponse({"error": error, "error_description": description}, 403, headers)
