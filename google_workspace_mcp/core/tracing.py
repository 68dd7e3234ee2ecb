"""Spans of a request, of the tool it calls and of what that asks of Google: words from fixed sets, nothing else.

Tracers are passed in. None is registered with OpenTelemetry for the whole process, so what libraries trace by
themselves goes nowhere: FastMCP's spans name the person, and quote exceptions. Of a caller only `traceparent` is taken
over; the `tracestate` beside it may say anything.

Source: W3C Trace Context, section 3.2.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from opentelemetry.context import Context, attach, create_key, detach, get_current, get_value, set_value
from opentelemetry.trace import Link, NoOpTracer, Span, SpanContext, SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace import get_current_span as current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from google_workspace_mcp.core.errors import WorkspaceError
from google_workspace_mcp.core.metrics import ToolKind

TRACEPARENT: Final = "traceparent"
NOTHING: Final = NoOpTracer()
_REQUEST: Final = create_key("gwmcp_request")


@dataclass(frozen=True, slots=True)
class WorkSpan:
    """A span that is told how its work ended."""

    span: Span

    def succeeded(self) -> None:
        """Whatever earlier attempts met, the work came to a good end."""
        self.span.set_status(Status(StatusCode.OK))

    def failed(self, error: WorkspaceError) -> None:
        """The failure's code and reason; its words stay here."""
        self.span.set_attribute("error.type", error.code)
        self.span.set_attribute("gwmcp.reason", error.reason)
        self.span.set_status(Status(StatusCode.ERROR))

    def attempted(self, attempt: int, status: int | None) -> None:
        """One attempt was made, the how-maniest, and how it was answered, if it was."""
        self.span.set_attribute("gwmcp.attempts", attempt)
        if status is not None:
            self.span.set_attribute("http.response.status_code", status)

    def answered(self, status: int) -> None:
        """The status of the HTTP answer that the work was for."""
        self.span.set_attribute("http.response.status_code", status)
        if status >= 500:
            self.span.set_status(Status(StatusCode.ERROR))

    @property
    def trace_id(self) -> str:
        """For the log; empty when nothing is recorded."""
        return f"{self.span.get_span_context().trace_id:032x}" if self.span.is_recording() else ""


@contextmanager
def request_span(tracer: Tracer, method: str, route: str, traceparent: str) -> Generator[WorkSpan]:
    """A span such as `POST /mcp` while inside, of the caller's trace if `traceparent` names one.

    `method` and `route` are names from `core.http.paths`, never what was sent.
    """
    with _span(
        tracer,
        f"{method} {route}",
        SpanKind.SERVER,
        {"http.request.method": method, "http.route": route},
        context=_context_of(traceparent),
    ) as span:
        yield span


@contextmanager
def tool_span(tracer: Tracer, tool: str, kind: ToolKind) -> Generator[WorkSpan]:
    """A span such as `tool gmail_search` while inside."""
    request = get_value(_REQUEST)
    attributes = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": tool, "gwmcp.kind": kind}
    with _span(
        tracer,
        f"tool {tool}",
        SpanKind.INTERNAL,
        attributes,
        links=[Link(request)] if isinstance(request, SpanContext) else [],
    ) as span:
        yield span


@contextmanager
def continued(traceparent: str) -> Generator[None]:
    """What is traced inside belongs to the caller's trace, with a link to the HTTP request it came in by.

    MCP clients name their trace in a message's `_meta`, and may send it by HTTP that knows nothing of it.
    """
    here = current_span().get_span_context()
    context = _context_of(traceparent) if here.is_valid else None
    if context is None or current_span(context).get_span_context().trace_id == here.trace_id:
        yield
        return
    token = attach(set_value(_REQUEST, here, context))
    try:
        yield
    finally:
        detach(token)


@contextmanager
def call_span(tracer: Tracer, method_id: str) -> Generator[WorkSpan]:
    """A span named after Google's method, such as `google gmail.users.messages.list`, while inside."""
    attributes = {"rpc.system": "google", "rpc.method": method_id}
    with _span(tracer, f"google {method_id}", SpanKind.CLIENT, attributes) as span:
        yield span


@contextmanager
def _span(
    tracer: Tracer,
    name: str,
    kind: SpanKind,
    attributes: Mapping[str, str],
    *,
    context: Context | None = None,
    links: Sequence[Link] = (),
) -> Generator[WorkSpan]:
    with tracer.start_as_current_span(
        name,
        context=context,
        kind=kind,
        attributes=attributes,
        links=links,
        # An exception's text would end up at whoever collects the traces.
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        yield WorkSpan(span)


def _context_of(traceparent: str) -> Context | None:
    """The context of here, inside the caller's span; None when that is no valid `traceparent`."""
    if not traceparent:
        return None
    context = TraceContextTextMapPropagator().extract({TRACEPARENT: traceparent}, get_current())
    span = current_span(context).get_span_context()
    return context if span.is_valid and span.is_remote else None
