"""FastMCP's OAuth state on the sealed store: an `AsyncKeyValue` of py-key-value-aio.

The library's own S3 store has no conditions, no prefix and no KMS, and its encryption wrapper lets a ciphertext be
moved between keys; its protocol is small enough to serve from our store.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, SupportsFloat, override

from key_value.aio.protocols import AsyncKeyValue

from google_workspace_mcp.core.clock import Clock, epoch
from google_workspace_mcp.core.storage.base import ObjectNotFoundError
from google_workspace_mcp.core.storage.lives import CLIENT, SESSION, TRANSIENT, Life
from google_workspace_mcp.core.storage.sealing import SealBrokenError, SealedStore

_KIND = "oauth-state"
# FastMCP's collections. One that is new here lives as long as a sign-in: never for ever, never gone within a flow.
_LIVES: Mapping[str, Life] = {
    "mcp-oauth-proxy-clients": CLIENT,
    "mcp-oauth-transactions": TRANSIENT,
    "mcp-consent-csrf-tokens": TRANSIENT,
    "mcp-authorization-codes": TRANSIENT,
    "account-sign-ins": TRANSIENT,
}


class SealedKeyValue(AsyncKeyValue):
    """Values by key and collection, expiring by our clock.

    Object names are hashes: a client id can be a URL, and a transaction id is a secret. A value that no longer opens is
    treated as absent, since all that is kept here can be made again by signing in.
    """

    def __init__(self, store: SealedStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    @override
    async def get(self, key: str, *, collection: str | None = None) -> dict[str, Any] | None:
        return (await self.ttl(key, collection=collection))[0]

    @override
    async def ttl(self, key: str, *, collection: str | None = None) -> tuple[dict[str, Any] | None, float | None]:
        try:
            opened = await self._store.get(self._name(key, collection), _KIND)
        except (ObjectNotFoundError, SealBrokenError):
            return None, None
        record = json.loads(opened.data)
        expires = record["expires"]
        left = None if expires is None else expires - epoch(self._clock)
        if left is not None and left <= 0:
            return None, None
        return record["value"], left

    @override
    async def put(
        self, key: str, value: Mapping[str, Any], *, collection: str | None = None, ttl: SupportsFloat | None = None
    ) -> None:
        expires = None if ttl is None else epoch(self._clock) + float(ttl)
        record = json.dumps({"value": dict(value), "expires": expires})
        await self._store.put(self._name(key, collection), _KIND, record.encode())

    @override
    async def delete(self, key: str, *, collection: str | None = None) -> bool:
        existed = await self.get(key, collection=collection) is not None
        await self._store.delete(self._name(key, collection))
        return existed

    @override
    async def get_many(self, keys: Sequence[str], *, collection: str | None = None) -> list[dict[str, Any] | None]:
        return [await self.get(key, collection=collection) for key in keys]

    @override
    async def ttl_many(
        self, keys: Sequence[str], *, collection: str | None = None
    ) -> list[tuple[dict[str, Any] | None, float | None]]:
        return [await self.ttl(key, collection=collection) for key in keys]

    @override
    async def put_many(
        self,
        keys: Sequence[str],
        values: Sequence[Mapping[str, Any]],
        *,
        collection: str | None = None,
        ttl: SupportsFloat | None = None,
    ) -> None:
        for key, value in zip(keys, values, strict=True):
            await self.put(key, value, collection=collection, ttl=ttl)

    @override
    async def delete_many(self, keys: Sequence[str], *, collection: str | None = None) -> int:
        return sum([await self.delete(key, collection=collection) for key in keys])

    def _name(self, key: str, collection: str | None) -> str:
        life = _LIVES.get(collection or "", SESSION)
        room = hashlib.sha256((collection or "").encode()).hexdigest()[:16]
        return f"{life.place('oauth')}/{room}/{hashlib.sha256(key.encode()).hexdigest()}"
