"""Independent requests, many at once: bounded in parallel, or in batches where that was measured to be better."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import batched
from typing import TYPE_CHECKING

from google_workspace_mcp.core.errors import ReauthRequiredError, TooLargeError, WorkspaceError
from google_workspace_mcp.core.google.batch import LARGEST
from google_workspace_mcp.core.google.calls import JSON, CallKind
from google_workspace_mcp.core.google.deadline import DEADLINE
from google_workspace_mcp.core.google.endpoints import ServiceName
from google_workspace_mcp.core.google.prices import api_of
from google_workspace_mcp.core.google.quota import QUEUE

if TYPE_CHECKING:
    from googleapiclient.http import HttpRequest

type Outcome = JSON | WorkspaceError
type One = Callable[["HttpRequest"], Awaitable[JSON]]
type Chunk = Callable[["Sequence[HttpRequest]"], Awaitable[list[Outcome]]]

PARALLEL = 8
# From how many requests on a batch is taken; decision record 0024 has what was measured.
BATCHED_FROM: dict[ServiceName, int] = {"gmail": 3, "drive": 3, "calendar": 3}


async def run_many(requests: "Sequence[HttpRequest]", *, kind: CallKind, one: One, chunk: Chunk) -> list[Outcome]:
    """One answer or failure per request, in their order, by `one` in parallel or by `chunk` in batches.

    One item's failure leaves the others alone. What concerns all of them (a lost connection, a passed deadline, a full
    queue) stops what has not begun, and is raised, unless a write has gone through that the caller must hear about.
    Batches are for what may be repeated: the lost answer of a batch of sends would leave them all unknown.
    """
    if not requests:
        return []
    if kind.repeatable and len(requests) >= BATCHED_FROM[api_of(str(requests[0].methodId))]:
        jobs = [list(part) for part in batched(requests, LARGEST, strict=False)]
        grouped = await _side_by_side(jobs, lambda job: _in_a_batch(job, one, chunk), len)
        results = [outcome for group in grouped for outcome in group]
    else:
        results = await in_parallel(requests, one)
    for_all = next((error for error in results if isinstance(error, WorkspaceError) and _concerns_all(error)), None)
    if for_all and (kind is CallKind.READ or not any(_may_have_happened(result) for result in results)):
        raise for_all
    return results


async def in_parallel(requests: "Sequence[HttpRequest]", one: One) -> list[Outcome]:
    """One exchange for each request, a few at a time; once a failure concerns all, what has not begun has it too."""

    async def job(request: "HttpRequest") -> list[Outcome]:
        try:
            return [await one(request)]
        except WorkspaceError as error:
            return [error]

    grouped = await _side_by_side(list(requests), job, lambda _: 1)
    return [outcome for group in grouped for outcome in group]


async def _in_a_batch(requests: "Sequence[HttpRequest]", one: One, chunk: Chunk) -> list[Outcome]:
    try:
        return await chunk(requests)
    except TooLargeError:
        # Together they are more than one answer may be; each alone may well not be.
        return await in_parallel(requests, one)


async def _side_by_side[J](
    jobs: Sequence[J], run: Callable[[J], Awaitable[list[Outcome]]], size: Callable[[J], int]
) -> list[list[Outcome]]:
    gate = asyncio.Semaphore(PARALLEL)
    for_all: list[WorkspaceError] = []

    async def gated(job: J) -> list[Outcome]:
        async with gate:
            if for_all:
                return [for_all[0]] * size(job)
            outcomes = await run(job)
            for_all.extend(o for o in outcomes if isinstance(o, WorkspaceError) and _concerns_all(o))
            return outcomes

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(gated(job)) for job in jobs]
    return [task.result() for task in tasks]


def _concerns_all(error: WorkspaceError) -> bool:
    return isinstance(error, ReauthRequiredError) or error.reason in (DEADLINE, QUEUE)


def _may_have_happened(result: Outcome) -> bool:
    return not isinstance(result, WorkspaceError) or result.code == "outcome_unknown"
