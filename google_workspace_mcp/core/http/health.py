"""Whether the process lives (`/health`) and wants requests (`/ready`), and the life cycle behind that.

Both answer under any host name, since health checks come by address, and do no I/O. A store that fails shows as
`degraded` in the body and in a metric, never as 503: or one outage would have every task replaced.
"""

import time
from collections.abc import Callable
from typing import Literal

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from google_workspace_mcp.core.http.paths import HEALTH, READY
from google_workspace_mcp.core.http.problems import ProblemResponse

type Readiness = Literal["starting", "ready", "degraded", "draining"]


class Lifecycle:
    """Where the process is between its start and its end. `clock` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._has_started = False
        self._is_draining = False
        self._ends_at: float | None = None
        self._drained_at: float | None = None
        self._degraded: str | None = None
        self._drain_listeners: list[Callable[[], None]] = []

    def started(self) -> None:
        """Everything that a request needs is up."""
        self._has_started = True

    def drain(self, seconds_left: float | None = None) -> None:
        """No new requests are wanted. `seconds_left` until running calls are cut off; the first drain counts."""
        if not self._is_draining:
            self._is_draining = True
            self._drained_at = now = self._clock()
            self._ends_at = None if seconds_left is None else now + seconds_left

    def on_drain(self, listener: Callable[[], None]) -> None:
        """Have `listener` called in the event loop, once, soon after draining has begun."""
        self._drain_listeners.append(listener)

    def tell_drain(self) -> None:
        """Calls the listeners if it is time to. The server does so many times a second, from the event loop:
        draining begins in a signal handler, which may interrupt the loop anywhere.
        """
        if self._is_draining:
            listeners, self._drain_listeners = self._drain_listeners, []
            for listener in listeners:
                listener()

    def degraded(self, reason: str | None) -> None:
        """Something that is needed fails, by a word of a fixed vocabulary such as `store`. None: all is well again."""
        self._degraded = reason

    @property
    def is_draining(self) -> bool:
        return self._is_draining

    @property
    def degraded_reason(self) -> str | None:
        return self._degraded

    @property
    def readiness(self) -> Readiness:
        """What `/ready` says."""
        if self._is_draining:
            return "draining"
        if not self._has_started:
            return "starting"
        return "degraded" if self._degraded else "ready"

    @property
    def draining_seconds(self) -> float:
        """Seconds since the first drain, 0 before it."""
        return 0.0 if self._drained_at is None else self._clock() - self._drained_at

    def time_left(self) -> float | None:
        """Seconds until running calls are cut off, not below 0. None while no end is in sight."""
        return None if self._ends_at is None else max(0.0, self._ends_at - self._clock())


class Health:
    """Answers `/health`, also below the prefix, and `/ready`, which only callers inside the network reach."""

    def __init__(self, app: ASGIApp, lifecycle: Lifecycle, prefix: str) -> None:
        self._app = app
        self._lifecycle = lifecycle
        self._alive = {HEALTH, prefix + HEALTH}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path not in self._alive and path != READY:
            await self._app(scope, receive, send)
        elif scope["method"] not in ("GET", "HEAD"):
            await ProblemResponse(405, "Only GET is meant here.", headers={"Allow": "GET, HEAD"})(scope, receive, send)
        else:
            await (self._ready() if path == READY else _answer(200, status="ok"))(scope, receive, send)

    def _ready(self) -> JSONResponse:
        readiness = self._lifecycle.readiness
        if readiness == "degraded":
            return _answer(200, status=readiness, reason=self._lifecycle.degraded_reason or "")
        return _answer(200 if readiness == "ready" else 503, status=readiness)


def _answer(status_code: int, **body: str) -> JSONResponse:
    return JSONResponse(body, status_code=status_code, headers={"Cache-Control": "no-store"})
