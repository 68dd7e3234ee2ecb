"""Sends traces to a collector by OTLP over HTTP. Imported only where an operator names one: it costs 0.3 s and 5 MB.

Spans wait in a bounded queue and go out from a thread of their own, so that no call waits for a collector; what does
not fit is lost, and so is what a collector does not take in time. What is not said here, such as headers and
certificates, the exporter takes from OpenTelemetry's own variables (`OTEL_EXPORTER_OTLP_HEADERS`, `…_CERTIFICATE`).
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased
from opentelemetry.trace import Tracer

from google_workspace_mcp import __version__

QUEUE: Final = 2048
BATCH: Final = 512
EVERY_SECONDS: Final = 5.0
# For one batch, all its attempts together.
SEND_SECONDS: Final = 5.0
# For all that is left at the end; the process has other things to do in the time that a stop leaves it.
FLUSH_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Exporting:
    """A tracer whose spans are sent, and `end`, which sends the last ones."""

    tracer: Tracer
    end: Callable[[], Awaitable[None]]


def exporting_to(endpoint: str, *, every_seconds: float = EVERY_SECONDS) -> Exporting:
    """Traces for the collector at that base address. Callers decide whether their traces are recorded; others are."""
    exporter = OTLPSpanExporter(f"{endpoint}/v1/traces", timeout=SEND_SECONDS, compression=Compression.Gzip)
    processor = BatchSpanProcessor(
        exporter, max_queue_size=QUEUE, schedule_delay_millis=every_seconds * 1000, max_export_batch_size=BATCH
    )
    # Not `Resource.create`: its detectors add host names and command lines.
    resource = Resource(
        {
            "service.name": "google-workspace-mcp",
            "service.version": __version__,
            "service.instance.id": uuid4().hex,
        }
    )
    # At exit nothing is waited for: `end` has been given its time.
    provider = TracerProvider(sampler=ParentBased(ALWAYS_ON), resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(processor)

    async def end() -> None:
        # Its own time limit is half a minute for each batch, so it is not waited for to the end.
        ending = threading.Thread(target=provider.shutdown, name="last-traces", daemon=True)
        ending.start()
        await asyncio.to_thread(ending.join, FLUSH_SECONDS)

    return Exporting(provider.get_tracer("google_workspace_mcp", __version__), end)
