"""Items as MCP resources: what a reading tool tells of one item, under an address of its own.

A read goes the tool's one path: the same gate, default account, limits and fences.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, override

from fastmcp.exceptions import ResourceError
from fastmcp.resources import ResourceResult, ResourceTemplate
from pydantic import PrivateAttr

from google_workspace_mcp.core.errors import WorkspaceError
from google_workspace_mcp.core.principal import Caller
from google_workspace_mcp.core.tools.mcp import shown_with
from google_workspace_mcp.core.tools.runner import ToolRunner


@dataclass(frozen=True, slots=True)
class ResourceDefinition:
    """A kind of resource as its room declares it.

    `address` is a URI template with one variable, `{id}`, or `{id*}` where ids have a slash; `arguments` makes of the
    id what `tool` is called with.
    """

    address: str
    name: str
    title: str
    description: str
    tool: str
    arguments: Callable[[str], dict[str, Any]]


class WorkspaceResource(ResourceTemplate):
    """Listed for whom its tool is listed. A failure is an MCP error in our words, the code in front."""

    _definition: ResourceDefinition = PrivateAttr()
    _runner: ToolRunner = PrivateAttr()
    _caller: Callable[[], Caller] = PrivateAttr()

    @classmethod
    def of(
        cls, definition: ResourceDefinition, runner: ToolRunner, caller: Callable[[], Caller]
    ) -> "WorkspaceResource":
        """The template for a definition; its tool must be one that the runner offers."""
        prepared = runner.find(definition.tool)
        if prepared is None:
            raise LookupError(f"{definition.tool} is not offered")
        template = cls(
            uri_template=definition.address,
            name=definition.name,
            title=definition.title,
            description=definition.description,
            mime_type="text/plain",
            parameters={"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
            auth=shown_with(prepared, runner, caller),
            # Ids are checked where they are used, which answers in words of ours.
            security=None,
        )
        template._definition = definition
        template._runner = runner
        template._caller = caller
        return template

    @override
    async def _read(self, uri: str, params: dict[str, Any]) -> ResourceResult:
        return self.convert_result(await self.read(params))

    @override
    async def read(self, arguments: dict[str, Any]) -> str:
        definition = self._definition
        given = definition.arguments(str(arguments.get("id", "")))
        try:
            result = await self._runner.call(definition.tool, given, self._caller())
        except WorkspaceError as error:
            # FastMCP would log it as a failure of the server's.
            raise ResourceError(f"{error.code}: {error.sentence()}", log_level=logging.DEBUG) from None
        if problem := result.problem():
            raise ResourceError(problem, log_level=logging.DEBUG)
        return result.text()
