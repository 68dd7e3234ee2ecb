"""The service's figures for CloudWatch, as lines of the log in its Embedded Metric Format (EMF).

CloudWatch makes metrics of such lines by itself: no agent, and no port that is open to a scraper. They are read from
the registry that Prometheus is given, so there is one count of everything. A line has what was added since the line
before it, zeros too, so that alarms have data; none has a dimension, so that CloudWatch adds up all tasks.

Source: "Specification: Embedded metric format", Amazon CloudWatch User Guide.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from prometheus_client import CollectorRegistry
from prometheus_client.samples import Sample

from google_workspace_mcp.core.background import Chore
from google_workspace_mcp.core.clock import Clock, epoch
from google_workspace_mcp.core.http.paths import HEALTH, READY
from google_workspace_mcp.core.logging import FIGURES as LOGGER
from google_workspace_mcp.core.logging import get_logger
from google_workspace_mcp.core.metrics import READ_SECONDS

INTERVAL_SECONDS: Final = 60.0
# Asked for by health checks all the time, and 503 while a task drains, which is as it should be.
_PROBES: Final = (HEALTH, READY)
# A refused rate is no fault of Google's, and an ended grant is counted as such.
_GOOGLE_FAILED: Final = ("google_unavailable", "outcome_unknown", "misconfigured", "internal", "failed")
_GRANT_ENDED: Final = "reauth_required"

type Labels = Mapping[str, str]
log = get_logger(LOGGER)


@dataclass(frozen=True, slots=True)
class Figure:
    """A sum over samples of the registry. `weight` says how often a sample counts, by its labels."""

    name: str
    text: str
    sample: str
    weight: Callable[[Labels], int] = lambda _: 1


def _is_served(labels: Labels) -> bool:
    return labels["route"] not in _PROBES


def _is_kind(kind: str) -> Callable[[Labels], bool]:
    return lambda labels: labels["kind"] == kind


def _is_slow_read(labels: Labels) -> int:
    """Buckets hold all that took at most so long: every read, less those in time."""
    if labels["kind"] != "read":
        return 0
    return {"+Inf": 1, str(READ_SECONDS): -1}.get(labels["le"], 0)


FIGURES: Final = (
    Figure("HttpRequests", "HTTP requests answered, without health checks", "gwmcp_http_requests_total", _is_served),
    Figure(
        "HttpErrors",
        "Those answered with 5xx",
        "gwmcp_http_requests_total",
        lambda labels: _is_served(labels) and labels["status"].startswith("5"),
    ),
    Figure("ToolCalls", "Tool calls", "gwmcp_tool_calls_total"),
    Figure(
        "ToolErrors",
        "Tool calls that failed by this service's fault",
        "gwmcp_tool_calls_total",
        lambda labels: labels["fault"] == "service",
    ),
    Figure("Reads", "Calls of tools that change nothing", "gwmcp_tool_calls_total", _is_kind("read")),
    Figure("SlowReads", f"Those that took over {READ_SECONDS:.0f} s", "gwmcp_tool_call_seconds_bucket", _is_slow_read),
    Figure("Writes", "Calls of tools that change something", "gwmcp_tool_calls_total", _is_kind("write")),
    Figure(
        "WritesUnknown",
        "Those of which nobody can say whether they were carried out",
        "gwmcp_tool_calls_total",
        lambda labels: labels["kind"] == "write" and labels["outcome"] == "outcome_unknown",
    ),
    Figure(
        "GoogleErrors",
        "Attempts to call Google that failed by Google, by the way to it or by its view of this project",
        "gwmcp_google_calls_total",
        lambda labels: labels["outcome"] in _GOOGLE_FAILED,
    ),
    Figure("Refreshes", "Access tokens asked for at Google", "gwmcp_token_refreshes_total"),
    Figure(
        "RefreshFailures",
        "Those that failed although the grant had not ended",
        "gwmcp_token_refreshes_total",
        lambda labels: labels["outcome"] not in ("ok", _GRANT_ENDED),
    ),
    Figure("DeadGrants", "Google connections found dead", "gwmcp_connections_dead_total"),
    Figure("CryptoFailures", "Sealed objects that did not open", "gwmcp_crypto_failures_total"),
)
# At the end of a process, once: from the signal to the last thing it does.
DRAIN: Final = Figure("DrainSeconds", "Time that a process took to end, told once", "gwmcp_draining_seconds")


class FigureLog:
    """Writes the figures of a registry to the log, under `namespace`; an empty one switches it off."""

    def __init__(self, registry: CollectorRegistry, namespace: str, clock: Clock) -> None:
        self._registry = registry
        self._namespace = namespace
        self._clock = clock
        self._told: dict[str, float] = {}

    def chores(self, every: float = INTERVAL_SECONDS) -> tuple[Chore, ...]:
        """What keeps the lines coming, a line each `every` seconds."""
        return (Chore("figures", every, self.write),) if self._namespace else ()

    async def write(self) -> None:
        """A line with what was added since the last one."""
        sums = self._sums(FIGURES)
        added = {name: value - self._told.get(name, 0.0) for name, value in sums.items()}
        self._told = sums
        self._write(added, "Count")

    async def end(self) -> None:
        """The last lines of a process: what was added since, and how long it took to end, if it was told to."""
        if not self._namespace:
            return
        await self.write()
        seconds = self._sums((DRAIN,))[DRAIN.name]
        if seconds:
            self._write({DRAIN.name: round(seconds, 3)}, "Seconds")

    def _write(self, values: Mapping[str, float], unit: Literal["Count", "Seconds"]) -> None:
        directive: dict[str, Any] = {
            "Namespace": self._namespace,
            "Dimensions": [[]],
            "Metrics": [{"Name": name, "Unit": unit} for name in values],
        }
        stamp = {"Timestamp": round(epoch(self._clock) * 1000), "CloudWatchMetrics": [directive]}
        log.info("figures", _aws=stamp, **values)

    def _sums(self, figures: Sequence[Figure]) -> dict[str, float]:
        # Only what is needed is collected: the registry also asks the operating system for the process's figures.
        found: dict[str, list[Sample]] = {figure.sample: [] for figure in figures}
        for family in self._registry.restricted_registry(found).collect():
            for sample in family.samples:
                found[sample.name].append(sample)
        return {
            figure.name: sum(figure.weight(sample.labels) * sample.value for sample in found[figure.sample])
            for figure in figures
        }
