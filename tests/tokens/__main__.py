"""`make tokens`: what the model is made to read, in tokens. `--update` writes the baseline anew.

Fails when something is over its budget, has grown by more than a twentieth, or is new.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from google_workspace_mcp.core.logging import configure_logging
from tests.tokens.budgets import BUDGETS, Baseline, Measured, findings, renewed
from tests.tokens.measure import measure

BASELINE: Final = Path(__file__).parents[1] / "snapshots" / "tokens.json"
COMMAND: Final = "make tokens UPDATE=1"


def read_baseline() -> Baseline:
    """What was committed last; empty when nothing was."""
    return json.loads(BASELINE.read_text(encoding="utf-8")) if BASELINE.exists() else {}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print, and with `--update` write, what is measured. 1 when there is something to mend."""
    parser = argparse.ArgumentParser(prog="make tokens", description="Count what the model is made to read.")
    parser.add_argument("--update", action="store_true", help="take what is measured as the new baseline")
    options = parser.parse_args(arguments)
    configure_logging("error", json=False)
    measured, baseline = measure(), read_baseline()
    if options.update:
        baseline = renewed(measured, baseline)
        BASELINE.write_text(json.dumps(baseline, indent=2) + "\n", encoding="utf-8")
    _say(*_report(measured))
    found = findings(measured, baseline)
    if found:
        _say("", "To mend:", *(f"  {line}" for line in found))
        _say(f"Where the number is right, `{COMMAND}` takes it as the baseline; look at the difference.")
    return 1 if found else 0


def _report(measured: Measured) -> list[str]:
    return [
        "Definitions (name, description, input schema), and beside them output schemas",
        *_lines(measured.definitions, measured.output_schemas),
        "",
        "Typical results on the sample data (text), and beside them structured content",
        *_lines(measured.texts, measured.structured),
        "",
        "Budgets",
        *(f"  {what:<42}{_figure(is_):>8} of at most {_figure(most)}" for what, is_, most in measured.against(BUDGETS)),
    ]


def _lines(counts: Mapping[str, int], beside: Mapping[str, int]) -> list[str]:
    return [f"  {name:<28}{count:>6,}{beside.get(name, 0):>8,}" for name, count in counts.items()]


def _figure(value: float) -> str:
    return f"{value:.1%}" if 0 < value < 1 else f"{value:,g}"


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
