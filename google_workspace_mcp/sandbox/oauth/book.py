"""Who granted what to which client, and the codes and tokens that came of it."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from google_workspace_mcp.core.clock import Clock, epoch
from google_workspace_mcp.sandbox.service import GoogleError

CODE_LIFE = timedelta(minutes=10)
TOKEN_SECONDS = 3599
# Google keeps that many refresh tokens per account and client; one more silently kills the oldest.
REFRESH_TOKENS_KEPT = 100


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """An app registered with the simulated Google."""

    client_id: str
    client_secret: str
    name: str
    redirect_uris: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person allowed, for one authorization request."""

    email: str
    client_id: str
    scopes: frozenset[str]
    offline: bool = False


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A live or dead bearer token; `expires_at` in seconds since 1970."""

    value: str
    consent: Consent
    expires_at: float


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code and all that it is bound to."""

    value: str
    consent: Consent
    redirect_uri: str
    expires_at: float
    refreshable: bool = False
    nonce: str = ""
    challenge: str = ""
    challenge_method: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """Tokens in hand, without having clicked through the pages."""

    access_token: str
    refresh_token: str
    scopes: frozenset[str] = field(default_factory=frozenset[str])


class TokenBook:
    """All clients, grants, codes and tokens."""

    def __init__(self, clock: Clock, token: Callable[[int], str]) -> None:
        self._clock = clock
        self._token = token
        self._clients: dict[str, OAuthClient] = {}
        self._granted: dict[tuple[str, str], frozenset[str]] = {}
        self._offline: set[tuple[str, str]] = set()
        self._codes: dict[str, Code] = {}
        self._access: dict[str, AccessToken] = {}
        self._refresh: dict[str, Consent] = {}

    # -- clients

    def register(self, client: OAuthClient) -> None:
        self._clients[client.client_id] = client

    def client(self, client_id: str) -> OAuthClient | None:
        return self._clients.get(client_id)

    def clients(self) -> list[OAuthClient]:
        return list(self._clients.values())

    # -- consent and codes

    def granted(self, email: str, client_id: str) -> frozenset[str]:
        """The scopes that the person has allowed this client so far."""
        return self._granted.get((email, client_id), frozenset())

    def offline_before(self, email: str, client_id: str) -> bool:
        """Whether a refresh token has been handed out for this pair since the last revocation."""
        return (email, client_id) in self._offline

    def allow(self, consent: Consent) -> None:
        """Add to what the person has granted the client."""
        key = (consent.email, consent.client_id)
        self._granted[key] = self.granted(*key) | consent.scopes

    def issue_code(
        self, consent: Consent, redirect_uri: str, *, refreshable: bool, nonce: str, pkce: tuple[str, str]
    ) -> str:
        """A code for the callback. `pkce` is challenge and method, empty when the client sent none."""
        value = f"4/0sim-{self._token(32)}"
        expires = epoch(self._clock) + CODE_LIFE.total_seconds()
        self._codes[value] = Code(value, consent, redirect_uri, expires, refreshable, nonce, *pkce)
        return value

    def redeem(self, value: str, client_id: str, redirect_uri: str, verifier: str) -> Code:
        """The code, which is used up by this, whatever comes of it. Raises `invalid_grant` and its kin."""
        code = self._codes.pop(value, None)
        if code is None or code.consent.client_id != client_id or code.expires_at <= epoch(self._clock):
            raise GoogleError(400, "invalid_grant", "Malformed auth code.")
        if code.redirect_uri != redirect_uri:
            raise GoogleError(400, "redirect_uri_mismatch", "Bad Request")
        if code.challenge and not verifier:
            raise GoogleError(400, "invalid_grant", "Missing code verifier.")
        if code.challenge and not _verifies(verifier, code.challenge, code.challenge_method):
            raise GoogleError(400, "invalid_grant", "Invalid code verifier.")
        return code

    # -- tokens

    def issue_access(self, consent: Consent) -> str:
        """A bearer token, good for 3,599 seconds."""
        value = f"ya29.sim-{self._token(32)}"
        self._access[value] = AccessToken(value, consent, epoch(self._clock) + TOKEN_SECONDS)
        return value

    def issue_refresh(self, consent: Consent) -> str:
        """A refresh token. The oldest one beyond a hundred for the same account and client dies."""
        value = f"1//0sim-{self._token(32)}"
        self._refresh[value] = consent
        pair = (consent.email, consent.client_id)
        self._offline.add(pair)
        held = [token for token, other in self._refresh.items() if (other.email, other.client_id) == pair]
        for token in held[:-REFRESH_TOKENS_KEPT]:
            del self._refresh[token]
        return value

    def refresh(self, value: str, client_id: str) -> Consent:
        """What a refresh token stands for. Raises `invalid_grant` when it is no more, or another client's."""
        consent = self._refresh.get(value)
        if consent is None or consent.client_id != client_id:
            raise GoogleError(400, "invalid_grant", "Token has been expired or revoked.")
        return consent

    def live(self, access_token: str) -> AccessToken | None:
        """The bearer token, if it is known and has not expired."""
        found = self._access.get(access_token)
        return found if found and found.expires_at > epoch(self._clock) else None

    def owner(self, access_token: str) -> str:
        """The e-mail of whoever the token was issued for, dead or alive, or an empty string."""
        found = self._access.get(access_token)
        return found.consent.email if found else ""

    def pair_of(self, token: str) -> tuple[str, str] | None:
        """Person and client of an access or refresh token."""
        access = self.live(token)
        consent = access.consent if access else self._refresh.get(token)
        return (consent.email, consent.client_id) if consent else None

    # -- endings

    def revoke(self, email: str, client_id: str) -> None:
        """End the whole grant: Google's revocation of one token kills all tokens of that app for that account."""
        pair = (email, client_id)
        self._granted.pop(pair, None)
        self._offline.discard(pair)
        self._refresh = _others(self._refresh.items(), pair, lambda consent: consent)
        self._access = _others(self._access.items(), pair, lambda token: token.consent)
        self._codes = _others(self._codes.items(), pair, lambda code: code.consent)

    def expire_access_tokens(self, email: str = "") -> None:
        """Let all bearer tokens, or those of one person, die of old age."""
        for value, token in list(self._access.items()):
            if email in {"", token.consent.email}:
                self._access[value] = AccessToken(value, token.consent, epoch(self._clock))


def _others[T](items: Iterable[tuple[str, T]], pair: tuple[str, str], consent: Callable[[T], Consent]) -> dict[str, T]:
    return {key: item for key, item in items if (consent(item).email, consent(item).client_id) != pair}


def _verifies(verifier: str, challenge: str, method: str) -> bool:
    """RFC 7636 section 4.6."""
    if method == "S256":
        digest = hashlib.sha256(verifier.encode()).digest()
        computed = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    else:
        computed = verifier
    return hmac.compare_digest(computed.encode(), challenge.encode())
