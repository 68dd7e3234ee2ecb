"""What the model may be made to read, in tokens of o200k_base, and how tokens are counted."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from statistics import median
from typing import Any, Final

from bpe_openai import get_encoding

# A definition or a result may grow by this part over its baseline before somebody has to look at it.
GROWTH: Final = 0.05
# Links and cursors are random letters: the same one has up to twenty tokens more at the next run.
SEALED: Final = 20


@dataclass(frozen=True)
class Budgets:
    """The most for each; `newsletter` and `events` are parts of Google's own JSON for the same."""

    all_tools: int = 12_000
    core_tier: int = 4_000
    search_mode: int = 1_500
    median_tool: int = 175
    search_row: int = 60
    newsletter: float = 0.03
    events: float = 0.08


BUDGETS: Final = Budgets()


@cache
def _encoding() -> Any:
    return get_encoding("o200k_base")


def tokens(text: str) -> int:
    """How many tokens the text is."""
    return len(_encoding().encode(text))


def json_tokens(value: Any) -> int:
    """How many tokens the value is as compact JSON."""
    return tokens(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


@dataclass(frozen=True)
class Measured:
    """Tokens of everything: definitions and output schemas by tool, text and structured content by typical call."""

    definitions: Mapping[str, int]
    output_schemas: Mapping[str, int]
    core: tuple[str, ...]
    search_mode: int
    texts: Mapping[str, int]
    structured: Mapping[str, int]
    worst_row: int
    newsletter: float
    events: float
    uncalled: tuple[str, ...] = ()

    def against(self, budgets: Budgets) -> list[tuple[str, float, float]]:
        """What, how much it is, how much it may be."""
        core = sum(count for name, count in self.definitions.items() if name in self.core)
        return [
            ("definitions of all tools", sum(self.definitions.values()), budgets.all_tools),
            ("definitions of the core tier", core, budgets.core_tier),
            ("definitions in search mode", self.search_mode, budgets.search_mode),
            ("definition of the median tool", median(self.definitions.values()), budgets.median_tool),
            ("the longest row of a search", self.worst_row, budgets.search_row),
            ("a newsletter, as a part of its raw JSON", self.newsletter, budgets.newsletter),
            ("25 events, as a part of their raw JSON", self.events, budgets.events),
        ]


type Baseline = dict[str, dict[str, int]]


def findings(measured: Measured, baseline: Baseline, budgets: Budgets = BUDGETS) -> list[str]:
    """What is over its budget, has grown, or is not in the baseline; empty when all is well."""
    over = [f"{what}: {is_:g}, at most {most:g}" for what, is_, most in measured.against(budgets) if is_ > most]
    uncalled = [f"{name} has no typical call: add one to tests/tokens/calls.py" for name in measured.uncalled]
    return over + uncalled + _moved(measured, baseline)


def _moved(measured: Measured, baseline: Baseline) -> list[str]:
    found: list[str] = []
    for part, counts in _compared(measured).items():
        before = baseline.get(part, {})
        for name, count in counts.items():
            if name not in before:
                found.append(f"{part}: {name} is not in the baseline ({count})")
            elif count > math.ceil(before[name] * (1 + GROWTH)) + (SEALED if part == "texts" else 0):
                found.append(f"{part}: {name} grew from {before[name]} to {count}")
        found += [f"{part}: {name} is in the baseline and no more" for name in before if name not in counts]
    return found


def renewed(measured: Measured, baseline: Baseline) -> Baseline:
    """The baseline as it is to be committed.

    Results hold random markers and cursors: one that is as good as it was keeps its number, so that a difference shows
    what somebody did.
    """
    exact = {"definitions"}
    return {
        part: {
            name: count if part in exact else _settled(count, baseline.get(part, {}).get(name, count))
            for name, count in counts.items()
        }
        for part, counts in _compared(measured).items()
    }


def _settled(count: int, before: int) -> int:
    return before if abs(count - before) <= max(4, before * 0.02) else count


def _compared(measured: Measured) -> dict[str, Mapping[str, int]]:
    return {"definitions": measured.definitions, "texts": measured.texts}
