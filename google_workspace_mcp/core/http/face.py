"""The tools over plain HTTP, for programs that do not speak MCP: the same tokens, tools, rules, limits and errors.

`GET /tools` lists what the caller may use, `POST /tools/{tool}` calls one with a JSON object of arguments. An answer is
`{"status": "success", "data": ...}`, with the text that a model would read beside a tool's data. A failure is a problem
document with `code`, `retryable`, `retry_after` and `next_step`.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Never

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from google_workspace_mcp.core.errors import NotFoundError, ScopeMissingError, UserInputError, WorkspaceError
from google_workspace_mcp.core.http.problems import ProblemResponse, failure_response
from google_workspace_mcp.core.principal import Caller
from google_workspace_mcp.core.tools.kinds import Result
from google_workspace_mcp.core.tools.runner import Prepared, ToolRunner
from google_workspace_mcp.core.tools.schema import shown_schema

IDEMPOTENCY_KEY = "Idempotency-Key"
_REQUEST_ID = "request_id"


@dataclass(frozen=True, slots=True)
class Access:
    """Who may come in: `caller` tells who is asking, None for nobody; `scopes` are what a challenge asks for."""

    caller: Callable[[], Caller | None]
    scopes: tuple[str, ...]


class HttpFace:
    """Answers requests for tools. Short names for tools are made of `answer`, `run` and `listed`."""

    def __init__(self, runner: ToolRunner, access: Access) -> None:
        self._runner = runner
        self._access = access

    def routes(self) -> list[Route]:
        """`/tools` and what is below it."""
        return [
            Route("/tools", self._list, methods=["GET"]),
            Route("/tools/{tool}", self._call, methods=["POST"]),
        ]

    async def answer(
        self, request: Request, respond: Callable[[Caller], Awaitable[Mapping[str, Any]]], capability: str = ""
    ) -> Response:
        """What `respond` gives for the caller as a success, a WorkspaceError as a problem, 401 for nobody.

        `capability` is the one to ask for when the token lacks it.
        """
        caller = self._access.caller()
        if caller is None:
            return _nobody(request, self._access.scopes)
        try:
            content = await respond(caller)
        except WorkspaceError as error:
            return failure_response(error, _step_up(error, capability))
        return JSONResponse({"status": "success", **content}, headers={"Cache-Control": "no-store"})

    def listed(self, caller: Caller, service: str = "") -> list[dict[str, Any]]:
        """The definitions that this caller may use, of one service or all."""
        usable = self._runner.usable(caller)
        return [_definition(prepared) for prepared in usable if service in ("", prepared.definition.service)]

    async def run(self, name: str, arguments: Mapping[str, Any], caller: Caller) -> Result:
        """The tool's result, on the one path that every call takes. Raises WorkspaceError."""
        return await self._runner.call(name, arguments, caller)

    async def _list(self, request: Request) -> Response:
        async def respond(caller: Caller) -> dict[str, Any]:
            return {"data": {"tools": self.listed(caller)}}

        return await self.answer(request, respond)

    async def _call(self, request: Request) -> Response:
        return await self.call(request, request.path_params["tool"])

    async def call(self, request: Request, name: str) -> Response:
        """What that tool makes of the request's body, as `/tools/{tool}` answers."""
        prepared = self._runner.find(name)

        async def respond(caller: Caller) -> dict[str, Any]:
            if prepared is None:
                raise NotFoundError("There is no tool of that name", next_step="GET /tools lists those there are")
            arguments = _with_request_id(await _arguments(request), request, prepared)
            result = await self.run(prepared.definition.name, arguments, caller)
            return {"data": structured(result), "text": result.text()}

        return await self.answer(request, respond, next(iter(prepared.definition.needs), "") if prepared else "")


def structured(result: Result) -> dict[str, Any]:
    """A result's facts as structured content has them."""
    return result.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _definition(prepared: Prepared) -> dict[str, Any]:
    tool = prepared.definition
    return {
        "name": tool.name,
        "title": tool.title,
        "description": tool.description,
        "inputSchema": shown_schema(prepared.arguments),
        "annotations": tool.annotations(),
    }


# -- who is asking


def _nobody(request: Request, scopes: tuple[str, ...]) -> ProblemResponse:
    """401 with the challenge of `/mcp` (RFC 6750, section 3); the address of the metadata is added on the way out."""
    presented = request.headers.get("authorization", "").lower().startswith("bearer ")
    parts = ['error="invalid_token"', 'error_description="The token is not good here, or no longer"']
    challenge = [*(parts if presented else []), f'scope="{" ".join(scopes)}"']
    detail = "The bearer token is not good here, or no longer." if presented else "A bearer token is needed."
    return ProblemResponse(
        401,
        detail,
        headers={"WWW-Authenticate": f"Bearer {', '.join(challenge)}"},
        members={"code": "unauthenticated", "retryable": False},
    )


def _step_up(error: WorkspaceError, capability: str) -> dict[str, str]:
    """The challenge to a token that is good and lacks a capability (RFC 6750, section 3.1)."""
    if not capability or not isinstance(error, ScopeMissingError) or error.reason != "capability":
        return {}
    return {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{error.capability or capability}"'}


# -- arguments


async def _arguments(request: Request) -> dict[str, Any]:
    """The body as a JSON object; no body at all stands for no arguments. Raises UserInputError."""
    body = await request.body()
    if not body.strip():
        return {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise _unreadable("The body must be JSON, with Content-Type: application/json")
    try:
        arguments = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise _unreadable("The body is not JSON") from None
    if not isinstance(arguments, dict):
        raise _unreadable("The body must be a JSON object of arguments")
    return arguments


def _no_number(_name: str) -> Never:
    raise ValueError("NaN and Infinity are no JSON")


def _unreadable(message: str) -> UserInputError:
    return UserInputError(message, next_step="Send the arguments as a JSON object", reason="body")


def _with_request_id(arguments: dict[str, Any], request: Request, prepared: Prepared) -> dict[str, Any]:
    """`Idempotency-Key` is the request id of tools that take one. Raises UserInputError when both say different."""
    key = request.headers.get(IDEMPOTENCY_KEY, "").strip()
    if len(key) > 1 and key[0] == key[-1] == '"':
        key = key[1:-1]  # the draft of the header has it as a quoted string, most clients do not
    if not key or _REQUEST_ID not in prepared.arguments.model_fields:
        return arguments
    if arguments.get(_REQUEST_ID, key) != key:
        raise UserInputError(
            f"{IDEMPOTENCY_KEY} and {_REQUEST_ID} differ", next_step="Send one of them, or the same in both"
        )
    return {**arguments, _REQUEST_ID: key}
