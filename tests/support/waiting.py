"""Waiting for what happens elsewhere: in a thread, a process, a task that cannot be awaited."""

import asyncio
from collections.abc import Callable


async def until(holds: Callable[[], bool], seconds: float = 15) -> None:
    """Returns once it holds. Raises TimeoutError after so many seconds."""
    async with asyncio.timeout(seconds):
        while True:
            if holds():
                return
            await asyncio.sleep(0.01)
