"""The authorization server towards MCP clients, with Google behind it.

FastMCP's OAuth proxy gives the front half: registration, client metadata documents, PKCE, consent with its cookies. The
back half is ours: what a token means, how it is verified and refreshed, and what is kept of Google's answer. The proxy
would store Google's tokens once per login and ask Google about each request; here a sign-in yields one stored grant per
person, and our own tokens are verified without asking anyone.
"""

import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from typing import Any, override
from urllib.parse import urlsplit

from fastmcp.server.auth import AccessToken, TokenVerifier
from fastmcp.server.auth.oauth_proxy import OAuthProxy
from fastmcp.server.auth.oauth_proxy.models import (
    ConsentCSRFToken,
    OAuthTransaction,
    ProxyDCRClient,
    _hash_token,  # pyright: ignore[reportPrivateUsage] - the consent form's tokens are looked up by this hash
)
from fastmcp.server.auth.redirect_validation import build_client_redirect
from mcp.server.auth.provider import (
    AuthorizationCode,
    AuthorizationParams,
    RefreshToken,
    RegistrationError,
    TokenError,
)
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken
from pydantic import AnyUrl
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from google_workspace_mcp.auth import scopes as capability_scopes
from google_workspace_mcp.auth.account_pages import AccountPages
from google_workspace_mcp.auth.connections import Connections, NoRefreshTokenError
from google_workspace_mcp.auth.discovery import Discovery, issuer_of
from google_workspace_mcp.auth.google_sign_in import GoogleSignIn, SignedIn
from google_workspace_mcp.auth.grants import Grants
from google_workspace_mcp.auth.pages import Pages
from google_workspace_mcp.auth.redirects import allowed_patterns, check_registration
from google_workspace_mcp.auth.sessions import CODE_SECONDS, CodeRecord, Sessions
from google_workspace_mcp.auth.signing import AccessTokenIssuer
from google_workspace_mcp.core.cache import Cache
from google_workspace_mcp.core.clock import Clock, epoch
from google_workspace_mcp.core.errors import WorkspaceError
from google_workspace_mcp.core.google.endpoints import ISSUER, GoogleEndpoints
from google_workspace_mcp.core.keys import Key, Ring
from google_workspace_mcp.core.principal import Principal
from google_workspace_mcp.core.settings import Settings
from google_workspace_mcp.core.storage.key_value import SealedKeyValue

_TRANSACTION_SECONDS = 10 * 60
_SESSION_RECHECK_SECONDS = 60
_SESSIONS_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class AuthParts:
    """What the authorization server is made of."""

    settings: Settings
    endpoints: GoogleEndpoints
    clock: Clock
    state: SealedKeyValue
    sessions: Sessions
    connections: Connections
    grants: Grants
    google: GoogleSignIn
    tokens: AccessTokenIssuer
    pages: Pages
    discovery: Discovery
    account_pages: AccountPages
    cookie_keys: Ring
    offer: tuple[str, ...]


class _NoUpstreamTokens(TokenVerifier):
    """Takes the place of the proxy's upstream verifier, which is never asked: our tokens are verified as ours."""

    @override
    async def verify_token(self, token: str) -> AccessToken | None:
        return None


