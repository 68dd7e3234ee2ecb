"""Traces of a running service, as a collector gets them over HTTP: what belongs together, and that nothing leaks."""

import asyncio
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from subprocess import run
from typing import Any, Final

import httpx2
import pytest
from fastmcp.server.providers import LocalProvider
from fastmcp.telemetry import telemetry_mode
from fastmcp.tools import Tool
from mcp.client.client import ConnectMode
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from google_workspace_mcp.app import build
from google_workspace_mcp.core.http.server import RunningServer, listen
from google_workspace_mcp.core.otlp import BATCH, FLUSH_SECONDS, QUEUE, exporting_to
from google_workspace_mcp.core.principal import Principal
from google_workspace_mcp.core.tracing import tool_span
from google_workspace_mcp.demo.client import PersonAtBrowser, connected
from google_workspace_mcp.sandbox.oauth.book import OAuthClient
from google_workspace_mcp.sandbox.people.cast import ALICE
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.clients.deployment import sample_google
from tests.support.agents import Agent, setting
from tests.support.collector import Collector, collecting
from tests.support.connecting import connect
from tests.support.stack import CLIENT_ID, CLIENT_SECRET, Stack, running, settings_for

ROOT: Final = Path(__file__).resolve().parents[2]
AGENT: Final = Agent("urn:example:workspace-tools")
CANARY: Final = "canary7f3a"
USER: Final = f"user-{CANARY}"
TRACE: Final = "0af7651916cd43dd8448eb211c80319c"
PARENT: Final = "b7ad6b7169203331"
TRACEPARENT: Final = f"00-{TRACE}-{PARENT}-01"
LISTING: Final = "google gmail.users.messages.list"
# All that a span may say of itself.
KNOWN: Final = {
    "error.type",
    "gen_ai.operation.name",
    "gen_ai.tool.name",
    "gwmcp.attempts",
    "gwmcp.kind",
    "gwmcp.reason",
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "rpc.method",
    "rpc.system",
}

pytestmark = pytest.mark.timeout(90)


@pytest.fixture(scope="module")
def google() -> Generator[SimulatedGoogle]:
    with sample_google() as google:
        yield google


@contextmanager
def traced(google: SimulatedGoogle, folder: Path, endpoint: str) -> Generator[Stack]:
    """The service with an agent's user connected; when it has stopped, its last spans have been sent."""
    with running(google, folder, agents=setting(AGENT), otlp_endpoint=endpoint) as stack:
        asyncio.run(connect(stack, Principal(AGENT.issuer, USER), ALICE))
        yield stack


def post(stack: Stack, path: str, arguments: dict[str, Any], **headers: str) -> httpx2.Response:
    sent = {"Authorization": f"Bearer {AGENT.token(USER)}", **headers}
    with httpx2.Client(timeout=20, trust_env=False) as http:
        return http.post(f"{stack.settings.base_url}{path}", json=arguments, headers=sent)


async def searches(stack: Stack, mode: ConnectMode = "auto", meta: Any = None) -> bool:
    async with asyncio.timeout(40), connected(stack.mcp_url, PersonAtBrowser(ALICE.email), mode=mode) as client:
        return not (await client.call_tool("gmail_search", {}, meta=meta)).is_error


def by_name(collector: Collector) -> dict[str, Span]:
    return {span.name: span for span in collector.spans}


