"""`/account`: what a person sees of their connections and of the programs that are signed in, and takes away.

The session is a signed cookie good for an hour that holds nothing but who it is. Forms carry a token signed for that
same person and cookie, so another site cannot submit them.
"""

import hmac
import secrets
from datetime import UTC, datetime
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from google_workspace_mcp.auth import scopes as capability_scopes
from google_workspace_mcp.auth.connections import Connection, Connections, NoRefreshTokenError
from google_workspace_mcp.auth.google_sign_in import GoogleSignIn, SignedIn, new_code_verifier
from google_workspace_mcp.auth.grants import Grants
from google_workspace_mcp.auth.keeper import GrantKeeper
from google_workspace_mcp.auth.pages import Pages
from google_workspace_mcp.auth.sessions import SessionRecord, Sessions
from google_workspace_mcp.auth.signing import Signer
from google_workspace_mcp.core.audit import Audit
from google_workspace_mcp.core.errors import GoogleUnavailableError, ReauthRequiredError, WorkspaceError
from google_workspace_mcp.core.google.endpoints import ISSUER
from google_workspace_mcp.core.principal import Principal
from google_workspace_mcp.core.storage.key_value import SealedKeyValue

_STATE = "account-"
_CALLBACK = "/auth/google/callback"
_COLLECTION = "account-sign-ins"
_SIGN_IN_SECONDS = 10 * 60
_SESSION_SECONDS = 3600


# What a page says after something was done; nothing of an address is ever shown.
_NOTICES = {
    "connected": "Connected. Programs that you signed in can go on.",
    "disconnected": "Disconnected. What was stored here is deleted.",
    "signed-out": "The program is signed out. It takes up to a minute until it notices.",
}


class Revoker(Protocol):
    """Takes a grant back at Google."""

    async def revoke(self, token: str) -> None:
        """Raises GoogleUnavailableError when Google does not answer."""
        ...


