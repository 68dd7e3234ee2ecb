"""One user's slots, queue and units."""

import asyncio

import pytest

from google_workspace_mcp.core.errors import RateLimitedError
from google_workspace_mcp.core.google.deadline import Deadline
from google_workspace_mcp.core.google.prices import PER_MINUTE, PRICES, api_of, price_of
from google_workspace_mcp.core.google.quota import UnitBucket, UserLimits, UserQuotas, UserShare
from google_workspace_mcp.sandbox.discovery import Directory
from tests.core.google.scripted import Ticks


class Holder:
    """Takes a slot and keeps it until it is let go."""

    def __init__(self, share: UserShare, deadline: Deadline) -> None:
        self.inside = asyncio.Event()
        self.release = asyncio.Event()
        self.waited: float | None = None
        self.task = asyncio.create_task(self._hold(share, deadline))

    async def _hold(self, share: UserShare, deadline: Deadline) -> None:
        async with share.slot(deadline) as waited:
            self.waited = waited
            self.inside.set()
            await self.release.wait()

    async def end(self) -> None:
        self.release.set()
        await asyncio.wait_for(self.task, 5)


def share_of(**limits: float) -> tuple[UserShare, Deadline]:
    ticks = Ticks()
    return UserShare(UserLimits(**limits), ticks), Deadline(ticks)  # pyright: ignore[reportArgumentType]


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_as_many_calls_as_allowed_are_let_in_at_once_and_the_next_waits_for_one_to_end():
    share, deadline = share_of(calls=2, waiting=5)
    first, second, third = (Holder(share, deadline) for _ in range(3))
    await settle()
    assert (first.inside.is_set(), second.inside.is_set(), third.inside.is_set()) == (True, True, False)

    await first.end()
    await settle()

    assert third.inside.is_set()
    await second.end()
    await third.end()
    assert share.idle


async def test_those_who_wait_are_let_in_in_the_order_in_which_they_came():
    share, deadline = share_of(calls=1, waiting=5)
    holders = [Holder(share, deadline) for _ in range(4)]
    await settle()
    for position, holder in enumerate(holders):
        await settle()
        assert [h.inside.is_set() for h in holders] == [n <= position for n in range(4)]
        await holder.end()


async def test_when_too_many_wait_the_next_is_refused_at_once_and_told_how_long_to_wait():
    share, deadline = share_of(calls=1, waiting=1, wait_seconds=5)
    holders = [Holder(share, deadline) for _ in range(2)]
    await settle()

    with pytest.raises(RateLimitedError) as refused:
        async with share.slot(deadline):
            pass

    assert (refused.value.reason, refused.value.retry_after) == ("user_queue", 5)
    for holder in holders:
        await holder.end()


async def test_whoever_has_waited_too_long_is_refused_and_leaves_its_place():
    share, deadline = share_of(calls=1, waiting=1, wait_seconds=0.05)
    holder = Holder(share, deadline)
    await settle()

    with pytest.raises(RateLimitedError):
        async with share.slot(deadline):
            pass

    await holder.end()
    assert share.idle


async def test_a_cancelled_wait_leaves_its_place_to_the_next():
    share, deadline = share_of(calls=1, waiting=2)
    first, cancelled, last = (Holder(share, deadline) for _ in range(3))
    await settle()
    cancelled.task.cancel()
    await asyncio.gather(cancelled.task, return_exceptions=True)

    await first.end()
    await settle()

    assert last.inside.is_set()
    await last.end()
    assert share.idle


async def test_a_slot_that_comes_in_the_moment_of_cancellation_is_passed_on():
    share, deadline = share_of(calls=1, waiting=2)
    first, cancelled, last = (Holder(share, deadline) for _ in range(3))
    await settle()
    first.release.set()
    while not first.task.done():
        await asyncio.sleep(0)
        if share.idle:
            break
        cancelled.task.cancel()
    await asyncio.gather(cancelled.task, return_exceptions=True)
    await settle()

    assert last.inside.is_set()
    await last.end()
    assert share.idle


def test_a_bucket_gives_a_whole_minutes_units_at_once_and_then_as_they_come_back():
    bucket = UnitBucket(600, now=0)

    assert bucket.reserve(600, 0, longest=5) == 0
    assert bucket.reserve(20, 0, longest=5) == pytest.approx(2)
    # Those twenty are taken already: the next wait for them too.
    assert bucket.reserve(20, 0, longest=5) == pytest.approx(4)
    assert bucket.reserve(20, 4, longest=5) == pytest.approx(2)