class AuthorizationServer(OAuthProxy):
    """Signs people in through Google and clients in through OAuth 2.1."""

    def __init__(self, parts: AuthParts) -> None:
        settings = parts.settings
        super().__init__(
            upstream_authorization_endpoint=parts.endpoints.authorize,
            upstream_token_endpoint=parts.endpoints.token,
            upstream_client_id=settings.google_client_id,
            # The secret is never used here: Google's code is redeemed by `GoogleSignIn`.
            upstream_client_secret=None,
            token_verifier=_NoUpstreamTokens(required_scopes=[]),
            base_url=settings.base_url,
            redirect_path="/auth/google/callback",
            allowed_client_redirect_uris=list(allowed_patterns(settings.allowed_redirects)),
            valid_scopes=list(parts.offer),
            forward_resource=False,
            client_storage=parts.state,
            jwt_signing_key=parts.cookie_keys.first.secret,
            require_authorization_consent=True,
        )
        self._parts = parts
        self._issuer = issuer_of(settings.base_url)
        self._default_scopes = capability_scopes.asked_at_sign_in(parts.offer)
        self._live_sessions: Cache[bool] = Cache(parts.clock, _SESSION_RECHECK_SECONDS, _SESSIONS_KEPT)

    # -- what clients are told

    @override
    def get_challenge_scopes(self, required_scopes: list[str] | None = None) -> list[str]:
        """A 401 asks for all that a sign-in usually asks for, so that one sign-in is enough."""
        return list(self._default_scopes) if required_scopes is None else required_scopes

    @override
    def get_routes(self, mcp_path: str | None = None) -> list[Route]:
        """The OAuth endpoints, with our own discovery, revocation and account pages in the place of the proxy's."""
        dropped = ["/revoke"] if self._parts.settings.dynamic_clients else ["/revoke", "/register"]
        kept = [
            route
            for route in super().get_routes(mcp_path)
            if not route.path.startswith("/.well-known/") and route.path not in dropped
        ]
        return [
            *kept,
            *self._parts.discovery.routes(),
            Route("/revoke", self._revoke, methods=["POST"]),
            *self._parts.account_pages.routes(),
        ]

    # -- registration

    @override
    async def get_client(self, client_id: str) -> OAuthClientInformationFull | None:
        """A registered client, or one with a metadata document. Google's own client id is nobody's here."""
        if client_id == self._parts.settings.google_client_id:
            return None
        return await super().get_client(client_id)

    @override
    async def register_client(self, client_info: OAuthClientInformationFull) -> None:
        problem = check_registration(client_info, self._parts.settings.redirect_uri)
        if problem:
            raise RegistrationError("invalid_redirect_uri", problem)
        await super().register_client(client_info)

    # -- cookies of a sign-in under way

    @override
    def _sign_cookie(self, payload: str) -> str:
        return f"{payload}.{_cookie_tag(self._parts.cookie_keys.first, payload)}"

    @override
    def _verify_cookie(self, signed_value: str) -> str | None:
        """By any key in force: keys may change in the middle of a sign-in."""
        payload, _, tag = signed_value.rpartition(".")
        keys = self._parts.cookie_keys.keys
        return (
            payload if any(hmac.compare_digest(tag.encode(), _cookie_tag(k, payload).encode()) for k in keys) else None
        )

    # -- authorize, consent

    @override
    async def authorize(self, client: OAuthClientInformationFull, params: AuthorizationParams) -> str:
        """Where to send the browser first: our consent page."""
        resource = params.resource and self._parts.discovery.canonical_resource(params.resource)
        wanted = params.scopes or list(self._default_scopes)
        return await super().authorize(client, params.model_copy(update={"resource": resource, "scopes": wanted}))

    @override
    async def _show_consent_page(self, request: Request) -> HTMLResponse | RedirectResponse:
        transaction = await self._transaction_store.get(key=request.query_params.get("txn_id", ""))
        if transaction is None:
            return self._expired()
        form_token, now = secrets.token_urlsafe(32), time.time()
        record = ConsentCSRFToken(txn_id=transaction.txn_id, expires_at=now + _TRANSACTION_SECONDS)
        await self._consent_csrf_store.put(key=_hash_token(form_token), value=record, ttl=_TRANSACTION_SECONDS)
        page = await self._consent_page(transaction, form_token)
        self._set_consent_state_cookie(page, form_token, transaction.txn_id, now)
        return page

    async def _consent_page(self, transaction: OAuthTransaction, form_token: str) -> HTMLResponse:
        client = await self.get_client(transaction.client_id)
        verified = isinstance(client, ProxyDCRClient) and client.cimd_document is not None
        back = urlsplit(transaction.client_redirect_uri)
        # Chromium applies form-action to the redirect that answers the form: on to Google, or back to the client.
        targets = f"'self' {self._parts.google.origin} {back.scheme}://{back.netloc}"
        return self._parts.pages.show(
            "consent",
            form_targets=targets if back.scheme in ("http", "https") else f"{targets} {back.scheme}:",
            client_name=(client and client.client_name) or "A program without a name",
            verified_host=urlsplit(transaction.client_id).hostname if verified else "",
            return_host=f"{back.scheme}://{back.netloc}",
            asks=capability_scopes.in_words(transaction.scopes),
            txn_id=transaction.txn_id,
            csrf_token=form_token,
        )

    @override
    def _build_upstream_authorize_url(self, txn_id: str, transaction: dict[str, Any]) -> str:
        return self._google_address(OAuthTransaction.model_validate(transaction), ask_again=False)

    def _google_address(self, transaction: OAuthTransaction, *, ask_again: bool, login_hint: str = "") -> str:
        return self._parts.google.address(
            capability_scopes.google_scopes(transaction.scopes),
            state=transaction.txn_id,
            code_verifier=transaction.proxy_code_verifier or "",
            login_hint=login_hint,
            ask_again=ask_again,
        )

    # -- back from Google

    @override
    async def _handle_idp_callback(self, request: Request) -> HTMLResponse | RedirectResponse:
        state = request.query_params.get("state", "")
        if self._parts.account_pages.owns(state):
            return await self._parts.account_pages.callback(request)
        transaction = await self._transaction_store.get(key=state) if state else None
        if transaction is None:
            return self._expired()
        if not transaction.consent_token or not self._verify_consent_binding_cookie(
            request, transaction.txn_id, transaction.consent_token
        ):
            return self._parts.pages.problem(
                "This sign-in was started elsewhere",
                "It was begun in another browser, or by somebody else. Nothing was allowed.",
                403,
                next_step="Start the sign-in again from the program that you want to connect.",
            )
        return await self._finish_sign_in(request, transaction)

    async def _finish_sign_in(self, request: Request, transaction: OAuthTransaction) -> HTMLResponse | RedirectResponse:
        code = request.query_params.get("code", "")
        if not code:
            return await self._back_to_client(transaction, {"error": "access_denied"})
        try:
            signed_in = await self._parts.google.finish(code, transaction.proxy_code_verifier or "")
        except WorkspaceError as error:
            refused = {"error": "access_denied", "error_description": error.message}
            return await self._back_to_client(transaction, refused)
        try:
            await self._keep_grant(signed_in)
        except NoRefreshTokenError:
            # The person had allowed this once and we no longer hold the grant: Google has to be told to ask again.
            hint = signed_in.identity.email
            return RedirectResponse(self._google_address(transaction, ask_again=True, login_hint=hint), 302)
        return await self._back_to_client(transaction, {"code": await self._code_for(transaction, signed_in)})

    async def _keep_grant(self, signed_in: SignedIn) -> None:
        principal = Principal(ISSUER, signed_in.identity.subject)
        connection = await self._parts.connections.save(principal, signed_in.identity, signed_in.answer)
        self._parts.grants.remember(connection, signed_in.answer.access_token, signed_in.answer.expires_in)

    async def _code_for(self, transaction: OAuthTransaction, signed_in: SignedIn) -> str:
        allowed = capability_scopes.granted(signed_in.answer.scopes, self._parts.offer)
        return await self._parts.sessions.issue_code(
            CodeRecord(
                subject=signed_in.identity.subject,
                client_id=transaction.client_id,
                redirect_uri=transaction.client_redirect_uri,
                code_challenge=transaction.code_challenge or "",
                scopes=tuple(name for name in allowed if name in transaction.scopes),
                expires_at=epoch(self._parts.clock) + CODE_SECONDS,
            )
        )

    async def _back_to_client(self, transaction: OAuthTransaction, params: dict[str, str]) -> RedirectResponse:
        await self._transaction_store.delete(key=transaction.txn_id)
        if transaction.client_state:
            params = {**params, "state": transaction.client_state}
        target = build_client_redirect(transaction.client_redirect_uri, params, iss=self._issuer)
        response = RedirectResponse(target, 302, {"Cache-Control": "no-store"})
        self._clear_consent_binding_cookie(response, transaction.txn_id)
        return response

    def _expired(self) -> HTMLResponse:
        return self._parts.pages.problem(
            "This sign-in has expired",
            "It took longer than ten minutes, or was finished already.",
            next_step="Start it again from the program that you want to connect.",
        )

    # -- tokens

    @override
    async def load_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: str
    ) -> AuthorizationCode | None:
        record = await self._parts.sessions.peek_code(authorization_code)
        if record is None or record.client_id != client.client_id:
            return None
        return AuthorizationCode(
            code=authorization_code,
            client_id=record.client_id,
            redirect_uri=AnyUrl(record.redirect_uri),
            redirect_uri_provided_explicitly=True,
            scopes=list(record.scopes),
            expires_at=record.expires_at,
            code_challenge=record.code_challenge,
        )

    @override
    async def exchange_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: AuthorizationCode
    ) -> OAuthToken:
        opened = await self._parts.sessions.redeem_code(authorization_code.code)
        if opened is None:
            raise TokenError("invalid_grant", "this code has been redeemed already")
        session, record = opened
        return self._tokens(session, record.subject, record.client_id, record.scopes, record.number)

    @override
    async def load_refresh_token(self, client: OAuthClientInformationFull, refresh_token: str) -> RefreshToken | None:
        presented = self._parts.sessions.read_refresh_token(refresh_token)
        record = await self._parts.sessions.find(presented.session) if presented else None
        if record is None or record.client_id != client.client_id:
            return None
        return RefreshToken(
            token=refresh_token,
            client_id=record.client_id,
            scopes=list(record.scopes),
            expires_at=int(record.expires_at),
        )

    @override
    async def exchange_refresh_token(
        self, client: OAuthClientInformationFull, refresh_token: RefreshToken, scopes: list[str]
    ) -> OAuthToken:
        presented = self._parts.sessions.read_refresh_token(refresh_token.token)
        rotated = await self._parts.sessions.rotate(presented) if presented else None
        if presented is None or rotated is None:
            raise TokenError("invalid_grant", "this refresh token is no longer good")
        record, number = rotated
        return self._tokens(presented.session, record.subject, record.client_id, tuple(scopes), number)

    @override
    async def load_access_token(self, token: str) -> AccessToken | None:
        """Verified by its signature; whether its session still lives is looked up at most once a minute."""
        claims = self._parts.tokens.verify(token)
        if claims is None or not await self._live_sessions.get_or_load(
            claims.session, lambda: self._is_live(claims.session)
        ):
            return None
        return AccessToken(
            token=token,
            client_id=claims.client_id,
            scopes=list(claims.scopes),
            expires_at=claims.expires_at,
            subject=claims.subject,
            claims={"iss": ISSUER, "sub": claims.subject, "sid": claims.session},
        )

    async def _is_live(self, session: str) -> bool:
        return await self._parts.sessions.find(session) is not None

    def _tokens(self, session: str, subject: str, client_id: str, scopes: tuple[str, ...], number: int) -> OAuthToken:
        return OAuthToken(
            access_token=self._parts.tokens.issue(subject, client_id, scopes, session),
            token_type="Bearer",  # noqa: S106 - a token type, not a password
            expires_in=self._parts.tokens.seconds,
            refresh_token=self._parts.sessions.refresh_token(session, number),
            scope=" ".join(scopes),
        )

    async def _revoke(self, request: Request) -> Response:
        """RFC 7009: end the session that the token belongs to. The answer is 200 whether or not there was one."""
        form = await request.form()
        token, client_id = str(form.get("token", "")), str(form.get("client_id", ""))
        presented = self._parts.sessions.read_refresh_token(token)
        claims = None if presented else self._parts.tokens.verify(token)
        session = presented.session if presented else claims.session if claims else ""
        record = await self._parts.sessions.find(session) if session else None
        if record is not None and client_id in ("", record.client_id):
            await self._parts.sessions.end(session)
            self._live_sessions.drop(session)
        return Response(status_code=200, headers={"Cache-Control": "no-store"})


def _cookie_tag(key: Key, payload: str) -> str:
    # The form of FastMCP's own signature; nothing else reads it.
    return base64.b64encode(hmac.new(key.secret, payload.encode(), hashlib.sha256).digest()).decode()
