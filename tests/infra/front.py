"""The listener's own port for a load balancer of the emulator, which has one port for everything.

Requests go to the emulator unchanged, below the path by which it tells its load balancers apart; `Host` stays, so that
the emulated load balancer forwards it as a real one does.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from socket import socket

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from google_workspace_mcp.core.http.server import RunningServer

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_OF_A_CONNECTION = (b"connection", b"transfer-encoding", b"keep-alive")


class BalancerFront(RunningServer):
    """Listens where the emulated load balancer's listener is said to listen."""

    def __init__(self, emulator_url: str, balancer: str, listener: socket) -> None:
        self._emulator = httpx2.URL(emulator_url)
        self._below = f"/_alb/{balancer}".encode()
        self._http = httpx2.AsyncClient(
            timeout=60, trust_env=False, cookies=CookieJar(DefaultCookiePolicy(allowed_domains=()))
        )
        route = Route("/{path:path}", self._forward, methods=_METHODS)
        super().__init__(Starlette(routes=[route], lifespan=self._lifespan), listener)

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncGenerator[None]:
        async with self._http:
            yield

    async def _forward(self, request: Request) -> StreamingResponse:
        query = b"?" + request.scope["query_string"] if request.scope["query_string"] else b""
        url = self._emulator.copy_with(raw_path=self._below + request.scope["raw_path"] + query)
        headers = [pair for pair in request.headers.raw if pair[0] not in _OF_A_CONNECTION]
        outgoing = self._http.build_request(request.method, url, headers=headers, content=await request.body())
        answer = await self._http.send(outgoing, stream=True)
        response = StreamingResponse(_closing(answer), status_code=answer.status_code)
        response.raw_headers = [
            (name.lower(), value) for name, value in answer.headers.raw if name.lower() not in _OF_A_CONNECTION
        ]
        return response


async def _closing(answer: httpx2.Response) -> AsyncGenerator[bytes]:
    try:
        async for chunk in answer.aiter_raw():
            yield chunk
    finally:
        await answer.aclose()
