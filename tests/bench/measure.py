"""Rounds of calls to several servers in turns, so that the noise of a shared machine meets all of them alike."""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import cycle
from typing import Any

import httpx2

from tests.bench.load import drive
from tests.bench.results import Series
from tests.bench.servers import ROOT, Server

type Stages = list[list[dict[str, Any]]]
"""Requests to Google by the round trip that they belong to."""


class Calls:
    """Requests that callers take in turns, from round to round, and what each answer must hold."""

    def __init__(self, server: Server, requests: Sequence[bytes], marker: bytes) -> None:
        self.server = server
        self.made = 0
        self._requests = requests
        self._marker = marker
        self._turns = cycle(requests)

    async def warm(self) -> None:
        """Every request once: tokens are fetched, connections looked up, answers remembered."""
        await self.some(len(self._requests), callers=8)

    async def some(self, calls: int, *, callers: int) -> None:
        """So many calls."""
        await self._drive(callers, calls=calls)

    async def round(self, series: Series, callers: int, seconds: float) -> None:
        used, began = self.server.cpu(), time.perf_counter()
        times = await self._drive(callers, seconds=seconds)
        series.add(times, cpu=self.server.cpu() - used, wall=time.perf_counter() - began)

    async def _drive(self, callers: int, **until: Any) -> list[float]:
        times = await drive(self.server.url, self._turns, callers=callers, marker=self._marker, **until)
        self.made += len(times)
        return times


async def in_turns(calls: Mapping[str, Calls], *, callers: int, seconds: float, rounds: int) -> dict[str, Series]:
    """So many rounds of each, one after another."""
    found = {name: Series() for name in calls}
    for _ in range(rounds):
        for name, each in calls.items():
            await each.round(found[name], callers, seconds)
    return found


class RawCalls:
    """The process that sends requests to Google by hand, on the same core as what is measured."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def round(self, series: Series, stages: Stages, seconds: float) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        task = {"stages": stages, "seconds": seconds}
        began = time.perf_counter()
        self._process.stdin.write(json.dumps(task).encode() + b"\n")
        told = json.loads(await self._process.stdout.readline())
        series.add(told["times"], cpu=told["cpu"], wall=time.perf_counter() - began)


@asynccontextmanager
async def raw_calls(google_url: str, core: int) -> AsyncGenerator[RawCalls]:
    """The process of `tests.bench.raw`, which ends with the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.raw",
        google_url,
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**24,
    )
    os.sched_setaffinity(process.pid, {core})
    try:
        yield RawCalls(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


class GoogleDesk:
    """What the simulated Google tells about what it was asked."""

    def __init__(self, url: str) -> None:
        self._http = httpx2.AsyncClient(base_url=url, trust_env=False, timeout=20)
        self.counts: dict[str, int] = {}

    async def latency(self, seconds: float) -> None:
        await self._told(f"/bench/latency?seconds={seconds}")

    async def asked(self) -> list[dict[str, Any]]:
        """The requests since the last question."""
        return (await self._told("/bench/asked"))["asked"]

    async def close(self) -> None:
        await self._told("/bench/asked")
        await self._http.aclose()

    async def _told(self, path: str) -> dict[str, Any]:
        told = (await self._http.get(path)).json()
        for kind, count in told["counts"].items():
            self.counts[kind] = self.counts.get(kind, 0) + count
        return told


def stages_of(asked: Sequence[Mapping[str, Any]]) -> Stages:
    """The requests of one call by the round trip that they belong to: what overlaps in time is one."""
    stages: Stages = []
    ends = float("-inf")
    for each in sorted(asked, key=lambda each: each["started"]):
        if each["started"] >= ends:
            stages.append([])
        stages[-1].append(dict(each))
        ends = max(ends, each["ended"])
    return stages
