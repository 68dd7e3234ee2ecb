"""`/connect/<link>`: what a person sees before Google is asked, and where they come back to.

A link that a signed-in person's client made adds a Google account to that person. Whoever opened it could be somebody
else, sent there to hand over their own mailbox; so the browser has to be signed in at `/account` as that very person,
unless the account that must come back is the one they sign in with, which proves it. A link that an agent made is the
agent's to hand to the right person; the page names the agent and says so.
"""

import hmac
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from google_workspace_mcp.auth import scopes as capability_scopes
from google_workspace_mcp.auth.account_pages import AccountPages
from google_workspace_mcp.auth.connections import Connection, Connections, NoRefreshTokenError, connection_id
from google_workspace_mcp.auth.google_sign_in import GoogleSignIn, SignedIn, new_code_verifier
from google_workspace_mcp.auth.grants import Grants
from google_workspace_mcp.auth.keeper import GrantKeeper
from google_workspace_mcp.auth.links import STATE_PREFIX, ConnectLinks, LinkRecord, Taken
from google_workspace_mcp.auth.pages import Pages
from google_workspace_mcp.core.errors import PolicyRefusedError, WorkspaceError
from google_workspace_mcp.core.google.identity import GoogleIdentity
from google_workspace_mcp.core.http.return_urls import origin_of, with_answer
from google_workspace_mcp.core.storage.records import name_of

type NameOfClient = Callable[[str], Awaitable[str]]

_BROWSER = re.compile(r"[A-Za-z0-9_-]{32}")
_BROWSER_SECONDS = 3600
_CALLBACK = "/auth/google/callback"


@dataclass(frozen=True, slots=True)
class _Visit:
    """One request for a link: the link, the browser that came with it, and what the form must bring along."""

    token: str
    record: LinkRecord
    browser: str

    @property
    def form_token(self) -> str:
        """What only a page that this browser was shown can know."""
        return name_of(f"{self.browser}:{self.token}")


