"""A process that serves the shell, for the tests that send signals.

Run as `python -m tests.core.http.process PORT DRAIN_SECONDS GRACEFUL_SECONDS`.
"""

import asyncio
import gc
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from google_workspace_mcp.core.http.health import Lifecycle
from google_workspace_mcp.core.http.server import run
from google_workspace_mcp.core.http.shell import build_shell
from google_workspace_mcp.core.logging import configure_logging
from google_workspace_mcp.core.metrics import Metrics
from google_workspace_mcp.core.settings import load


async def slow(request: Request) -> Response:
    await asyncio.sleep(float(request.query_params["seconds"]))
    return PlainTextResponse("done")


async def endless(_request: Request) -> Response:
    async def pings() -> AsyncGenerator[bytes]:
        while True:
            yield b": ping\n\n"
            await asyncio.sleep(0.05)

    return StreamingResponse(pings(), media_type="text/event-stream")


async def collector(_request: Request) -> Response:
    return JSONResponse({"frozen": gc.get_freeze_count(), "thresholds": gc.get_threshold()})


@asynccontextmanager
async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
    yield
    print("closed in order", flush=True)  # noqa: T201  what the test waits for


def main(port: int, drain_seconds: float, graceful_seconds: int) -> None:
    configure_logging("info")
    lifecycle = Lifecycle()
    routes = [Route("/account/slow", slow), Route("/account/endless", endless), Route("/account/gc", collector)]
    settings = load(base_url=f"http://127.0.0.1:{port}", host="127.0.0.1", port=port)
    inner = Starlette(routes=routes, lifespan=lifespan)
    app = build_shell(inner, settings, lifecycle=lifecycle, metrics=Metrics())
    run(app, settings, lifecycle, drain_seconds=drain_seconds, graceful_seconds=graceful_seconds)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
