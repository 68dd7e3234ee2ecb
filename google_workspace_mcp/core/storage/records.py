"""Typed records on the sealed store, changed by compare-and-swap."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError

from google_workspace_mcp.core.clock import Clock, epoch
from google_workspace_mcp.core.storage.base import ObjectConflictError, ObjectNotFoundError
from google_workspace_mcp.core.storage.sealing import SealBrokenError, SealedStore

_ATTEMPTS = 8
_REMEMBERED = 50_000


def name_of(secret: str) -> str:
    """The object name for a secret that must not be readable from the listing (SHA-256, hex)."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Dated(BaseModel):
    """A record whose versions are numbered, so that an older one put back in its place can be told.

    `version` grows with every change and is never below the milliseconds since 1970 of the change: a record that is
    made anew after its removal is newer than all before.
    """

    version: int = 0


@dataclass(frozen=True, slots=True)
class Version[R: BaseModel]:
    """A record and the etag of the version it was read from."""

    record: R
    etag: str


class Records[R: BaseModel]:
    """Records of one kind below one prefix.

    What does not open is as good as absent, and may be written over; the store has reported it and keeps a copy. So is
    a version of a `Dated` record that is older than one seen by this process: somebody has put it back.
    """

    def __init__(self, store: SealedStore, kind: str, model: type[R], prefix: str, clock: Clock | None = None) -> None:
        self._store = store
        self._kind = kind
        self._model = model
        self._prefix = prefix
        self._clock = clock
        self._newest: OrderedDict[str, int] = OrderedDict()

    async def read(self, name: str) -> Version[R] | None:
        """The record, None when there is none that opens. Raises StoreUnavailableError."""
        try:
            return await self._read(name)
        except SealBrokenError:
            return None

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
            record, etag = await self._record_and_etag(name)
            changed = change(record)
            if changed is None:
                return record
            changed = self._numbered(name, record, changed)
            if await (self.replace(name, changed, etag) if etag else self.create(name, changed)):
                self._remember(name, changed)
                return changed
        raise ObjectConflictError(f"a {self._kind} record keeps changing")

    async def remove(self, name: str) -> None:
        """Delete; a missing record is no error."""
        await self._store.delete(self._key(name))

    async def names(self, below: str = "") -> list[str]:
        """Names of the records below a part of a name."""
        start = self._key(below)
        return [key.removeprefix(f"{self._prefix}/") async for key in self._store.objects.list(start)]

    async def _read(self, name: str) -> Version[R] | None:
        try:
            opened = await self._store.get(self._key(name), self._kind)
        except ObjectNotFoundError:
            return None
        try:
            record = self._model.model_validate_json(opened.data)
        except ValidationError:
            await self._store.reject(self._key(name), self._kind)
            raise SealBrokenError("the record has another shape than this version knows", opened.etag) from None
        if isinstance(record, Dated) and record.version < self._newest.get(name, 0):
            await self._store.reject(self._key(name), "rolled-back")
            raise SealBrokenError("an older version was put back", opened.etag)
        self._remember(name, record)
        return Version(record, opened.etag)

    async def _record_and_etag(self, name: str) -> tuple[R | None, str]:
        """What to change and what to write over; a record that does not open is written over as if it were nothing."""
        try:
            version = await self._read(name)
        except SealBrokenError as error:
            return None, error.etag
        return (version.record, version.etag) if version else (None, "")

    def _numbered(self, name: str, old: R | None, changed: R) -> R:
        if not isinstance(changed, Dated) or self._clock is None:
            return changed
        before = max(old.version if isinstance(old, Dated) else 0, self._newest.get(name, 0))
        return changed.model_copy(update={"version": max(before + 1, int(epoch(self._clock) * 1000))})

    def _remember(self, name: str, record: R) -> None:
        if isinstance(record, Dated):
            self._newest[name] = max(record.version, self._newest.get(name, 0))
            self._newest.move_to_end(name)
            while len(self._newest) > _REMEMBERED:
                self._newest.popitem(last=False)

    def _key(self, name: str) -> str:
        return f"{self._prefix}/{name}"


def _bytes(record: BaseModel) -> bytes:
    return record.model_dump_json(context={"reveal": True}).encode()
