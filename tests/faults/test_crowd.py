"""One process and many users: nobody's eagerness or bad luck costs anybody else."""

import asyncio

import pytest

from tests.bench.google import separate_google
from tests.faults.crowd import Crowd, crowd_at, memory

MIB = 2**20
GREEDY = "greedy"


async def at_once(crowd: Crowd, *, greedy: int, others: int, each: int) -> None:
    async with asyncio.TaskGroup() as group:
        for _ in range(greedy):
            group.create_task(crowd.read(GREEDY))
        for number in range(others * each):
            group.create_task(crowd.read(f"user-{number % others}"))


def assert_bounded(crowd: Crowd, *, others: int, answers: int) -> None:
    """The greedy user's calls are all answered, most with how long to wait; all others' calls succeed."""
    greedy = crowd.tallies.pop(GREEDY)
    assert greedy.answered == 200
    assert greedy.ok >= 8
    assert set(greedy.failed) == {"user_queue"}
    assert set(greedy.waits) == {5}
    assert len(crowd.tallies) == others
    assert {user: dict(tally.failed) for user, tally in crowd.tallies.items() if tally.ok != answers} == {}


@pytest.mark.security("M-10")
async def test_two_hundred_calls_at_once_by_one_user_are_bounded_and_a_hundred_others_notice_nothing():
    with separate_google(0.05) as bench:
        async with crowd_at(bench) as crowd:
            await at_once(crowd, greedy=200, others=100, each=1)

    assert_bounded(crowd, others=100, answers=1)


@pytest.mark.security("M-10")
@pytest.mark.proof
@pytest.mark.timeout(600)
async def test_five_thousand_calls_by_many_are_all_answered_and_memory_stays_flat():
    with separate_google(0.0) as bench:
        async with crowd_at(bench) as crowd:
            await at_once(crowd, greedy=0, others=500, each=2)
            before = memory()
            for _ in range(5):
                await at_once(crowd, greedy=0, others=500, each=2)
            grown = memory() - before

    assert {user for user, tally in crowd.tallies.items() if tally.ok != 12} == set()
    assert grown < 20 * MIB
