"""Runs an ASGI application with uvicorn, and ends it without losing a call.

On the first SIGTERM or SIGINT `/ready` says no at once and calls are served on through the drain delay, which a load
balancer and DNS need to look elsewhere. Then the listener closes and calls in flight get the graceful time. A second
signal stops at once. Either way the process ends with 0.
"""

import asyncio
import contextlib
import gc
import socket
import threading
import time
from collections.abc import Sequence
from types import FrameType, TracebackType
from typing import Final, Self

import uvicorn
import uvloop
from sse_starlette.sse import AppStatus
from starlette.types import ASGIApp

from google_workspace_mcp.core.http.health import Lifecycle
from google_workspace_mcp.core.settings import Settings

# Over the load balancer's 60 s, or it would send requests into connections that are being closed.
KEEP_ALIVE_SECONDS: Final = 75
DRAIN_SECONDS: Final = 15.0
GRACEFUL_SECONDS: Final = 25
# A full collection walks everything that was imported, 60-130 ms; what is alive after start-up stays alive anyway.
_GC_THRESHOLDS: Final = (20_000, 20, 50)


async def serve(
    app: ASGIApp,
    settings: Settings,
    lifecycle: Lifecycle,
    *,
    sockets: Sequence[socket.socket] | None = None,
    drain_seconds: float = DRAIN_SECONDS,
    graceful_seconds: int = GRACEFUL_SECONDS,
) -> None:
    """Serves until a signal ends it. Listens on `sockets`, or on HOST and PORT of the settings.

    To be called in the main thread. Raises SystemExit(3) when the application does not start or the port is taken.
    """
    # It would end every event stream when the listener closes, and with it answers that have the graceful time left.
    AppStatus.disable_automatic_graceful_drain()
    config = _config(app, settings.host, settings.port, settings.forwarded_allow_ips, graceful_seconds)
    server = _Server(config, lifecycle, drain_seconds, tune_gc=True)
    await server.serve(list(sockets) if sockets is not None else None)


def run(
    app: ASGIApp,
    settings: Settings,
    lifecycle: Lifecycle,
    *,
    sockets: Sequence[socket.socket] | None = None,
    drain_seconds: float = DRAIN_SECONDS,
    graceful_seconds: int = GRACEFUL_SECONDS,
) -> None:
    """`serve` on an event loop of its own, uvloop's: 15-20 % more requests than asyncio's."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(
            serve(
                app,
                settings,
                lifecycle,
                sockets=sockets,
                drain_seconds=drain_seconds,
                graceful_seconds=graceful_seconds,
            )
        )


def listen(host: str = "127.0.0.1", port: int = 0) -> socket.socket:
    """A bound socket, on a free port for 0, so that the address is known before the application is built."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    return listener


class RunningServer:
    """An ASGI application served from a thread, for demo and tests: started on entering, stopped on leaving.

    Pass `listen()` sockets, several to answer on several addresses; `url` names the first. Starting and stopping take
    `timeout` seconds at most, or raise RuntimeError.
    """

    def __init__(
        self,
        app: ASGIApp,
        *sockets: socket.socket,
        lifecycle: Lifecycle | None = None,
        forwarded_allow_ips: Sequence[str] = (),
        graceful_seconds: int = 2,
        timeout: float = 20.0,
    ) -> None:
        self._sockets = sockets or (listen(),)
        host, self.port = self._sockets[0].getsockname()[:2]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{self.port}"
        config = _config(app, host, self.port, forwarded_allow_ips, graceful_seconds)
        self._server = _Server(config, lifecycle or Lifecycle(), 0, tune_gc=False)
        self._timeout = timeout
        self._thread = threading.Thread(target=self._run, name=f"server:{self.port}", daemon=True)

    def start(self) -> None:
        """Returns once requests are answered."""
        self._thread.start()
        if not self._server.listening.wait(self._timeout) or not self._server.started:
            raise RuntimeError("the server did not start")

    def stop(self) -> None:
        """Returns once the port is closed and the application's lifespan has ended."""
        self._server.should_exit = True
        self._thread.join(self._timeout)
        if self._thread.is_alive():
            raise RuntimeError("the server did not stop")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            # uvicorn leaves with SystemExit when the application does not start; `start` tells the caller.
            with contextlib.suppress(SystemExit), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(self._server.serve(list(self._sockets)))
        finally:
            for listener in self._sockets:
                listener.close()
            self._server.listening.set()


class _Server(uvicorn.Server):
    """uvicorn with a drain delay, and without its habit of dying by the signal it was stopped with."""

    def __init__(self, config: uvicorn.Config, lifecycle: Lifecycle, drain_seconds: float, *, tune_gc: bool) -> None:
        super().__init__(config)
        self._lifecycle = lifecycle
        self._drain_seconds = drain_seconds
        self._stop_at: float | None = None
        self._tune_gc = tune_gc
        self.listening = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._tune_gc:
            gc.collect()
            gc.freeze()
            gc.set_threshold(*_GC_THRESHOLDS)
            gc.enable()
        self.listening.set()

    async def on_tick(self, counter: int) -> bool:
        self._lifecycle.tell_drain()
        if self._stop_at is not None and time.monotonic() >= self._stop_at:
            self.should_exit = True
        return await super().on_tick(counter)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002  uvicorn's signature
        if self._stop_at is None:
            self._lifecycle.drain(self._drain_seconds + (self.config.timeout_graceful_shutdown or 0))
            self._stop_at = time.monotonic() + self._drain_seconds
        else:
            self.should_exit = True
            self.force_exit = True


def _config(
    app: ASGIApp, host: str, port: int, forwarded_allow_ips: Sequence[str], graceful_seconds: int
) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        # An empty list, not None: uvicorn would read the environment and believe 127.0.0.1.
        proxy_headers=bool(forwarded_allow_ips),
        forwarded_allow_ips=list(forwarded_allow_ips),
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=graceful_seconds,
    )
