"""Envelope encryption: what lies in the store can be read only with our keys, and only under its own name.

Each object has a fresh data key (AES-256-GCM); the data key is wrapped by a key of the ring, or by KMS. The object's
key and kind are authenticated in both layers, so an object copied under another user's name does not open.

Layout: magic `GWS1` · length and kind · length and id of the wrapping key · length (2 bytes) and wrapped data key ·
12-byte nonce · ciphertext · first 16 bytes of the SHA-256 of all that. The kind stands in the open so that keys can be
changed without knowing every kind; opening demands the expected one. The checksum protects nothing from an attacker: it
tells damage from a key that is not at hand, before any key service is asked.
"""

import hashlib
import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from google_workspace_mcp.core.keys import Ring
from google_workspace_mcp.core.storage.base import ObjectStore, StorageError
from google_workspace_mcp.core.storage.quarantine import Quarantine

_MAGIC = b"GWS1"
_NONCE = 12
_SUM = 16


class SealBrokenError(StorageError):
    """The object does not open: damaged, sealed with a key we do not hold, or moved from another place.

    `etag` is that of the version that was read, to write over it knowingly; "" before there was one.
    """

    def __init__(self, message: str, etag: str = "") -> None:
        super().__init__(message)
        self.etag = etag


@dataclass(frozen=True, slots=True)
class SealContext:
    """What a seal is bound to: the kind of object, and its key in the store."""

    kind: str
    key: str

    @property
    def data(self) -> bytes:
        """As associated data of AES-GCM."""
        return b"\0".join((_MAGIC, self.kind.encode(), self.key.encode()))


@dataclass(frozen=True, slots=True)
class DataKey:
    """A fresh data key, plain and wrapped, and the id of the key that wrapped it."""

    key_id: str
    plain: bytes = field(repr=False)
    wrapped: bytes = field(repr=False)


class DataKeyWrapper(Protocol):
    """Makes and opens data keys. The context must be the same when unwrapping."""

    @property
    def current_id(self) -> str:
        """The id of the key that wraps from now on."""
        ...

    def holds(self, key_id: str) -> bool:
        """Whether a data key wrapped by that key is this wrapper's business."""
        ...

    async def fresh(self, context: SealContext) -> DataKey:
        """A new data key. Raises StoreUnavailableError."""
        ...

    async def unwrap(self, key_id: str, wrapped: bytes, context: SealContext) -> bytes:
        """The data key. Raises SealBrokenError, or StoreUnavailableError when the wrapping service does not answer."""
        ...

    async def close(self) -> None:
        """Give back connections and threads."""
        ...


class KeyRingWrapper:
    """Wraps data keys with the first key of a ring, unwraps with any."""

    def __init__(self, keys: Ring) -> None:
        self._keys = keys

    @property
    def current_id(self) -> str:
        return self._keys.first.id

    def holds(self, key_id: str) -> bool:
        return self._keys.find(key_id) is not None

    async def fresh(self, context: SealContext) -> DataKey:
        first, plain, nonce = self._keys.first, os.urandom(32), os.urandom(_NONCE)
        return DataKey(first.id, plain, nonce + AESGCM(first.secret).encrypt(nonce, plain, context.data))

    async def unwrap(self, key_id: str, wrapped: bytes, context: SealContext) -> bytes:
        key = self._keys.find(key_id)
        if key is None:
            raise SealBrokenError("the key that sealed this object is not in the ring")
        return _decrypt(key.secret, wrapped, context)

    async def close(self) -> None:
        """Nothing to give back."""


class WrapperChain:
    """The first wrapper seals; whichever holds an object's key opens it. So a store can move from one to another."""

    def __init__(self, first: DataKeyWrapper, *others: DataKeyWrapper) -> None:
        self._first = first
        self._all = (first, *others)

    @property
    def current_id(self) -> str:
        return self._first.current_id

    def holds(self, key_id: str) -> bool:
        return any(wrapper.holds(key_id) for wrapper in self._all)

    async def fresh(self, context: SealContext) -> DataKey:
        return await self._first.fresh(context)

    async def unwrap(self, key_id: str, wrapped: bytes, context: SealContext) -> bytes:
        holder = next((wrapper for wrapper in self._all if wrapper.holds(key_id)), None)
        if holder is None:
            raise SealBrokenError("the key that sealed this object is not at hand")
        return await holder.unwrap(key_id, wrapped, context)

    async def close(self) -> None:
        for wrapper in self._all:
            await wrapper.close()


@dataclass(frozen=True, slots=True)
class Opened:
    """Plain bytes and the etag of the version they came from."""

    data: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """A sealed object taken apart, undamaged but not opened."""

    kind: str
    key_id: str
    wrapped: bytes
    body: bytes


