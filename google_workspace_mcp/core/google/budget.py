"""How many retries are affordable: a failing Google must not be asked three times as often because it fails."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class RetryBudget:
    """Retries for a tenth of the calls, and a small reserve, so that a quiet process may retry too.

    `ratio` of a retry is earned by each call; up to `reserve` retries come back with time, one every `seconds`; never
    more than `most` are saved.
    """

    clock: Callable[[], float]
    ratio: float = 0.1
    reserve: float = 10.0
    seconds: float = 2.0
    most: float = 100.0
    _left: float = field(init=False)
    _at: float = field(init=False)

    def __post_init__(self) -> None:
        self._left = self.reserve
        self._at = self.clock()

    def earn(self, calls: int = 1) -> None:
        """Count calls that were begun."""
        self._left = min(self.most, self._left + self.ratio * calls)

    def spend(self) -> bool:
        """Take one retry, if there is one."""
        now = self.clock()
        if self._left < self.reserve:
            self._left = min(self.reserve, self._left + (now - self._at) / self.seconds)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
