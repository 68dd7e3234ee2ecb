"""The load of `make load`, seconds long: k6 runs, its thresholds hold, and they are crossed when calls fail."""

from collections.abc import Generator
from dataclasses import replace

import pytest

from tests.load.profiles import SIZES, profiles
from tests.load.run import run
from tests.load.surroundings import Surroundings, surroundings

PEOPLE = 10
RATE = 4

pytestmark = [pytest.mark.proof, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def around() -> Generator[Surroundings]:
    with surroundings(PEOPLE, 0.05) as around:
        yield around


def test_baseline_spike_and_soak_hold_what_is_promised(around: Surroundings):
    for profile in profiles(SIZES["ci"], RATE):
        one = run(profile, around)
        assert one.crossed == []
        assert set(one.codes) <= {"ok", "rate_limited"}
        assert one.all.calls >= RATE * SIZES["ci"].baseline - 1
        assert sum(times.calls for times in one.groups.values()) == one.all.calls


def test_calls_that_fail_cross_the_threshold(around: Surroundings):
    baseline = profiles(SIZES["ci"], RATE)[0]
    one = run(baseline, replace(around, tokens=["nonsense"] * PEOPLE))
    assert "failed: rate==0" in one.crossed
    assert one.codes["http_error"] == one.failed > 0
    assert one.codes["ok"] > 0, "the agent's tokens are good"
