"""Connections over plain HTTP, for programs that do not speak MCP: the bearer token says whose.

    POST /connections/link     a one-time link that connects an account to the caller
    GET /connections           the caller's connections
    DELETE /connections/{id}   end one of them
    GET /auth/google           a link again, for programs that know only `?service=`

Errors are problem documents (RFC 9457) with the code, whether to try again, and the one next step.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from google_workspace_mcp.auth import scopes as capability_scopes
from google_workspace_mcp.auth.connections import Connection, Connections
from google_workspace_mcp.auth.disconnect import Disconnector
from google_workspace_mcp.auth.discovery import Discovery
from google_workspace_mcp.auth.grants import Grants
from google_workspace_mcp.auth.links import ConnectLinks, Wish
from google_workspace_mcp.core.errors import (
    NotFoundError,
    PolicyRefusedError,
    UserInputError,
    WorkspaceError,
    store_failed,
)
from google_workspace_mcp.core.google.endings import explain
from google_workspace_mcp.core.http.problems import ProblemResponse, failure_response
from google_workspace_mcp.core.principal import Caller
from google_workspace_mcp.core.storage.base import StorageError

type Authenticate = Callable[[str], Awaitable[Caller | None]]
type _Handler = Callable[[Caller, Request], Awaitable[Response]]

_NO_STORE = {"Cache-Control": "no-store"}


class LinkRequest(BaseModel):
    """The body of `POST /connections/link`; everything in it may be left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    services: tuple[Annotated[str, Field(max_length=40)], ...] = Field((), max_length=20)
    """Services (`gmail`) or single capabilities (`drive.read`); what a sign-in asks for when left out."""
    account: str = Field("", max_length=320)
    """A connection of the caller's, by id, alias or address, to widen or to connect again."""
    alias: str = Field("", max_length=40)
    email: str = Field("", max_length=320)
    """The address that has to be chosen at Google."""
    return_url: str = Field("", max_length=1024)
    state: str = Field("", max_length=512)
    default: bool = False


class ConnectionApi:
    """The three routes."""

    def __init__(
        self,
        *,
        authenticate: Authenticate,
        links: ConnectLinks,
        connections: Connections,
        grants: Grants,
        disconnector: Disconnector,
        discovery: Discovery,
        offer: tuple[str, ...],
    ) -> None:
        self._authenticate = authenticate
        self._links = links
        self._connections = connections
        self._grants = grants
        self._disconnector = disconnector
        self._discovery = discovery
        self._offer = offer

    def routes(self) -> list[Route]:
        """Routes relative to the application without its prefix."""
        return [
            Route("/connections/link", self._for_caller(self._link), methods=["POST"]),
            Route("/connections", self._for_caller(self._list), methods=["GET"]),
            Route("/connections/{id}", self._for_caller(self._delete), methods=["DELETE"]),
            Route("/auth/google", self._for_caller(self._address), methods=["GET"]),
        ]

    def _for_caller(self, handler: _Handler) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            scheme, _, token = request.headers.get("authorization", "").partition(" ")
            try:
                caller = await self._authenticate(token.strip()) if scheme.lower() == "bearer" and token else None
                return await handler(caller, request) if caller else self._unauthorized(request, told=bool(token))
            except StorageError:
                return failure_response(store_failed())
            except WorkspaceError as error:
                return failure_response(error)

        return answer

    async def _link(self, caller: Caller, request: Request) -> Response:
        _check_may_change(caller)
        body = _parsed(await request.body())
        wish = Wish(
            allow=body.services,
            account=body.account,
            alias=body.alias,
            expected_email=body.email,
            return_url=body.return_url,
            state=body.state,
            default=body.default,
        )
        link = await self._links.create(caller, wish)
        return JSONResponse({"url": link.url, "expires_at": link.expires_at.isoformat()}, 201, _NO_STORE)

    async def _address(self, caller: Caller, request: Request) -> Response:
        """The short way to a link: `?service=gmail`. Whatever else the query says is not looked at."""
        service = request.query_params.get("service", "")
        _check_may_change(caller)
        link = await self._links.create(caller, Wish(allow=(service,) if service else ()))
        return JSONResponse({"authorization_url": link.url}, headers=_NO_STORE)

    async def _list(self, caller: Caller, _request: Request) -> Response:
        found = await self._connections.of(caller.principal, fresh=True)
        rows = [self._row(connection, is_default=not place) for place, connection in enumerate(found)]
        return JSONResponse({"connections": rows}, headers=_NO_STORE)

    async def _delete(self, caller: Caller, request: Request) -> Response:
        _check_may_change(caller)
        wanted = str(request.path_params["id"])
        found = next((c for c in await self._connections.of(caller.principal, fresh=True) if c.id == wanted), None)
        if found is None:
            raise NotFoundError("No connection of yours has that id", next_step="GET /connections lists them")
        outcome = await self._disconnector.end(caller.principal, found)
        return JSONResponse({"connection_id": found.id, "at_google": outcome.value}, headers=_NO_STORE)

    def _row(self, connection: Connection, *, is_default: bool) -> dict[str, Any]:
        used = self._grants.last_used(connection)
        row: dict[str, Any] = {
            "connection_id": connection.id,
            "alias": connection.alias,
            "address": connection.address,
            "default": is_default,
            "allowed": list(capability_scopes.granted(connection.scopes, self._offer)),
            "connected_at": connection.connected_at.isoformat(),
            "status": "dead" if connection.dead else "connected",
        }
        if used:
            row["last_used"] = used.isoformat()
        if connection.dead:
            ending = explain(connection.dead)
            row |= {"cause": connection.dead, "trouble": ending.words, "next_step": ending.next_step}
        return row

    def _unauthorized(self, request: Request, *, told: bool) -> Response:
        error = 'error="invalid_token", ' if told else ""
        challenge = f'Bearer {error}resource_metadata="{self._discovery.challenge_address(request.scope)}"'
        return ProblemResponse(401, "A bearer token is needed, as for /mcp.", headers={"WWW-Authenticate": challenge})


def _check_may_change(caller: Caller) -> None:
    if caller.limits.read_only:
        raise PolicyRefusedError(
            "This token allows reading only", next_step="Use a token without readonly", reason="token_readonly"
        )


def _parsed(raw: bytes) -> LinkRequest:
    try:
        return LinkRequest.model_validate_json(raw or b"{}")
    except ValidationError as error:
        places = {str(item["loc"][0]) for item in error.errors(include_input=False, include_url=False) if item["loc"]}
        wrong = ", ".join(sorted(places & set(LinkRequest.model_fields)))
        raise UserInputError(
            f"these members are not as they should be: {wrong}" if wrong else "the body is not an object as described",
            next_step=f"Send a JSON object with some of {', '.join(LinkRequest.model_fields)}",
            reason="body",
        ) from None
