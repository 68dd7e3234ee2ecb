"""One OpenTelemetry span around each call to Google: method, attempts, status and failure code, nothing else.

Only the API package is used: without an SDK that the operator configures, spans cost next to nothing and go nowhere.
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, get_tracer

from google_workspace_mcp import __version__
from google_workspace_mcp.core.errors import WorkspaceError


def default_tracer() -> Tracer:
    """The tracer of whatever provider the process has."""
    return get_tracer("google_workspace_mcp", __version__)


@dataclass(frozen=True, slots=True)
class CallSpan:
    """The span of one call. Its attributes come from fixed sets of words."""

    span: Span

    def attempted(self, attempt: int, status: int | None) -> None:
        self.span.set_attribute("gwmcp.attempts", attempt)
        if status is not None:
            self.span.set_attribute("http.response.status_code", status)

    def succeeded(self) -> None:
        """Whatever earlier attempts met, the call came to a good end."""
        self.span.set_status(Status(StatusCode.OK))

    def ended(self, error: WorkspaceError) -> None:
        """The failure's code and reason; its words stay here."""
        self.span.set_attribute("error.type", error.code)
        self.span.set_attribute("gwmcp.reason", error.reason)
        self.span.set_status(Status(StatusCode.ERROR))


@contextmanager
def call_span(tracer: Tracer, method_id: str) -> Generator[CallSpan]:
    """A span named after the method, such as `google gmail.users.messages.list`, while inside."""
    with tracer.start_as_current_span(
        f"google {method_id}",
        kind=SpanKind.CLIENT,
        attributes={"rpc.system": "google", "rpc.method": method_id},
        # An exception's text would end up at whoever collects the traces.
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        yield CallSpan(span)
