"""Everything between the HTTP server and the application, put together.

From the outside in: lifespan and protocol; request id, access log, metrics, trace and the exception boundary; health;
host guard; prefix; origin guard; CORS; body limit. Each refuses on its own, and what is inside sees only requests that
are meant for it, as if there were no prefix.
"""

import time
from collections.abc import Callable
from urllib.parse import urlsplit

from opentelemetry.trace import Tracer
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from google_workspace_mcp.core.http.body import BodyLimit
from google_workspace_mcp.core.http.cors import Cors
from google_workspace_mcp.core.http.guard import HostGuard, OriginGuard, Prefix
from google_workspace_mcp.core.http.health import Health, Lifecycle
from google_workspace_mcp.core.http.hosts import Hosts, Origins
from google_workspace_mcp.core.http.observe import Observe
from google_workspace_mcp.core.logging import get_logger
from google_workspace_mcp.core.metrics import Metrics
from google_workspace_mcp.core.settings import Settings
from google_workspace_mcp.core.tracing import NOTHING

log = get_logger(__name__)


def build_shell(
    inner: ASGIApp,
    settings: Settings,
    *,
    lifecycle: Lifecycle,
    metrics: Metrics,
    clock: Callable[[], float] = time.perf_counter,
    tracer: Tracer = NOTHING,
) -> ASGIApp:
    """An ASGI application that serves `inner` under both addresses of the service.

    `inner` routes without the prefix and gets it in `root_path`. Once its lifespan has started, `lifecycle` has.
    `clock` gives monotonic seconds for durations.
    """
    origins = Origins.of(settings)
    app: ASGIApp = BodyLimit(inner)
    app = Cors(app, origins)
    app = OriginGuard(app, origins)
    app = Prefix(app, settings.root_path, urlsplit(settings.base_url).scheme)
    app = HostGuard(app, Hosts.of(settings))
    app = Health(app, lifecycle, settings.root_path)
    app = Observe(app, prefix=settings.root_path, lifecycle=lifecycle, metrics=metrics, clock=clock, tracer=tracer)
    metrics.follow(
        degraded=lambda: lifecycle.degraded_reason is not None,
        draining=lambda: lifecycle.is_draining,
        draining_seconds=lambda: lifecycle.draining_seconds,
    )
    return _Protocols(app, inner, lifecycle)


class _Protocols:
    """Sorts lifespan from HTTP and turns WebSockets away."""

    def __init__(self, http: ASGIApp, inner: ASGIApp, lifecycle: Lifecycle) -> None:
        self._http = http
        self._inner = inner
        self._lifecycle = lifecycle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def watched(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                self._lifecycle.started()
            # Starlette puts the whole traceback, with the exception's text, into `message`, and uvicorn prints it.
            await send({"type": message["type"]})

        try:
            await self._inner(scope, receive, watched)
        except Exception as error:
            log.exception("lifespan_failed", exc_info=error)
            raise
