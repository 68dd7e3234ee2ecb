"""The retry budget and the breakers, on a clock that the test moves."""

import pytest

from google_workspace_mcp.core.errors import GoogleUnavailableError
from google_workspace_mcp.core.google.breaker import Breaker, Breakers
from google_workspace_mcp.core.google.budget import RetryBudget
from tests.core.google.scripted import Ticks


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def states() -> list[str]:
    return []


@pytest.fixture
def breaker(ticks: Ticks, states: list[str]) -> Breaker:
    return Breaker(ticks, states.append)


def calls(breaker: Breaker, *, good: int = 0, bad: int = 0) -> None:
    for failed in [False] * good + [True] * bad:
        breaker.settle(breaker.admit(), failed=failed)


def refused(breaker: Breaker) -> GoogleUnavailableError:
    with pytest.raises(GoogleUnavailableError) as raised:
        breaker.admit()
    return raised.value


def test_half_of_twenty_calls_that_fail_open_it(breaker: Breaker, states: list[str]):
    calls(breaker, good=10, bad=10)

    error = refused(breaker)

    assert (error.reason, error.retry_after, error.retryable) == ("breaker_open", 10, True)
    assert states == ["open"]


def test_fewer_than_twenty_calls_never_open_it(breaker: Breaker):
    calls(breaker, bad=19)

    breaker.admit()


def test_less_than_half_never_opens_it(breaker: Breaker):
    calls(breaker, good=60, bad=59)

    breaker.admit()


def test_what_is_older_than_thirty_seconds_does_not_count(breaker: Breaker, ticks: Ticks):
    calls(breaker, bad=15)
    ticks.seconds += 31
    calls(breaker, bad=15)

    breaker.admit()


def test_what_says_nothing_about_google_does_not_count(breaker: Breaker):
    for _ in range(50):
        breaker.settle(breaker.admit(), failed=None)
    calls(breaker, bad=19)

    breaker.admit()


def test_after_ten_seconds_one_call_finds_out_and_all_others_wait(breaker: Breaker, ticks: Ticks, states: list[str]):
    calls(breaker, bad=20)
    ticks.seconds += 10.5

    probe = breaker.admit()

    assert probe.probe
    refused(breaker)
    breaker.settle(probe, failed=False)
    assert not breaker.admit().probe
    assert states == ["open", "half_open", "closed"]


def test_a_probe_that_fails_keeps_it_open_for_another_ten_seconds(breaker: Breaker, ticks: Ticks):
    calls(breaker, bad=20)
    ticks.seconds += 10.5
    breaker.settle(breaker.admit(), failed=True)

    assert refused(breaker).retry_after == 10


def test_a_probe_that_learned_nothing_leaves_the_question_to_the_next_call(breaker: Breaker, ticks: Ticks):
    calls(breaker, bad=20)
    ticks.seconds += 10.5
    breaker.settle(breaker.admit(), failed=None)

    assert breaker.admit().probe


def test_once_closed_the_failures_from_before_are_forgotten_and_late_ones_ignored(breaker: Breaker, ticks: Ticks):
    early = [breaker.admit() for _ in range(30)]
    calls(breaker, bad=20)
    ticks.seconds += 10.5
    breaker.settle(breaker.admit(), failed=False)
    for admission in early:
        breaker.settle(admission, failed=True)

    breaker.admit()


def test_each_api_has_a_breaker_of_its_own(ticks: Ticks):
    changes: list[tuple[str, str]] = []
    breakers = Breakers(ticks, lambda api, state: changes.append((api, state)))
    calls(breakers.of("gmail"), bad=20)

    assert changes == [("gmail", "open")]
    breakers.of("drive").admit()
    refused(breakers.of("gmail"))


def test_a_tenth_of_the_calls_may_be_retried_beyond_the_reserve(ticks: Ticks):
    budget = RetryBudget(ticks)
    while budget.spend():
        pass
    budget.earn(100)

    assert [budget.spend() for _ in range(11)] == [True] * 10 + [False]


def test_a_quiet_process_gets_its_reserve_back_with_time(ticks: Ticks):
    budget = RetryBudget(ticks)
    assert [budget.spend() for _ in range(11)] == [True] * 10 + [False]
    ticks.seconds += 4

    assert [budget.spend() for _ in range(3)] == [True, True, False]


def test_time_alone_never_gives_more_than_the_reserve(ticks: Ticks):
    budget = RetryBudget(ticks)
    ticks.seconds += 10_000

    assert [budget.spend() for _ in range(11)] == [True] * 10 + [False]


def test_what_was_earned_is_not_saved_beyond_a_hundred(ticks: Ticks):
    budget = RetryBudget(ticks)
    budget.earn(1_000_000)

    assert [budget.spend() for _ in range(101)].count(True) == 100
