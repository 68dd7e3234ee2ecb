"""Service tokens: short JWTs that a trusted issuer signs for one of its own users (RFC 7519, RFC 8725).

The principal is (`iss`, `sub`). The key's kind fixes the algorithm, so nothing in a token's header has a say in it.
`tools`, `services` and `readonly` in a token only take away from what the operator's entry for the issuer leaves.
"""

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TypeGuard, override

from fastmcp.server.auth import AccessToken
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey
from joserfc.jws import CompactSignature, JWSRegistry, extract_compact, validate_compact

from google_workspace_mcp.auth.allowed import not_allowed
from google_workspace_mcp.auth.key_sets import KeySet
from google_workspace_mcp.core.clock import Clock, epoch
from google_workspace_mcp.core.http.egress import Egress
from google_workspace_mcp.core.issuers import Issuer, LiveIssuers
from google_workspace_mcp.core.principal import Caller, Limits, Principal

LONGEST_LIFE = 600
LEEWAY = 60
_LONGEST_TOKEN = 8192
_LONGEST_TEXT = 255
_MOST_TOOLS = 200
_ALGORITHMS = {"RSA": ("RS256",), "EC": ("ES256",), "OKP": ("EdDSA", "Ed25519"), "oct": ("HS256",)}
# A token of another type was made for another purpose (RFC 8725, section 3.11): logout, DPoP, security events.
_TYPES = frozenset({"jwt", "at+jwt"})


class _Keys(Protocol):
    async def find(self, key_id: str) -> Key | None: ...


class _Trusted:
    """An issuer with its keys: one address, or the few that the operator wrote down."""

    def __init__(self, issuer: Issuer, egress: Egress, clock: Clock) -> None:
        self.issuer = issuer
        self._published: _Keys | None = KeySet(issuer.jwks_url, egress, clock) if issuer.jwks_url else None
        self._written = tuple(map(_from_pem, issuer.pems)) + _from_secret(issuer.secret.get_secret_value())

    async def candidates(self, header: Mapping[str, Any]) -> tuple[Key, ...]:
        """The keys that may have signed. Of published ones that is the one of the token's key id."""
        if self._published is None:
            return self._written
        key_id = header.get("kid")
        key = await self._published.find(key_id) if isinstance(key_id, str) else None
        return (key,) if key else ()


class ServiceTokens:
    """Verifies service tokens; once an issuer's keys are here, without asking anyone."""

    def __init__(self, issuers: LiveIssuers, egress: Egress, clock: Clock, offer: tuple[str, ...]) -> None:
        self._issuers = issuers
        self._egress = egress
        self._clock = clock
        self._offer = offer
        self._known: tuple[Issuer, ...] = ()
        self._trusted: dict[str, _Trusted] = {}

    async def verify(self, token: str) -> AccessToken | None:
        """Who the token is for and what it leaves, None for anything but a live service token of a trusted issuer.

        Raises UnavailableError while an issuer's keys cannot be had: the token may be good.
        """
        issuers = self._by_name()
        if not issuers:
            return None
        parsed = _parsed(token)
        trusted = issuers.get(parsed[1]["iss"]) if parsed else None
        if parsed is None or trusted is None:
            return None
        signature, claims = parsed
        if not any(_signed_by(key, signature) for key in await trusted.candidates(signature.headers())):
            return None
        if claims.get("aud") not in (trusted.issuer.audience, [trusted.issuer.audience]):
            return None
        limits = _limits(claims)
        if limits is None or not self._timely(claims) or not all(map(_is_text, (claims.get("sub"), claims.get("jti")))):
            return None
        return self._access_token(token, claims, trusted.issuer.limits.within(limits))

    def _by_name(self) -> Mapping[str, _Trusted]:
        """The issuers as they are now. One that has not changed keeps the keys that were fetched for it."""
        issuers = self._issuers.current
        if issuers is not self._known:
            before = {trusted.issuer: trusted for trusted in self._trusted.values()}
            self._trusted = {i.name: before.get(i) or _Trusted(i, self._egress, self._clock) for i in issuers}
            self._known = issuers
        return self._trusted

    def _timely(self, claims: Mapping[str, Any]) -> bool:
        issued, expires, begins = claims.get("iat"), claims.get("exp"), claims.get("nbf", 0)
        if not (_is_moment(issued) and _is_moment(expires) and _is_moment(begins)):
            return False
        now = epoch(self._clock)
        short = 0 < expires - issued <= LONGEST_LIFE
        return short and max(issued, begins) <= now + LEEWAY and now < expires + LEEWAY

    def _access_token(self, token: str, claims: Mapping[str, Any], limits: Limits) -> AccessToken:
        services = limits.services
        return AccessToken(
            token=token,
            client_id=claims["iss"],
            scopes=[name for name in self._offer if services is None or name.partition(".")[0] in services],
            # The SDK looks at the expiry once more, and knows of no leeway.
            expires_at=math.ceil(claims["exp"]) + LEEWAY,
            subject=claims["sub"],
            claims={"iss": claims["iss"], "sub": claims["sub"], "limits": _told(limits)},
        )


