"""`make bench`: measures the service, prints what it found, and writes its section of `docs/performance.md`.

`python -m tests.bench --small` takes seconds and writes nothing: it shows that the benchmark runs.
"""

import argparse
import asyncio
import sys
from datetime import UTC, datetime

import uvloop

from tests.bench.page import PAGE, write_section
from tests.bench.picture import picture
from tests.bench.report import section
from tests.bench.run import SMALL, Sizes, run


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures the service against the least that does the same.")
    parser.add_argument("--small", action="store_true", help="a few calls of each, nothing is written")
    parser.add_argument("--print", action="store_true", help="only print what was found")
    options = parser.parse_args()
    results = asyncio.run(run(SMALL if options.small else Sizes()), loop_factory=uvloop.new_event_loop)
    text = section(results, datetime.now(UTC).date())
    sys.stdout.write(f"{text}\n")
    if not (options.small or options.print):
        (PAGE.parent / "images" / "performance.svg").write_text(picture(results), encoding="utf-8")
        write_section("bench", text)


if __name__ == "__main__":
    main()