class ConnectPages:
    """The pages of connect links."""

    def __init__(
        self,
        *,
        base_url: str,
        pages: Pages,
        links: ConnectLinks,
        google: GoogleSignIn,
        connections: Connections,
        keeper: GrantKeeper,
        grants: Grants,
        account_pages: AccountPages,
        offer: tuple[str, ...],
    ) -> None:
        self._base = base_url
        self._pages = pages
        self._links = links
        self._google = google
        self._connections = connections
        self._keeper = keeper
        self._grants = grants
        self._account_pages = account_pages
        self._offer = offer
        self._secure = base_url.startswith("https://")
        self._cookie = "__Secure-gwmcp-connect" if self._secure else "gwmcp-connect"

    def routes(self, name_of_client: NameOfClient) -> list[Route]:
        """Routes relative to the application without its prefix. `name_of_client` tells what a client calls itself."""

        async def show(request: Request) -> Response:
            return await self._show(request, name_of_client)

        async def go(request: Request) -> Response:
            return await self._go(request)

        return [
            Route("/connect/{token}", show, methods=["GET"]),
            Route("/connect/{token}", go, methods=["POST"]),
        ]

    def owns(self, state: str) -> bool:
        """Whether a callback's state was made here."""
        return state.startswith(STATE_PREFIX)

    # -- before Google

    async def _show(self, request: Request, name_of_client: NameOfClient) -> Response:
        visit = await self._visit(request)
        if isinstance(visit, HTMLResponse):
            return visit
        # Programs that look at links to preview them are no browsers, and must not take the link away from one.
        if request.headers.get("sec-fetch-mode") == "navigate" and request.method == "GET":
            await self._links.bind(visit.token, visit.browser)
        page = self._signing_in_first(request, visit) or await self._asking(visit, name_of_client)
        self._set_cookie(page, visit.browser)
        return page

    async def _visit(self, request: Request) -> _Visit | HTMLResponse:
        token = str(request.path_params["token"])
        record = await self._links.find(token)
        if record is None:
            return self._pages.problem(
                "This link is no longer good",
                "It has been used, is older than ten minutes, or was copied incompletely.",
                410,
                next_step="Ask the program that gave it to you for a new one.",
            )
        known = request.cookies.get(self._cookie, "")
        browser = known if _BROWSER.fullmatch(known) else secrets.token_urlsafe(24)
        if record.browser and not hmac.compare_digest(record.browser, name_of(browser)):
            return self._pages.problem(
                "This link has been opened in another browser",
                "A connect link is good for the browser that opens it first.",
                403,
                next_step="Go on there, or ask the program that gave it to you for a new one.",
            )
        return _Visit(token, record, browser)

    def _signing_in_first(self, request: Request, visit: _Visit) -> HTMLResponse | None:
        """None when the browser may go on; otherwise a page that says what is missing."""
        record = visit.record
        if not record.is_persons or record.proves_itself:
            return None
        person = self._account_pages.person(request)
        if person is None:
            return self._pages.show(
                "connect_sign_in", form_targets=f"'self' {self._google.origin}", link_token=visit.token
            )
        if person["sub"] != record.subject:
            return self._pages.problem(
                "This link is somebody else's",
                f"You are signed in here as {person['email']}, and the link was made for another person. "
                "Going on would hand your Google account to them.",
                403,
                next_step="If both accounts are yours, sign out on the account page and open the link again.",
            )
        return None

    async def _asking(self, visit: _Visit, name_of_client: NameOfClient) -> HTMLResponse:
        record = visit.record
        targets = f"'self' {self._google.origin}"
        if record.return_url:
            targets += f" {origin_of(record.return_url)}"
        return self._pages.show(
            "connect",
            form_targets=targets,
            application=await self._application(record, name_of_client),
            is_agents=not record.is_persons,
            expected=record.expected_email,
            own_account=record.proves_itself,
            names_itself=record.is_persons and not record.is_account_pages,
            asks=capability_scopes.in_words(record.capabilities),
            return_host=origin_of(record.return_url) if record.return_url else "",
            link_token=visit.token,
            form_token=visit.form_token,
        )

    async def _application(self, record: LinkRecord, name_of_client: NameOfClient) -> str:
        if not record.is_persons:
            return urlsplit(record.issuer).hostname or record.issuer
        if record.is_account_pages:
            return "the programs that you signed in"
        return await name_of_client(record.client_id) or "a program without a name"

    async def _go(self, request: Request) -> Response:
        visit = await self._visit(request)
        if isinstance(visit, HTMLResponse):
            return visit
        form = await request.form()
        if not hmac.compare_digest(str(form.get("form_token", "")).encode(), visit.form_token.encode()):
            return self._pages.problem(
                "This form came from elsewhere",
                "It was not shown to this browser, or the browser does not keep cookies.",
                403,
                next_step="Open the link again.",
            )
        refused = self._signing_in_first(request, visit)
        if refused is not None:
            return refused
        if form.get("action") == "deny":
            return await self._ended(name_of(visit.token), visit.record, {"status": "cancelled"})
        return await self._to_google(name_of(visit.token), visit.record, visit.browser)

    async def _to_google(
        self, name: str, record: LinkRecord, browser: str, *, ask_again: bool = False, hint: str = ""
    ) -> Response:
        verifier = new_code_verifier()
        state = await self._links.begin(name, browser, verifier)
        if state is None:
            return self._expired()
        known = await self._known(record)
        address = self._google.address(
            capability_scopes.google_scopes(record.capabilities),
            state=state,
            code_verifier=verifier,
            login_hint=hint or record.expected_email or (record.subject if record.proves_itself else ""),
            # The refresh token that is held for a known account does not cover what is asked for now, or is dead.
            ask_again=ask_again or known is not None,
        )
        response = RedirectResponse(address, 303, {"Cache-Control": "no-store"})
        self._set_cookie(response, browser, path=_CALLBACK)
        return response

    async def _known(self, record: LinkRecord) -> Connection | None:
        if not record.expected_subject:
            return None
        cid = connection_id(record.principal, record.expected_subject)
        return next((c for c in await self._connections.of(record.principal) if c.id == cid), None)

    # -- back from Google

    async def callback(self, request: Request) -> Response:
        """Back from Google: check the browser and the account, keep what was granted for the link's principal."""
        browser = request.cookies.get(self._cookie, "")
        taken = await self._links.take(request.query_params.get("state", ""), browser)
        if taken is None:
            return self._expired()
        code = request.query_params.get("code", "")
        if not code:
            return await self._ended(taken.name, taken.record, {"status": "cancelled"})
        try:
            signed_in = await self._google.finish(code, taken.record.verifier)
            _check_expected(taken.record, signed_in.identity)
            return await self._keep(taken, signed_in, browser)
        except WorkspaceError as error:
            return self._pages.problem(
                "Connecting did not work", error.message, error.http_status, next_step=error.next_step
            )

    async def _keep(self, taken: Taken, signed_in: SignedIn, browser: str) -> Response:
        record, identity, answer = taken.record, signed_in.identity, signed_in.answer
        try:
            saved = await self._keeper.keep(
                record.principal,
                identity,
                answer,
                client=record.client_id,
                alias=record.alias,
                default=record.default,
            )
        except NoRefreshTokenError:
            return await self._to_google(taken.name, record, browser, ask_again=True, hint=identity.email)
        self._grants.remember(saved, answer.access_token, answer.expires_in)
        allowed = capability_scopes.granted(saved.scopes, self._offer)
        whole = set(record.capabilities) <= set(allowed)
        answer = {"status": "connected" if whole else "partial", "connection_id": saved.id, "alias": saved.alias}
        return await self._ended(taken.name, record, answer, saved)

    async def _ended(
        self, name: str, record: LinkRecord, answer: dict[str, str], saved: Connection | None = None
    ) -> Response:
        """Use the link up, and lead back to the caller's address or to a page of our own."""
        if not await self._links.close(name):
            return self._expired()
        if record.return_url:
            answer |= {"state": record.state} if record.state else {}
            return RedirectResponse(with_answer(record.return_url, answer), 303, {"Cache-Control": "no-store"})
        if record.is_account_pages:
            return RedirectResponse(f"{self._base}/account", 303, {"Cache-Control": "no-store"})
        return self._pages.show("connected", **self._outcome(record, saved))

    def _outcome(self, record: LinkRecord, saved: Connection | None) -> dict[str, Any]:
        allowed = capability_scopes.granted(saved.scopes, self._offer) if saved else ()
        return {
            "address": saved.address if saved else "",
            "alias": saved.alias if saved else "",
            "allows": capability_scopes.in_words(allowed),
            "refused": capability_scopes.in_words(n for n in record.capabilities if n not in allowed) if saved else [],
            "is_persons": record.is_persons,
        }

    def _expired(self) -> HTMLResponse:
        return self._pages.problem(
            "This connection attempt is no longer good",
            "It has been finished, took longer than ten minutes, or was begun in another browser. Nothing was changed.",
            403,
            next_step="Open the link again, or ask the program that gave it to you for a new one.",
        )

    def _set_cookie(self, response: Response, browser: str, *, path: str = "/connect") -> None:
        response.set_cookie(
            self._cookie,
            browser,
            max_age=_BROWSER_SECONDS,
            path=f"{urlsplit(self._base).path}{path}",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )


def _check_expected(record: LinkRecord, identity: GoogleIdentity) -> None:
    """Raise PolicyRefusedError when another account came back than the link is for."""
    subject_fits = record.expected_subject in ("", identity.subject)
    # With a subject the address is only a hint: people are renamed, and stay who they are.
    address_fits = record.expected_subject or record.expected_email.casefold() in ("", identity.email.casefold())
    if subject_fits and address_fits:
        return
    wanted = f"the link is for {record.expected_email}" if record.expected_email else "the link is for another one"
    raise PolicyRefusedError(
        f"Another Google account came back: {wanted}. Nothing was connected",
        next_step="Open the link again and choose that account at Google",
        reason="other_account",
    )
