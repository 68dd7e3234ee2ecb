"""Cursors: where a list continues, sealed so that nobody can read, change or move them.

The state (Google's page token and what goes with it) is encrypted with AES-256-GCM under a key derived for this purpose
alone (HKDF, RFC 5869). The tool, its arguments and the caller are the associated data: for another request it does not
open.
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from google_workspace_mcp.core.clock import Clock, epoch
from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.keys import Key, Ring

LIFE_SECONDS = 24 * 3600
_NONCE_BYTES = 12
_EXPIRY_BYTES = 5
# The longest state is a page token of Google's; a longer cursor is not ours.
_MAX_LENGTH = 4096


class Cursors:
    """Seals and opens cursors. Any process with the same keys opens what another sealed."""

    def __init__(self, keys: Ring, clock: Clock, randomness: Callable[[int], bytes]) -> None:
        self._keys = keys
        self._ciphers: dict[Key, AESGCM] = {}
        self._clock = clock
        self._randomness = randomness

    def seal(self, state: Mapping[str, Any], bound: str) -> str:
        """A URL-safe cursor holding `state` (JSON values), good for 24 hours and for `bound` only."""
        expires = int(epoch(self._clock)) + LIFE_SECONDS
        plain = expires.to_bytes(_EXPIRY_BYTES) + json.dumps(state, separators=(",", ":")).encode()
        nonce, first = self._randomness(_NONCE_BYTES), self._keys.first
        sealed = nonce + self._cipher_of(first).encrypt(nonce, plain, bound.encode())
        return f"{first.id}.{base64.urlsafe_b64encode(sealed).decode().rstrip('=')}"

    def open(self, cursor: str, bound: str) -> dict[str, Any]:
        """The state that was sealed for `bound`.

        Raises UserInputError for a cursor that is damaged, expired, or made for another request or caller.
        """
        plain = self._decrypted(cursor, bound)
        if int.from_bytes(plain[:_EXPIRY_BYTES]) < epoch(self._clock):
            raise UserInputError(
                "The cursor has expired: it is good for 24 hours",
                next_step="Make the same call without cursor to start again",
                reason="cursor_expired",
            )
        return json.loads(plain[_EXPIRY_BYTES:])

    def of(self, caller: str) -> "CallersCursors":
        """The same, for one caller: what is sealed for one does not open for another."""
        return CallersCursors(self, caller)

    def _decrypted(self, cursor: str, bound: str) -> bytes:
        key_id, _, encoded = cursor.rpartition(".")
        key = self._keys.find(key_id)
        if key is None or len(cursor) > _MAX_LENGTH:
            raise _not_valid()
        try:
            sealed = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
            return self._cipher_of(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound.encode())
        except (binascii.Error, ValueError, InvalidTag):
            raise _not_valid() from None

    def _cipher_of(self, key: Key) -> AESGCM:
        if key not in self._ciphers:
            self._ciphers = {kept: value for kept, value in self._ciphers.items() if kept in self._keys.keys}
            self._ciphers[key] = _cipher(key)
        return self._ciphers[key]


@dataclass(frozen=True, slots=True)
class CallersCursors:
    """Cursors bound to a caller besides the request."""

    cursors: Cursors
    caller: str

    def seal(self, state: Mapping[str, Any], bound: str) -> str:
        return self.cursors.seal(state, self._bound(bound))

    def open(self, cursor: str, bound: str) -> dict[str, Any]:
        return self.cursors.open(cursor, self._bound(bound))

    def _bound(self, bound: str) -> str:
        # The length in front keeps ("a", "bc") and ("ab", "c") apart.
        return f"{len(self.caller)}:{self.caller}:{bound}"


def _cipher(key: Key) -> AESGCM:
    return AESGCM(HKDF(SHA256(), length=32, salt=None, info=b"google-workspace-mcp cursor").derive(key.secret))


def _not_valid() -> UserInputError:
    return UserInputError(
        "The cursor is not valid for this request",
        next_step="Pass the cursor with exactly the arguments it was given for, or start again without it",
        reason="cursor_invalid",
    )
