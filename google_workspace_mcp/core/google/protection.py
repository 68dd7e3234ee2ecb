"""What stands between callers and Google: each user's share, the process's retry budget, a breaker for each API."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from google_workspace_mcp.core.errors import RateLimitedError, WorkspaceError
from google_workspace_mcp.core.google.breaker import Breakers, BreakerState, nobody_told
from google_workspace_mcp.core.google.budget import RetryBudget
from google_workspace_mcp.core.google.endpoints import ServiceName
from google_workspace_mcp.core.google.quota import UserLimits, UserQuotas, UserShare


@dataclass(frozen=True, slots=True)
class Protection:
    """Shared by all calls of one process."""

    users: UserQuotas
    retries: RetryBudget
    breakers: Breakers

    @classmethod
    def of(
        cls,
        clock: Callable[[], float],
        *,
        limits: UserLimits | None = None,
        breaker_changed: Callable[[ServiceName, BreakerState], None] = nobody_told,
    ) -> Self:
        """With the design's numbers where nothing else is given. `clock` is monotonic, in seconds."""
        return cls(
            users=UserQuotas(clock, limits or UserLimits()),
            retries=RetryBudget(clock),
            breakers=Breakers(clock, breaker_changed),
        )

    def begun(self, share: UserShare, calls: int = 1) -> None:
        """Count calls; each earns a part of a retry."""
        self.retries.earn(calls)
        share.retries.earn(calls)

    def may_retry(self, error: WorkspaceError, share: UserShare) -> bool:
        """Take one retry from the budget that it burdens.

        Being told to slow down is the matter of one user, and must not use up the retries of all others.
        """
        budget = share.retries if isinstance(error, RateLimitedError) else self.retries
        return budget.spend()
