"""What a person changes about their connections on the account page, beside ending them."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from google_workspace_mcp.auth.account_pages import AccountPages
from google_workspace_mcp.auth.connections import Connections
from google_workspace_mcp.auth.links import ConnectLinks, Wish
from google_workspace_mcp.core.errors import NotConnectedError
from google_workspace_mcp.core.google.endpoints import ISSUER
from google_workspace_mcp.core.principal import Caller, Principal


class AccountForms:
    """Connect one more account, change what one may be used for, choose the default."""

    def __init__(
        self, *, base_url: str, account_pages: AccountPages, links: ConnectLinks, connections: Connections
    ) -> None:
        self._base = base_url
        self._account_pages = account_pages
        self._links = links
        self._connections = connections

    def routes(self) -> list[Route]:
        """Routes relative to the application without its prefix."""
        return [
            Route("/account/link", self._link, methods=["POST"]),
            Route("/account/default", self._default, methods=["POST"]),
        ]

    async def _link(self, request: Request) -> Response:
        """On to a connect page, which asks in the same words whoever the link came from."""
        person = await self._account_pages.form_person(request)
        if person is None:
            return self._account_pages.refused()
        account = str((await request.form()).get("connection", ""))
        caller = Caller(Principal(ISSUER, person["sub"]), "", frozenset())
        try:
            link = await self._links.create(caller, Wish(account=account))
        except NotConnectedError:
            return self._back()
        return RedirectResponse(link.url, 303)

    async def _default(self, request: Request) -> Response:
        person = await self._account_pages.form_person(request)
        if person is None:
            return self._account_pages.refused()
        principal = Principal(ISSUER, person["sub"])
        try:
            chosen = await self._connections.choose(principal, str((await request.form()).get("connection", "")))
        except NotConnectedError:
            return self._back()
        await self._connections.make_default(principal, chosen)
        return self._back()

    def _back(self) -> Response:
        return RedirectResponse(f"{self._base}/account", 303)
