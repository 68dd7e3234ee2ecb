"""Spans around calls, and that nothing of a person gets into them."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, override

import pytest
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, Status, TraceFlags, Tracer
from opentelemetry.trace.status import StatusCode

from google_workspace_mcp.core.errors import NotFoundError
from google_workspace_mcp.core.google.calls import CallKind
from tests.core.google.scripted import Bench, Say, ScriptedServer, bench_for, google_error

CANARY = "canary-7f3a"


class RecordedSpan(NonRecordingSpan):
    """Keeps whatever it is told."""

    def __init__(self, name: str, attributes: Mapping[str, Any]) -> None:
        super().__init__(SpanContext(1, 2, is_remote=False, trace_flags=TraceFlags(1)))
        self.name = name
        self.attributes: dict[str, Any] = dict(attributes)
        self.said: list[Any] = []
        self.status: Status | None = None

    @override
    def set_attribute(self, key: str, value: Any) -> None:
        self.attributes[key] = value

    @override
    def set_status(self, status: Any, description: str | None = None) -> None:
        self.status = status
        self.said.append(description)

    @override
    def record_exception(self, exception: BaseException, *more: Any, **named: Any) -> None:
        self.said.append(exception)

    @override
    def add_event(self, name: str, *more: Any, **named: Any) -> None:
        self.said.append((name, more, named))


@dataclass
class RecordingTracer(Tracer):
    spans: list[RecordedSpan] = field(default_factory=list)

    @override
    def start_span(self, name: str, *more: Any, **named: Any) -> Span:
        raise AssertionError("spans are opened and closed as blocks")

    @override
    def start_as_current_span(self, name: str, *more: Any, **named: Any) -> Any:
        return self._recorded(name, named)

    @contextmanager
    def _recorded(self, name: str, named: dict[str, Any]) -> Generator[Span]:
        assert named["kind"] is SpanKind.CLIENT
        span = RecordedSpan(name, named["attributes"])
        self.spans.append(span)
        try:
            yield span
        except Exception as error:
            if named.get("record_exception", True):
                span.record_exception(error)
            raise


async def test_a_call_is_one_span_with_its_method_status_and_attempts(google: ScriptedServer):
    tracer = RecordingTracer()
    async with bench_for(google.url, tracer=tracer) as bench:
        google.script = [Say(503), Say(200, {"id": "m1"})]
        await bench.session.execute(bench.session.gmail.messages.get(userId="me", id="m1"))

    (span,) = tracer.spans
    assert span.name == "google gmail.users.messages.get"
    assert span.attributes["http.response.status_code"] == 200
    assert span.attributes["gwmcp.attempts"] == 2
    assert span.status is not None
    assert span.status.status_code is StatusCode.OK


async def test_a_failed_call_says_which_failure_in_a_word(google: ScriptedServer):
    tracer = RecordingTracer()
    async with bench_for(google.url, tracer=tracer) as bench:
        google.script = [google_error(404, "notFound")]
        with pytest.raises(NotFoundError):
            await bench.session.execute(bench.session.drive.files.get(fileId="f1"))

    (span,) = tracer.spans
    assert (span.attributes["error.type"], span.attributes["gwmcp.reason"]) == ("not_found", "not_found")
    assert span.status is not None
    assert span.status.status_code is StatusCode.ERROR


async def use_canaries(google: ScriptedServer, bench: Bench) -> None:
    """Calls with canaries wherever a person's words can be: ids, queries, bodies, answers, errors, the token."""
    session = bench.as_user(f"user-{CANARY}")
    google.answer = lambda _: Say(200, {"id": CANARY, "snippet": CANARY}, {"X-Note": CANARY})
    await session.execute(session.gmail.messages.list(userId=f"{CANARY}@example.com", q=CANARY))
    await session.execute(session.gmail.messages.send(userId="me", body={"raw": CANARY}), kind=CallKind.SEND)
    google.answer = lambda _: google_error(404, CANARY, message=CANARY)
    with pytest.raises(NotFoundError):
        await session.execute(session.drive.files.get(fileId=CANARY))


async def test_nothing_of_a_person_gets_into_a_span(google: ScriptedServer):
    tracer = RecordingTracer()
    async with bench_for(google.url, tracer=tracer) as bench:
        bench.tokens.values = [f"token-{CANARY}"]
        await use_canaries(google, bench)

    told = repr([(span.name, span.attributes, span.said, span.status) for span in tracer.spans])
    assert len(tracer.spans) == 3
    assert CANARY not in told
    assert "127.0.0.1" not in told


async def test_nothing_of_a_person_gets_into_a_record(google: ScriptedServer):
    async with bench_for(google.url) as bench:
        bench.tokens.values = [f"token-{CANARY}"]
        await use_canaries(google, bench)

    assert len(bench.records) == 3
    assert CANARY not in repr(bench.records)
