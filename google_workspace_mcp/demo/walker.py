"""Walks through sign-in pages as a person would, over plain HTTP: follows links, submits the forms it is shown."""

from collections.abc import Collection
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
from selectolax.lexbor import LexborHTMLParser, LexborNode

_MOST_STEPS = 20


class WalkError(Exception):
    """The pages led somewhere else than back to the client; the text says where."""


class SignInWalker:
    """Signs one sample person in. `untick` names Google scopes (or parts of their names) that the person refuses."""

    def __init__(self, http: httpx2.AsyncClient, email: str, *, untick: Collection[str] = ()) -> None:
        self._http = http
        self._email = email
        self._untick = tuple(untick)

    async def walk(self, address: str, back_to: str) -> dict[str, str]:
        """From the authorization address until the browser is sent to `back_to`; the parameters it brings there.

        Raises WalkError for a page that is no step of a sign-in.
        """
        response = await self._http.get(address)
        for _ in range(_MOST_STEPS):
            if response.is_redirect:
                target = urljoin(str(response.url), response.headers["location"])
                if target.startswith(back_to):
                    return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
                response = await self._http.get(target)
            elif response.status_code == 200:
                response = await self._act(response)
            else:
                raise WalkError(f"{response.url.path} answered {response.status_code}: {_words(response)}")
        raise WalkError(f"still on {response.url.path} after {_MOST_STEPS} steps")

    async def _act(self, page: httpx2.Response) -> httpx2.Response:
        """Do what the page is for: choose the person, or submit the form with its affirmative button."""
        tree = LexborHTMLParser(page.text)
        for link in tree.css("a[href]"):
            if self._email in link.text():
                return await self._http.get(urljoin(str(page.url), link.attributes["href"] or ""))
        form = tree.css_first("form[method=post]")
        if form is None:
            raise WalkError(f"{page.url.path} has nothing to go on with: {_words(page)}")
        action = urljoin(str(page.url), form.attributes.get("action") or "")
        return await self._http.post(action, data=self._filled(form), headers={"Origin": _origin(action)})

    def _filled(self, form: LexborNode) -> dict[str, list[str]]:
        values: dict[str, list[str]] = {}
        for field in form.css("input"):
            name, value = field.attributes.get("name"), field.attributes.get("value") or ""
            box = field.attributes.get("type") == "checkbox"
            if name and (not box or "checked" in field.attributes) and not (box and self._refuses(value)):
                values.setdefault(name, []).append(value)
        button = form.css_first("button.main")
        if button is not None and button.attributes.get("name"):
            values[button.attributes["name"] or ""] = [button.attributes.get("value") or ""]
        return values

    def _refuses(self, scope: str) -> bool:
        return any(part in scope for part in self._untick)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _words(page: httpx2.Response) -> str:
    tree = LexborHTMLParser(page.text)
    main = tree.css_first("main") or tree.body
    return " ".join((main.text() if main else page.text).split())[:300]
