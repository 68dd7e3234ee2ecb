"""What the store and its keys do, told to whoever counts; and whether they work at the moment."""

import time
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import contextmanager
from typing import Literal

from google_workspace_mcp.core.storage.base import (
    ObjectConflictError,
    ObjectNotFoundError,
    ObjectStore,
    StoredObject,
    StoreUnavailableError,
)
from google_workspace_mcp.core.storage.sealing import DataKey, DataKeyWrapper, SealBrokenError, SealContext

type Part = Literal["store", "keys"]
type Count = Callable[[str, str, float], None]

_OUTCOMES: tuple[tuple[type[Exception], str], ...] = (
    (ObjectNotFoundError, "absent"),
    (ObjectConflictError, "conflict"),
    (SealBrokenError, "broken"),
    (StoreUnavailableError, "unavailable"),
)


class Watch:
    """Counts operations by outcome and time, and tells which part failed last and has not worked since."""

    def __init__(self, count: Count, failing: Callable[[str | None], None]) -> None:
        self._count = count
        self._failing = failing
        self._failed: dict[Part, None] = {}

    @contextmanager
    def over(self, part: Part, operation: str) -> Generator[None]:
        """One operation; what it raises is its outcome."""
        started, outcome = time.perf_counter(), "cancelled"
        try:
            yield
            outcome = "ok"
        except (ObjectNotFoundError, ObjectConflictError, SealBrokenError, StoreUnavailableError) as error:
            outcome = next(word for kind, word in _OUTCOMES if isinstance(error, kind))
            raise
        finally:
            self._count(operation, outcome, time.perf_counter() - started)
            if outcome != "cancelled":
                self._note(part, works=outcome != "unavailable")

    def _note(self, part: Part, *, works: bool) -> None:
        if works and part in self._failed:
            del self._failed[part]
        elif not works and part not in self._failed:
            self._failed[part] = None
        else:
            return
        self._failing(next(iter(self._failed), None))


class ObservedStore:
    """An `ObjectStore` under watch."""

    def __init__(self, inner: ObjectStore, watch: Watch) -> None:
        self._inner = inner
        self._watch = watch

    async def get(self, key: str) -> StoredObject:
        with self._watch.over("store", "get"):
            return await self._inner.get(key)

    async def put(self, key: str, data: bytes, *, if_match: str | None = None, if_none_match: bool = False) -> str:
        with self._watch.over("store", "put"):
            return await self._inner.put(key, data, if_match=if_match, if_none_match=if_none_match)

    async def delete(self, key: str, *, if_match: str | None = None) -> None:
        with self._watch.over("store", "delete"):
            await self._inner.delete(key, if_match=if_match)

    async def list(self, prefix: str) -> AsyncIterator[str]:
        with self._watch.over("store", "list"):
            # Whole: what is done with each key is not the store's time.
            keys = [key async for key in self._inner.list(prefix)]
        for key in keys:
            yield key

    async def check(self) -> None:
        with self._watch.over("store", "check"):
            await self._inner.check()

    async def close(self) -> None:
        await self._inner.close()


class ObservedWrapper:
    """A `DataKeyWrapper` under watch."""

    def __init__(self, inner: DataKeyWrapper, watch: Watch) -> None:
        self._inner = inner
        self._watch = watch

    @property
    def current_id(self) -> str:
        return self._inner.current_id

    def holds(self, key_id: str) -> bool:
        return self._inner.holds(key_id)

    async def fresh(self, context: SealContext) -> DataKey:
        with self._watch.over("keys", "wrap"):
            return await self._inner.fresh(context)

    async def unwrap(self, key_id: str, wrapped: bytes, context: SealContext) -> bytes:
        with self._watch.over("keys", "unwrap"):
            return await self._inner.unwrap(key_id, wrapped, context)

    async def close(self) -> None:
        await self._inner.close()
