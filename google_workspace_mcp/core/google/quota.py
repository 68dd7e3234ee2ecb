"""What one user may ask of Google at a time, so that nobody's eagerness costs anybody else.

A user here is one principal's connection to one Google account. Each has slots for calls in flight with a short queue
before them, and for each API a bucket of Google's own per-user units, of which a share is used: what is left is for the
person's other programs, and for other tasks of this service that serve the same person.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from google_workspace_mcp.core.errors import RateLimitedError, WorkspaceError
from google_workspace_mcp.core.google.budget import RetryBudget
from google_workspace_mcp.core.google.deadline import Deadline
from google_workspace_mcp.core.google.endpoints import ServiceName
from google_workspace_mcp.core.google.prices import PER_MINUTE

QUEUE = "user_queue"
UNITS = "user_units"
_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class UserLimits:
    """Calls in flight and waiting for each user, how long they wait (seconds), and the share of Google's quota used."""

    calls: int = 8
    waiting: int = 16
    wait_seconds: float = 5.0
    share: float = 0.8
    users: int = 10_000
    """Users whose state is kept; the one that was idle for longest is forgotten first, and begins anew."""


class UnitBucket:
    """Units for one user and API: a whole minute's at most, refilled continuously. A reservation may be paid later."""

    def __init__(self, per_minute: float, now: float) -> None:
        self._capacity = per_minute
        self._level = per_minute
        self._at = now

    def reserve(self, units: float, now: float, longest: float) -> float:
        """Seconds until the units are there; they are taken if that is no more than `longest`.

        A call that costs more than a whole minute's units costs just those, or it could never be made.
        """
        units = min(units, self._capacity)
        self._level = min(self._capacity, self._level + (now - self._at) * self._capacity / _MINUTE)
        self._at = now
        wait = max(0.0, (units - self._level) * _MINUTE / self._capacity)
        if wait <= longest:
            self._level -= units
        return wait

    def give_back(self, units: float) -> None:
        """Return units of a call that was not made."""
        self._level = min(self._capacity, self._level + min(units, self._capacity))


class UserShare:
    """One user's slots and buckets."""

    def __init__(self, limits: UserLimits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._in_flight = 0
        self._queue: deque[asyncio.Future[None]] = deque()
        self._buckets: dict[ServiceName, UnitBucket] = {}
        self.retries = RetryBudget(clock)

    @property
    def idle(self) -> bool:
        return not self._in_flight and not self._queue

    @asynccontextmanager
    async def slot(self, deadline: Deadline) -> AsyncGenerator[float]:
        """One of the user's slots while inside; yields the seconds it was waited for.

        Raises RateLimitedError with reason "user_queue" when too many wait already or none came free in time, and
        GoogleUnavailableError when the process ends first.
        """
        waited = await self._enter(deadline)
        try:
            yield waited
        finally:
            self._leave()

    async def pay(
        self, api: ServiceName, units: float, deadline: Deadline, sleep: Callable[[float], Awaitable[None]]
    ) -> float:
        """Wait until the units are there, and take them; the seconds waited come back.

        Raises RateLimitedError with reason "user_units" and the wait, when that is longer than allowed.
        """
        bucket = self._buckets.get(api)
        if bucket is None:
            bucket = self._buckets[api] = UnitBucket(PER_MINUTE[api] * self._limits.share, self._clock())
        longest = min(self._limits.wait_seconds, deadline.left())
        wait = bucket.reserve(units, self._clock(), longest)
        if wait > longest:
            raise out_of_units(wait)
        if wait > 0:
            try:
                async with deadline.limit():
                    await sleep(wait)
            except (asyncio.CancelledError, WorkspaceError):
                bucket.give_back(units)
                raise
        return wait

    async def _enter(self, deadline: Deadline) -> float:
        if self._in_flight < self._limits.calls and not self._queue:
            self._in_flight += 1
            return 0.0
        if len(self._queue) >= self._limits.waiting:
            raise too_many(self._limits.wait_seconds)
        started = self._clock()
        turn = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            async with (
                deadline.limit(lambda: self._waited_in_vain(deadline)),
                asyncio.timeout(self._limits.wait_seconds),
            ):
                await turn
        except TimeoutError:
            self._give_up(turn)
            raise too_many(self._limits.wait_seconds) from None
        except (asyncio.CancelledError, WorkspaceError):
            self._give_up(turn)
            raise
        return self._clock() - started

    def _waited_in_vain(self, deadline: Deadline) -> WorkspaceError:
        """What a call is told whose own time was over first: that the process ends, if it was that."""
        return deadline.passed() if deadline.cut_short else too_many(self._limits.wait_seconds)

    def _give_up(self, turn: asyncio.Future[None]) -> None:
        if turn.done() and not turn.cancelled():
            # The slot came in the same moment: the next one gets it.
            self._leave()
        elif turn in self._queue:
            self._queue.remove(turn)

    def _leave(self) -> None:
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                # The slot passes on; the number in flight stays.
                turn.set_result(None)
                return
        self._in_flight -= 1


@dataclass(slots=True)
class UserQuotas:
    """The shares of all users, by a key that says nothing about them."""

    clock: Callable[[], float]
    limits: UserLimits = UserLimits()
    _shares: OrderedDict[str, UserShare] = field(default_factory=OrderedDict[str, UserShare])

    def of(self, user: str) -> UserShare:
        """The user's share; the same object as long as it is in use."""
        share = self._shares.get(user)
        if share is None:
            self._forget_idle()
            share = self._shares[user] = UserShare(self.limits, self.clock)
        self._shares.move_to_end(user)
        return share

    def __len__(self) -> int:
        return len(self._shares)

    def _forget_idle(self) -> None:
        """Makes room for one more. Whoever has calls under way stays, so that a limit cannot be doubled."""
        while len(self._shares) >= self.limits.users:
            oldest = next((user for user, share in self._shares.items() if share.idle), None)
            if oldest is None:
                return
            del self._shares[oldest]


def too_many(seconds: float) -> RateLimitedError:
    """The failure for a call that found no place in the queue, or waited in vain."""
    return RateLimitedError(
        "This account has as many calls to Google under way as are allowed at once",
        next_step="Wait for the others to end, and ask for less at once",
        retry_after=seconds,
        reason=QUEUE,
    )


def out_of_units(seconds: float) -> RateLimitedError:
    """The failure for a call whose units come back only in so many seconds."""
    return RateLimitedError(
        "This account's share of Google's limit for a minute is used up",
        next_step="Wait, then ask for less at once",
        retry_after=seconds,
        reason=UNITS,
    )
