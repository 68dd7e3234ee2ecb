"""The section of docs/performance.md, and what a run says while it goes."""

from collections.abc import Iterable, Sequence
from datetime import date

from tests.load.profiles import SPIKE
from tests.load.run import Outcome, Times
from tests.load.watch import Usage

_WORDS = {
    "face:public,era:modern": "public, 2026-07-28",
    "face:public,era:legacy": "public, 2025-06-18",
    "face:inside,era:modern": "inside, 2026-07-28",
    "face:inside,era:legacy": "inside, 2025-06-18",
}
_PERCENTILES = ("p50 ms", "p95 ms", "p99 ms")
_PROFILE_HEAD = ("Profile", "Seconds", "Calls", "Calls/s", *_PERCENTILES, "Longest ms", "Failed", "Limited")
_USAGE_HEAD = ("Profile", "CPU a call, both tasks", "Memory of each task before", "after")
_GROUP_HEAD = ("Calls", "Number", *_PERCENTILES)


def section(outcomes: Sequence[Outcome], *, machine: str, people: int, latency: float, rate: int, on: date) -> str:
    """Markdown: how it was measured, then the figures."""
    steady = outcomes[0]
    return "\n\n".join(
        (
            f"{on:%Y-%m-%d}, {machine}. k6, the proxy, {len(steady.before.memory)} tasks, the simulated Google and the "
            f"emulated bucket share this one machine. Google answers after {latency * 1000:.0f} ms. {people} people "
            "have signed in, and as many users of an agent have connected their accounts.",
            f"Baseline and soak are {rate} calls a second, the spike {SPIKE} times as many. Calls arrive at that rate, "
            "whether or not earlier ones were answered. They search mail and files, list events and accounts, a "
            "quarter each. 40 % come by service tokens on the internal address, half by the protocol of 2026-07-28.",
            _table(_PROFILE_HEAD, (_profile_row(one) for one in outcomes)),
            "*Limited* are `rate_limited` answers: a person's own limits, in so many words. *Failed* is every other "
            f"answer that is no result{_failures(outcomes)}.",
            _table(_USAGE_HEAD, (_usage_row(one) for one in outcomes)),
            f"By the way in, in the {steady.profile}:",
            _table(_GROUP_HEAD, (_group_row(name, times) for name, times in steady.groups.items())),
        )
    )


def line(one: Outcome) -> str:
    """One profile, for whoever watches."""
    crossed = f"; crossed: {', '.join(one.crossed)}" if one.crossed else ""
    percentiles, limited = "/".join(_percentiles(one.all)), one.codes.get("rate_limited", 0)
    return (
        f"{one.profile}: {one.all.calls} calls in {one.seconds:.0f} s, p50/p95/p99 {percentiles} ms, "
        f"{one.failed} failed, {limited} limited, {one.cpu_ms:.1f} ms CPU a call, "
        f"memory {_memory(one.before)} -> {_memory(one.after)} MiB{crossed}"
    )


def _profile_row(one: Outcome) -> tuple[str, ...]:
    return (
        one.profile,
        f"{one.seconds:.0f}",
        str(one.all.calls),
        f"{one.all.calls / one.seconds:.1f}",
        *_percentiles(one.all),
        f"{one.all.longest:.0f}",
        str(one.failed),
        str(one.codes.get("rate_limited", 0)),
    )


def _usage_row(one: Outcome) -> tuple[str, ...]:
    return (one.profile, f"{one.cpu_ms:.1f} ms", f"{_memory(one.before)} MiB", f"{_memory(one.after)} MiB")


def _group_row(name: str, times: Times) -> tuple[str, ...]:
    return (_WORDS[name], str(times.calls), *_percentiles(times))


def _failures(outcomes: Iterable[Outcome]) -> str:
    codes = sorted({code for one in outcomes for code in one.codes} - {"ok", "rate_limited"})
    return f": {', '.join(f'`{code}`' for code in codes)}" if codes else ""


def _percentiles(times: Times) -> tuple[str, str, str]:
    return (f"{times.p50:.0f}", f"{times.p95:.0f}", f"{times.p99:.0f}")


def _memory(usage: Usage) -> str:
    return ", ".join(f"{each:.0f}" for each in usage.memory)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(each)} |" for each in lines)
