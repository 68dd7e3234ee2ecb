"""What was wanted, and whether one run of the benchmark reached it."""

from dataclasses import dataclass

from tests.bench.results import Results

MIB = 2**20


@dataclass(frozen=True)
class Target:
    """A figure that must not pass its limit. `at_least` says that it must reach it instead."""

    what: str
    limit: float
    measured: float
    unit: str
    at_least: bool = False

    @property
    def is_met(self) -> bool:
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    @property
    def wanted(self) -> str:
        return f"{'at least' if self.at_least else 'at most'} {self.limit:g}{self.unit}"

    @property
    def found(self) -> str:
        return f"{self.measured:.3g}{self.unit}"

    @property
    def verdict(self) -> str:
        if self.is_met:
            return "met"
        off = abs(self.measured - self.limit)
        return f"missed by {off:.2g}{self.unit}"


def targets(results: Results) -> list[Target]:
    """All of them, in the order in which the page tells them."""
    events, search = results.tool("calendar_list_events"), results.tool("gmail_search")
    slowest = max(results.tools, key=lambda each: each.over_google_ms)
    most = max(each.callers for each in results.throughput)
    crowd = results.at("service", "modern", most)
    start, proxy = results.service_start, results.proxy_start
    return [
        Target("CPU of 25 events over the bare tool", 3, events.service.cpu_ms - results.bare.cpu_ms, " ms"),
        Target("CPU of 20 mail rows over the bare tool", 8, search.service.cpu_ms - results.bare.cpu_ms, " ms"),
        Target("Median of 25 events over Google's time, one caller", 6, events.over_google_ms, " ms"),
        Target(
            f"The same for the slowest call of all, {slowest.tool} ({slowest.what})", 6, slowest.over_google_ms, " ms"
        ),
        *_rates(results),
        Target(f"99th percentile at {most} callers, in medians", 4, crowd.p99_ms / crowd.p50_ms, ""),
        Target(
            "Start to the first `/health`, in those of FastMCP with its proxy", 1.4, start.health / proxy.health, ""
        ),
        Target("Memory when idle, over FastMCP with its proxy", 40, (start.memory - proxy.memory) / MIB, " MiB"),
        Target(
            f"Memory gained by the last {results.memory.calls_since:,} calls",
            5,
            (results.memory.after_calls - results.memory.settled) / MIB,
            " MiB",
        ),
        Target("Calls to Google that ask who somebody is", 0, results.identity_calls, ""),
        Target("Tools with more round trips than their contract says", 0, _beyond(results), ""),
    ]


def _rates(results: Results) -> list[Target]:
    callers = sorted({each.callers for each in results.throughput})

    def share(count: int) -> float:
        return results.at("service", "modern", count).rate / results.at("bare tool", "modern", count).rate * 100

    return [
        Target(
            f"25 events, calls a second in those of the bare tool, {_many(count)}",
            30,
            share(count),
            " %",
            at_least=True,
        )
        for count in callers
    ]


def _many(callers: int) -> str:
    return "1 caller" if callers == 1 else f"{callers} callers"


def _beyond(results: Results) -> int:
    return sum(each.round_trips > each.allowed for each in results.tools)