def test_request_tool_and_google_call_are_one_trace_of_the_caller(google: SimulatedGoogle, tmp_path: Path):
    with collecting() as collector:
        with traced(google, tmp_path, collector.url) as stack:
            assert post(stack, "/tools/gmail_search", {}, traceparent=TRACEPARENT).status_code == 200
        spans = by_name(collector)
    request, tool, call = spans["POST /tools/*"], spans["tool gmail_search"], spans[LISTING]
    assert {span.trace_id.hex() for span in (request, tool, call)} == {TRACE}
    assert request.parent_span_id.hex() == PARENT
    assert tool.parent_span_id == request.span_id
    assert call.parent_span_id == tool.span_id
    assert [span.kind for span in (request, tool, call)] == [
        Span.SPAN_KIND_SERVER,
        Span.SPAN_KIND_INTERNAL,
        Span.SPAN_KIND_CLIENT,
    ]
    assert set(collector.paths) == {"/v1/traces"}


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_message_that_names_its_trace_is_continued_and_linked_to_its_request(
    google: SimulatedGoogle, tmp_path: Path, mode: ConnectMode
):
    with collecting() as collector:
        with traced(google, tmp_path, collector.url) as stack:
            meta = {"traceparent": TRACEPARENT, "tracestate": f"x={CANARY}"}
            assert asyncio.run(searches(stack, mode, meta))
        spans = collector.spans
    (tool,) = [span for span in spans if span.name == "tool gmail_search"]
    call = next(span for span in spans if span.name == LISTING)
    requests = {span.span_id: span for span in spans if span.name == "POST /mcp"}
    assert (tool.trace_id.hex(), tool.parent_span_id.hex()) == (TRACE, PARENT)
    assert (call.trace_id, call.parent_span_id) == (tool.trace_id, tool.span_id)
    assert [link.span_id in requests for link in tool.links] == [True]
    assert not any(CANARY.encode() in body for body in collector.bodies)


@pytest.mark.slow
def test_a_call_by_mcp_is_one_trace_without_being_told_one(google: SimulatedGoogle, tmp_path: Path):
    with collecting() as collector:
        with traced(google, tmp_path, collector.url) as stack:
            assert asyncio.run(searches(stack))
        spans = collector.spans
    (tool,) = [span for span in spans if span.name == "tool gmail_search"]
    request = next(span for span in spans if span.span_id == tool.parent_span_id)
    assert (request.name, request.trace_id, request.parent_span_id) == ("POST /mcp", tool.trace_id, b"")


def use_canaries(stack: Stack) -> None:
    """Canaries wherever a caller or Google can put words: arguments, ids, names of tools, paths, headers, failures."""
    told = {"User-Agent": CANARY, "baggage": f"user={CANARY}", "tracestate": f"v={CANARY}", "Cookie": f"c={CANARY}"}
    traced = {"traceparent": TRACEPARENT, "X-Request-Id": CANARY, "Referer": f"https://{CANARY}.example/"}
    assert post(stack, "/tools/gmail_search", {"query": CANARY}, **told, **traced).status_code == 200
    assert post(stack, "/tools/gmail_read", {"message_id": CANARY}).status_code >= 400
    assert post(stack, "/tools/gmail_search", {CANARY: CANARY}).status_code == 400
    assert post(stack, "/tools/drive_search", {"account": f"{CANARY}@example.com"}).status_code >= 400
    assert post(stack, f"/tools/{CANARY}", {}).status_code == 404
    assert post(stack, f"/{CANARY}?code={CANARY}", {}).status_code == 404
    for method, name in (("tools/call", "gmail_search"), ("tools/call", CANARY), (CANARY, CANARY)):
        message = {
            "jsonrpc": "2.0",
            "id": CANARY,
            "method": method,
            "params": {"name": name, "arguments": {"x": CANARY}},
        }
        post(stack, "/mcp", message, Accept="application/json, text/event-stream")


def test_nothing_of_a_person_and_no_content_leaves_with_the_traces(google: SimulatedGoogle, tmp_path: Path):
    with collecting() as collector:
        with traced(google, tmp_path, collector.url) as stack:
            use_canaries(stack)
        spans, sent = collector.spans, b"".join(collector.bodies)
    names = {span.name for span in spans}
    assert {"POST /mcp", "POST /tools/*", "tool gmail_search", "tool gmail_read", "tool drive_search", LISTING} <= names
    for secret in (CANARY, ALICE.email, AGENT.issuer, "127.0.0.1", "Bearer", str(ROOT)):
        assert secret.encode() not in sent
    assert {pair.key for span in spans for pair in span.attributes} <= KNOWN
    assert [event for span in spans for event in span.events] == []
    assert {span.status.message for span in spans} == {""}
    assert {span.trace_state for span in spans} == {""}
    failed = {span.name for span in spans if span.status.code == Status.STATUS_CODE_ERROR}
    assert {"tool gmail_read", "tool gmail_search", "tool drive_search"} <= failed


