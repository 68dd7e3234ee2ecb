"""What was looked up once and stays true for a while: names of labels, calendars, folders and shared drives."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from google_workspace_mcp.core.clock import Clock


@dataclass(slots=True)
class _Kept[V]:
    value: V
    until: datetime


@dataclass(slots=True)
class _Turn:
    """The callers that want one key at the same moment: one loads, the others wait for it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0
    drops: int = 0


class Cache[V]:
    """Keeps at most `limit` values, each for `seconds`; the one unused for longest goes first.

    A key starts with the connection id, so that no account sees what another account's look-up gave. Nothing is kept
    of a look-up that failed.
    """

    def __init__(self, clock: Clock, seconds: float, limit: int) -> None:
        self._clock = clock
        self._life = timedelta(seconds=seconds)
        self._limit = limit
        self._kept: OrderedDict[str, _Kept[V]] = OrderedDict()
        self._turns: dict[str, _Turn] = {}

    async def get_or_load(self, key: str, load: Callable[[], Awaitable[V]]) -> V:
        """The kept value, or what `load` gives; at most one load per key runs at a time.

        Whoever waits for a load that fails or is cancelled runs its own: the failure belongs to the other call, whose
        deadline may have been nearer. Raises whatever the caller's own `load` raises.
        """
        kept = self._fresh(key)
        if kept is not None:
            return kept.value
        turn = self._turns.setdefault(key, _Turn())
        turn.waiting += 1
        try:
            async with turn.lock:
                kept = self._fresh(key)
                return kept.value if kept is not None else await self._load(key, load, turn)
        finally:
            turn.waiting -= 1
            if not turn.waiting:
                del self._turns[key]

    def peek(self, key: str) -> V | None:
        """The kept value, None when there is none; nothing is loaded."""
        kept = self._fresh(key)
        return None if kept is None else kept.value

    def put(self, key: str, value: V) -> None:
        """Keep a value that was learned without a look-up."""
        self._keep(key, value)

    def drop(self, key: str) -> None:
        """Forgets the value, and does not keep the one that is being loaded: it may be older than the change."""
        self._kept.pop(key, None)
        if key in self._turns:
            self._turns[key].drops += 1

    def drop_value(self, prefix: str, value: V) -> None:
        """Forgets that value wherever it is kept under a key with this beginning."""
        for key in [key for key, kept in self._kept.items() if key.startswith(prefix) and kept.value == value]:
            self.drop(key)

    async def _load(self, key: str, load: Callable[[], Awaitable[V]], turn: _Turn) -> V:
        drops = turn.drops
        value = await load()
        if turn.drops == drops:
            self._keep(key, value)
        return value

    def _keep(self, key: str, value: V) -> None:
        self._kept[key] = _Kept(value, self._clock.now() + self._life)
        self._kept.move_to_end(key)
        while len(self._kept) > self._limit:
            self._kept.popitem(last=False)

    def _fresh(self, key: str) -> _Kept[V] | None:
        kept = self._kept.get(key)
        if kept is None:
            return None
        if self._clock.now() >= kept.until:
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return kept
