"""The Google leg of every sign-in: the address to send a person to, and what came back.

Google's address is built by google-auth-oauthlib (offline); the code is redeemed by the shared async client, because
the library's own redemption blocks and refuses an answer with fewer scopes than were asked for, which is exactly what
a person who unticks one gives.
"""

import base64
import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from google_workspace_mcp.auth.allowed import Allowed
from google_workspace_mcp.core.errors import PolicyRefusedError, ReauthRequiredError
from google_workspace_mcp.core.google.endpoints import GoogleEndpoints
from google_workspace_mcp.core.google.identity import GoogleIdentity, IdTokenVerifier
from google_workspace_mcp.core.google.oauth import GoogleOAuth, TokenAnswer


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person who came back from Google, and what they allowed."""

    identity: GoogleIdentity
    answer: TokenAnswer


class GoogleSignIn:
    """Sends people to Google and checks who returns."""

    def __init__(
        self,
        endpoints: GoogleEndpoints,
        oauth: GoogleOAuth,
        verifier: IdTokenVerifier,
        *,
        client_id: str,
        redirect_uri: str,
        allowed: Allowed,
    ) -> None:
        self._endpoints = endpoints
        self._oauth = oauth
        self._verifier = verifier
        self._client_id = client_id
        self._redirect_uri = redirect_uri
        self._allowed = allowed

    @property
    def origin(self) -> str:
        """Scheme and authority of Google's sign-in page."""
        parts = urlsplit(self._endpoints.authorize)
        return f"{parts.scheme}://{parts.netloc}"

    def address(
        self,
        scopes: Iterable[str],
        *,
        state: str,
        code_verifier: str,
        login_hint: str = "",
        ask_again: bool = False,
        offline: bool = True,
    ) -> str:
        """Where to send the browser.

        `offline` asks for a refresh token, which Google gives at the first consent only; `ask_again` makes Google show
        its consent page and give another.
        """
        # It brings requests and urllib3: a start would take 7 % longer for what the first sign-in needs.
        from google_auth_oauthlib.flow import Flow

        # The library refuses plain http, which only a simulator on this machine has: it builds the real query.
        real = GoogleEndpoints.of("")
        config = {"web": {"client_id": self._client_id, "auth_uri": real.authorize, "token_uri": real.token}}
        flow = Flow.from_client_config(
            config, scopes=list(scopes), redirect_uri=self._redirect_uri, code_verifier=code_verifier
        )
        # Google merges what was granted before, so that asking for one thing more never loses another.
        extra = {"access_type": "offline" if offline else "online", "include_granted_scopes": "true"}
        if ask_again:
            extra["prompt"] = "consent"
        if login_hint:
            extra["login_hint"] = login_hint
        address, _ = flow.authorization_url(state=state, **extra)
        return f"{self._endpoints.authorize}?{address.partition('?')[2]}"

    async def finish(self, code: str, code_verifier: str) -> SignedIn:
        """Redeem the code and verify who it is.

        Raises PolicyRefusedError for somebody who may not sign in, ReauthRequiredError for a code Google does not take,
        GoogleUnavailableError.
        """
        answer = await self._oauth.redeem(code, self._redirect_uri, code_verifier)
        if not answer.id_token:
            raise ReauthRequiredError("Google did not say who signed in", reason="no_id_token")
        identity = await self._verifier.verify(answer.id_token)
        self._check_allowed(identity)
        return SignedIn(identity, answer)

    def _check_allowed(self, identity: GoogleIdentity) -> None:
        if not identity.email_verified:
            raise PolicyRefusedError("Google has not verified this account's address", reason="unverified_email")
        self._allowed.check(identity.email, identity.hosted_domain)


def new_code_verifier() -> str:
    """A PKCE verifier of 64 characters (RFC 7636, section 4.1)."""
    return secrets.token_urlsafe(48)


def code_challenge(verifier: str) -> str:
    """Its S256 challenge."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
