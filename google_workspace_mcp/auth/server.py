"""The authorization server towards MCP clients, with Google behind it.

FastMCP's OAuth proxy lends the beginning of a sign-in (see `sign_in`) and the fetching of client metadata documents.
The rest is ours: which clients there are, what a token means, how it is verified and refreshed, and what is kept of
Google's answer. The proxy would store Google's tokens once per login and ask Google about each request; here our own
tokens are verified without asking anyone.
"""

from typing import override
from urllib.parse import urlsplit

from fastmcp.server.auth import AccessToken
from fastmcp.server.auth.cimd import CIMDClientManager
from mcp.server.auth.provider import AuthorizationParams
from mcp.shared.auth import OAuthClientInformationFull
from starlette.middleware import Middleware
from starlette.routing import Route

from google_workspace_mcp.auth import scopes as capability_scopes
from google_workspace_mcp.auth.authorize import AuthorizeEndpoint
from google_workspace_mcp.auth.client_authentication import ClientAuthentication
from google_workspace_mcp.auth.clients import KnownClient
from google_workspace_mcp.auth.limiter import AddressLimiter
from google_workspace_mcp.auth.parts import AuthParts
from google_workspace_mcp.auth.redirects import allowed_patterns
from google_workspace_mcp.auth.registration import Registration
from google_workspace_mcp.auth.sign_in import SignInFlow
from google_workspace_mcp.auth.token_endpoint import TokenEndpoint
from google_workspace_mcp.core.google.endpoints import ISSUER
from google_workspace_mcp.core.http.problems import TypedFailures
from google_workspace_mcp.core.principal import Principal

# One office behind one address may start at once; a machine that registers without end is slowed to its refill.
_REGISTRATIONS = {"burst": 120, "per_minute": 10}
_DOCUMENTS = {"burst": 120, "per_minute": 30}
_OURS = frozenset({"/authorize", "/token", "/register", "/revoke"})


class AuthorizationServer(SignInFlow):
    """Signs people in through Google and clients in through OAuth 2.1."""

    def __init__(self, parts: AuthParts) -> None:
        super().__init__(parts)
        self._default_scopes = capability_scopes.asked_at_sign_in(parts.offer)
        self._documents = CIMDClientManager()

    # -- what clients are told

    @override
    def get_challenge_scopes(self, required_scopes: list[str] | None = None) -> list[str]:
        """A 401 asks for all that a sign-in usually asks for, so that one sign-in is enough."""
        return list(self._default_scopes) if required_scopes is None else required_scopes

    @override
    def get_routes(self, mcp_path: str | None = None) -> list[Route]:
        """The consent page and Google's callback from the proxy; everything else is ours."""
        kept = [
            route
            for route in super().get_routes(mcp_path)
            if not route.path.startswith("/.well-known/") and route.path not in _OURS
        ]
        return [
            *kept,
            *self._endpoints(),
            *self._parts.discovery.routes(),
            *self._parts.account_pages.routes(),
            *self._parts.account_forms.routes(),
            *self._parts.connect_pages.routes(self._name_of_client),
        ]

    def _endpoints(self) -> list[Route]:
        parts, base = self._parts, self._parts.settings.base_url
        authorize = AuthorizeEndpoint(
            self, parts.pages, AddressLimiter(parts.clock, **_DOCUMENTS), base_url=base, issuer=self._issuer
        )
        token = TokenEndpoint(
            authentication=ClientAuthentication(self.known_client, self._documents, f"{base}/token"),
            clients=parts.clients,
            sessions=parts.sessions,
            connections=parts.connections,
            tokens=parts.tokens,
            discovery=parts.discovery,
            allowed=parts.allowed,
            audit=parts.audit,
            resource=parts.settings.mcp_url,
        )
        routes = [
            Route("/authorize", authorize.handle, methods=["GET", "POST"]),
            Route("/token", token.token, methods=["POST"]),
            Route("/revoke", token.revoke, methods=["POST"]),
        ]
        if parts.settings.dynamic_clients:
            routes.append(Route("/register", self._registration().handle, methods=["POST"]))
        return routes

    def _registration(self) -> Registration:
        parts = self._parts
        return Registration(
            parts.clients,
            AddressLimiter(parts.clock, **_REGISTRATIONS),
            parts.audit,
            own_callback=parts.settings.redirect_uri,
            patterns=allowed_patterns(parts.settings.allowed_redirects),
            offer=parts.offer,
        )

    # -- clients

    async def _name_of_client(self, client_id: str) -> str:
        client = await self.known_client(client_id)
        return client.shown_name if client else ""

    @override
    def get_middleware(self) -> list[Middleware]:
        """The bearer check, with an answer for when the store or an issuer's keys cannot be had for it."""
        return [Middleware(TypedFailures), *super().get_middleware()]

    @override
    async def get_client(self, client_id: str) -> OAuthClientInformationFull | None:
        return await self.known_client(client_id)

    @override
    async def known_client(self, client_id: str) -> KnownClient | None:
        """A client of ours, or one with a metadata document. Google's own client id is nobody's here."""
        found = await self._parts.clients.find(client_id)
        if found is not None or not self._documents.is_cimd_client_id(client_id):
            return found
        if not urlsplit(client_id).hostname or await self._parts.clients.is_removed(client_id):
            return None
        document = await self._documents.get_client(client_id)
        return self._parts.clients.of_document(document) if document is not None else None

    # -- authorize

    @override
    async def authorize(self, client: OAuthClientInformationFull, params: AuthorizationParams) -> str:
        """Where to send the browser first: our consent page."""
        await self._parts.clients.stamp(client.client_id)
        resource = params.resource and self._parts.discovery.canonical_resource(params.resource)
        wanted = params.scopes or list(self._default_scopes)
        return await super().authorize(client, params.model_copy(update={"resource": resource, "scopes": wanted}))

    # -- access tokens

    @override
    async def load_access_token(self, token: str) -> AccessToken | None:
        """Verified by its signature; whether its session still lives is looked up at most once a minute."""
        claims = self._parts.tokens.verify(token)
        if claims is None:
            return await self._parts.agents.verify(token)
        session = await self._parts.sessions.live(claims.session)
        if session is None or await self._parts.clients.is_removed(claims.client_id):
            return None
        if await self._is_dormant(claims.subject):
            return None
        return AccessToken(
            token=token,
            client_id=claims.client_id,
            scopes=list(claims.scopes),
            expires_at=claims.expires_at,
            subject=claims.subject,
            claims={
                "iss": ISSUER,
                "sub": claims.subject,
                "sid": claims.session,
                "allowed": self._parts.allowed.covers(session.address, session.hosted_domain),
            },
        )

    async def _is_dormant(self, subject: str) -> bool:
        """Whether only a new sign-in helps this person: every grant has ended, and nobody followed the links.

        A client can do that without its person copying anything, once it is challenged.
        """
        return await self._parts.connections.dormant(Principal(ISSUER, subject))
