"""A breaker for each Google API: when most calls fail, the rest are not sent, and one call at a time finds out more."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from google_workspace_mcp.core.errors import GoogleUnavailableError
from google_workspace_mcp.core.google.endpoints import ServiceName

BREAKER_OPEN = "breaker_open"

type BreakerState = Literal["closed", "half_open", "open"]


@dataclass(frozen=True, slots=True)
class BreakerRule:
    """Opens for `open_seconds` when `ratio` of at least `calls` failed within `window` seconds."""

    ratio: float = 0.5
    calls: int = 20
    window: int = 30
    open_seconds: float = 10.0


@dataclass(slots=True)
class _Second:
    at: int
    calls: int = 0
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Admission:
    """A call that may be sent; `probe` when it is the one that finds out."""

    probe: bool
    era: int


@dataclass(slots=True)
class Breaker:
    """Closed, open, or half open with one probe under way. Times are seconds of a monotonic clock."""

    clock: Callable[[], float]
    changed: Callable[[BreakerState], None]
    rule: BreakerRule = BreakerRule()
    _seconds: deque[_Second] = field(default_factory=deque[_Second])
    _until: float | None = None
    _probing: bool = False
    _era: int = 0

    def admit(self) -> Admission:
        """Let a call through. Raises GoogleUnavailableError with reason "breaker_open" and the time to wait."""
        if self._until is None:
            return Admission(probe=False, era=self._era)
        left = self._until - self.clock()
        if left > 0 or self._probing:
            raise open_breaker(max(left, 1.0))
        self._probing = True
        self.changed("half_open")
        return Admission(probe=True, era=self._era)

    def settle(self, admission: Admission, *, failed: bool | None) -> None:
        """Tell how the call went; None when it does not say anything about Google."""
        if admission.probe:
            self._settle_probe(failed)
        elif failed is not None and self._until is None and admission.era == self._era:
            self._count(failed)

    def _settle_probe(self, failed: bool | None) -> None:
        self._probing = False
        if failed is None:
            # Nothing was learned; the next call is the probe.
            self.changed("open")
        elif failed:
            self._open_up()
        else:
            self._until = None
            # What was sent before the breaker opened and ends only now tells of the time before.
            self._era += 1
            self._seconds.clear()
            self.changed("closed")

    def _count(self, failed: bool) -> None:
        now = int(self.clock())
        while self._seconds and self._seconds[0].at <= now - self.rule.window:
            self._seconds.popleft()
        if not self._seconds or self._seconds[-1].at != now:
            self._seconds.append(_Second(now))
        self._seconds[-1].calls += 1
        self._seconds[-1].failures += failed
        calls = sum(second.calls for second in self._seconds)
        failures = sum(second.failures for second in self._seconds)
        if failed and calls >= self.rule.calls and failures >= self.rule.ratio * calls:
            self._open_up()

    def _open_up(self) -> None:
        self._until = self.clock() + self.rule.open_seconds
        self.changed("open")


def nobody_told(_api: ServiceName, _state: BreakerState) -> None:
    """For whoever does not want to hear of changes."""


class Breakers:
    """One breaker for each API, made when it is first needed."""

    def __init__(
        self,
        clock: Callable[[], float],
        changed: Callable[[ServiceName, BreakerState], None] = nobody_told,
        rule: BreakerRule | None = None,
    ) -> None:
        self._clock = clock
        self._changed = changed
        self._rule = rule or BreakerRule()
        self._breakers: dict[ServiceName, Breaker] = {}

    def of(self, api: ServiceName) -> Breaker:
        breaker = self._breakers.get(api)
        if breaker is None:
            breaker = self._breakers[api] = Breaker(self._clock, lambda state: self._changed(api, state), self._rule)
        return breaker


def open_breaker(seconds: float) -> GoogleUnavailableError:
    """The failure for a call that was not sent; `seconds` until one may find out."""
    return GoogleUnavailableError(
        "Most calls to this Google API fail at the moment, so this one was not sent",
        next_step="Try again a little later",
        retry_after=seconds,
        reason=BREAKER_OPEN,
    )
