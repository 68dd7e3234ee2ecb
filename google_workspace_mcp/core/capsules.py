"""Sealed texts that somebody else carries: they can be neither read nor changed, and they end.

A capsule is AES-256-GCM under a key derived for one purpose alone (HKDF, RFC 5869). What it is bound to is the
associated data: for anything else it does not open.
"""

import base64
import binascii
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from google_workspace_mcp.core.clock import Clock, epoch
from google_workspace_mcp.core.keys import Key, Ring

_NONCE_BYTES = 12
_EXPIRY_BYTES = 5
# The longest is a cursor with a page token of Google's; what is longer is not ours.
_MAX_LENGTH = 4096


class BrokenCapsuleError(Exception):
    """Not one of ours, damaged, or bound to something else."""


class ExpiredCapsuleError(Exception):
    """One of ours, whose time is over."""


class Capsules:
    """Seals and opens. Any process with the same keys opens what another sealed."""

    def __init__(self, keys: Ring, purpose: str, clock: Clock, randomness: Callable[[int], bytes]) -> None:
        self._keys = keys
        self._info = f"google-workspace-mcp {purpose}".encode()
        self._ciphers: dict[Key, AESGCM] = {}
        self._clock = clock
        self._randomness = randomness

    def seal(self, content: bytes, expires: int, bound: str = "") -> str:
        """A URL-safe text that opens until `expires` (seconds since 1970), for `bound` only."""
        plain = expires.to_bytes(_EXPIRY_BYTES) + content
        nonce, first = self._randomness(_NONCE_BYTES), self._keys.first
        sealed = nonce + self._cipher_of(first).encrypt(nonce, plain, bound.encode())
        return f"{first.id}.{base64.urlsafe_b64encode(sealed).decode().rstrip('=')}"

    def open(self, text: str, bound: str = "") -> bytes:
        """What was sealed for `bound`. Raises BrokenCapsuleError, ExpiredCapsuleError."""
        plain = self._decrypted(text, bound)
        if int.from_bytes(plain[:_EXPIRY_BYTES]) < epoch(self._clock):
            raise ExpiredCapsuleError
        return plain[_EXPIRY_BYTES:]

    def _decrypted(self, text: str, bound: str) -> bytes:
        key_id, _, encoded = text.rpartition(".")
        key = self._keys.find(key_id)
        if key is None or len(text) > _MAX_LENGTH:
            raise BrokenCapsuleError
        try:
            sealed = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
            return self._cipher_of(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound.encode())
        except (binascii.Error, ValueError, InvalidTag):
            raise BrokenCapsuleError from None

    def _cipher_of(self, key: Key) -> AESGCM:
        if key not in self._ciphers:
            self._ciphers = {kept: value for kept, value in self._ciphers.items() if kept in self._keys.keys}
            self._ciphers[key] = AESGCM(HKDF(SHA256(), length=32, salt=None, info=self._info).derive(key.secret))
        return self._ciphers[key]
