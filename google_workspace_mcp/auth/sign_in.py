"""The way of a browser through a sign-in: consent, Google, and back to the client with a code.

FastMCP's proxy lends what is careful in it: transactions, the form's token and its cookies, the binding to the
browser. The pages, and what follows Google's callback, are ours: a sign-in yields one stored grant per person and
Google account.
"""

import base64
import hashlib
import hmac
import secrets
import time
from typing import override
from urllib.parse import urlsplit

from fastmcp.server.auth import AccessToken, TokenVerifier
from fastmcp.server.auth.oauth_proxy import OAuthProxy
from fastmcp.server.auth.oauth_proxy.consent import (
    _consent_state_base_name,  # pyright: ignore[reportPrivateUsage] - each form has a cookie of its own name
)
from fastmcp.server.auth.oauth_proxy.models import (
    ConsentCSRFToken,
    OAuthTransaction,
    _hash_token,  # pyright: ignore[reportPrivateUsage] - the consent form's tokens are looked up by this hash
)
from fastmcp.server.auth.redirect_validation import build_client_redirect
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from google_workspace_mcp.auth import scopes as capability_scopes
from google_workspace_mcp.auth.clients import KnownClient
from google_workspace_mcp.auth.connections import NoRefreshTokenError
from google_workspace_mcp.auth.discovery import issuer_of
from google_workspace_mcp.auth.google_sign_in import SignedIn
from google_workspace_mcp.auth.parts import AuthParts
from google_workspace_mcp.auth.sessions import CODE_SECONDS, CodeRecord
from google_workspace_mcp.auth.transactions import TRANSACTION_SECONDS, Transactions
from google_workspace_mcp.core.clock import epoch
from google_workspace_mcp.core.errors import GoogleUnavailableError, WorkspaceError
from google_workspace_mcp.core.google.endpoints import ISSUER
from google_workspace_mcp.core.keys import Key
from google_workspace_mcp.core.principal import Principal

CALLBACK = "/auth/google/callback"


class _NoUpstreamTokens(TokenVerifier):
    """Takes the place of the proxy's upstream verifier, which is never asked: our tokens are verified as ours."""

    @override
    async def verify_token(self, token: str) -> AccessToken | None:
        return None