class AccountPages:
    """Sign in, see, connect, disconnect."""

    def __init__(
        self,
        *,
        base_url: str,
        pages: Pages,
        google: GoogleSignIn,
        revoker: Revoker,
        connections: Connections,
        grants: Grants,
        keeper: GrantKeeper,
        sessions: Sessions,
        audit: Audit,
        state: SealedKeyValue,
        signer: Signer,
        offer: tuple[str, ...],
    ) -> None:
        self._base = base_url
        self._pages = pages
        self._google = google
        self._revoker = revoker
        self._connections = connections
        self._grants = grants
        self._keeper = keeper
        self._sessions = sessions
        self._audit = audit
        self._state = state
        self._signer = signer
        self._offer = offer
        self._secure = base_url.startswith("https://")
        # `__Host-` would need the path `/`, which neighbours behind the same load balancer share.
        self._cookie = "__Secure-gwmcp-account" if self._secure else "gwmcp-account"

    def routes(self) -> list[Route]:
        """Routes relative to the application without its prefix."""
        return [
            Route("/account", self._page, methods=["GET"]),
            Route("/account/sign-in", self._sign_in, methods=["POST"]),
            Route("/account/connect", self._connect, methods=["POST"]),
            Route("/account/disconnect", self._disconnect, methods=["POST"]),
            Route("/account/sign-out-program", self._sign_out_program, methods=["POST"]),
            Route("/account/sign-out", self._sign_out, methods=["POST"]),
        ]

    def owns(self, state: str) -> bool:
        """Whether a callback's state was made here."""
        return state.startswith(_STATE)

    async def callback(self, request: Request) -> HTMLResponse | RedirectResponse:
        """Back from Google: check the browser and the person, keep what was granted, show the page."""
        response = await self._called_back(request)
        # A second round to Google has set this cookie anew.
        if f"{self._cookie}-begun=" not in response.headers.get("set-cookie", ""):
            self._set_cookie(response, f"{self._cookie}-begun", "", 0, path=_CALLBACK)
        return response

    async def _called_back(self, request: Request) -> HTMLResponse | RedirectResponse:
        state = request.query_params.get("state", "")
        begun = await self._state.get(state, collection=_COLLECTION)
        await self._state.delete(state, collection=_COLLECTION)
        binding = request.cookies.get(f"{self._cookie}-begun", "")
        if begun is None or not hmac.compare_digest(binding, str(begun["binding"])):
            return self._pages.problem(
                "This sign-in has expired",
                "It took longer than ten minutes, was finished already, or was begun in another browser.",
                403 if begun else 400,
                next_step="Open your account page and sign in again.",
            )
        code = request.query_params.get("code", "")
        if not code:
            return RedirectResponse(f"{self._base}/account", 303)
        try:
            signed_in = await self._google.finish(code, begun["verifier"])
            return await self._signed_in(signed_in, begun)
        except WorkspaceError as error:
            return self._pages.problem("Signing in did not work", error.message, 403, next_step=error.next_step)

    async def _signed_in(self, signed_in: SignedIn, begun: dict[str, Any]) -> RedirectResponse:
        identity = signed_in.identity
        if begun["subject"] and begun["subject"] != identity.subject:
            raise ReauthRequiredError(
                "Another Google account came back than the one you are signed in with",
                next_step="Choose the same account at Google, or sign out here first",
            )
        principal = Principal(ISSUER, identity.subject)
        if begun["connect"]:
            try:
                saved = await self._keeper.keep(principal, identity, signed_in.answer)
            except NoRefreshTokenError:
                return await self._to_google(identity.subject, connect=True, ask_again=True, hint=identity.email)
            self._grants.remember(saved, signed_in.answer.access_token, signed_in.answer.expires_in)
        self._audit.record("account_sign_in", who=principal)
        notice = "?done=connected" if begun["connect"] else ""
        response = RedirectResponse(f"{self._base}/account{notice}", 303)
        claims = {"sub": identity.subject, "email": identity.email}
        self._set_cookie(response, self._cookie, self._signer.sign(claims, _SESSION_SECONDS), _SESSION_SECONDS)
        return response

    async def _page(self, request: Request) -> Response:
        person = self._person(request)
        if person is None:
            return self._pages.show("account", form_targets=self._targets(), person="")
        principal = Principal(ISSUER, person["sub"])
        connections = await self._connections.of(principal)
        return self._pages.show(
            "account",
            form_targets=self._targets(),
            person=person["email"],
            notice=_NOTICES.get(request.query_params.get("done", ""), ""),
            token=person["jti"],
            connections=[self._shown(connection) for connection in connections],
            programs=[_shown_program(name, session) for name, session in await self._sessions.of(principal)],
        )

    def _shown(self, connection: Connection) -> dict[str, str | list[str]]:
        allowed = capability_scopes.in_words(capability_scopes.granted(connection.scopes, self._offer))
        return {
            "id": connection.id,
            "address": connection.address,
            "alias": connection.alias,
            "allows": allowed,
            "since": f"{connection.connected_at:%Y-%m-%d %H:%M} UTC",
            "trouble": "Google has ended this permission. Connect again to go on." if connection.dead else "",
        }

    async def _sign_in(self, _request: Request) -> Response:
        return await self._to_google("", connect=False)

    async def _connect(self, request: Request) -> Response:
        person = await self._form_person(request)
        return await self._to_google(person["sub"], connect=True, hint=person["email"]) if person else self._refused()

    async def _disconnect(self, request: Request) -> Response:
        person = await self._form_person(request)
        if person is None:
            return self._refused()
        principal = Principal(ISSUER, person["sub"])
        wanted = str((await request.form()).get("connection", ""))
        found = next((c for c in await self._connections.of(principal) if c.id == wanted), None)
        try:
            if found is not None:
                self._audit.record("disconnect", who=principal)
                await self._end(principal, found)
        except GoogleUnavailableError:
            return self._pages.problem(
                "Google did not answer",
                "What was stored here is deleted, and nothing here can use the account any more. "
                "Google may still list this service among the apps with access.",
                502,
                next_step="Remove it at myaccount.google.com/connections.",
            )
        return RedirectResponse(f"{self._base}/account?done=disconnected", 303)

    async def _end(self, principal: Principal, connection: Connection) -> None:
        """Delete first, then tell Google: if Google does not answer, nothing here can use the grant any more."""
        shared = await self._connections.elsewhere(principal, connection.google_subject)
        await self._connections.forget(principal, connection)
        self._grants.drop(connection)
        if not shared and not connection.dead:
            # Google ends the whole app's permission for the account, so a grant that another principal holds stays.
            await self._revoker.revoke(connection.refresh_token.get_secret_value())

    async def _sign_out_program(self, request: Request) -> Response:
        person = await self._form_person(request)
        if person is None:
            return self._refused()
        principal = Principal(ISSUER, person["sub"])
        ended = await self._sessions.end_named(principal, str((await request.form()).get("program", "")))
        if ended is not None:
            self._audit.record("client_signed_out", who=principal, client=ended.client_id)
        return RedirectResponse(f"{self._base}/account?done=signed-out", 303)

    async def _sign_out(self, request: Request) -> Response:
        if await self._form_person(request) is None:
            return self._refused()
        response = RedirectResponse(f"{self._base}/account", 303)
        self._set_cookie(response, self._cookie, "", 0)
        return response

    async def _to_google(
        self, subject: str, *, connect: bool, ask_again: bool = False, hint: str = ""
    ) -> RedirectResponse:
        state, binding, verifier = _STATE + secrets.token_urlsafe(24), secrets.token_urlsafe(24), new_code_verifier()
        begun = {"binding": binding, "verifier": verifier, "subject": subject, "connect": connect}
        await self._state.put(state, begun, collection=_COLLECTION, ttl=_SIGN_IN_SECONDS)
        asked = capability_scopes.asked_at_sign_in(self._offer) if connect else ()
        address = self._google.address(
            capability_scopes.google_scopes(asked),
            state=state,
            code_verifier=verifier,
            login_hint=hint,
            ask_again=ask_again,
            # Google gives its refresh token once: a sign-in that keeps nothing must not use it up.
            offline=connect,
        )
        response = RedirectResponse(address, 303)
        self._set_cookie(response, f"{self._cookie}-begun", binding, _SIGN_IN_SECONDS, path=_CALLBACK)
        return response

    def _person(self, request: Request) -> dict[str, Any] | None:
        return self._signer.verify(request.cookies.get(self._cookie, ""))

    async def _form_person(self, request: Request) -> dict[str, Any] | None:
        """The signed-in person, if the form was made for this very session."""
        person = self._person(request)
        token = str((await request.form()).get("token", ""))
        return person if person and hmac.compare_digest(token, str(person["jti"])) else None

    def _refused(self) -> HTMLResponse:
        return self._pages.problem(
            "You are not signed in here",
            "The session has ended, or the form came from another page.",
            403,
            next_step="Open your account page and sign in again.",
        )

    def _targets(self) -> str:
        return f"'self' {self._google.origin}"

    def _set_cookie(self, response: Response, name: str, value: str, seconds: int, *, path: str = "/account") -> None:
        prefix = self._base.partition("://")[2].partition("/")[2]
        whole = f"/{prefix}{path}" if prefix else path
        response.set_cookie(
            name, value, max_age=seconds, path=whole, secure=self._secure, httponly=True, samesite="lax"
        )


def _shown_program(name: str, session: SessionRecord) -> dict[str, str | list[str]]:
    return {
        "id": name,
        "name": session.client_name or "A program without a name",
        "allows": capability_scopes.in_words(session.scopes),
        "since": _moment(session.signed_in_at),
        "refreshed": _moment(session.rotated_at) if session.rotated_at else "",
    }


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
