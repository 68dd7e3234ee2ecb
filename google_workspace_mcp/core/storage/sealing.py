"""Envelope encryption: what lies in the store can be read only with our keys, and only under its own name.

Each object has a fresh data key (AES-256-GCM); the data key is wrapped by a key of the ring. The object's key and kind
are authenticated in both layers, so an object copied under another user's name does not open.

Layout: magic `GWS1` · length and id of the wrapping key · length and wrapped data key · 12-byte nonce · ciphertext.
"""

import os
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from google_workspace_mcp.core.keys import KeyRing
from google_workspace_mcp.core.storage.base import ObjectStore, StorageError

_MAGIC = b"GWS1"
_NONCE = 12


class SealBrokenError(StorageError):
    """The object does not open: damaged, sealed with a key we do not hold, or moved from another place."""


class DataKeyWrapper(Protocol):
    """Protects data keys. `context` must be the same when unwrapping."""

    async def wrap(self, data_key: bytes, context: bytes) -> tuple[str, bytes]:
        """Id of the wrapping key, and the wrapped data key."""
        ...

    async def unwrap(self, key_id: str, wrapped: bytes, context: bytes) -> bytes:
        """The data key. Raises SealBrokenError, or StoreUnavailableError when the wrapping service does not answer."""
        ...


class KeyRingWrapper:
    """Wraps data keys with the first key of a ring, unwraps with any."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    async def wrap(self, data_key: bytes, context: bytes) -> tuple[str, bytes]:
        nonce = os.urandom(_NONCE)
        return self._keys.first.id, nonce + AESGCM(self._keys.first.secret).encrypt(nonce, data_key, context)

    async def unwrap(self, key_id: str, wrapped: bytes, context: bytes) -> bytes:
        key = self._keys.find(key_id)
        if key is None:
            raise SealBrokenError("the key that sealed this object is not in the ring")
        return _decrypt(key.secret, wrapped, context)


@dataclass(frozen=True, slots=True)
class Opened:
    """Plain bytes and the etag of the version they came from."""

    data: bytes
    etag: str


class SealedStore:
    """An object store that never sees plain bytes. `kind` says what an object is, and is authenticated with it."""

    def __init__(self, objects: ObjectStore, wrapper: DataKeyWrapper) -> None:
        self.objects = objects
        self._wrapper = wrapper

    async def get(self, key: str, kind: str) -> Opened:
        """The object. Raises ObjectNotFoundError, SealBrokenError, StoreUnavailableError."""
        stored = await self.objects.get(key)
        return Opened(await self._open(stored.data, _context(key, kind)), stored.etag)

    async def put(
        self, key: str, kind: str, data: bytes, *, if_match: str | None = None, if_none_match: bool = False
    ) -> str:
        """Seal and write; conditions and errors as `ObjectStore.put`."""
        sealed = await self._seal(data, _context(key, kind))
        return await self.objects.put(key, sealed, if_match=if_match, if_none_match=if_none_match)

    async def delete(self, key: str, *, if_match: str | None = None) -> None:
        """As `ObjectStore.delete`."""
        await self.objects.delete(key, if_match=if_match)

    async def _seal(self, data: bytes, context: bytes) -> bytes:
        data_key, nonce = os.urandom(32), os.urandom(_NONCE)
        key_id, wrapped = await self._wrapper.wrap(data_key, context)
        name = key_id.encode()
        head = _MAGIC + bytes([len(name)]) + name + len(wrapped).to_bytes(2) + wrapped
        return head + nonce + AESGCM(data_key).encrypt(nonce, data, context)

    async def _open(self, sealed: bytes, context: bytes) -> bytes:
        key_id, wrapped, body = _parse(sealed)
        data_key = await self._wrapper.unwrap(key_id, wrapped, context)
        return _decrypt(data_key, body, context)


def _context(key: str, kind: str) -> bytes:
    return b"\0".join((_MAGIC, kind.encode(), key.encode()))


def _parse(sealed: bytes) -> tuple[str, bytes, bytes]:
    if sealed[:4] != _MAGIC or len(sealed) < 5:
        raise SealBrokenError("not a sealed object")
    name_end = 5 + sealed[4]
    wrapped_end = name_end + 2 + int.from_bytes(sealed[name_end : name_end + 2])
    try:
        name = sealed[5:name_end].decode("ascii")
    except UnicodeDecodeError:
        raise SealBrokenError("damaged header") from None
    return name, sealed[name_end + 2 : wrapped_end], sealed[wrapped_end:]


def _decrypt(key: bytes, body: bytes, context: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(body[:_NONCE], body[_NONCE:], context)
    except (InvalidTag, ValueError):
        raise SealBrokenError("the seal is broken") from None