class SignInFlow(OAuthProxy):
    """From the consent page to the client's redirect URI."""

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
            redirect_path=CALLBACK,
            valid_scopes=list(parts.offer),
            forward_resource=False,
            client_storage=parts.state,
            jwt_signing_key=parts.cookie_keys.first.secret,
            require_authorization_consent=True,
        )
        self._parts = parts
        self._issuer = issuer_of(settings.base_url)
        self._transaction_store = Transactions(parts.state)

    async def known_client(self, client_id: str) -> KnownClient | None:
        """The client of that id."""
        raise NotImplementedError

    # -- cookies of a sign-in under way

    @override
    def _sign_cookie(self, payload: str) -> str:
        return f"{payload}.{_cookie_tag(self._parts.cookie_keys.first, payload)}"

    @override
    def _verify_cookie(self, signed_value: str) -> str | None:
        """By any key in force: keys may change in the middle of a sign-in."""
        payload, _, tag = signed_value.rpartition(".")
        tags = [_cookie_tag(key, payload) for key in self._parts.cookie_keys.keys]
        return payload if any(hmac.compare_digest(tag.encode(), good.encode()) for good in tags) else None

    # -- consent

    @override
    async def _show_consent_page(self, request: Request) -> HTMLResponse | RedirectResponse:
        transaction = await self._transaction_store.get(key=request.query_params.get("txn_id", ""))
        if transaction is None:
            return self._expired()
        form_token, now = secrets.token_urlsafe(32), time.time()
        record = ConsentCSRFToken(txn_id=transaction.txn_id, expires_at=now + TRANSACTION_SECONDS)
        await self._consent_csrf_store.put(key=_hash_token(form_token), value=record, ttl=TRANSACTION_SECONDS)
        page = await self._consent_page(transaction, form_token)
        self._set_consent_state_cookie(page, form_token, transaction.txn_id, now)
        return page

    async def _consent_page(self, transaction: OAuthTransaction, form_token: str) -> HTMLResponse:
        client = await self.known_client(transaction.client_id)
        back = urlsplit(transaction.client_redirect_uri)
        # Chromium applies form-action to the redirect that answers the form: on to Google, or back to the client.
        targets = f"'self' {self._parts.google.origin} {back.scheme}://{back.netloc}"
        return self._parts.pages.show(
            "consent",
            form_targets=targets if back.scheme in ("http", "https") else f"{targets} {back.scheme}:",
            client_name=client.shown_name if client else "A program without a name",
            vouched_for=_vouched_for(client),
            return_host=f"{back.scheme}://{back.netloc}",
            asks=capability_scopes.in_words(transaction.scopes),
            txn_id=transaction.txn_id,
            csrf_token=form_token,
        )

    @override
    async def _submit_consent(self, request: Request) -> RedirectResponse | HTMLResponse:
        """On to Google, or back to the client with `access_denied`. The form is good once, and in its own browser."""
        form = await request.form()
        txn_id, form_token = str(form.get("txn_id", "")), str(form.get("csrf_token", ""))
        transaction = await self._transaction_store.get(key=txn_id) if txn_id else None
        record = await self._consent_csrf_store.get(key=_hash_token(form_token)) if form_token else None
        if transaction is None or record is None or record.txn_id != txn_id:
            return self._expired()
        cookie = self._cookie_name(_consent_state_base_name(form_token))
        if self._read_consent_state_cookies(request).get(cookie, ("",))[0] != txn_id:
            return self._elsewhere()
        await self._consent_csrf_store.delete(key=_hash_token(form_token))
        if form.get("action") != "approve":
            self._parts.audit.record("sign_in", client=transaction.client_id, outcome="refused", reason="cancelled")
            response = await self._back_to_client(transaction, {"error": "access_denied"})
        else:
            consent = secrets.token_urlsafe(32)
            approved = transaction.model_copy(update={"consent_token": consent})
            await self._transaction_store.put(key=txn_id, value=approved)
            response = RedirectResponse(self._google_address(approved, ask_again=False), 302)
            self._set_consent_binding_cookie(response, txn_id, consent)
        self._clear_consent_state_for_transaction(request, response, txn_id, include_legacy=False)
        return response

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
    async def _handle_idp_callback(self, request: Request) -> Response:  # pyright: ignore[reportIncompatibleMethodOverride]
        state = request.query_params.get("state", "")
        for pages in (self._parts.account_pages, self._parts.connect_pages):
            if pages.owns(state):
                return await pages.callback(request)
        transaction = await self._transaction_store.get(key=state) if state else None
        if transaction is None:
            return self._expired()
        if not transaction.consent_token or not self._verify_consent_binding_cookie(
            request, transaction.txn_id, transaction.consent_token
        ):
            return self._elsewhere()
        return await self._finish_sign_in(request, transaction)

    async def _finish_sign_in(self, request: Request, transaction: OAuthTransaction) -> HTMLResponse | RedirectResponse:
        code = request.query_params.get("code", "")
        if not code:
            self._parts.audit.record("sign_in", client=transaction.client_id, outcome="refused", reason="not_allowed")
            return await self._back_to_client(transaction, {"error": "access_denied"})
        try:
            signed_in = await self._parts.google.finish(code, transaction.proxy_code_verifier or "")
        except WorkspaceError as error:
            return await self._failed(transaction, error)
        try:
            await self._keep_grant(transaction, signed_in)
        except NoRefreshTokenError:
            # The person had allowed this once and we no longer hold the grant: Google has to be told to ask again.
            hint = signed_in.identity.email
            return RedirectResponse(self._google_address(transaction, ask_again=True, login_hint=hint), 302)
        return await self._back_to_client(transaction, {"code": await self._code_for(transaction, signed_in)})

    async def _failed(self, transaction: OAuthTransaction, error: WorkspaceError) -> RedirectResponse:
        passing = isinstance(error, GoogleUnavailableError)
        self._parts.audit.record(
            "sign_in",
            client=transaction.client_id,
            outcome="failed" if passing else "refused",
            reason=error.reason or error.code,
        )
        code = "temporarily_unavailable" if passing else "access_denied"
        return await self._back_to_client(transaction, {"error": code, "error_description": error.message})

    async def _keep_grant(self, transaction: OAuthTransaction, signed_in: SignedIn) -> None:
        principal = Principal(ISSUER, signed_in.identity.subject)
        connection = await self._parts.keeper.keep(
            principal, signed_in.identity, signed_in.answer, client=transaction.client_id
        )
        self._parts.grants.remember(connection, signed_in.answer.access_token, signed_in.answer.expires_in)
        self._parts.audit.record("sign_in", who=principal, client=transaction.client_id)

    async def _code_for(self, transaction: OAuthTransaction, signed_in: SignedIn) -> str:
        allowed = capability_scopes.granted(signed_in.answer.scopes, self._parts.offer)
        client = await self.known_client(transaction.client_id)
        return await self._parts.sessions.issue_code(
            CodeRecord(
                subject=signed_in.identity.subject,
                address=signed_in.identity.email,
                hosted_domain=signed_in.identity.hosted_domain,
                client_id=transaction.client_id,
                client_name=client.shown_name if client else "",
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

    def _elsewhere(self) -> HTMLResponse:
        return self._parts.pages.problem(
            "This sign-in was started elsewhere",
            "It was begun in another browser, or by somebody else. Nothing was allowed.",
            403,
            next_step="Start the sign-in again from the program that you want to connect.",
        )


def _cookie_tag(key: Key, payload: str) -> str:
    # The form of FastMCP's own signature; nothing else reads it.
    return base64.b64encode(hmac.new(key.secret, payload.encode(), hashlib.sha256).digest()).decode()


def _vouched_for(client: KnownClient | None) -> str:
    """Who stands behind the program's name, in words; "" when only the program does."""
    if client is None or client.origin == "registered":
        return ""
    if client.origin == "operator":
        return "added by the operator of this service"
    return f"published by {urlsplit(client.client_id).hostname}"
