"""Our own tokens: signed here, verified here, without asking anyone.

HS256 with the signing ring: the first key signs, every key verifies, so keys rotate without signing anybody out. The
algorithm is fixed, which leaves no room for `alg: none` or a confusion of key kinds (RFC 8725, section 3.1).
"""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from google_workspace_mcp.core.clock import Clock, epoch
from google_workspace_mcp.core.keys import Key, Ring

_ALGORITHM = "HS256"
_LEEWAY = 60


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What an access token says. `session` names the sign-in it belongs to, which can be ended."""

    subject: str
    client_id: str
    scopes: tuple[str, ...]
    session: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class _Verified:
    """Claims whose signature this very key has made."""

    claims: dict[str, Any]
    key: Key


class Signer:
    """Signs and verifies claims for one purpose and one type of token.

    `remembered` is for how many tokens the outcome of a verification is kept, by their hash, so that a token that comes
    with each call is not decoded each time. Its end, and whether its key is still in force, are looked at every time.
    """

    def __init__(self, keys: Ring, token_type: str, clock: Clock, *, remembered: int = 0) -> None:
        self._keys = keys
        self._imported: dict[Key, OctKey] = {}
        self._type = token_type
        self._clock = clock
        self._remembered = remembered
        self._verified: OrderedDict[bytes, _Verified] = OrderedDict()

    def sign(self, claims: dict[str, Any], seconds: int) -> str:
        """A compact JWT good for so many seconds."""
        now, first = int(epoch(self._clock)), self._keys.first
        header = {"alg": _ALGORITHM, "kid": first.id, "typ": self._type}
        body = {**claims, "iat": now, "exp": now + seconds, "jti": secrets.token_urlsafe(16)}
        return jwt.encode(header, body, self._import(first), algorithms=[_ALGORITHM])

    def verify(self, token: str) -> dict[str, Any] | None:
        """The claims, which are not to be changed, or None for anything that is not a live token of ours."""
        name = hashlib.sha256(token.encode(errors="surrogatepass")).digest()
        verified = self._verified.get(name)
        if verified is None or self._keys.find(verified.key.id) != verified.key:
            verified = self._decoded(token)
        expires = verified.claims.get("exp") if verified else None
        if verified is None or not isinstance(expires, int) or expires + _LEEWAY <= epoch(self._clock):
            self._verified.pop(name, None)
            return None
        self._remember(name, verified)
        return verified.claims

    def _decoded(self, token: str) -> _Verified | None:
        try:
            decoded = jwt.decode(token, lambda obj: self._import(self._named(obj.headers())), algorithms=[_ALGORITHM])
            key = self._named(decoded.header)
        except (JoseError, ValueError):
            return None
        return _Verified(decoded.claims, key) if decoded.header.get("typ") == self._type else None

    def _remember(self, name: bytes, verified: _Verified) -> None:
        if self._remembered:
            self._verified[name] = verified
            self._verified.move_to_end(name)
            while len(self._verified) > self._remembered:
                self._verified.popitem(last=False)

    def _named(self, header: Mapping[str, Any]) -> Key:
        key = self._keys.find(str(header.get("kid")))
        if key is None:
            raise ValueError("unknown key id")
        return key

    def _import(self, key: Key) -> OctKey:
        if key not in self._imported:
            # Only keys that are in force: those of before the last change go.
            self._imported = {kept: value for kept, value in self._imported.items() if kept in self._keys.keys}
            self._imported[key] = OctKey.import_key(key.secret)
        return self._imported[key]


class AccessTokenIssuer:
    """Access tokens for one issuer and one audience (RFC 9068 in spirit: `at+jwt`, `client_id`, `scope`)."""

    def __init__(self, signer: Signer, issuer: str, audience: str, seconds: int = 3600) -> None:
        self._signer = signer
        self._issuer = issuer
        self._audience = audience
        self.seconds = seconds

    def issue(self, subject: str, client_id: str, scopes: Sequence[str], session: str) -> str:
        """A signed token."""
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": subject,
            "client_id": client_id,
            "scope": " ".join(scopes),
            "sid": session,
        }
        return self._signer.sign(claims, self.seconds)

    def verify(self, token: str) -> AccessClaims | None:
        """What the token says, or None when it is not one of ours for this audience."""
        claims = self._signer.verify(token)
        if claims is None or claims.get("iss") != self._issuer or claims.get("aud") != self._audience:
            return None
        return AccessClaims(
            subject=str(claims["sub"]),
            client_id=str(claims["client_id"]),
            scopes=tuple(str(claims["scope"]).split()),
            session=str(claims["sid"]),
            expires_at=int(claims["exp"]),
        )
