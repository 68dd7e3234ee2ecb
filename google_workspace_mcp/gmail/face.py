"""Short names over the Gmail tools for programs that do not speak MCP. The bearer token alone decides whose mail it is.

Each runs a tool by its one path. What a query says beyond the names below, a `user_id` for instance, is not looked at.
"""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.http.face import HttpFace, structured
from google_workspace_mcp.core.http.openapi import call_of, operation, tool_list
from google_workspace_mcp.core.principal import Caller
from google_workspace_mcp.core.tools.runner import Prepared

_MOST = 50
SEND = "gmail_send"
_ROW = ("id", "subject", "sender", "date", "snippet")
_ACCOUNT = ("alias", "address", "allowed", "healthy", "next_step")


class GmailFace:
    """`GET /gmail/status`, `/gmail/messages` and `/gmail/tools`, `POST /gmail/send`."""

    def __init__(self, face: HttpFace) -> None:
        self._face = face

    def routes(self) -> list[Route]:
        """The four, to be served where Gmail is."""
        return [
            Route("/gmail/status", self._status, methods=["GET"]),
            Route("/gmail/messages", self._messages, methods=["GET"]),
            Route("/gmail/tools", self._tools, methods=["GET"]),
            Route("/gmail/send", self._send, methods=["POST"]),
        ]

    async def _status(self, request: Request) -> Response:
        async def respond(caller: Caller) -> dict[str, Any]:
            found = structured(await self._face.run("accounts_list", {}, caller)).get("accounts", [])
            accounts = [{name: row[name] for name in _ACCOUNT if name in row} for row in found if _has_mail(row)]
            return {"data": {"connected": any(row["healthy"] for row in accounts), "accounts": accounts}}

        return await self._face.answer(request, respond)

    async def _messages(self, request: Request) -> Response:
        async def respond(caller: Caller) -> dict[str, Any]:
            arguments = {"query": request.query_params.get("query", ""), "limit": _limit(request)}
            found = structured(await self._face.run("gmail_search", arguments, caller))
            messages = [{name: row.get(name, "") for name in _ROW} for row in found["rows"]]
            return {"data": {"messages": messages, "total": len(messages)}}

        return await self._face.answer(request, respond, "gmail.read")

    async def _tools(self, request: Request) -> Response:
        async def respond(caller: Caller) -> dict[str, Any]:
            return {"data": {"tools": self._face.listed(caller, "gmail")}}

        return await self._face.answer(request, respond)

    async def _send(self, request: Request) -> Response:
        return await self._face.call(request, SEND)


def _has_mail(row: dict[str, Any]) -> bool:
    return any(name.startswith("gmail.") for name in row.get("allowed", ()))


def _limit(request: Request) -> int:
    given = request.query_params.get("max_results", "10")
    if not (given.isascii() and given.isdigit() and len(given) < 4 and 1 <= int(given) <= _MOST):
        raise UserInputError(
            f"max_results must be a whole number from 1 to {_MOST}",
            next_step="Correct the query and call again",
            reason="arguments",
        )
    return int(given)


def paths(send: Prepared | None) -> dict[str, Any]:
    """The routes as OpenAPI path items; without a tool that sends there is no `/gmail/send`."""
    text, strings = {"type": "string"}, {"type": "array", "items": {"type": "string"}}
    account = {**dict.fromkeys(_ACCOUNT, text), "allowed": strings, "healthy": {"type": "boolean"}}
    message = dict.fromkeys(_ROW, text)
    total = {"type": "integer", "description": "Messages in this answer"}
    return {
        "/gmail/status": {
            "get": operation(
                "gmail_status",
                "Whether Gmail is connected for the caller",
                _object(connected={"type": "boolean"}, accounts=_list_of(account)),
                tag="gmail",
            )
        },
        "/gmail/messages": {
            "get": operation(
                "gmail_messages",
                "Find messages, newest first",
                _object(messages=_list_of(message), total=total),
                tag="gmail",
                parameters=[
                    _in_query("query", {"type": "string", "default": ""}, "Gmail search syntax"),
                    _in_query("max_results", {"type": "integer", "minimum": 1, "maximum": _MOST, "default": 10}, ""),
                ],
            )
        },
        "/gmail/tools": {
            "get": operation("gmail_tools", "List the Gmail tools that the caller may use", tool_list(), tag="gmail")
        },
        **({"/gmail/send": {"post": call_of(send, "gmail_send_message")}} if send else {}),
    }


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


def _list_of(properties: Mapping[Any, Any]) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "object", "properties": {**properties}}}


def _in_query(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, "description": description}
