"""Input and output schemas as models read them: closed, flat, and without words that cost tokens and say nothing."""

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.fields import FieldInfo

_ACCOUNT = Field(description="Alias or address, if not the default account", max_length=320)
_REQUEST_ID = Field(description="UUID; a repetition has no second effect", max_length=128)


def arguments_model(
    run: Callable[..., Any], name: str, *, with_account: bool, with_request_id: bool = False
) -> type[BaseModel]:
    """The arguments of a tool's `run` (all but the first) as a closed model, and those that every tool shares.

    `Field(alias=…)` gives an argument the name that callers use, where Python reserves it.
    """
    parameters = list(inspect.signature(run, eval_str=True).parameters.values())[1:]
    fields: dict[str, Any] = {p.name: (p.annotation, _default(p)) for p in parameters}
    if with_request_id:
        fields["request_id"] = (Annotated[str, _REQUEST_ID], "")
    if with_account:
        fields["account"] = (Annotated[str, _ACCOUNT], "")
    config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)
    return create_model(name, __config__=config, **fields)


def _default(parameter: inspect.Parameter) -> Any:
    if parameter.default is inspect.Parameter.empty:
        return ...
    return parameter.default.get_default() if isinstance(parameter.default, FieldInfo) else parameter.default


def input_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The model's JSON schema for callers."""
    return _compact(model.model_json_schema(by_alias=True))


def shown_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The schema as a model reads it: without what it neither chooses nor fills in by.

    That an argument is optional says `required`, so an empty default says nothing more; and nobody counts characters:
    the length of a text is looked at when it comes.
    """
    schema = input_schema(model)
    return {**schema, "properties": {name: _brief(field) for name, field in schema.get("properties", {}).items()}}


def _brief(field: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in field.items() if key not in ("minLength", "maxLength", "default")}
    if field.get("default"):
        kept["default"] = field["default"]
    if "items" in kept:
        kept["items"] = _brief(kept["items"])
    if "properties" in kept:
        kept["properties"] = {name: _brief(inner) for name, inner in kept["properties"].items()}
    return kept


def output_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The schema of structured content. Fields at their default are left out there, so only others are required."""
    return _compact(model.model_json_schema(mode="validation"))


def _compact(schema: dict[str, Any]) -> dict[str, Any]:
    definitions = schema.pop("$defs", {})
    return _inlined(schema, definitions)


def _inlined(node: Any, definitions: Mapping[str, Any]) -> Any:
    """References replaced by what they name, generated titles dropped; a property may still be called `title`."""
    if isinstance(node, list):
        return [_inlined(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target = definitions[node["$ref"].rpartition("/")[2]]
        return _inlined({**target, **{key: value for key, value in node.items() if key != "$ref"}}, definitions)
    plain = {key: _inlined(value, definitions) for key, value in node.items() if key not in ("title", "properties")}
    if "properties" in node:
        plain["properties"] = {key: _inlined(value, definitions) for key, value in node["properties"].items()}
    return plain
