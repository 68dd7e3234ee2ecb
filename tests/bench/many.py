"""Batches against parallel requests: `python -m tests.bench.many`. Prints wall time and our own CPU for each item.

The simulated Google runs in another process; with a latency it answers each request, and each part of a batch, that
much later. Both ways go through the session as tools use it.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from typing import Any

from google_workspace_mcp.core.clock import SystemClock
from google_workspace_mcp.core.google import many
from google_workspace_mcp.core.google.client import make_http_client
from google_workspace_mcp.core.google.deadline import Deadline
from google_workspace_mcp.core.google.endpoints import GoogleEndpoints
from google_workspace_mcp.core.google.protection import Protection
from google_workspace_mcp.core.google.quota import UserLimits
from google_workspace_mcp.core.google.resources import GoogleResources
from google_workspace_mcp.core.google.session import GoogleSession
from google_workspace_mcp.core.google.transport import GoogleTransport
from tests.bench.google import Bench, separate_google
from tests.support.workspace import OneToken

SIZES = (2, 3, 5, 10, 25, 50)
ROUNDS = 20


async def measure(bench: Bench, api: str) -> None:
    async with make_http_client() as http:
        # Units are no matter here: what is compared is the way, not the limit.
        protection = Protection.of(lambda: 0.0, limits=UserLimits(share=1e9))
        transport = GoogleTransport(
            http, clock=SystemClock(), randomness=lambda: 0.0, observe=lambda _: None, protection=protection
        )
        resources = GoogleResources(GoogleEndpoints.of(bench.url))
        session = GoogleSession(
            transport, resources, OneToken("alice@example.com", bench.token), Deadline(time.monotonic, 600)
        )
        for size in SIZES:
            line = [f"{api:9}{size:4}"]
            for way, start in (("batch", 1), ("parallel", 10_000)):
                many.BATCHED_FROM.update({"gmail": start, "drive": start, "calendar": start})
                await timed(session, bench, api, size, 3)
                wall, cpu = await timed(session, bench, api, size, ROUNDS)
                line.append(f"{way}: {wall * 1000:7.1f} ms wall, {cpu / size * 1000:6.2f} ms CPU an item")
            sys.stdout.write("   ".join(line) + "\n")


async def timed(session: GoogleSession, bench: Bench, api: str, size: int, rounds: int) -> tuple[float, float]:
    """Seconds of wall time and of our CPU for one round."""
    started, used = time.perf_counter(), time.process_time()
    for _ in range(rounds):
        results = await session.execute_many(requests(session, bench, api, size))
        assert all(isinstance(result, dict) for result in results)
    return (time.perf_counter() - started) / rounds, (time.process_time() - used) / rounds


def requests(session: GoogleSession, bench: Bench, api: str, size: int) -> Sequence[Any]:
    if api == "gmail":
        return [session.gmail.messages.get(userId="me", id=each, format="full") for each in bench.messages[:size]]
    if api == "drive":
        return [session.drive.files.get(fileId=each, fields="id,name,size") for each in bench.files[:size]]
    return [session.calendar.events.list(calendarId="primary", maxResults=10) for _ in range(size)]


def main() -> None:
    for latency in (0.0, 0.05):
        sys.stdout.write(f"Google's latency {latency * 1000:.0f} ms\n")
        with separate_google(latency) as bench:
            for api in ("gmail", "drive", "calendar"):
                asyncio.run(measure(bench, api))


if __name__ == "__main__":
    main()
