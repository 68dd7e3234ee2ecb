"""Google as this service needs it: within reach, of the same time, and knowing this client and its redirect URI."""

import asyncio
import base64
import binascii
import secrets
from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import parse_qs, urlsplit

import httpx2

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.errors import MisconfiguredError, ReauthRequiredError, WorkspaceError
from google_workspace_mcp.core.google.endpoints import GoogleEndpoints
from google_workspace_mcp.core.google.identity import LEEWAY
from google_workspace_mcp.core.google.oauth import GoogleOAuth
from google_workspace_mcp.core.settings import Settings
from google_workspace_mcp.doctor.findings import Finding, good, note, wrong

_SECONDS: Final = 10.0
# What Google calls a client or redirect URI that it does not take.
_REFUSALS: Final = ("redirect_uri_mismatch", "invalid_client", "deleted_client", "disabled_client", "org_internal")
_MISSING: Final = wrong(
    "Google client",
    "id or secret is missing",
    "set GWMCP_GOOGLE_CLIENT_ID and GWMCP_GOOGLE_CLIENT_SECRET; `python main.py serve` tells where to get them",
)


async def google(settings: Settings, http: httpx2.AsyncClient, clock: Clock) -> list[Finding]:
    """What can be told without a person: no grant is used, no code redeemed."""
    endpoints = GoogleEndpoints.of(settings.google_url)
    is_set = bool(settings.google_client_id and settings.google_client_secret.get_secret_value())
    try:
        async with asyncio.timeout(_SECONDS):
            certs = await http.get(endpoints.certs)
            certs.raise_for_status()
            for origin in _origins(endpoints):
                await http.get(origin)
    except (httpx2.HTTPError, TimeoutError) as error:
        fix = "start the simulator" if settings.google_url else "check that port 443 is open to the outside"
        client = good("Google client", "id and secret are set") if is_set else _MISSING
        return [client, wrong("Google", f"cannot be reached ({type(error).__name__})", fix)]
    reached = [good("Google", "can be reached"), _time(certs, clock)]
    if not is_set:
        return [_MISSING, *reached]
    return [*reached, await _client(settings, endpoints, http, clock), await _redirect(settings, endpoints, http)]


def _origins(endpoints: GoogleEndpoints) -> Iterator[str]:
    """Every further host that is called; a firewall that goes by names may let through one and not another."""
    urls = (endpoints.token, endpoints.gmail_root, endpoints.drive_root, endpoints.calendar_root)
    yield from dict.fromkeys(f"{urlsplit(url).scheme}://{urlsplit(url).netloc}/" for url in urls)


def _time(answer: httpx2.Response, clock: Clock) -> Finding:
    """Google's time by the Date of an answer, which may have lain in a cache for its Age (RFC 9111, section 5.1)."""
    try:
        told = parsedate_to_datetime(answer.headers.get("date", "")) + timedelta(
            seconds=int(answer.headers.get("age", "0"))
        )
        apart = (clock.now() - told).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return note("clock", "Google did not tell the time")
    if abs(apart) <= LEEWAY:
        return good("clock", f"within {LEEWAY:.0f} s of Google's")
    side = "ahead of" if apart > 0 else "behind"
    return wrong("clock", f"{abs(apart):.0f} s {side} Google's", "have the machine's clock set, by NTP or chrony")


async def _client(settings: Settings, endpoints: GoogleEndpoints, http: httpx2.AsyncClient, clock: Clock) -> Finding:
    """Offers a code that cannot be one: who the client is comes first, so only the code is refused (RFC 6749, 5.2)."""
    oauth = GoogleOAuth(http, endpoints, settings.google_client_id, settings.google_client_secret, clock)
    try:
        await oauth.redeem("doctor", settings.redirect_uri, secrets.token_urlsafe(48))
    except ReauthRequiredError:
        return good("Google client", "Google accepts id and secret")
    except MisconfiguredError as error:
        fix = "copy id and secret anew from the Google console, Clients; a secret made there lately may take minutes"
        return wrong("Google client", f"Google does not accept id and secret ({error.reason})", fix)
    except WorkspaceError:
        pass
    return note("Google client", "id and secret are set, but Google does not say whether it knows them", "try again")


async def _redirect(settings: Settings, endpoints: GoogleEndpoints, http: httpx2.AsyncClient) -> Finding:
    """Asks for a sign-in without pages: only to an address that it knows does Google send the refusal back."""
    query = {
        "client_id": settings.google_client_id,
        "redirect_uri": settings.redirect_uri,
        "response_type": "code",
        "scope": "openid",
        "prompt": "none",
        "state": "doctor",
    }
    try:
        async with asyncio.timeout(_SECONDS):
            answer = await http.get(endpoints.authorize, params=query)
    except (httpx2.HTTPError, TimeoutError):
        return _unsaid(settings)
    target = answer.headers.get("location", "")
    if target.startswith(f"{settings.redirect_uri}?"):
        return good("redirect URI", f"Google knows {settings.redirect_uri}")
    told = f"{_told(target)} {answer.text}"
    refusal = next((word for word in _REFUSALS if word in told), "")
    if not refusal:
        return _unsaid(settings)
    fix = f"add exactly this address in the Google console, Clients, Authorized redirect URIs: {settings.redirect_uri}"
    return wrong("redirect URI", f"Google refuses it ({refusal})", fix)


def _unsaid(settings: Settings) -> Finding:
    fix = f"compare it letter by letter with the Google console, Clients: {settings.redirect_uri}"
    return note("redirect URI", "Google does not say whether it knows the address", fix)


def _told(target: str) -> str:
    """The text in the address of Google's error page, which carries it in base64."""
    values = parse_qs(urlsplit(target).query).get("authError", [])
    try:
        return base64.urlsafe_b64decode("".join(values) + "===").decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""
