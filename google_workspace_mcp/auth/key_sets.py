"""Public keys of an issuer that publishes them (RFC 7517), kept by key id so that a verification does no I/O."""

import asyncio
from collections.abc import Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from google_workspace_mcp.core.clock import Clock, epoch
from google_workspace_mcp.core.errors import UnavailableError
from google_workspace_mcp.core.http.egress import Egress, EgressError
from google_workspace_mcp.core.logging import get_logger

# Anybody can invent a key id; this is how often one may send us to the issuer, and how soon after a failure.
_REFETCH_AFTER = 60.0
_RETRY_AFTER = 5.0
# A key that the issuer takes back is believed no longer than this.
_LIFE = 3600.0
_MOST_BYTES = 256 * 1024
_MOST_KEYS = 100
_LEAST_RSA_BITS = 2048
_log = get_logger(__name__)


class KeySet:
    """The keys at one address. While they cannot be fetched, those already known serve on."""

    def __init__(self, url: str, egress: Egress, clock: Clock) -> None:
        self._url = url
        self._egress = egress
        self._clock = clock
        self._keys: dict[str, Key] = {}
        self._fetched_at = float("-inf")
        self._next_try = float("-inf")
        self._failed = False
        self._fetching = asyncio.Lock()

    async def find(self, key_id: str) -> Key | None:
        """The key, None when the issuer has none of that id. Raises UnavailableError when that cannot be told."""
        if self._wants_fetch(key_id):
            async with self._fetching:
                if self._wants_fetch(key_id):  # else another call has fetched meanwhile
                    await self._fetch()
        key = self._keys.get(key_id)
        if key is None and self._failed:
            raise UnavailableError(
                "The keys of the token's issuer cannot be had at the moment", retry_after=_RETRY_AFTER, reason="jwks"
            )
        return key

    def _wants_fetch(self, key_id: str) -> bool:
        now = epoch(self._clock)
        return now >= self._next_try and (key_id not in self._keys or now - self._fetched_at > _LIFE)

    async def _fetch(self) -> None:
        now = epoch(self._clock)
        try:
            keys, reason = public_keys(await self._egress.fetch_json(self._url, _MOST_BYTES)), "no_keys"
        except EgressError as error:
            keys, reason = {}, error.reason
        if not keys:
            self._failed, self._next_try = True, now + _RETRY_AFTER
            _log.warning("jwks_failed", reason=reason)
            return
        self._keys, self._failed = keys, False
        self._fetched_at, self._next_try = now, now + _REFETCH_AFTER


def public_keys(document: Any) -> dict[str, Key]:
    """The keys of a JWK set that can verify a service token, by id. Symmetric ones never come from there."""
    entries = document.get("keys") if isinstance(document, dict) else None
    keys: dict[str, Key] = {}
    for entry in (entries if isinstance(entries, list) else [])[:_MOST_KEYS]:
        key = _public_key(entry) if isinstance(entry, dict) else None
        if key is not None:
            keys[entry["kid"]] = key
    return keys


def _public_key(entry: Mapping[str, Any]) -> Key | None:
    signs = entry.get("use", "sig") == "sig" and "verify" in entry.get("key_ops", ["verify"])
    if not isinstance(entry.get("kid"), str) or not signs:
        return None
    try:
        return _imported(entry)
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def _imported(entry: Mapping[str, Any]) -> Key | None:
    """Only the public members are taken, and only kinds that have an algorithm here."""
    match entry.get("kty"), entry.get("crv"), entry.get("alg"):
        case "RSA", _, "RS256" | None if len(entry["n"]) * 6 >= _LEAST_RSA_BITS:
            return RSAKey.import_key({name: entry[name] for name in ("kty", "n", "e")})
        case "EC", "P-256", "ES256" | None:
            return ECKey.import_key({name: entry[name] for name in ("kty", "crv", "x", "y")})
        case "OKP", "Ed25519", "EdDSA" | "Ed25519" | None:
            return OKPKey.import_key({name: entry[name] for name in ("kty", "crv", "x")})
        case _:
            return None
