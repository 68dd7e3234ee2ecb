"""HTTP clients compared on the simulated Google: httpx2, which we use, and aiohttp.

`python -m tests.bench.clients httpx2|aiohttp URL TOKEN MESSAGE_ID` measures one of them, alone, 16 and 64 at once, in
an environment that has it: aiohttp is no dependency of ours. `python -m tests.bench.clients all --python PATH` starts
the simulated Google and lets that interpreter measure both.
"""

import argparse
import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

CALLS = 640
AT_ONCE = (1, 16, 64)

type Get = Callable[[], Awaitable[bytes]]


async def with_httpx2(url: str, headers: dict[str, str], run: Callable[[Get], Awaitable[None]]) -> None:
    import httpx2

    limits = httpx2.Limits(max_connections=200, max_keepalive_connections=100)
    async with httpx2.AsyncClient(limits=limits, trust_env=False) as client:

        async def get() -> bytes:
            request = client.build_request("GET", url, headers=headers)
            response = await client.send(request, stream=True)
            try:
                assert response.status_code == 200
                return await response.aread()
            finally:
                await response.aclose()

        await run(get)


async def with_aiohttp(url: str, headers: dict[str, str], run: Callable[[Get], Awaitable[None]]) -> None:
    import aiohttp  # pyright: ignore[reportMissingImports]

    aio: Any = aiohttp
    async with aio.ClientSession(connector=aio.TCPConnector(limit=200)) as session:

        async def get() -> bytes:
            async with session.get(url, headers=headers) as response:
                assert response.status == 200
                return await response.read()

        await run(get)


async def report(get: Get) -> None:
    for at_once in AT_ONCE:
        await together(get, at_once, at_once * 2)
        started, used = time.perf_counter(), time.process_time()
        await together(get, at_once, CALLS)
        wall, cpu = time.perf_counter() - started, time.process_time() - used
        sys.stdout.write(
            f"  {at_once:3} at once: {CALLS / wall:7.0f} calls/s, {cpu / CALLS * 1000:6.3f} ms CPU a call\n"
        )


async def together(get: Get, at_once: int, calls: int) -> None:
    async def worker() -> None:
        for _ in range(calls // at_once):
            await get()

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(worker())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("client", choices=("httpx2", "aiohttp", "all"))
    parser.add_argument("where", nargs="*")
    parser.add_argument("--python", default=sys.executable)
    options = parser.parse_args()
    if options.client == "all":
        _all(options.python)
        return
    url, token, message = options.where
    address = f"{url}/gmail/v1/users/me/messages/{message}?format=full"
    headers = {"authorization": f"Bearer {token}", "accept": "application/json"}
    client = with_httpx2 if options.client == "httpx2" else with_aiohttp
    asyncio.run(client(address, headers, report))  # pyright: ignore[reportArgumentType]


def _all(python: str) -> None:
    from tests.bench.google import separate_google

    for latency in (0.0, 0.05):
        with separate_google(latency) as bench:
            for client in ("httpx2", "aiohttp"):
                sys.stdout.write(f"{client}, Google's latency {latency * 1000:.0f} ms\n")
                sys.stdout.flush()
                command = [python, __file__, client, bench.url, bench.token, bench.messages[0]]
                subprocess.run(command, check=True, timeout=300)


if __name__ == "__main__":
    main()
