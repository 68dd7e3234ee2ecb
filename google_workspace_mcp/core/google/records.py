"""What is told of each attempt to call Google, for metrics and logs: no ids, no addresses, no content."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One attempt, or one that our own limits kept from being made.

    `status` is None when no answer began; `outcome` is "ok", "cancelled", the failure's code, or "failed" for a
    defect; `reason` is the failure's. `units` is what Google charges, `waited` the seconds spent before it for the
    user's slot and units; `sent` is false for an attempt that a limit or an open breaker stopped.
    """

    method_id: str
    status: int | None
    seconds: float
    attempt: int
    outcome: str
    reason: str = ""
    units: int = 0
    waited: float = 0.0
    sent: bool = True
