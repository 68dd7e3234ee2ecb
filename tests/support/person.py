"""A person with a browser, step by step: what a well-behaved walker would do by itself, and what it would not."""

from collections.abc import Collection
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
from selectolax.lexbor import LexborHTMLParser

from google_workspace_mcp.demo.walker import SignInWalker

NAVIGATES = {"Sec-Fetch-Mode": "navigate"}


class Browser:
    """Opens pages, presses buttons, goes through Google. `http` keeps its cookies."""

    def __init__(self, http: httpx2.AsyncClient, origin: str, prefix: str = "/workspace") -> None:
        self.http = http
        self.origin = origin
        self.prefix = prefix

    async def open(self, address: str) -> httpx2.Response:
        return await self.http.get(address, headers=NAVIGATES)

    async def press(
        self, page: httpx2.Response, action: str = "", *, button: tuple[str, str] | None = None, **changes: str
    ) -> httpx2.Response:
        """Submit the page's form (the one whose action ends so), with `button` and changed fields."""
        form = LexborHTMLParser(page.text).css_first(f'form[action$="{action}"]' if action else "form[method=post]")
        assert form is not None, page.text
        fields = {str(f.attributes["name"]): str(f.attributes["value"]) for f in form.css("input[type=hidden]")}
        fields |= dict([button]) if button else {}
        target = urljoin(str(page.url), form.attributes.get("action") or "")
        return await self.http.post(target, data={**fields, **changes}, headers={"Origin": self.origin})

    async def go_on(self, page: httpx2.Response) -> str:
        """Press the connect page's button; the address of Google that it leads to."""
        response = await self.press(page, button=("action", "approve"))
        assert response.status_code == 303, response.text
        return response.headers["location"]

    async def through_google(
        self, address: str, email: str, back_to: str, *, untick: Collection[str] = ()
    ) -> dict[str, str]:
        """Choose the account and allow; what comes back to `back_to`."""
        return await SignInWalker(self.http, email, untick=untick).walk(address, back_to)

    async def follow(self, address: str, email: str, *, untick: Collection[str] = ()) -> httpx2.Response:
        """The same, to the callback and the page that it answers with; a redirect is not followed from there."""
        callback = f"{self.origin}{self.prefix}/auth/google/callback"
        response = await self.http.get(
            callback, params=await self.through_google(address, email, callback, untick=untick)
        )
        if "/o/oauth2/" in response.headers.get("location", ""):
            # Google had given its refresh token to an earlier consent: the person is sent there once more.
            again = await self.through_google(response.headers["location"], email, callback, untick=untick)
            response = await self.http.get(callback, params=again)
        return response


def query_of(address: str) -> dict[str, str]:
    """The parameters of an address, each once."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