def test_a_wait_longer_than_allowed_is_told_and_takes_nothing():
    bucket = UnitBucket(600, now=0)
    bucket.reserve(600, 0, longest=5)

    assert bucket.reserve(100, 0, longest=5) == pytest.approx(10)
    assert bucket.reserve(50, 0, longest=5) == pytest.approx(5)


def test_a_bucket_never_holds_more_than_a_minutes_units():
    bucket = UnitBucket(600, now=0)

    assert bucket.reserve(600, 10_000, longest=5) == 0
    assert bucket.reserve(60, 10_000, longest=0) == pytest.approx(6)


def test_a_call_that_costs_more_than_a_whole_minute_can_still_be_made():
    bucket = UnitBucket(50, now=0)

    assert bucket.reserve(100, 0, longest=5) == 0


async def test_four_fifths_of_googles_quota_are_used_and_then_the_caller_is_told_to_wait():
    ticks = Ticks()
    share, deadline = UserShare(UserLimits(), ticks), Deadline(ticks)
    for _ in range(48):
        assert await share.pay("gmail", 100, deadline, ticks.sleep) == 0

    waited = await share.pay("gmail", 100, deadline, ticks.sleep)

    assert waited == pytest.approx(100 * 60 / 4800)
    assert ticks.slept == [waited]
    with pytest.raises(RateLimitedError) as refused:
        await share.pay("gmail", 500, deadline, ticks.sleep)
    assert (refused.value.reason, refused.value.retry_after) == ("user_units", pytest.approx(500 * 60 / 4800))


async def test_units_of_a_call_that_was_cancelled_while_it_waited_come_back():
    ticks = Ticks()
    share, deadline = UserShare(UserLimits(), ticks), Deadline(ticks)
    await share.pay("gmail", 4800, deadline, ticks.sleep)

    async def cancelled(_: float) -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await share.pay("gmail", 100, deadline, cancelled)

    assert await share.pay("gmail", 100, deadline, ticks.sleep) == pytest.approx(1.25)


async def test_the_units_of_one_api_are_not_those_of_another():
    ticks = Ticks()
    share, deadline = UserShare(UserLimits(), ticks), Deadline(ticks)
    await share.pay("gmail", 4800, deadline, ticks.sleep)

    assert await share.pay("drive", 100, deadline, ticks.sleep) == 0


def test_the_users_that_were_idle_for_longest_are_forgotten_first():
    quotas = UserQuotas(Ticks(), UserLimits(users=3))
    first = quotas.of("a")
    for user in ("b", "c", "a", "d"):
        quotas.of(user)

    assert len(quotas) == 3
    assert quotas.of("a") is first


async def test_a_user_with_a_call_under_way_is_never_forgotten():
    ticks = Ticks()
    quotas = UserQuotas(ticks, UserLimits(users=2))
    busy = quotas.of("busy")
    holder = Holder(busy, Deadline(ticks))
    await settle()
    for number in range(100):
        quotas.of(f"user-{number}")

    assert quotas.of("busy") is busy
    assert len(quotas) <= 3
    await holder.end()


@pytest.mark.parametrize(
    ("method", "units"),
    [
        ("gmail.users.messages.get", 20),
        ("gmail.users.messages.send", 100),
        ("gmail.users.threads.get", 40),
        ("gmail.users.messages.attachments.get", 20),
        ("gmail.users.drafts.get", 20),
        ("gmail.users.messages.trash", 20),
        ("gmail.users.threads.trash", 20),
        ("gmail.users.messages.untrash", 5),
        ("gmail.users.settings.sendAs.patch", 100),
        ("gmail.users.history.list", 2),
        ("drive.files.list", 100),
        ("drive.files.get", 5),
        ("drive.files.update", 50),
        ("drive.files.generateIds", 5),
        ("calendar.events.list", 1),
        ("gmail.users.neverHeardOf", 5),
    ],
)
def test_a_method_costs_what_google_charges(method: str, units: int):
    assert price_of(method) == units


def test_the_bytes_of_a_file_cost_more_than_its_metadata():
    assert price_of("drive.files.get", media=True) == 200


def test_every_price_is_of_a_known_api_and_below_a_minutes_quota():
    assert api_of("calendar.events.list") == "calendar"
    assert all(price < quota for price, quota in ((100, PER_MINUTE["gmail"]), (200, PER_MINUTE["drive"])))
    with pytest.raises(ValueError, match="not a method"):
        api_of("people.people.get")


def test_every_method_with_a_price_of_its_own_exists():
    assert set(PRICES) - set(Directory().methods) == set()
