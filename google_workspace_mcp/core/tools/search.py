"""Search mode: a few tools are listed, the others are found by `search_tools` and called by `call_tool`.

FastMCP's BM25 transform does the ranking. The two tools are ours, so that their schemas are closed and short like all
others, and a call that goes wrong is answered in our words. What is found, and what can be called, is what FastMCP
would list for the same token: `call_tool` runs the tool itself, by the one path of every call.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, override

from fastmcp.server.dependencies import get_context
from fastmcp.server.transforms import GetToolNext
from fastmcp.server.transforms.search import BM25SearchTransform
from fastmcp.tools import Tool
from fastmcp.tools.base import ToolResult
from fastmcp.utilities.versions import VersionSpec
from mcp_types import TextContent, ToolAnnotations
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from google_workspace_mcp.core.errors import NotFoundError, UserInputError
from google_workspace_mcp.core.tools.kinds import Kind, hints
from google_workspace_mcp.core.tools.mcp import failure
from google_workspace_mcp.core.tools.runner import validated
from google_workspace_mcp.core.tools.schema import shown_schema

SEARCH: Final = "search_tools"
CALL: Final = "call_tool"
PINNED: Final = ("gmail_search", "gmail_read", "drive_search", "drive_read", "calendar_list_events")
_MOST_FOUND: Final = 5
_SAYS_NOTHING: Final = frozenset((
    "a", "all", "an", "and", "any", "for", "from", "have", "how", "i", "in", "is", "it", "me", "my", "of", "on", "or",
    "out", "the", "to", "what", "which", "with",
))  # fmt: skip
# What people say, and what the tools' texts say.
_ALSO: Final = {
    "add": "create",
    "attachment": "file download",
    "availability": "free busy",
    "contact": "person",
    "delete": "trash",
    "doc": "document file",
    "email": "mail message gmail",
    "event": "calendar",
    "folder": "drive",
    "inbox": "gmail messages",
    "mail": "message gmail",
    "meeting": "event calendar",
    "new": "create",
    "office": "vacation",
    "remove": "delete",
    "schedule": "calendar event",
    "sharing": "share unshare access",
    "sheet": "spreadsheet file drive",
    "slide": "presentation file drive",
    "upload": "create file",
}


class _Query(BaseModel):
    model_config = ConfigDict(extra="forbid")
    query: Annotated[str, Field(description="what to do, in words", min_length=1, max_length=500)]


class _Call(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(max_length=100)]
    arguments: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class SearchView:
    """How the request at hand sees tools: whether it searches for them, and whether all that it may use only reads."""

    on: bool = False
    reads_only: bool = False


class SearchMode(BM25SearchTransform):
    """Takes the place of the list where the request's view says so, and does nothing otherwise."""

    def __init__(self, view: Callable[[], SearchView]) -> None:
        super().__init__(
            max_results=_MOST_FOUND, always_visible=list(PINNED), search_tool_name=SEARCH, call_tool_name=CALL
        )
        self._view = view

    @override
    async def transform_tools(self, tools: Sequence[Tool]) -> Sequence[Tool]:
        return await super().transform_tools(tools) if self._view().on else tools

    @override
    async def get_tool(self, name: str, call_next: GetToolNext, *, version: VersionSpec | None = None) -> Tool | None:
        if self._view().on:
            return await super().get_tool(name, call_next, version=version)
        return await call_next(name, version=version)

    async def found(self, query: str) -> tuple[Sequence[Tool], Sequence[str]]:
        """The best matches among the tools that this caller may use and is not shown, and the names of all of those."""
        tools = await self._get_visible_tools(get_context())
        return await self._search(tools, widened(query)), [tool.name for tool in tools]

    @override
    def _make_search_tool(self) -> Tool:
        return _SearchTool.of(self)

    @override
    def _make_call_tool(self) -> Tool:
        return _CallTool.of(reads_only=self._view().reads_only)


class _SearchTool(Tool):
    """Answers with definitions, as short as a list of tools has them."""

    _mode: SearchMode = PrivateAttr()

    @classmethod
    def of(cls, mode: SearchMode) -> "_SearchTool":
        tool = cls(
            name=SEARCH,
            title="Search tools",
            description="Find more tools for mail, files, calendars and accounts; call them with call_tool.",
            parameters=shown_schema(_Query),
            annotations=ToolAnnotations.model_validate(hints("Search tools", Kind.READ)),
        )
        tool._mode = mode
        return tool

    @override
    async def run(self, arguments: dict[str, Any]) -> ToolResult:
        try:
            query = str(validated(_Query, arguments)["query"])
        except UserInputError as error:
            return failure(error)
        tools, names = await self._mode.found(query)
        lines = [json.dumps(_brief(tool), ensure_ascii=False, separators=(",", ":")) for tool in tools]
        return ToolResult(content=[TextContent(type="text", text="\n".join(lines) or _nothing(names))])


class _CallTool(Tool):
    """Calls what could be found: for the others it is as if there were no tool of that name."""

    @classmethod
    def of(cls, *, reads_only: bool) -> "_CallTool":
        return cls(
            name=CALL,
            title="Call a tool",
            description="Call a tool that search_tools found, with arguments by its schema.",
            parameters=shown_schema(_Call),
            # It can do whatever the tools behind it can.
            annotations=ToolAnnotations.model_validate(hints("Call a tool", Kind.READ if reads_only else Kind.OUTWARD)),
        )

    @override
    async def run(self, arguments: dict[str, Any]) -> ToolResult:
        try:
            asked = validated(_Call, arguments)
        except UserInputError as error:
            return failure(error)
        server, name = get_context().fastmcp, str(asked["name"])
        if name in (SEARCH, CALL) or await server.get_tool(name) is None:
            return failure(
                NotFoundError("There is no tool of that name here", next_step=f"{SEARCH} finds those that there are")
            )
        return await server.call_tool(name, asked["arguments"])


def named_in(call: Any) -> str:
    """The tool that the parameters of a call name, or the arguments of `call_tool`; empty when they name none."""
    name = call.get("name") if isinstance(call, dict) else None
    return name if isinstance(name, str) else ""


def widened(query: str) -> str:
    """The query with other forms of its words, and other words for the same things: the ranking compares letters."""
    words = [word for word in re.findall(r"[^\W_]{2,}", query.casefold()) if word not in _SAYS_NOTHING]
    singular = [word.removesuffix("s") for word in words]
    plural = [f"{word}s" for word in singular]
    return " ".join([*words, *singular, *plural, *(_ALSO.get(word, "") for word in singular)])


def _brief(tool: Tool) -> dict[str, Any]:
    return {"name": tool.name, "description": tool.description, "inputSchema": tool.parameters}


def _nothing(names: Sequence[str]) -> str:
    if not names:
        return "No tool matches; all that this sign-in allows are listed already."
    return f"No tool matches these words. There are: {', '.join(names)}. Search by one of these names."
