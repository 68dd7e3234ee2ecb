"""Who signed in, proved by Google's id token (OpenID Connect Core 1.0, 3.1.3.7)."""

import asyncio
import hmac
from dataclasses import dataclass
from typing import Any

import httpx2
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from google_workspace_mcp.core.clock import Clock, epoch
from google_workspace_mcp.core.errors import GoogleUnavailableError, ReauthRequiredError
from google_workspace_mcp.core.google.answers import Answer
from google_workspace_mcp.core.google.endpoints import GoogleEndpoints

LEEWAY = 60.0
# Anybody can invent a key id; this is how often one may send us to Google, and how soon after a failure.
REFETCH_AFTER = 60.0
RETRY_AFTER = 5.0
# Google changes its keys every week or so and lets its certificates be cached for about six hours.
CERTS_LIFE = 6 * 3600.0
_SECONDS = 10.0
_LONGEST_TOKEN = 16_384
_LONGEST_SUBJECT = 255


@dataclass(frozen=True, slots=True)
class GoogleIdentity:
    """A Google account. `subject` is its only lasting key; `hosted_domain` is "" for a consumer account."""

    subject: str
    email: str
    email_verified: bool
    name: str
    hosted_domain: str


class IdTokenVerifier:
    """Checks id tokens against Google's certificates, which it keeps by key id."""

    def __init__(self, http: httpx2.AsyncClient, endpoints: GoogleEndpoints, client_id: str, clock: Clock) -> None:
        self._http = http
        self._endpoints = endpoints
        self._client_id = client_id
        self._clock = clock
        self._keys: dict[str, RSAKey] = {}
        self._fetched_at = float("-inf")
        self._next_try = float("-inf")
        self._failed = False
        self._fetching = asyncio.Lock()

    async def verify(self, id_token: str, *, nonce: str | None = None) -> GoogleIdentity:
        """The account that the token names.

        Raises ReauthRequiredError when the token is not Google's, not for this client, expired (60 s are forgiven)
        or for another sign-in than `nonce`'s, and GoogleUnavailableError when the certificates cannot be had.
        """
        key = await self._key(_key_id(id_token))
        try:
            claims = jwt.decode(id_token, key, algorithms=["RS256"]).claims
        except (JoseError, ValueError):
            raise _unproved("signature") from None
        self._check(claims, nonce)
        return _identity(claims)

    def _check(self, claims: dict[str, Any], nonce: str | None) -> None:
        now = epoch(self._clock)
        issuer = self._endpoints.issuer
        if claims.get("iss") not in (issuer, issuer.removeprefix("https://")):
            raise _unproved("issuer")
        if claims.get("aud") not in (self._client_id, [self._client_id]):
            raise _unproved("audience")
        expires, issued = claims.get("exp"), claims.get("iat", now)
        if not isinstance(expires, int | float) or expires + LEEWAY <= now:
            raise _unproved("expired")
        if not isinstance(issued, int | float) or issued - LEEWAY > now:
            raise _unproved("issued_later")
        if nonce is not None and not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise _unproved("nonce")

    async def _key(self, key_id: str) -> RSAKey:
        if key_id not in self._keys or epoch(self._clock) - self._fetched_at > CERTS_LIFE:
            async with self._fetching:
                await self._refetch(key_id)
        if key_id not in self._keys:
            raise _unproved("unknown_key")
        return self._keys[key_id]

    async def _refetch(self, key_id: str) -> None:
        now = epoch(self._clock)
        if key_id in self._keys and now - self._fetched_at <= CERTS_LIFE:
            return  # another sign-in has fetched them meanwhile
        if now >= self._next_try:
            try:
                self._keys, self._fetched_at, self._failed = await self._certs(), now, False
                self._next_try = now + REFETCH_AFTER
            except GoogleUnavailableError:
                self._failed, self._next_try = True, now + RETRY_AFTER
        # Known keys serve on through an outage; only a token of a new key has to wait.
        if self._failed and key_id not in self._keys:
            raise _no_certs()

    async def _certs(self) -> dict[str, RSAKey]:
        try:
            async with asyncio.timeout(_SECONDS):
                response = await self._http.get(self._endpoints.certs, headers={"accept": "application/json"})
        except (httpx2.RequestError, TimeoutError):
            raise _no_certs() from None
        body = Answer(response.status_code, {}, response.content).json() or {}
        keys = _rsa_keys(body.get("keys"))
        if response.status_code != 200 or not keys:
            raise _no_certs()
        return keys


def _rsa_keys(entries: Any) -> dict[str, RSAKey]:
    keys: dict[str, RSAKey] = {}
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict) and entry.get("kty") == "RSA" and entry.get("use", "sig") == "sig":
            try:
                keys[str(entry["kid"])] = RSAKey.import_key({name: entry[name] for name in ("kty", "n", "e")})
            except (JoseError, ValueError, KeyError):
                continue
    return keys


def _key_id(id_token: str) -> str:
    if len(id_token) > _LONGEST_TOKEN:
        raise _unproved("size")
    try:
        header = jws.extract_compact(id_token.encode()).headers()
    except (JoseError, ValueError):
        raise _unproved("form") from None
    key_id = header.get("kid")
    if header.get("alg") != "RS256" or not isinstance(key_id, str):
        raise _unproved("algorithm")
    return key_id


def _identity(claims: dict[str, Any]) -> GoogleIdentity:
    subject, email, name, domain = (claims.get(claim, "") for claim in ("sub", "email", "name", "hd"))
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise _unproved("subject")
    return GoogleIdentity(
        subject=subject,
        email=email if isinstance(email, str) else "",
        # A string in some of Google's answers (tokeninfo), a boolean in the token.
        email_verified=claims.get("email_verified") in (True, "true"),
        name=name if isinstance(name, str) else "",
        hosted_domain=domain if isinstance(domain, str) else "",
    )


def _unproved(reason: str) -> ReauthRequiredError:
    return ReauthRequiredError(
        "Google's proof of who signed in could not be verified",
        next_step="Sign in again",
        reason=f"id_token_{reason}",
    )


def _no_certs() -> GoogleUnavailableError:
    return GoogleUnavailableError(
        "Google's sign-in certificates cannot be had at the moment",
        next_step="Try again a little later",
        reason="certs",
    )
