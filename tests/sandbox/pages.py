"""Clicking through the sign-in pages over HTTP, as a person would: following links and forms, nothing else."""

import base64
import hashlib
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
from selectolax.lexbor import LexborHTMLParser

from tests.sandbox.world import ALICE, APP, CALLBACK, READ_DRIVE, READ_MAIL

VERIFIER = "a-verifier-that-is-long-enough-for-rfc-7636-0123456789"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def authorization(**changes: str) -> str:
    """The address that an app sends a person to. An empty value leaves the parameter out."""
    parameters = {
        "client_id": APP.client_id,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": f"openid email profile {READ_MAIL} {READ_DRIVE}",
        "state": "s&t=1",
        "access_type": "offline",
        "nonce": "n-1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    } | changes
    return "/o/oauth2/v2/auth?" + urlencode({name: value for name, value in parameters.items() if value})


@dataclass(frozen=True, slots=True)
class Form:
    """The consent form as the page shows it."""

    action: str
    hidden: dict[str, str]
    scopes: list[str]

    def filled(self, decision: str, ticked: list[str]) -> dict[str, str | list[str]]:
        return {**self.hidden, "scope": ticked, "decision": decision}


def consent_form(page: httpx2.Response) -> Form:
    tree = LexborHTMLParser(page.text)
    form = tree.css_first("form")
    assert form is not None, page.text
    inputs = [node.attributes for node in form.css("input")]
    return Form(
        action=form.attributes["action"] or "",
        hidden={item["name"] or "": item["value"] or "" for item in inputs if item.get("type") == "hidden"},
        scopes=[item["value"] or "" for item in inputs if item.get("type") == "checkbox" and "checked" in item],
    )


def link_of(page: httpx2.Response, email: str) -> str:
    """Where a click on that person in the chooser leads."""
    tree = LexborHTMLParser(page.text)
    return next(node.attributes["href"] or "" for node in tree.css("a.row") if email in node.text())


def returned(answer: httpx2.Response) -> dict[str, str]:
    """What the redirect to the app carries."""
    assert answer.status_code == 302, answer.text
    location = answer.headers["location"]
    assert location.startswith(f"{CALLBACK}?"), location
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


async def allow(client: httpx2.AsyncClient, *, ticked: list[str] | None = None, **changes: str) -> dict[str, str]:
    """Go through the consent page as Alice; all scopes stay ticked unless some are named."""
    page = await client.get(authorization(**{"login_hint": ALICE.email, **changes}))
    if page.status_code == 302:
        return returned(page)
    form = consent_form(page)
    answer = await client.post(form.action, data=form.filled("allow", form.scopes if ticked is None else ticked))
    return returned(answer)


async def redeem(client: httpx2.AsyncClient, code: str, /, **changes: str) -> httpx2.Response:
    """Hand a code to the token endpoint. An empty value leaves the field out."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "client_id": APP.client_id,
        "client_secret": APP.client_secret,
        "code_verifier": VERIFIER,
    } | changes
    return await client.post("/token", data={name: value for name, value in form.items() if value})


async def refresh(client: httpx2.AsyncClient, token: str, /, **changes: str) -> httpx2.Response:
    """Hand a refresh token to the token endpoint."""
    form = {
        "grant_type": "refresh_token",
        "refresh_token": token,
        "client_id": APP.client_id,
        "client_secret": APP.client_secret,
    } | changes
    return await client.post("/token", data={name: value for name, value in form.items() if value})
