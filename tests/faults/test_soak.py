"""Hours of a busy service in minutes: 200 users, 5 % of all calls spoiled, one user who is told 429 each time.

Every call is answered once, nothing that must happen once happens twice, memory is flat, and nobody is starved.
"""

import asyncio

import pytest

from tests.bench.google import separate_google
from tests.faults.crowd import Crowd, crowd_at, memory

USERS = 200
MIB = 2**20
LIMITED = "limited"


async def round_of_calls(crowd: Crowd, number: int) -> None:
    """One call of each user's, every tenth a write, and one of the limited user's; 40 users at a time."""
    gate = asyncio.Semaphore(40)

    async def one(user: int) -> None:
        async with gate:
            if (user + number) % 10 == 0:
                await crowd.write(f"user-{user}", f"label-{number}-{user}")
            else:
                await crowd.read(f"user-{user}")

    async with asyncio.TaskGroup() as group:
        group.create_task(crowd.read(LIMITED, limited=True))
        for user in range(USERS):
            group.create_task(one(user))


async def soak(rounds: int) -> None:
    with separate_google(0.0, faults=True) as bench:
        async with crowd_at(bench) as crowd:
            await round_of_calls(crowd, 0)
            before = memory()
            for number in range(1, rounds):
                await round_of_calls(crowd, number)
            grown = memory() - before
            made = await crowd.labels()
    assert_nobody_starved(crowd, rounds)
    assert_written_once(crowd, made)
    assert grown < 30 * MIB


def assert_nobody_starved(crowd: Crowd, rounds: int) -> None:
    limited = crowd.tallies.pop(LIMITED)
    assert limited.answered == rounds
    assert limited.ok == 0
    assert len(crowd.tallies) == USERS
    assert {user for user, tally in crowd.tallies.items() if tally.answered != rounds} == set()
    # Reads survive a fault; a tenth of the calls are writes, of which 5 % may fail.
    failed = sum(tally.failed.total() for tally in crowd.tallies.values())
    assert failed <= 0.012 * rounds * USERS, crowd.records
    assert max(tally.failed.total() for tally in crowd.tallies.values()) <= max(3, rounds // 10)


def assert_written_once(crowd: Crowd, made: list[str]) -> None:
    labels = [name for name in made if name.startswith("label-")]
    assert len(labels) == len(set(labels))
    lost = sum(count for outcome, count in crowd.records.items() if outcome.startswith("outcome_unknown"))
    assert lost > 0, "the faults did not reach a write"


async def test_two_thousand_calls_by_two_hundred_users_with_faults():
    await soak(10)


@pytest.mark.proof
@pytest.mark.timeout(3600)
async def test_fifty_thousand_calls_by_two_hundred_users_with_faults():
    await soak(250)
