"""Spans of requests and tools: whose trace they belong to, and how they tell what became of them."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode, Tracer
from starlette.types import Receive, Scope, Send

from google_workspace_mcp.core.errors import NotFoundError
from google_workspace_mcp.core.tracing import NOTHING, continued, request_span, tool_span
from tests.core.http.shells import PUBLIC, shell
from tests.support.logs import captured_log

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"
OTHER = f"00-{'1' * 32}-{'2' * 16}-01"


@dataclass
class Recording:
    """A tracer that keeps its spans."""

    kept: InMemorySpanExporter = field(default_factory=InMemorySpanExporter)

    def __post_init__(self) -> None:
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self.kept))
        self.tracer: Tracer = provider.get_tracer("test")

    @property
    def spans(self) -> list[ReadableSpan]:
        return list(self.kept.get_finished_spans())


@pytest.fixture
def recording() -> Recording:
    return Recording()


def trace_of(span: ReadableSpan) -> str:
    assert span.context is not None
    return f"{span.context.trace_id:032x}"


def parent_of(span: ReadableSpan) -> str:
    return f"{span.parent.span_id:016x}" if span.parent else ""


async def test_a_request_is_a_span_by_route_and_status(recording: Recording):
    await shell(tracer=recording.tracer).call("POST", f"{PUBLIC}/ws/account/alice")
    (span,) = recording.spans
    assert span.name == "POST /account/*"
    assert dict(span.attributes or {})["http.route"] == "/account/*"


async def test_a_request_belongs_to_the_trace_of_its_caller(recording: Recording):
    await shell(tracer=recording.tracer).call("POST", f"{PUBLIC}/ws/mcp", headers={"traceparent": TRACEPARENT})
    (span,) = recording.spans
    assert (trace_of(span), parent_of(span)) == (TRACE, PARENT)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"traceparent": ""},
        {"traceparent": "00-0-0-01"},
        {"traceparent": f"00-{'0' * 32}-{PARENT}-01"},
        {"traceparent": f"ff-{TRACE}-{PARENT}-01"},
        {"traceparent": "alice@example.com"},
        [("traceparent", TRACEPARENT), ("traceparent", OTHER)],
    ],
)
async def test_anything_else_begins_a_trace(recording: Recording, headers: Any):
    await shell(tracer=recording.tracer).call("POST", f"{PUBLIC}/ws/mcp", headers=headers)
    (span,) = recording.spans
    assert parent_of(span) == ""


async def test_what_a_caller_says_beside_its_traceparent_is_not_taken_over(recording: Recording):
    headers = {"traceparent": TRACEPARENT, "tracestate": "vendor=alice", "baggage": "user=alice"}
    await shell(tracer=recording.tracer).call("POST", f"{PUBLIC}/ws/mcp", headers=headers)
    (span,) = recording.spans
    assert span.context is not None
    assert span.context.trace_state == {}
    assert "alice" not in span.to_json()


async def test_who_asks_not_to_be_recorded_is_not(recording: Recording):
    headers = {"traceparent": f"00-{TRACE}-{PARENT}-00"}
    await shell(tracer=recording.tracer).call("POST", f"{PUBLIC}/ws/mcp", headers=headers)
    assert recording.spans == []


@pytest.mark.parametrize("path", ["/health", "/ws/health", "/ready"])
async def test_health_checks_are_no_spans(recording: Recording, path: str):
    await shell(tracer=recording.tracer).call("GET", PUBLIC + path)
    assert recording.spans == []


async def test_the_access_log_names_the_trace(recording: Recording):
    with captured_log() as log:
        await shell(tracer=recording.tracer).call("POST", f"{PUBLIC}/ws/mcp", headers={"traceparent": TRACEPARENT})
        await shell().call("POST", f"{PUBLIC}/ws/mcp", headers={"traceparent": TRACEPARENT})
    assert [line.get("trace_id") for line in log.lines("request")] == [TRACE, None]


async def test_a_request_that_fails_by_an_exception_tells_its_status_and_no_more(recording: Recording):
    async def fails(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise RuntimeError("the merger is off")

    assert (await shell(fails, tracer=recording.tracer).call("POST", f"{PUBLIC}/ws/mcp")).status_code == 500
    (span,) = recording.spans
    assert span.status.status_code is StatusCode.ERROR
    assert dict(span.attributes or {})["http.response.status_code"] == 500
    assert "merger" not in span.to_json()
    assert span.events == ()


def test_a_tool_that_fails_says_which_failure_and_not_its_words(recording: Recording):
    with tool_span(recording.tracer, "gmail_read", "read") as span:
        span.failed(NotFoundError("the merger is off", reason="gone"))
    (told,) = recording.spans
    attributes = dict(told.attributes or {})
    assert (attributes["error.type"], attributes["gwmcp.reason"]) == ("not_found", "gone")
    assert "merger" not in told.to_json()


def test_a_message_in_another_trace_is_continued_there_with_a_link_to_its_request(recording: Recording):
    tracer = recording.tracer
    with request_span(tracer, "POST", "/mcp", OTHER), continued(TRACEPARENT), tool_span(tracer, "say", "read"):
        pass
    tool, request = recording.spans
    assert (trace_of(tool), parent_of(tool)) == (TRACE, PARENT)
    assert [link.context for link in tool.links] == [request.context]


def test_a_message_in_the_trace_of_its_request_is_the_requests_child(recording: Recording):
    tracer = recording.tracer
    with request_span(tracer, "POST", "/mcp", TRACEPARENT), continued(TRACEPARENT), tool_span(tracer, "say", "read"):
        pass
    tool, request = recording.spans
    assert tool.parent == request.context
    assert tool.links == ()


def test_where_nothing_is_traced_a_message_changes_nothing():
    with continued(TRACEPARENT), tool_span(NOTHING, "say", "read") as span:
        assert span.trace_id == ""
