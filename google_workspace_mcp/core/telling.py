"""What a process tells of itself beside its answers: figures in the log, and traces."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self

from opentelemetry.trace import Tracer

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.emf import FigureLog
from google_workspace_mcp.core.metrics import Metrics
from google_workspace_mcp.core.settings import Settings
from google_workspace_mcp.core.tracing import NOTHING


async def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Telling:
    """As far as the settings want it. Prometheus is served apart from it (`serve_metrics`)."""

    figures: FigureLog
    tracer: Tracer
    _end_traces: Callable[[], Awaitable[None]]

    @classmethod
    def of(cls, settings: Settings, metrics: Metrics, clock: Clock) -> Self:
        """Both for one process."""
        figures = FigureLog(metrics.registry, settings.emf_namespace, clock)
        if not settings.otlp_endpoint:
            return cls(figures, NOTHING, _nothing)
        from google_workspace_mcp.core.otlp import exporting_to

        exporting = exporting_to(settings.otlp_endpoint)
        return cls(figures, exporting.tracer, exporting.end)

    async def end(self) -> None:
        """The last thing that a process does: its last traces, then its last figures, which tell how long all took."""
        await self._end_traces()
        await self.figures.end()
