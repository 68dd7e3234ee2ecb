"""Typed records on the sealed store, changed by compare-and-swap."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError

from google_workspace_mcp.core.storage.base import ObjectConflictError, ObjectNotFoundError
from google_workspace_mcp.core.storage.sealing import SealBrokenError, SealedStore

_ATTEMPTS = 8


def name_of(secret: str) -> str:
    """The object name for a secret that must not be readable from the listing (SHA-256, hex)."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Version[R: BaseModel]:
    """A record and the etag of the version it was read from."""

    record: R
    etag: str


class Records[R: BaseModel]:
    """Records of one kind below one prefix."""

    def __init__(self, store: SealedStore, kind: str, model: type[R], prefix: str) -> None:
        self._store = store
        self._kind = kind
        self._model = model
        self._prefix = prefix

    async def read(self, name: str) -> Version[R] | None:
        """The record, None when there is none. Raises SealBrokenError, StoreUnavailableError."""
        try:
            opened = await self._store.get(self._key(name), self._kind)
        except ObjectNotFoundError:
            return None
        try:
            return Version(self._model.model_validate_json(opened.data), opened.etag)
        except ValidationError:
            raise SealBrokenError("the record has another shape than this version knows") from None

    async def create(self, name: str, record: R) -> bool:
        """Write where nothing is; False when something is."""
        try:
            await self._store.put(self._key(name), self._kind, _bytes(record), if_none_match=True)
        except ObjectConflictError:
            return False
        return True

    async def replace(self, name: str, record: R, etag: str) -> bool:
        """Write over exactly that version; False when it has changed or gone."""
        try:
            await self._store.put(self._key(name), self._kind, _bytes(record), if_match=etag)
        except (ObjectConflictError, ObjectNotFoundError):
            return False
        return True

    async def update(self, name: str, change: Callable[[R | None], R | None]) -> R | None:
        """Apply `change` to the newest version until it is written; it returns None to leave things as they are."""
        for _ in range(_ATTEMPTS):
            version = await self.read(name)
            changed = change(version.record if version else None)
            if changed is None:
                return version.record if version else None
            done = await (self.replace(name, changed, version.etag) if version else self.create(name, changed))
            if done:
                return changed
        raise ObjectConflictError(f"a {self._kind} record keeps changing")

    async def remove(self, name: str) -> None:
        """Delete; a missing record is no error."""
        await self._store.delete(self._key(name))

    async def names(self, below: str = "") -> list[str]:
        """Names of the records below a part of a name."""
        start = self._key(below)
        return [key.removeprefix(f"{self._prefix}/") async for key in self._store.objects.list(start)]

    def _key(self, name: str) -> str:
        return f"{self._prefix}/{name}"


def _bytes(record: BaseModel) -> bytes:
    return record.model_dump_json(context={"reveal": True}).encode()
