"""Objects that do not open are copied aside, once, and never deleted by this service."""

import hashlib
from collections import OrderedDict

from google_workspace_mcp.core.logging import get_logger
from google_workspace_mcp.core.storage.base import (
    ObjectConflictError,
    ObjectNotFoundError,
    ObjectStore,
    StoreUnavailableError,
)
from google_workspace_mcp.core.storage.lives import QUARANTINE

_REMEMBERED = 10_000
_log = get_logger(__name__)


class Quarantine:
    """Copies below `quarantine/`, named by the key and a hash of the bytes: a version is kept once."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects
        self._kept: OrderedDict[str, None] = OrderedDict()

    async def keep(self, key: str, data: bytes | None) -> None:
        """Copy the bytes, or what lies there now.

        A store that fails is logged, no more: the object itself is still in its place.
        """
        try:
            data = (await self._objects.get(key)).data if data is None else data
            await self._copy(f"{QUARANTINE}/{key}/{hashlib.sha256(data).hexdigest()[:32]}", data)
        except (ObjectNotFoundError, StoreUnavailableError):
            _log.warning("object_not_set_aside")

    async def _copy(self, aside: str, data: bytes) -> None:
        if aside in self._kept:
            return
        try:
            await self._objects.put(aside, data, if_none_match=True)
            _log.error("object_set_aside", place=aside)
        except ObjectConflictError:
            pass  # another task, or this one before a restart, has kept it
        self._remember(aside)

    def _remember(self, aside: str) -> None:
        self._kept[aside] = None
        while len(self._kept) > _REMEMBERED:
            self._kept.popitem(last=False)