def caller_of(token: AccessToken) -> Caller:
    """Who is asking, by a token that has been verified: one of ours or a service token.

    Raises PolicyRefusedError for a person whom the operator no longer allows.
    """
    if not token.subject:
        raise ValueError("a token without a subject was let through")
    if not token.claims.get("allowed", True):
        raise not_allowed()
    limits = token.claims.get("limits")
    return Caller(
        Principal(str(token.claims["iss"]), token.subject),
        token.client_id,
        frozenset(token.scopes),
        _read(limits) if limits is not None else Limits(),
    )


# -- the token's form


def _parsed(token: str) -> tuple[CompactSignature, dict[str, Any]] | None:
    """Header and claims as they stand, still unproved; None when they cannot be those of a service token."""
    if len(token) > _LONGEST_TOKEN or not token.isascii():
        return None
    try:
        signature = extract_compact(token.encode())
        claims = json.loads(signature.payload)
    except (JoseError, ValueError, TypeError, RecursionError):
        return None
    kind = signature.headers().get("typ", "JWT")
    ours = isinstance(kind, str) and kind.lower().removeprefix("application/") in _TYPES
    if not ours or not isinstance(claims, dict) or not isinstance(claims.get("iss"), str):
        return None
    return signature, claims


class _OneKind(JWSRegistry):
    """Only the algorithms of one kind of key.

    joserfc warns on each use of the name EdDSA, which RFC 9864 replaces by Ed25519; agents' libraries still write it.
    """

    def __init__(self, algorithms: tuple[str, ...]) -> None:
        super().__init__(algorithms=algorithms)
        self._only = algorithms

    @override
    def get_alg(self, name: str) -> Any:
        if name not in self._only:
            raise UnsupportedAlgorithmError("another algorithm than the key's")
        return self.algorithms[name]


_REGISTRIES = {kind: _OneKind(algorithms) for kind, algorithms in _ALGORITHMS.items()}


def _signed_by(key: Key, signature: CompactSignature) -> bool:
    """Whether the key made the signature. joserfc refuses `crit` and members of the header that it does not know."""
    try:
        return validate_compact(signature, key, registry=_REGISTRIES[key.key_type])
    except (JoseError, ValueError, TypeError):
        return False


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_TEXT and value.isprintable()


def _is_moment(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


# -- keys that the operator wrote down


def _from_pem(block: str) -> Key:
    for kind in (RSAKey, ECKey, OKPKey):
        try:
            return kind.import_key(block)
        except (JoseError, ValueError, TypeError):
            continue
    raise ValueError("a key that the settings should have refused")


def _from_secret(secret: str) -> tuple[Key, ...]:
    return (OctKey.import_key(secret.encode()),) if secret else ()


# -- what is left


def _limits(claims: Mapping[str, Any]) -> Limits | None:
    """The token's own limits; None when they cannot be read, which must not pass as none at all."""
    tools, services, read_only = claims.get("tools"), claims.get("services"), claims.get("readonly", False)
    if not (_is_list(tools) and _is_list(services) and isinstance(read_only, bool)):
        return None
    return Limits(_set(services), _set(tools), read_only)


def _is_list(value: Any) -> bool:
    return value is None or (isinstance(value, list) and len(value) <= _MOST_TOOLS and all(map(_is_text, value)))


def _told(limits: Limits) -> dict[str, Any]:
    services, tools = limits.services, limits.tools
    return {
        "services": None if services is None else sorted(services),
        "tools": None if tools is None else sorted(tools),
        "read_only": limits.read_only,
    }


def _read(told: Mapping[str, Any]) -> Limits:
    return Limits(_set(told["services"]), _set(told["tools"]), bool(told["read_only"]))


def _set(words: Iterable[str] | None) -> frozenset[str] | None:
    return None if words is None else frozenset(words)
