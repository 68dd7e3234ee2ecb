"""A collector of traces, as far as a test needs one: OTLP over HTTP, real and on a port of its own."""

import gzip
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import override

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

# Seconds until spans must have come, on a busy machine.
PATIENCE = 20


@dataclass
class Collector:
    """What has been sent so far, as the bytes that came and as spans."""

    url: str
    bodies: list[bytes] = field(default_factory=list[bytes])
    paths: list[str] = field(default_factory=list[str])

    @property
    def requests(self) -> list[ExportTraceServiceRequest]:
        return [ExportTraceServiceRequest.FromString(body) for body in self.bodies]

    @property
    def spans(self) -> list[Span]:
        scopes = [scope for sent in self.requests for whole in sent.resource_spans for scope in whole.scope_spans]
        return [span for scope in scopes for span in scope.spans]

    def wait_for(self, *names: str) -> dict[str, Span]:
        """The last span of each name. Raises AssertionError when one does not come."""
        end = time.monotonic() + PATIENCE
        while True:
            found = {span.name: span for span in self.spans}
            if found.keys() >= set(names):
                return found
            assert time.monotonic() < end, f"there are only {sorted(found)}"
            time.sleep(0.02)


@contextmanager
def collecting(*, stuck: threading.Event | None = None) -> Generator[Collector]:
    """A running collector; with `stuck` it takes requests and answers none until that is set."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if stuck is not None:
                stuck.wait(PATIENCE)
            collector.paths.append(self.path)
            collector.bodies.append(gzip.decompress(body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        @override
        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        @override
        def handle_error(self, request: object, client_address: object) -> None:
            """A client that gave up waiting is no news."""

    server = Server(("127.0.0.1", 0), Handler)
    collector = Collector(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        if stuck is not None:
            stuck.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