@pytest.mark.slow
def test_what_traces_say_of_the_process_is_its_name_version_and_a_number(google: SimulatedGoogle, tmp_path: Path):
    with collecting() as collector:
        with traced(google, tmp_path, collector.url) as stack:
            post(stack, "/tools/accounts_list", {})
        (resource,) = {
            whole.resource.SerializeToString() for sent in collector.requests for whole in sent.resource_spans
        }
        attributes = collector.requests[0].resource_spans[0].resource.attributes
    assert {pair.key for pair in attributes} == {"service.name", "service.version", "service.instance.id"}
    assert b"google-workspace-mcp" in resource


@pytest.mark.slow
async def test_fastmcp_traces_nothing_by_itself_inside_of_a_call(google: SimulatedGoogle, tmp_path: Path):
    modes: list[str] = []

    async def probe() -> str:
        modes.append(telemetry_mode())
        return "done"

    provider = LocalProvider()
    provider.add_tool(Tool.from_function(probe, name="probe"))
    with listen() as listener:
        settings = settings_for(google, tmp_path, f"http://127.0.0.1:{listener.getsockname()[1]}")
        google.register_client(OAuthClient(CLIENT_ID, CLIENT_SECRET, "Traced", (settings.redirect_uri,)))
        service = build(settings, extra=[provider])
        with RunningServer(service.app, listener, lifecycle=service.lifecycle):
            async with asyncio.timeout(40), connected(settings.mcp_url, PersonAtBrowser(ALICE.email)) as client:
                assert not (await client.call_tool("probe", {})).is_error
    assert modes == ["propagation_only"]


@pytest.mark.slow
def test_a_collector_that_is_not_there_costs_no_call_and_little_of_the_stop(google: SimulatedGoogle, tmp_path: Path):
    with listen() as nobody:
        endpoint = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    with traced(google, tmp_path, endpoint) as stack:
        answers = [post(stack, "/tools/gmail_search", {}).status_code for _ in range(3)]
        begun = time.monotonic()
    assert answers == [200] * 3
    assert time.monotonic() - begun < FLUSH_SECONDS + 5


def test_a_collector_that_does_not_answer_costs_no_call_and_little_of_the_stop(google: SimulatedGoogle, tmp_path: Path):
    stuck = threading.Event()
    with collecting(stuck=stuck) as collector:
        with traced(google, tmp_path, collector.url) as stack:
            answers = [post(stack, "/tools/gmail_search", {}).status_code for _ in range(3)]
            begun = time.monotonic()
        took = time.monotonic() - begun
        assert collector.bodies == []
    assert answers == [200] * 3
    assert took < FLUSH_SECONDS + 5


async def test_spans_beyond_the_queue_are_lost_and_nobody_waits_for_room():
    stuck = threading.Event()
    with collecting(stuck=stuck) as collector:
        exporting = exporting_to(collector.url, every_seconds=0.05)
        begun = time.monotonic()
        for _ in range(5 * QUEUE):
            with tool_span(exporting.tracer, "gmail_search", "read"):
                pass
        took = time.monotonic() - begun
        stuck.set()
        await exporting.end()
        sent = len(collector.spans)
    assert took < 5
    # What waited, what was being sent, and what went out while the first batch was.
    assert 0 < sent <= QUEUE + 3 * BATCH


@pytest.mark.slow
def test_without_a_collector_no_exporter_is_loaded(tmp_path: Path):
    code = f"""
import sys
from google_workspace_mcp.app import build
from google_workspace_mcp.core.settings import load
build(load(None, store="file://{tmp_path}"))
print([name for name in sys.modules if "opentelemetry.sdk" in name])
"""
    answered = run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=80, check=False)
    assert answered.stdout.strip() == "[]", answered.stderr
