"""How many calls come when: calls arrive at a rate, whether or not earlier ones have been answered."""

from dataclasses import dataclass
from typing import Any, Final

# What the service promises for reads, and what a crowd may wait at worst (milliseconds).
_P95, _P99 = 2000, 5000
SPIKE: Final = 5


@dataclass(frozen=True)
class Profile:
    """A scenario and the thresholds that fail the run, both in k6's own form."""

    name: str
    seconds: float
    scenario: dict[str, Any]
    thresholds: dict[str, list[str]]


@dataclass(frozen=True)
class Size:
    """Seconds of each profile."""

    baseline: int
    spike: int
    soak: int


SIZES: Final = {"ci": Size(5, 6, 5), "full": Size(60, 60, 600)}


def profiles(size: Size, rate: int) -> tuple[Profile, ...]:
    """Baseline and soak at `rate` calls a second, and a spike of five times as many."""
    return (
        _steady("baseline", size.baseline, rate),
        _spike(size.spike, rate),
        _steady("soak", size.soak, rate),
    )


def _steady(name: str, seconds: int, rate: int) -> Profile:
    scenario = {
        "executor": "constant-arrival-rate",
        "rate": rate,
        "duration": f"{seconds}s",
        # Enough for calls that take ten seconds; made beforehand, or calls are dropped while k6 makes them.
        "preAllocatedVUs": rate * 10,
    }
    return Profile(
        name,
        seconds,
        scenario,
        {
            "failed": ["rate==0"],
            "limited": ["rate==0"],
            "call_ms": [f"p(95)<{_P95}", f"p(99)<{_P99}"],
            "dropped_iterations": ["count==0"],
        },
    )


def _spike(seconds: int, rate: int) -> Profile:
    quarter, half = max(1, seconds // 4), max(1, seconds // 2 - 2)
    scenario = {
        "executor": "ramping-arrival-rate",
        "startRate": rate,
        "stages": [
            {"target": rate, "duration": f"{quarter}s"},
            {"target": rate * SPIKE, "duration": "1s"},
            {"target": rate * SPIKE, "duration": f"{half}s"},
            {"target": rate, "duration": "1s"},
            {"target": rate, "duration": f"{quarter}s"},
        ],
        "preAllocatedVUs": rate * SPIKE * 4,
    }
    # A person's limits may refuse calls here, in so many words. Nothing else may.
    return Profile("spike", seconds, scenario, {"failed": ["rate==0"], "call_ms": [f"p(99)<{_P99}"]})
