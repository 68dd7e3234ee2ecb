import asyncio
from collections.abc import Awaitable, Callable

import pytest

from google_workspace_mcp.core.cache import Cache
from google_workspace_mcp.core.errors import GoogleUnavailableError
from tests.support.clock import FakeClock


class Source:
    """Counts how often it is asked."""

    def __init__(self, *, fails: int = 0) -> None:
        self.asked = 0
        self.fails = fails
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self) -> int:
        self.asked += 1
        asked = self.asked
        await self.gate.wait()
        if asked <= self.fails:
            raise GoogleUnavailableError("Google did not answer.")
        return asked


def giving(value: str) -> Callable[[], Awaitable[str]]:
    async def load() -> str:
        return value

    return load


async def test_a_value_is_looked_up_once_while_it_is_fresh():
    source = Source()
    cache = Cache[int](FakeClock(), seconds=60, limit=10)
    assert [await cache.get_or_load("a", source) for _ in range(3)] == [1, 1, 1]


async def test_a_value_is_looked_up_again_when_its_time_is_over():
    clock, source = FakeClock(), Source()
    cache = Cache[int](clock, seconds=60, limit=10)
    await cache.get_or_load("a", source)
    clock.advance(60)
    assert await cache.get_or_load("a", source) == 2


async def test_callers_of_one_key_share_one_look_up():
    source = Source()
    source.gate.clear()
    cache = Cache[int](FakeClock(), seconds=60, limit=10)
    calls = [asyncio.create_task(cache.get_or_load("a", source)) for _ in range(5)]
    await asyncio.sleep(0)
    source.gate.set()
    assert await asyncio.gather(*calls) == [1] * 5


async def test_different_keys_do_not_wait_for_each_other():
    slow = Source()
    slow.gate.clear()
    cache = Cache[int](FakeClock(), seconds=60, limit=10)
    waiting = asyncio.create_task(cache.get_or_load("slow", slow))
    await asyncio.sleep(0)
    assert await asyncio.wait_for(cache.get_or_load("quick", Source()), timeout=5) == 1
    slow.gate.set()
    await waiting


async def test_a_failed_look_up_is_not_kept():
    source = Source(fails=1)
    cache = Cache[int](FakeClock(), seconds=60, limit=10)
    with pytest.raises(GoogleUnavailableError):
        await cache.get_or_load("a", source)
    assert await cache.get_or_load("a", source) == 2


async def test_a_waiter_tries_itself_when_the_first_caller_fails():
    source = Source(fails=1)
    source.gate.clear()
    cache = Cache[int](FakeClock(), seconds=60, limit=10)
    first, second = (asyncio.create_task(cache.get_or_load("a", source)) for _ in range(2))
    await asyncio.sleep(0)
    source.gate.set()
    answers = await asyncio.gather(first, second, return_exceptions=True)
    assert isinstance(answers[0], GoogleUnavailableError)
    assert answers[1] == 2


async def test_a_waiter_goes_on_when_the_first_caller_is_cancelled():
    source = Source()
    source.gate.clear()
    cache = Cache[int](FakeClock(), seconds=60, limit=10)
    first, second = (asyncio.create_task(cache.get_or_load("a", source)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    source.gate.set()
    assert await asyncio.wait_for(second, timeout=5) == 2


async def test_the_value_unused_for_longest_goes_first():
    cache = Cache[str](FakeClock(), seconds=60, limit=2)
    await cache.get_or_load("a", giving("first"))
    await cache.get_or_load("b", giving("first"))
    await cache.get_or_load("a", giving("second"))
    await cache.get_or_load("c", giving("first"))
    assert await cache.get_or_load("a", giving("second")) == "first"
    assert await cache.get_or_load("b", giving("second")) == "second"


async def test_a_dropped_value_is_looked_up_again():
    source = Source()
    cache = Cache[int](FakeClock(), seconds=60, limit=10)
    await cache.get_or_load("a", source)
    cache.drop("a")
    assert await cache.get_or_load("a", source) == 2


async def test_a_value_that_was_being_loaded_when_it_was_dropped_is_not_kept():
    source = Source()
    source.gate.clear()
    cache = Cache[int](FakeClock(), seconds=60, limit=10)
    loading = asyncio.create_task(cache.get_or_load("a", source))
    await asyncio.sleep(0)
    cache.drop("a")
    source.gate.set()
    assert await loading == 1
    assert await cache.get_or_load("a", source) == 2


async def test_what_was_put_is_there_to_peek_at_until_it_is_old():
    clock = FakeClock()
    cache = Cache[int](clock, 10, 5)
    assert cache.peek("a") is None
    cache.put("a", 1)
    clock.advance(9)
    assert cache.peek("a") == 1
    clock.advance(1)
    assert cache.peek("a") is None


async def test_a_value_is_forgotten_wherever_one_key_s_beginning_has_it():
    cache = Cache[str](FakeClock(), seconds=60, limit=10)
    for key, value in (("me/a", "x"), ("me/b", "y"), ("me/c", "x"), ("you/a", "x")):
        cache.put(key, value)
    cache.drop_value("me/", "x")
    assert [cache.peek(key) for key in ("me/a", "me/b", "me/c", "you/a")] == [None, "y", None, "x"]
