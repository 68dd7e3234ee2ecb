"""Google's token endpoint: codes for grants, refresh tokens for access tokens, and giving a grant back."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import httpx2

from google_workspace_mcp.core.clock import Clock, SystemClock
from google_workspace_mcp.core.errors import (
    GoogleRefusedError,
    GoogleUnavailableError,
    InternalError,
    MisconfiguredError,
    ReauthRequiredError,
    WorkspaceError,
)
from google_workspace_mcp.core.google.answers import Answer, google_error, retry_after
from google_workspace_mcp.core.google.calls import JSON
from google_workspace_mcp.core.google.endings import INVALID_GRANT, cause_of
from google_workspace_mcp.core.google.endpoints import GoogleEndpoints

# One exchange; a tool's own deadline may cut it shorter.
_SECONDS = 20.0
_OPERATORS_FAULT = frozenset(
    {
        "invalid_client",
        "unauthorized_client",
        "deleted_client",
        "disabled_client",
        "redirect_uri_mismatch",
        "org_internal",
    }
)
_ADMINISTRATORS_NO = frozenset({"access_denied", "admin_policy_enforced"})


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """What Google gave. `scopes` are those that were granted, which may be fewer than were asked for.

    `expires_in` is in seconds. `refresh_token` comes with a code only, and then not always; `id_token` may be "".
    """

    access_token: str = field(repr=False)
    expires_in: int
    refresh_token: str | None = field(repr=False)
    scopes: frozenset[str]
    id_token: str = field(repr=False)


class Secret(Protocol):
    """A secret as it is at the moment; `SecretStr` is one that never changes."""

    def get_secret_value(self) -> str:
        """In plain text."""
        ...


class GoogleOAuth:
    """This service as a client of Google's authorization server (RFC 6749).

    All methods raise ReauthRequiredError when the code or grant is dead for good, with one of the causes of
    `core.google.endings` as reason, MisconfiguredError when Google does not know this client, and
    GoogleUnavailableError for everything that may pass: a failing or slow Google never looks like a dead grant.
    """

    def __init__(
        self,
        http: httpx2.AsyncClient,
        endpoints: GoogleEndpoints,
        client_id: str,
        client_secret: Secret,
        clock: Clock | None = None,
    ) -> None:
        self._http = http
        self._endpoints = endpoints
        self._client_id = client_id
        self._client_secret = client_secret
        self._clock = clock or SystemClock()

    async def redeem(self, code: str, redirect_uri: str, code_verifier: str) -> TokenAnswer:
        """Exchange an authorization code (RFC 6749 4.1.3, with PKCE, RFC 7636 4.5)."""
        return await self._tokens(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": redirect_uri,
                "code_verifier": code_verifier,
            }
        )

    async def refresh(self, refresh_token: str) -> TokenAnswer:
        """Exchange a refresh token (RFC 6749 6). Its answer has a refresh token only if Google has changed it."""
        return await self._tokens({"grant_type": "refresh_token", "refresh_token": refresh_token})

    async def revoke(self, token: str) -> None:
        """Give the grant back (RFC 7009). A token that Google does not know any more counts as given back.

        Google ends the whole grant of this client for the account, whoever holds it.
        """
        answer = await self._post(self._endpoints.revoke, {"token": token})
        if answer.status == 200:
            return
        error = google_error(answer.json())
        if answer.status == 400 and error is not None and error.reasons[:1] == ("invalid_token",):
            return
        raise _failure(answer, self._clock.now())

    async def _tokens(self, form: dict[str, str]) -> TokenAnswer:
        client = {"client_id": self._client_id, "client_secret": self._client_secret.get_secret_value()}
        answer = await self._post(self._endpoints.token, {**form, **client})
        if answer.status != 200:
            raise _failure(answer, self._clock.now())
        return _token_answer(answer.json())

    async def _post(self, url: str, form: dict[str, str]) -> Answer:
        try:
            async with asyncio.timeout(_SECONDS):
                response = await self._http.post(url, data=form, headers={"accept": "application/json"})
        except (httpx2.RequestError, TimeoutError):
            raise _unavailable("token_endpoint") from None
        return Answer(response.status_code, dict(response.headers), response.content)


def _failure(answer: Answer, now: datetime) -> WorkspaceError:
    error = google_error(answer.json())
    reason = error.reasons[0] if error and error.reasons else ""
    if answer.status >= 500 or answer.status in (408, 429) or not reason:
        return _unavailable("token_endpoint", retry_after(answer.headers.get("retry-after"), "", now))
    if error is not None and reason == INVALID_GRANT:
        return ReauthRequiredError(
            "The connection to this Google account is no longer valid",
            next_step="Ask the person to connect the Google account again",
            reason=cause_of(error),
        )
    if reason in _ADMINISTRATORS_NO:
        return GoogleRefusedError(
            "The administrators of the account's domain do not allow this service",
            next_step="Tell the person to ask their Google Workspace administrator; trying again does not help",
            reason="domain_policy",
        )
    if reason in _OPERATORS_FAULT:
        return MisconfiguredError(
            "Google does not accept this service's OAuth client",
            next_step="Tell the operator to check the client id, its secret and its redirect URI",
            reason=reason,
        )
    return InternalError(
        "Google did not accept the way this service asked for a token",
        next_step="Tell the operator; trying again does not help",
        reason="token_request",
    )


def _token_answer(body: JSON | None) -> TokenAnswer:
    body = body or {}
    access_token, expires_in = body.get("access_token"), body.get("expires_in")
    refresh_token, scope, id_token = body.get("refresh_token"), body.get("scope", ""), body.get("id_token", "")
    if not isinstance(access_token, str) or not access_token or not isinstance(expires_in, int | float):
        raise _unavailable("garbled_token")
    return TokenAnswer(
        access_token=access_token,
        expires_in=int(expires_in),
        refresh_token=refresh_token if isinstance(refresh_token, str) and refresh_token else None,
        scopes=frozenset(scope.split()) if isinstance(scope, str) else frozenset(),
        id_token=id_token if isinstance(id_token, str) else "",
    )


def _unavailable(reason: str, wait: float | None = None) -> GoogleUnavailableError:
    return GoogleUnavailableError(
        "Google's sign-in does not answer properly at the moment",
        next_step="Try again a little later; the connection itself is not affected",
        retry_after=wait,
        reason=reason,
    )
