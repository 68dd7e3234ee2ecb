"""What the service counts and times, in a registry of its own, served on a port that the public address never reaches.

Labels come from fixed sets: routes, discovery method ids, tool names, outcome words. Never an id, never an address.
"""

import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final, Literal, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, start_http_server
from prometheus_client.process_collector import ProcessCollector

from google_workspace_mcp.core.errors import Fault, OutcomeUnknownError, WorkspaceError

type ToolKind = Literal["read", "write"]

_PREFIX: Final = "gwmcp"
# What 95 of 100 reads are to be done in.
READ_SECONDS: Final = 2.0
# Up to the tool deadline of 45 s.
_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, READ_SECONDS, 5.0, 10.0, 20.0, 45.0)
_LABEL: Final = re.compile(r"[A-Za-z0-9_./*-]{1,64}")
# What can come of asking for a token.
_REFRESH_OUTCOMES: Final = ("ok", "reauth_required", "google_unavailable", "rate_limited", "misconfigured", "internal")
_OUR_FAULTS: Final = tuple(kind.code for kind in WorkspaceError.__subclasses__() if kind.fault == "service")
# Some 110 tools and as many Google methods; beyond this a label is being fed with data.
_MOST_VALUES: Final = 400


class Attempt(Protocol):
    """What is told of one attempt to call Google."""

    @property
    def method_id(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def seconds(self) -> float: ...
    @property
    def attempt(self) -> int: ...
    @property
    def units(self) -> int: ...
    @property
    def waited(self) -> float: ...
    @property
    def sent(self) -> bool: ...


class Metrics:
    """Counters and timers of one process. All times are seconds; methods are safe to call from any thread."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._seen: dict[str, set[str]] = {}
        self._http = self._counter("http_requests", "HTTP requests answered.", "route", "method", "status")
        self._http_seconds = self._histogram("http_request_seconds", "Time until the answer was complete.", "route")
        self._in_flight = self._gauge("http_requests_in_flight", "HTTP requests being answered.")
        self._google = self._counter("google_calls", "Calls to Google.", "method", "outcome")
        self._google_seconds = self._histogram("google_call_seconds", "Time of a call to Google.", "method")
        self._google_retries = self._counter("google_retries", "Attempts after the first.", "method")
        self._google_units = self._counter("google_units", "Units of Google's per-user quota used.", "method")
        self._google_refusals = self._counter(
            "google_refusals", "Calls that our limits or an open breaker kept from Google.", "method", "reason"
        )
        self._google_waits = self._histogram(
            "google_wait_seconds", "Time that a call waited for its account's turn and units.", "method"
        )
        self._breaker = self._gauge("google_breaker", "1 while an API's breaker is open, 0.5 while it tries.", "api")
        self._tools = self._counter(
            "tool_calls",
            "Tool calls, by kind (read, write) and whose fault it was.",
            "tool",
            "kind",
            "outcome",
            "fault",
        )
        self._tool_seconds = self._histogram("tool_call_seconds", "Time of a tool call.", "tool", "kind")
        self._refreshes = self._counter("token_refreshes", "Access tokens refreshed at Google.", "outcome")
        for outcome in _REFRESH_OUTCOMES:
            self._refreshes.labels(self._bounded("outcome", outcome))
        self._store = self._counter("store_operations", "Operations on the object store.", "operation", "outcome")
        self._store_seconds = self._histogram("store_operation_seconds", "Time of a store operation.", "operation")
        self._dead = self._counter("connections_dead", "Google connections found dead.", "cause")
        self._crypto = self._counter("crypto_failures", "Sealed objects that did not open.", "kind")
        self._degraded = self._gauge("degraded", "1 while something that is needed fails.")
        self._draining = self._gauge("draining", "1 while the process is on its way out.")
        self._draining_seconds = self._gauge("draining_seconds", "Time since the process was told to end, 0 before.")

    def http_started(self) -> None:
        self._in_flight.inc()

    def http_finished(self, route: str, method: str, status: int, seconds: float) -> None:
        """`route` and `method` are names from `core.http.paths`, never what was sent."""
        self._in_flight.dec()
        route = self._bounded("route", route)
        self._http.labels(route, self._bounded("verb", method), str(status)).inc()
        self._http_seconds.labels(route).observe(seconds)

    def google_call(self, method_id: str, outcome: str, seconds: float) -> None:
        """`method_id` as in the discovery document, `outcome` is `ok` or an error's code or reason."""
        method_id = self._bounded("method", method_id)
        self._google.labels(method_id, self._bounded("outcome", outcome)).inc()
        self._google_seconds.labels(method_id).observe(seconds)

    def google_attempt(self, record: Attempt) -> None:
        """One attempt of a call, sent or kept back. `record` is a `CallRecord` of `core/google`."""
        self.google_call(record.method_id, record.outcome, record.seconds)
        method_id = self._bounded("method", record.method_id)
        if not record.sent:
            self._google_refusals.labels(method_id, self._bounded("refusal", record.reason)).inc()
            return
        self._google_units.labels(method_id).inc(record.units)
        self._google_waits.labels(method_id).observe(record.waited)
        if record.attempt > 1:
            self._google_retries.labels(method_id).inc()

    def google_breaker(self, api: str, state: str) -> None:
        """`state` is closed, half_open or open."""
        self._breaker.labels(self._bounded("api", api)).set({"open": 1.0, "half_open": 0.5}.get(state, 0.0))

    def tool_call(self, tool: str, kind: ToolKind, outcome: str, seconds: float, *, fault: Fault | None = None) -> None:
        """`outcome` is `ok`, `cancelled` or the code of a WorkspaceError, whose `fault` goes with it."""
        tool = self._bounded("tool", tool)
        self._tools.labels(tool, kind, self._bounded("outcome", outcome), fault or "none").inc()
        self._tool_seconds.labels(tool, kind).observe(seconds)

    def tool_offered(self, tool: str, kind: ToolKind) -> None:
        """Starts the counts that service levels look at with zero: Prometheus sees no first failure that begins one."""
        tool = self._bounded("tool", tool)
        self._tools.labels(tool, kind, "ok", "none")
        for code in _OUR_FAULTS:
            if kind == "write" or code != OutcomeUnknownError.code:
                self._tools.labels(tool, kind, self._bounded("outcome", code), "service")

    def token_refresh(self, outcome: str) -> None:
        self._refreshes.labels(self._bounded("outcome", outcome)).inc()

    def store_operation(self, operation: str, outcome: str, seconds: float) -> None:
        """`operation` is get, put, delete, list, check, or of the keys wrap, unwrap."""
        operation = self._bounded("operation", operation)
        self._store.labels(operation, self._bounded("outcome", outcome)).inc()
        self._store_seconds.labels(operation).observe(seconds)

    def connection_dead(self, cause: str) -> None:
        self._dead.labels(self._bounded("cause", cause)).inc()

    def crypto_failure(self, kind: str) -> None:
        self._crypto.labels(self._bounded("kind", kind)).inc()

    def follow(
        self, *, degraded: Callable[[], bool], draining: Callable[[], bool], draining_seconds: Callable[[], float]
    ) -> None:
        """The gauges of the process's state are asked for whenever metrics are read."""
        self._degraded.set_function(lambda: float(degraded()))
        self._draining.set_function(lambda: float(draining()))
        self._draining_seconds.set_function(draining_seconds)

    def render(self) -> str:
        """All metrics in Prometheus' text format."""
        return generate_latest(self.registry).decode()

    def _bounded(self, label: str, value: str) -> str:
        seen = self._seen.setdefault(label, set())
        if value in seen:
            return value
        if len(seen) >= _MOST_VALUES or not _LABEL.fullmatch(value):
            return "other"
        seen.add(value)
        return value

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, namespace=_PREFIX, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(name, text, labels, namespace=_PREFIX, registry=self.registry)

    def _histogram(self, name: str, text: str, *labels: str) -> Histogram:
        return Histogram(name, text, labels, namespace=_PREFIX, registry=self.registry, buckets=_SECONDS)


@contextmanager
def serve_metrics(metrics: Metrics, host: str, port: int) -> Generator[str | None]:
    """Serves `/metrics` on a port of its own while inside, and yields its URL; port 0 switches it off and yields None.

    Raises OSError when the port is taken.
    """
    if port == 0:
        yield None
        return
    server, thread = start_http_server(port, addr=host, registry=metrics.registry)
    try:
        yield f"http://{host}:{port}/metrics"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
