"""`python -m tests.load`: baseline, spike and soak by k6; ends with 1 when a threshold is crossed or memory grows.

`--size ci` is seconds long and for trying things out; `--write` puts the figures into docs/performance.md.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from tests.bench.page import write_section
from tests.load.profiles import SIZES, profiles
from tests.load.report import line, section
from tests.load.run import Outcome, run
from tests.load.surroundings import surroundings
from tests.load.watch import machine

# How much a task may grow during a soak, in MiB; what is kept for everybody is kept before it.
_GROWTH = 30


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    with surroundings(options.people, options.latency) as around:
        outcomes: list[Outcome] = []
        for profile in profiles(SIZES[options.size], options.rate):
            outcomes.append(run(profile, around))
            sys.stdout.write(f"{line(outcomes[-1])}\n")
            sys.stdout.flush()
    if options.write:
        write_section(
            "load",
            section(
                outcomes,
                machine=machine(),
                people=options.people,
                latency=options.latency,
                rate=options.rate,
                on=datetime.now(UTC).date(),
            ),
        )
    return 1 if any(one.crossed for one in outcomes) or grown(outcomes[-1]) > _GROWTH else 0


def grown(soak: Outcome) -> float:
    """MiB by which the task that grew most has grown."""
    return max(after - before for before, after in zip(soak.before.memory, soak.after.memory, strict=True))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.load")
    parser.add_argument("--size", choices=sorted(SIZES), default="full")
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds that Google takes")
    parser.add_argument("--rate", type=int, default=10, help="calls a second; five times as many in the spike")
    parser.add_argument("--write", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main())
