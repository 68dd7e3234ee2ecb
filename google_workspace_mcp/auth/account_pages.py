"""`/account`: what a person sees of their connections and of the programs that are signed in, and takes away.

The session is a signed cookie good for an hour that holds nothing but who it is. Forms carry a token signed for that
same person and cookie, so another site cannot submit them.
"""

import hmac
import re
import secrets
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from google_workspace_mcp.auth import scopes as capability_scopes
from google_workspace_mcp.auth.connections import Connection, Connections, NoRefreshTokenError
from google_workspace_mcp.auth.disconnect import AtGoogle, Disconnector
from google_workspace_mcp.auth.google_sign_in import GoogleSignIn, SignedIn, new_code_verifier
from google_workspace_mcp.auth.grants import Grants
from google_workspace_mcp.auth.keeper import GrantKeeper
from google_workspace_mcp.auth.pages import Pages
from google_workspace_mcp.auth.sessions import SessionRecord, Sessions
from google_workspace_mcp.auth.signing import Signer
from google_workspace_mcp.core.audit import Audit
from google_workspace_mcp.core.errors import ReauthRequiredError, WorkspaceError
from google_workspace_mcp.core.google.endings import explain
from google_workspace_mcp.core.google.endpoints import ISSUER
from google_workspace_mcp.core.principal import Principal
from google_workspace_mcp.core.storage.key_value import SealedKeyValue

_STATE = "account-"
_CALLBACK = "/auth/google/callback"
# Where the session is looked at. Everything else under the prefix, tools above all, never gets to see it.
_SESSION_PATHS = ("/account", "/connect")
_COLLECTION = "account-sign-ins"
_SIGN_IN_SECONDS = 10 * 60
_SESSION_SECONDS = 3600


# What a page says after something was done; nothing of an address is ever shown.
_NOTICES = {
    "connected": "Connected. Programs that you signed in can go on.",
    "disconnected": "Disconnected. What was stored here is deleted.",
    "signed-out": "The program is signed out. It takes up to a minute until it notices.",
}
# A connect link that waits for its person to sign in.
_LINK_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


class AccountPages:
    """Sign in, see, connect, disconnect."""

    def __init__(
        self,
        *,
        base_url: str,
        pages: Pages,
        google: GoogleSignIn,
        connections: Connections,
        grants: Grants,
        keeper: GrantKeeper,
        sessions: Sessions,
        audit: Audit,
        disconnector: Disconnector,
        state: SealedKeyValue,
        signer: Signer,
        offer: tuple[str, ...],
    ) -> None:
        self._base = base_url
        self._pages = pages
        self._google = google
        self._connections = connections
        self._grants = grants
        self._keeper = keeper
        self._sessions = sessions
        self._audit = audit
        self._disconnector = disconnector
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
        onward = f"connect/{begun['link']}" if begun.get("link") else "account"
        notice = "?done=connected" if begun["connect"] and not begun.get("link") else ""
        response = RedirectResponse(f"{self._base}/{onward}{notice}", 303)
        claims = {"sub": identity.subject, "email": identity.email}
        self._set_session(response, self._signer.sign(claims, _SESSION_SECONDS), _SESSION_SECONDS)
        return response

    async def _page(self, request: Request) -> Response:
        person = self.person(request)
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
            connections=[self._shown(connection, is_default=not place) for place, connection in enumerate(connections)],
            programs=[_shown_program(name, session) for name, session in await self._sessions.of(principal)],
        )

    def _shown(self, connection: Connection, *, is_default: bool) -> dict[str, Any]:
        allowed = capability_scopes.granted(connection.scopes, self._offer)
        used = self._grants.last_used(connection)
        return {
            "id": connection.id,
            "address": connection.address,
            "alias": connection.alias,
            "is_default": is_default,
            "allows": capability_scopes.in_words(allowed),
            "since": f"{connection.connected_at:%Y-%m-%d %H:%M} UTC",
            "used": f"{used:%Y-%m-%d %H:%M} UTC" if used else "",
            "trouble": explain(connection.dead).words if connection.dead else "",
            "next_step": explain(connection.dead).next_step if connection.dead else "",
            "can_widen": set(capability_scopes.asked_at_sign_in(self._offer)) > set(allowed),
        }

    async def _sign_in(self, request: Request) -> Response:
        link = str((await request.form()).get("connect", ""))
        return await self._to_google("", connect=False, link=link if _LINK_TOKEN.fullmatch(link) else "")

    async def _connect(self, request: Request) -> Response:
        person = await self.form_person(request)
        return await self._to_google(person["sub"], connect=True, hint=person["email"]) if person else self.refused()

    async def _disconnect(self, request: Request) -> Response:
        person = await self.form_person(request)
        if person is None:
            return self.refused()
        principal = Principal(ISSUER, person["sub"])
        wanted = str((await request.form()).get("connection", ""))
        found = next((c for c in await self._connections.of(principal) if c.id == wanted), None)
        if found is not None and await self._disconnector.end(principal, found) is AtGoogle.UNKNOWN:
            return self._pages.problem(
                "Google did not answer",
                "What was stored here is deleted, and nothing here can use the account any more. "
                "Google may still list this service among the apps with access.",
                502,
                next_step="Remove it at myaccount.google.com/connections.",
            )
        return RedirectResponse(f"{self._base}/account?done=disconnected", 303)

    async def _sign_out_program(self, request: Request) -> Response:
        person = await self.form_person(request)
        if person is None:
            return self.refused()
        principal = Principal(ISSUER, person["sub"])
        ended = await self._sessions.end_named(principal, str((await request.form()).get("program", "")))
        if ended is not None:
            self._audit.record("client_signed_out", who=principal, client=ended.client_id)
        return RedirectResponse(f"{self._base}/account?done=signed-out", 303)

    async def _sign_out(self, request: Request) -> Response:
        if await self.form_person(request) is None:
            return self.refused()
        response = RedirectResponse(f"{self._base}/account", 303)
        self._set_session(response, "", 0)
        return response

    async def _to_google(
        self, subject: str, *, connect: bool, ask_again: bool = False, hint: str = "", link: str = ""
    ) -> RedirectResponse:
        state, binding, verifier = _STATE + secrets.token_urlsafe(24), secrets.token_urlsafe(24), new_code_verifier()
        begun = {"binding": binding, "verifier": verifier, "subject": subject, "connect": connect, "link": link}
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

    def person(self, request: Request) -> dict[str, Any] | None:
        """Who is signed in on this page in that browser: `sub` and `email`."""
        return self._signer.verify(request.cookies.get(self._cookie, ""))

    async def form_person(self, request: Request) -> dict[str, Any] | None:
        """The signed-in person, if the form was made for this very session."""
        person = self.person(request)
        token = str((await request.form()).get("token", ""))
        return person if person and hmac.compare_digest(token, str(person["jti"])) else None

    def refused(self) -> HTMLResponse:
        """The page for a form without a session."""
        return self._pages.problem(
            "You are not signed in here",
            "The session has ended, or the form came from another page.",
            403,
            next_step="Open your account page and sign in again.",
        )

    def _targets(self) -> str:
        return f"'self' {self._google.origin}"

    def _set_session(self, response: Response, value: str, seconds: int) -> None:
        for path in _SESSION_PATHS:
            self._set_cookie(response, self._cookie, value, seconds, path=path)

    def _set_cookie(self, response: Response, name: str, value: str, seconds: int, *, path: str) -> None:
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
