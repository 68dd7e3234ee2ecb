"""Sealing everything anew with the key that seals now, while the service goes on.

An object is written back only over the very version that was read, so a write of the running service is never lost: it
is read again. What is sealed by the current key already is left alone, so a run that was cut off is simply repeated.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Literal

from google_workspace_mcp.core.storage.base import ObjectConflictError, ObjectNotFoundError
from google_workspace_mcp.core.storage.lives import QUARANTINE
from google_workspace_mcp.core.storage.sealing import SealBrokenError, SealedStore

type Outcome = Literal["resealed", "current", "gone", "damaged", "busy"]

_AT_A_TIME = 8
_ATTEMPTS = 8


@dataclass(slots=True)
class Resealed:
    """How many objects came to which end, and the names of those that did not open or kept changing."""

    counts: Counter[Outcome] = field(default_factory=Counter[Outcome])
    damaged: list[str] = field(default_factory=list)
    busy: list[str] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether every object that opens is sealed by the current key."""
        return not self.busy


async def reseal_all(store: SealedStore) -> Resealed:
    """Go through all objects, but those in quarantine. Raises StoreUnavailableError; what was done is done."""
    result = Resealed()
    async for batch in _batches(store):
        for key, outcome in zip(batch, await asyncio.gather(*(_reseal(store, key) for key in batch)), strict=True):
            result.counts[outcome] += 1
            if outcome == "damaged":
                result.damaged.append(key)
            elif outcome == "busy":
                result.busy.append(key)
    return result


async def _batches(store: SealedStore) -> AsyncIterator[list[str]]:
    batch: list[str] = []
    async for key in store.objects.list(""):
        if key.startswith(f"{QUARANTINE}/"):
            continue
        batch.append(key)
        if len(batch) == _AT_A_TIME:
            yield batch
            batch = []
    if batch:
        yield batch


async def _reseal(store: SealedStore, key: str) -> Outcome:
    for _ in range(_ATTEMPTS):
        try:
            stored = await store.objects.get(key)
            return "resealed" if await store.reseal(key, stored.data, stored.etag) else "current"
        except ObjectNotFoundError:
            return "gone"
        except SealBrokenError:
            return "damaged"
        except ObjectConflictError:
            continue
    return "busy"