class SealedStore:
    """An object store that never sees plain bytes. `kind` says what an object is, and is authenticated with it.

    An object that does not open is reported to `broken` by its kind, each time, and kept aside once, by a copy: whoever
    is entitled to write there may do so, and the damaged bytes remain for whoever looks into it.
    """

    def __init__(
        self, objects: ObjectStore, wrapper: DataKeyWrapper, *, broken: Callable[[str], None] = lambda _: None
    ) -> None:
        self.objects = objects
        self._wrapper = wrapper
        self._broken = broken
        self._quarantine = Quarantine(objects)

    @property
    def current_key(self) -> str:
        """The id of the key that seals now."""
        return self._wrapper.current_id

    async def get(self, key: str, kind: str) -> Opened:
        """The object. Raises ObjectNotFoundError, SealBrokenError, StoreUnavailableError."""
        stored = await self.objects.get(key)
        try:
            return Opened(await self._open(parse(stored.data), SealContext(kind, key)), stored.etag)
        except SealBrokenError as error:
            await self.reject(key, kind, stored.data)
            raise SealBrokenError(str(error), stored.etag) from None

    async def put(
        self, key: str, kind: str, data: bytes, *, if_match: str | None = None, if_none_match: bool = False
    ) -> str:
        """Seal and write; conditions and errors as `ObjectStore.put`."""
        sealed = await self._seal(data, SealContext(kind, key))
        return await self.objects.put(key, sealed, if_match=if_match, if_none_match=if_none_match)

    async def delete(self, key: str, *, if_match: str | None = None) -> None:
        """As `ObjectStore.delete`."""
        await self.objects.delete(key, if_match=if_match)

    async def reject(self, key: str, kind: str, sealed: bytes | None = None) -> None:
        """Report an object that is not what it should be, and keep a copy of it aside."""
        self._broken(kind)
        await self._quarantine.keep(key, sealed)

    async def reseal(self, key: str, sealed: bytes, etag: str) -> bool:
        """Seal the object anew with the current key; False when it is already.

        Raises SealBrokenError, which is not reported, ObjectConflictError when somebody else wrote, and
        StoreUnavailableError.
        """
        envelope = parse(sealed)
        if envelope.key_id == self._wrapper.current_id:
            return False
        context = SealContext(envelope.kind, key)
        again = await self._seal(await self._open(envelope, context), context)
        await self.objects.put(key, again, if_match=etag)
        return True

    async def close(self) -> None:
        """Give back what store and wrapper hold."""
        await self._wrapper.close()
        await self.objects.close()

    async def check_key(self) -> None:
        """Return when a data key can be made and opened. Raises StoreUnavailableError, SealBrokenError."""
        context = SealContext("probe", "probe")
        made = await self._wrapper.fresh(context)
        await self._wrapper.unwrap(made.key_id, made.wrapped, context)

    async def _seal(self, data: bytes, context: SealContext) -> bytes:
        made, nonce = await self._wrapper.fresh(context), os.urandom(_NONCE)
        head = _MAGIC + _short(context.kind) + _short(made.key_id) + len(made.wrapped).to_bytes(2) + made.wrapped
        whole = head + nonce + AESGCM(made.plain).encrypt(nonce, data, context.data)
        return whole + hashlib.sha256(whole).digest()[:_SUM]

    async def _open(self, envelope: Envelope, context: SealContext) -> bytes:
        if envelope.kind != context.kind:
            raise SealBrokenError("this is an object of another kind")
        data_key = await self._wrapper.unwrap(envelope.key_id, envelope.wrapped, context)
        return _decrypt(data_key, envelope.body, context)


def parse(sealed: bytes) -> Envelope:
    """Take a sealed object apart. Raises SealBrokenError for anything that is not one, or is damaged."""
    whole, checksum = sealed[:-_SUM], sealed[-_SUM:]
    if whole[:4] != _MAGIC:
        raise SealBrokenError("not a sealed object")
    if not hmac.compare_digest(hashlib.sha256(whole).digest()[:_SUM], checksum):
        raise SealBrokenError("damaged")
    try:
        kind, at = _read_short(whole, 4)
        key_id, at = _read_short(whole, at)
    except (IndexError, UnicodeDecodeError):
        raise SealBrokenError("damaged header") from None
    end = at + 2 + int.from_bytes(whole[at : at + 2])
    return Envelope(kind, key_id, whole[at + 2 : end], whole[end:])


def _short(text: str) -> bytes:
    encoded = text.encode("ascii")
    return bytes([len(encoded)]) + encoded


def _read_short(whole: bytes, at: int) -> tuple[str, int]:
    end = at + 1 + whole[at]
    return whole[at + 1 : end].decode("ascii"), end


def _decrypt(key: bytes, body: bytes, context: SealContext) -> bytes:
    try:
        return AESGCM(key).decrypt(body[:_NONCE], body[_NONCE:], context.data)
    except (InvalidTag, ValueError):
        raise SealBrokenError("the seal is broken") from None
