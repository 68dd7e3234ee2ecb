"""The bare minimum: a tool's requests to Google sent by hand over the client that the service uses.

`python -m tests.bench.raw URL` reads tasks as lines of JSON, `{"stages": [[request, …], …], "seconds": …}`, and
answers each with `{"times": […], "cpu": …}`. Requests of one stage go side by side, stages after one another.
"""

import asyncio
import base64
import json
import sys
import time
from typing import Any

import httpx2
import uvloop

from google_workspace_mcp.core.google.client import make_http_client

_OWN = frozenset({"host", "content-length", "connection"})


async def serve(url: str) -> None:
    loop = asyncio.get_running_loop()
    async with make_http_client() as http:
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            task = json.loads(line)
            stages = [[_request(url, each) for each in stage] for stage in task["stages"]]
            times, used = list[float](), time.process_time()
            end = time.perf_counter() + task["seconds"]
            while (began := time.perf_counter()) < end:
                for stage in stages:
                    await _stage(http, stage)
                times.append(time.perf_counter() - began)
            sys.stdout.write(json.dumps({"times": times, "cpu": time.process_time() - used}) + "\n")
            sys.stdout.flush()


async def _stage(http: httpx2.AsyncClient, stage: list[dict[str, Any]]) -> None:
    if len(stage) == 1:
        await _sent(http, stage[0])
    else:
        await asyncio.gather(*(_sent(http, request) for request in stage))


async def _sent(http: httpx2.AsyncClient, request: dict[str, Any]) -> None:
    response = await http.request(**request)
    if response.status_code != 200:
        raise RuntimeError(response.text)


def _request(url: str, asked: dict[str, Any]) -> dict[str, Any]:
    return {
        "method": asked["method"],
        "url": url + asked["target"],
        "headers": {name: value for name, value in asked["headers"] if name not in _OWN},
        "content": base64.b64decode(asked["body"]) or None,
    }


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]), loop_factory=uvloop.new_event_loop)
