"""What is made of k6's summary."""

from datetime import date
from typing import Any

from tests.load.report import line, section
from tests.load.run import outcome
from tests.load.watch import Usage

TIMES = {"count": 600.0, "avg": 80.0, "p(50)": 70.4, "p(95)": 120.6, "p(99)": 180.0, "max": 250.0}


def summary(*, p95_holds: bool = True) -> dict[str, Any]:
    return {
        "state": {"testRunDurationMs": 60_000.0},
        "metrics": {
            "call_ms": {"values": TIMES, "thresholds": {"p(95)<2000": {"ok": p95_holds}, "p(99)<5000": {"ok": True}}},
            "call_ms{face:inside,era:legacy}": {
                "values": {**TIMES, "count": 200.0},
                "thresholds": {"max>=0": {"ok": True}},
            },
            "code_ok": {"values": {"count": 590.0, "rate": 9.8}},
            "code_rate_limited": {"values": {"count": 7.0, "rate": 0.1}},
            "code_http_error": {"values": {"count": 3.0, "rate": 0.1}},
        },
    }


BEFORE, AFTER = Usage(10.0, (150.0, 151.0)), Usage(16.0, (155.0, 153.6))


def test_a_persons_limit_is_counted_apart_from_failures():
    one = outcome("spike", summary(), BEFORE, AFTER)
    assert (one.failed, one.codes["rate_limited"], one.crossed) == (3, 7, [])


def test_a_threshold_that_was_crossed_is_named():
    one = outcome("baseline", summary(p95_holds=False), BEFORE, AFTER)
    assert one.crossed == ["call_ms: p(95)<2000"]
    assert "crossed: call_ms: p(95)<2000" in line(one)


def test_the_section_has_rates_percentiles_cpu_and_memory():
    outcomes = [outcome(name, summary(), BEFORE, AFTER) for name in ("baseline", "spike", "soak")]
    text = section(outcomes, machine="2 cores", people=50, latency=0.05, rate=10, on=date(2026, 11, 25))
    assert "| baseline | 60 | 600 | 10.0 | 70 | 121 | 180 | 250 | 3 | 7 |" in text
    assert "| soak | 10.0 ms | 150, 151 MiB | 155, 154 MiB |" in text
    assert "| inside, 2025-06-18 | 200 | 70 | 121 | 180 |" in text
    assert "`http_error`" in text
