"""The HTTP face described as OpenAPI 3.1, made from the tools' own definitions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from google_workspace_mcp.core.http.face import IDEMPOTENCY_KEY
from google_workspace_mcp.core.tools.kinds import Kind
from google_workspace_mcp.core.tools.runner import Prepared
from google_workspace_mcp.core.tools.schema import input_schema, output_schema

_ABOUT = (
    "Gmail, Drive and Calendar tools over plain HTTP. The bearer token decides whose data is meant: an access token of "
    "this service, or a service token of an agent. Failures are problem documents (RFC 9457)."
)
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened, in words"},
        "code": {"type": "string", "description": "What happened, for programs"},
        "retryable": {"type": "boolean", "description": "Whether the same call may succeed later"},
        "retry_after": {"type": "integer", "description": "Seconds to wait"},
        "next_step": {"type": "string", "description": "The one thing to do about it"},
        "request_id": {"type": "string", "description": "What to tell the operator"},
    },
}
_KEY_PARAMETER = {
    "name": IDEMPOTENCY_KEY,
    "in": "header",
    "description": "The same as the argument request_id",
    "schema": {"type": "string"},
}


def document(tools: Sequence[Prepared], *, version: str, extra: Mapping[str, Any]) -> dict[str, Any]:
    """The whole document but for `servers`, which depends on who asks.

    `extra` are further path items, such as a service's short names.
    """
    return {
        "openapi": "3.1.0",
        "info": {"title": "Google Workspace tools", "version": version, "description": _ABOUT},
        "security": [{"bearer": []}],
        "paths": {
            "/tools": {"get": operation("list_tools", "List the tools that the caller may use", tool_list())},
            **{f"/tools/{prepared.definition.name}": {"post": call_of(prepared)} for prepared in tools},
            **extra,
        },
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "schemas": {"Problem": _PROBLEM},
            "responses": {
                "Problem": {
                    "description": "A failure",
                    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
            },
        },
    }


def operation(
    name: str,
    summary: str,
    data: Mapping[str, Any],
    *,
    tag: str = "tools",
    parameters: Iterable[Mapping[str, Any]] = (),
    with_text: bool = False,
) -> dict[str, Any]:
    """An operation that answers `{"status": "success", "data": …}`; `data` is that member's schema."""
    properties: dict[str, Any] = {"status": {"const": "success"}, "data": data}
    if with_text:
        properties["text"] = {"type": "string", "description": "The answer as a model reads it"}
    schema = {"type": "object", "required": list(properties), "properties": properties}
    described: dict[str, Any] = {
        "operationId": name,
        "summary": summary,
        "tags": [tag],
        "responses": {
            "200": {"description": "Done", "content": {"application/json": {"schema": schema}}},
            "default": {"$ref": "#/components/responses/Problem"},
        },
    }
    listed = list(parameters)
    return {**described, "parameters": listed} if listed else described


def tool_list() -> dict[str, Any]:
    """The schema of a list of definitions."""
    texts = {name: {"type": "string"} for name in ("name", "title", "description")}
    schemas = {name: {"type": "object"} for name in ("inputSchema", "annotations")}
    tool = {"type": "object", "properties": {**texts, **schemas}}
    return {"type": "object", "properties": {"tools": {"type": "array", "items": tool}}}


def call_of(prepared: Prepared, name: str = "") -> dict[str, Any]:
    """The operation that calls a tool. `name` is its own, where it stands beside the one at `/tools`."""
    tool = prepared.definition
    takes_key = "request_id" in prepared.arguments.model_fields
    described = operation(
        name or tool.name,
        tool.title,
        output_schema(tool.result),
        tag=tool.service,
        parameters=[_KEY_PARAMETER] if takes_key else [],
        with_text=True,
    )
    schema = input_schema(prepared.arguments)
    described["description"] = tool.description
    described["requestBody"] = {
        "required": bool(schema.get("required")),
        "content": {"application/json": {"schema": schema}},
    }
    described["x-kind"] = {Kind.READ: "read", Kind.WRITE: "write", Kind.OUTWARD: "outward"}[tool.kind]
    if tool.needs:
        described["x-capability"] = " or ".join(tool.needs)
    return described
