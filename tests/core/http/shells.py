"""A shell around an application that tells what reached it."""

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
from opentelemetry.trace import Tracer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from google_workspace_mcp.core.http.health import Lifecycle
from google_workspace_mcp.core.http.shell import build_shell
from google_workspace_mcp.core.metrics import Metrics
from google_workspace_mcp.core.settings import load
from google_workspace_mcp.core.tracing import NOTHING

PUBLIC = "https://tools.example"
PREFIX = "/ws"
INTERNAL = "http://workspace.ns.local:8000"


class CannedError(Exception):
    """What the application inside raises."""


async def tell(request: Request) -> Response:
    """What the application inside sees of a request."""
    body = await request.body()
    return JSONResponse(
        {
            "path": request.scope["path"],
            "raw_path": request.scope["raw_path"].decode(),
            "root_path": request.scope["root_path"],
            "scheme": request.scope["scheme"],
            "size": len(body),
        }
    )


async def page(_request: Request) -> Response:
    return HTMLResponse("<p>a page</p>")


async def page_with_policy(_request: Request) -> Response:
    return HTMLResponse("<p>a page</p>", headers={"Content-Security-Policy": "default-src 'self'"})


async def fail(_request: Request) -> Response:
    raise CannedError("alice@example.com wrote: the merger is off")


async def bare_error(_request: Request) -> Response:
    return PlainTextResponse("Traceback: alice@example.com", 500)


async def redirect(request: Request) -> Response:
    return RedirectResponse(request.url_for("account"))


def inner_app() -> Starlette:
    every = ["GET", "POST", "DELETE"]
    return Starlette(
        routes=[
            Route("/", page),
            Route("/mcp", tell, methods=every),
            Route("/tools/{tool}", tell, methods=every),
            Route("/token", tell, methods=["POST"]),
            Route("/account", page, methods=["GET"], name="account"),
            Route("/account/disconnect", tell, methods=["POST"]),
            Route("/account/strict", page_with_policy),
            Route("/account/moved", redirect),
            Route("/account/fails", fail),
            Route("/account/bare", bare_error),
            Route("/.well-known/oauth-protected-resource", tell),
            Route("/.well-known/oauth-authorization-server/ws", tell),
            Route("/.well-known/oauth-protected-resource/ws/mcp", tell),
        ]
    )


@dataclass
class Ticking:
    """A clock that a test turns by hand, in seconds."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Shell:
    """The application under test with what it was built from."""

    app: ASGIApp
    lifecycle: Lifecycle
    metrics: Metrics
    clock: Ticking
    records: list[logging.LogRecord] = field(default_factory=list[logging.LogRecord])

    @asynccontextmanager
    async def client(self, base_url: str = PUBLIC + PREFIX) -> AsyncGenerator[httpx2.AsyncClient]:
        transport = httpx2.ASGITransport(app=self.app)
        async with httpx2.AsyncClient(transport=transport, base_url=base_url) as client:
            yield client

    async def call(self, method: str, url: str, **options: Any) -> httpx2.Response:
        """One request, to an absolute URL or to a path below the public prefix."""
        async with self.client() as client:
            return await client.request(method, url, **options)


def shell(
    inner: ASGIApp | None = None, *, base_url: str = PUBLIC + PREFIX, tracer: Tracer = NOTHING, **settings: Any
) -> Shell:
    lifecycle, metrics, clock = Lifecycle(), Metrics(), Ticking()
    chosen: dict[str, Any] = {"internal_hosts": ("*.ns.local:8000",), "base_url": base_url, **settings}
    app = build_shell(
        inner or inner_app(), load(None, **chosen), lifecycle=lifecycle, metrics=metrics, clock=clock, tracer=tracer
    )
    return Shell(app, lifecycle, metrics, clock)
