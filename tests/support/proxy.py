"""A small real reverse proxy that treats requests as an AWS Application Load Balancer does.

It forwards a path prefix unstripped, keeps `Host`, appends to X-Forwarded-For, sets X-Forwarded-Proto and -Port,
streams both ways, and answers 404 for every path that no rule names.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from itertools import cycle
from socket import socket
from typing import Final

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from google_workspace_mcp.core.http.server import RunningServer, listen

_HOP_BY_HOP: Final = frozenset(
    {b"connection", b"keep-alive", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"proxy-connection"}
)
_KINDS: Final = "oauth-protected-resource|oauth-authorization-server|openid-configuration"


class ReverseProxy(RunningServer):
    """Listens on a port of its own (or on `listener`) and forwards to `target`, an address such as `127.0.0.1:8000`.

    Of several targets each request goes to the next one; an iterator is asked for the next at each request.
    `well_known` adds the rules for the path-inserted discovery documents. `scheme` is what the proxy tells the service
    that its clients speak.
    """

    def __init__(
        self,
        target: str | Sequence[str] | Iterator[str],
        prefix: str,
        *,
        listener: socket | None = None,
        well_known: bool = True,
        scheme: str = "http",
    ) -> None:
        own = listener or listen()
        rules = [re.compile(rf"{re.escape(prefix)}(/.*)?")]
        if well_known:
            rules.append(re.compile(rf"/\.well-known/(?:{_KINDS}){re.escape(prefix)}(/.*)?"))
        targets = target if isinstance(target, Iterator) else cycle([target] if isinstance(target, str) else target)
        forwarder = _Forwarder(targets, rules, scheme, own.getsockname()[1])
        routes = [Route("/{path:path}", forwarder)]
        super().__init__(Starlette(routes=routes, lifespan=lambda _app: forwarder.lifespan()), own)


class _Forwarder:
    def __init__(self, targets: Iterator[str], rules: list[re.Pattern[str]], scheme: str, port: int) -> None:
        self._targets = targets
        self._rules = rules
        self._scheme = scheme
        self._port = port
        self._client = httpx2.AsyncClient(timeout=60, cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())))

    @asynccontextmanager
    async def lifespan(self) -> AsyncGenerator[None]:
        async with self._client:
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if any(rule.fullmatch(scope["path"]) for rule in self._rules):
            response: Response = await self._forward(request)
        else:
            response = PlainTextResponse("no rule matches", 404)
        await response(scope, receive, send)

    async def _forward(self, request: Request) -> Response:
        query = b"?" + request.scope["query_string"] if request.scope["query_string"] else b""
        host, _, port = (await asyncio.to_thread(next, self._targets)).partition(":")
        url = httpx2.URL(scheme="http", host=host, port=int(port), raw_path=request.scope["raw_path"] + query)
        has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
        outgoing = self._client.build_request(
            request.method, url, headers=self._headers(request), content=request.stream() if has_body else None
        )
        answer = await self._client.send(outgoing, stream=True, follow_redirects=False)
        response = StreamingResponse(_closing(answer), status_code=answer.status_code)
        response.raw_headers = list(_end_to_end((name.lower(), value) for name, value in answer.headers.raw))
        return response

    def _headers(self, request: Request) -> list[tuple[bytes, bytes]]:
        headers = [pair for pair in _end_to_end(request.headers.raw) if not pair[0].startswith(b"x-forwarded-")]
        before = request.headers.getlist("x-forwarded-for")
        client = request.client.host if request.client else "unknown"
        return [
            *headers,
            (b"x-forwarded-for", ", ".join([*before, client]).encode()),
            (b"x-forwarded-proto", self._scheme.encode()),
            (b"x-forwarded-port", str(self._port).encode()),
        ]


def _end_to_end(headers: Iterable[tuple[bytes, bytes]]) -> Iterable[tuple[bytes, bytes]]:
    return (pair for pair in headers if pair[0].lower() not in _HOP_BY_HOP)


async def _closing(answer: httpx2.Response) -> AsyncGenerator[bytes]:
    try:
        async for chunk in answer.aiter_raw():
            yield chunk
    finally:
        await answer.aclose()
