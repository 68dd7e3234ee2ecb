"""The outermost layer: request id, access log, metrics, trace, safe headers, and the boundary that no exception passes.

The access log is one line per request: method, route name, status, time, size and request id. No path, no query, no
address. What the load balancer asks every few seconds is logged at debug level as long as it goes well.
"""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final
from uuid import uuid4

from opentelemetry.trace import Tracer
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from google_workspace_mcp.core.http.headers import add_page_headers, header_values
from google_workspace_mcp.core.http.health import Lifecycle
from google_workspace_mcp.core.http.paths import HEALTH, READY, method_name, route_name
from google_workspace_mcp.core.http.problems import ProblemResponse
from google_workspace_mcp.core.logging import get_logger, request_context
from google_workspace_mcp.core.metrics import Metrics
from google_workspace_mcp.core.storage.base import StorageError
from google_workspace_mcp.core.tracing import NOTHING, TRACEPARENT, WorkSpan, request_span

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9-]{1,64}")
# Nobody is left to answer: nginx's code for it, in logs and metrics only.
_CLIENT_GONE: Final = 499
_PROBES: Final = (HEALTH, READY)

log = get_logger(__name__)


class Observe:
    """Wraps everything else. `clock` gives monotonic seconds, `new_id` a fresh request id."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        prefix: str,
        lifecycle: Lifecycle,
        metrics: Metrics,
        clock: Callable[[], float],
        tracer: Tracer = NOTHING,
        new_id: Callable[[], str] = lambda: uuid4().hex,
    ) -> None:
        self._app = app
        self._prefix = prefix
        self._lifecycle = lifecycle
        self._metrics = metrics
        self._clock = clock
        self._tracer = tracer
        self._new_id = new_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(send, self._request_id(scope), closing=lambda: self._lifecycle.is_draining)
        begun = self._clock()
        self._metrics.http_started()
        with request_context(exchange.request_id), self._traced(scope) as span:
            try:
                await self._guarded(scope, receive, exchange)
            finally:
                self._report(scope, exchange, max(0.0, self._clock() - begun), span)

    def _traced(self, scope: Scope) -> AbstractContextManager[WorkSpan]:
        route = route_name(scope["path"], self._prefix)
        tracer = NOTHING if route in _PROBES else self._tracer
        given = header_values(scope, TRACEPARENT.encode())
        return request_span(tracer, method_name(scope["method"]), route, given[0] if len(given) == 1 else "")

    async def _guarded(self, scope: Scope, receive: Receive, exchange: "Exchange") -> None:
        try:
            await self._app(scope, receive, exchange.send)
        except StorageError as error:
            log.warning("store_unavailable", error=type(error).__name__)
            await self._give_up(store_unavailable(), scope, receive, exchange)
        except Exception as error:  # one of the three outer boundaries
            log.exception("request_failed", exc_info=error)
            await self._give_up(internal_error(), scope, receive, exchange)
        else:
            if exchange.withheld:
                await self._give_up(internal_error(), scope, receive, exchange)

    async def _give_up(self, problem: ProblemResponse, scope: Scope, receive: Receive, exchange: "Exchange") -> None:
        """A half-sent answer is left incomplete: the server then closes the connection, and the client can tell."""
        if exchange.status is None:
            exchange.withheld = False
            await problem(scope, receive, exchange.send)

    def _request_id(self, scope: Scope) -> str:
        given = header_values(scope, b"x-request-id")
        return given[0] if len(given) == 1 and _REQUEST_ID.fullmatch(given[0]) else self._new_id()

    def _report(self, scope: Scope, exchange: "Exchange", seconds: float, span: WorkSpan) -> None:
        route = route_name(scope["path"], self._prefix)
        method = method_name(scope["method"])
        status = exchange.status or _CLIENT_GONE
        self._metrics.http_finished(route, method, status, seconds)
        span.answered(status)
        write = log.debug if route in _PROBES and status < 400 else log.info
        trace = {"trace_id": span.trace_id} if span.trace_id else {}
        ms = round(seconds * 1000, 1)
        write("request", method=method, route=route, status=status, ms=ms, bytes=exchange.size, **trace)


class Exchange:
    """One answer on its way out: counted, and given its headers.

    Starlette's bare 500 is withheld: it comes before the exception that tells what the answer has to be.
    """

    def __init__(self, send: Send, request_id: str, *, closing: Callable[[], bool]) -> None:
        self._send = send
        self._closing = closing
        self.withheld = False
        self.request_id = request_id
        self.status: int | None = None
        self.size = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_bare_error(message):
            self.withheld = True
        if not self.withheld:
            await self._pass(message)

    async def _pass(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(raw=list(message.get("headers", ())))
            self._add_headers(headers)
            message = {**message, "headers": headers.raw}
        elif message["type"] == "http.response.body":
            self.size += len(message.get("body", b""))
        await self._send(message)

    def _add_headers(self, headers: MutableHeaders) -> None:
        headers["X-Request-Id"] = self.request_id
        headers.setdefault("X-Content-Type-Options", "nosniff")
        if self._closing():
            # Callers that keep connections open would otherwise meet the end of this process in the middle of one.
            headers["Connection"] = "close"
        if headers.get("content-type", "").startswith("text/html"):
            add_page_headers(headers)


def internal_error() -> ProblemResponse:
    """500 with the request id as all there is to know."""
    return ProblemResponse(500, "This service failed. Its operator can find the cause by the request id.")


def store_unavailable() -> ProblemResponse:
    """503: what is stored cannot be read now, which says nothing about whether it is there."""
    return ProblemResponse(
        503, "This service's own store does not answer. Try again shortly.", headers={"Retry-After": "5"}
    )


def _is_bare_error(message: Message) -> bool:
    # Starlette answers in plain text before it lets the exception through.
    content_type = Headers(raw=list(message.get("headers", ()))).get("content-type", "")
    return message["status"] == 500 and content_type.startswith("text/plain")
