"""Work that goes on beside requests: at the start, then again and again, until the service ends."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from google_workspace_mcp.core.logging import get_logger

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Chore:
    """Something done every so many seconds. It is given the time between two rounds, not from start to start."""

    name: str
    every: float
    work: Callable[[], Awaitable[None]]


@asynccontextmanager
async def running(chores: Sequence[Chore]) -> AsyncGenerator[None]:
    """The chores run while inside; at the end they are cancelled and waited for."""
    tasks = [asyncio.create_task(_again_and_again(chore), name=chore.name) for chore in chores]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _again_and_again(chore: Chore) -> None:
    while True:
        try:
            await chore.work()
        except Exception as error:  # one of the three outer boundaries: the next round may do better
            log.exception("chore_failed", chore=chore.name, exc_info=error)
        await asyncio.sleep(chore.every)
