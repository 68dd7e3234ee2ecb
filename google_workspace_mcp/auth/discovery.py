"""Discovery documents in every place that clients look, and the challenge that leads to them.

With a public URL `https://host/prefix` clients ask for the protected-resource document (RFC 9728) and the authorization
server's document (RFC 8414, and OpenID's name for the same) with the prefix in front, inserted after the well-known
part, with and without `/mcp`. All are answered from two documents. On an internal host the resource is that host's own
address, while the authorization server stays the public one.
"""

from collections.abc import Callable
from typing import Any

from pydantic import AnyHttpUrl
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from google_workspace_mcp.core.http.hosts import Face, Hosts
from google_workspace_mcp.core.settings import Settings

_RESOURCE = "/.well-known/oauth-protected-resource"
_SERVER = ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration")
# Clients that registered themselves are public, those with a metadata document may sign, those of the operator may
# have a secret.
_AUTH_METHODS = ("none", "private_key_jwt", "client_secret_basic", "client_secret_post")


def issuer_of(base_url: str) -> str:
    """The issuer as every document, token and redirect spells it.

    Clients compare it as a string after their URL library has rendered it, which puts a slash after a bare host.
    """
    return str(AnyHttpUrl(base_url))


class Discovery:
    """The documents, made from settings and never from headers; the Host header only chooses among known hosts."""

    def __init__(self, settings: Settings, capabilities: tuple[str, ...], *, registration: bool) -> None:
        self._settings = settings
        self._capabilities = capabilities
        self._registration = registration
        self._hosts = Hosts.of(settings)

    def routes(self) -> list[Route]:
        """Routes for all places, relative to the application without its prefix."""
        prefix = self._settings.root_path
        tails = dict.fromkeys(("", "/mcp", prefix, f"{prefix}/mcp"))
        return [
            _json_route("/.well-known/jwks.json", lambda _: {"keys": []}),
            *(_json_route(f"{_RESOURCE}{tail}", self.resource_document) for tail in tails),
            *(_json_route(f"{kind}{tail}", self._server_response) for kind in _SERVER for tail in tails),
        ]

    def resource_document(self, request: Request) -> dict[str, Any]:
        """RFC 9728: which authorization server guards this address, and what may be asked for."""
        return {
            "resource": f"{self._base_for(request.scope)}/mcp",
            "authorization_servers": [issuer_of(self._settings.base_url)],
            "scopes_supported": list(self._capabilities),
            "bearer_methods_supported": ["header"],
            "resource_name": "Google Workspace",
        }

    def server_document(self) -> dict[str, Any]:
        """RFC 8414, complete enough for clients that insist on OpenID's required members."""
        base = self._settings.base_url
        document: dict[str, Any] = {
            "issuer": issuer_of(base),
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "revocation_endpoint": f"{base}/revoke",
            "scopes_supported": list(self._capabilities),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_methods_supported": list(_AUTH_METHODS),
            "token_endpoint_auth_signing_alg_values_supported": ["RS256", "ES256"],
            "revocation_endpoint_auth_methods_supported": list(_AUTH_METHODS),
            "revocation_endpoint_auth_signing_alg_values_supported": ["RS256", "ES256"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "client_id_metadata_document_supported": True,
            # Required by OpenID Connect Discovery 1.0, section 3; without id tokens the key set is empty.
            "jwks_uri": f"{base}/.well-known/jwks.json",
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        if self._registration:
            document["registration_endpoint"] = f"{base}/register"
        return document

    def challenge_address(self, scope: Scope) -> str:
        """Where this request's resource document lies: below the prefix, so that one load-balancer rule serves."""
        return f"{self._base_for(scope)}{_RESOURCE}/mcp"

    def canonical_resource(self, resource: str) -> str:
        """The public name of this resource for any of its addresses; another resource comes back unchanged.

        What a client narrows its view by, in the query of the address, makes no other resource of it.
        """
        bare = resource.partition("?")[0].partition("#")[0].rstrip("/")
        scheme, _, rest = bare.partition("://")
        host, slash, path = rest.partition("/")
        ours = scheme in ("http", "https") and slash and path == "mcp" and self._hosts.face(host) is Face.INTERNAL
        return self._settings.mcp_url if ours or bare == self._settings.mcp_url else resource

    def _base_for(self, scope: Scope) -> str:
        return self._hosts.base_url(Headers(scope=scope).get("host", ""))

    def _server_response(self, _request: Request) -> dict[str, Any]:
        return self.server_document()


def _json_route(path: str, document: Callable[[Request], dict[str, Any]]) -> Route:
    async def answer(request: Request) -> Response:
        return JSONResponse(document(request), headers={"Cache-Control": "public, max-age=300"})

    return Route(path, answer, methods=["GET", "HEAD"])


class ChallengeMiddleware:
    """Names the right resource document in every 401 and 403 of `/mcp`, for the address that was called."""

    def __init__(self, app: ASGIApp, discovery: Discovery) -> None:
        self._app = app
        self._discovery = discovery

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_address(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (401, 403):
                headers = MutableHeaders(scope=message)
                challenge = headers.get("www-authenticate")
                if challenge and challenge.startswith("Bearer"):
                    headers["www-authenticate"] = _with_address(challenge, self._discovery.challenge_address(scope))
            await send(message)

        await self._app(scope, receive, with_address)


def _with_address(challenge: str, address: str) -> str:
    kept = [part for part in challenge.removeprefix("Bearer").split(", ") if "resource_metadata=" not in part]
    parts = [part.strip() for part in kept if part.strip()]
    return "Bearer " + ", ".join([*parts, f'resource_metadata="{address}"'])
