"""Keeps FastMCP from tracing by itself."""

from fastmcp.telemetry import suppress_fastmcp_telemetry
from starlette.types import ASGIApp, Receive, Scope, Send


class WithoutLibrarySpans:
    """FastMCP makes no spans in here, also where somebody has registered a tracer provider for the whole process.

    Its spans name the person (`enduser.id`) and quote exceptions with their text.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with suppress_fastmcp_telemetry():
            await self._app(scope, receive, send)
