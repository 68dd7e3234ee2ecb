"""A tool as FastMCP serves it: our schemas, our errors, one path to the runner."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, override

from anyio import BrokenResourceError, ClosedResourceError
from fastmcp.server.auth import AuthCheck, AuthContext
from fastmcp.server.dependencies import get_context
from fastmcp.tools import Tool
from fastmcp.tools.base import ToolResult
from mcp_types import ContentBlock, ResourceLink, TextContent, ToolAnnotations
from pydantic import PrivateAttr

from google_workspace_mcp.core.errors import WorkspaceError
from google_workspace_mcp.core.principal import Caller
from google_workspace_mcp.core.tools.elicitation import asked_to_open
from google_workspace_mcp.core.tools.kinds import Result
from google_workspace_mcp.core.tools.progress import heard_by
from google_workspace_mcp.core.tools.runner import Prepared, ToolRunner
from google_workspace_mcp.core.tools.schema import output_schema, shown_schema
from google_workspace_mcp.core.tracing import TRACEPARENT, continued

ERROR_META = "google-workspace-mcp/error"
# Resource links in results came with this version of MCP; older clients refuse a block that they do not know.
_LINKS_SINCE = "2025-06-18"


class WorkspaceTool(Tool):
    """Shown only to tokens that hold its capability, when neither they nor the client leave it out.

    A failure is `isError` with a code and the one next step.
    """

    _runner: ToolRunner = PrivateAttr()
    _caller: Callable[[], Caller] = PrivateAttr()

    @classmethod
    def of(cls, prepared: Prepared, runner: ToolRunner, caller: Callable[[], Caller]) -> "WorkspaceTool":
        """The tool for a prepared definition; `caller` tells who is asking, from the request's token."""
        definition = prepared.definition
        tool = cls(
            name=definition.name,
            title=definition.title,
            description=definition.description,
            parameters=shown_schema(prepared.arguments),
            output_schema=output_schema(definition.result),
            annotations=ToolAnnotations.model_validate(definition.annotations()),
            auth=shown_with(prepared, runner, caller),
        )
        tool._runner = runner
        tool._caller = caller
        return tool

    @override
    async def run(self, arguments: dict[str, Any]) -> ToolResult:
        try:
            with continued(_callers_trace()), heard_by(_told):
                result = await self._runner.call(self.name, arguments, self._caller())
        except WorkspaceError as error:
            return asked_to_open(error) or failure(error)
        return ToolResult(
            content=[TextContent(type="text", text=result.text()), *_links(result)],
            structured_content=result.model_dump(mode="json", by_alias=True, exclude_defaults=True),
        )


async def _told(done: int, total: int) -> None:
    """Tell the client, if it has asked for that and is still there."""
    with suppress(BrokenResourceError, ClosedResourceError):
        await get_context().report_progress(done, total)


def _callers_trace() -> str:
    """The `traceparent` of the message that is being answered, empty without one."""
    try:
        request = get_context().request_context
    except RuntimeError:
        return ""
    given = (request.meta or {}).get(TRACEPARENT) if request else None
    return given if isinstance(given, str) else ""


def _links(result: Result) -> list[ContentBlock]:
    """The result's files as blocks of their own, for clients of versions that have such blocks."""
    request = get_context().request_context
    if request is None or request.protocol_version < _LINKS_SINCE:
        return []
    return [
        ResourceLink(name=link.name, uri=link.url, mime_type=link.type or None, size=link.size or None)
        for link in result.resources()
    ]


def shown_with(prepared: Prepared, runner: ToolRunner, caller: Callable[[], Caller]) -> list[AuthCheck]:
    """When a tool, and whatever works by it, is shown: to tokens that hold its capability and leave it."""
    definition = prepared.definition

    def is_left(_context: AuthContext) -> bool:
        try:
            return runner.within_limits(definition.name, caller())
        except WorkspaceError:
            return True  # a caller who is refused altogether is told so by the call

    def is_allowed(context: AuthContext) -> bool:
        return definition.allowed_by(context.token.scopes if context.token else ())

    return [is_left, is_allowed]


def failure(error: WorkspaceError) -> ToolResult:
    """The failure as a tool result: a sentence that starts with the code, and the same facts as metadata."""
    facts: dict[str, Any] = {"code": error.code, "retryable": error.retryable}
    if error.retry_after:
        facts["retry_after"] = round(error.retry_after)
    if error.link:
        facts["link"] = error.link
    return ToolResult(
        content=[TextContent(type="text", text=f"{error.code}: {error.sentence()}")],
        meta={ERROR_META: facts},
        is_error=True,
    )
