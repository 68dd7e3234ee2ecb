"""Requests and answers held against the discovery documents.

Stricter than Google in places, never more lenient: what passes here has the names, types, formats and values that the
document allows.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google_workspace_mcp.sandbox.discovery import Method, Parameter
from google_workspace_mcp.sandbox.errors import invalid_parameter, malformed, missing_parameter
from google_workspace_mcp.sandbox.formats import (
    ANSWER_FORMATS,
    INTEGER_RANGES,
    REQUEST_FORMATS,
    is_date_time,
    is_long,
    is_whole,
)
from google_workspace_mcp.sandbox.service import JSON, GoogleError

# Only in calls to the upload addresses; no document names it.
_UPLOAD_PARAMETERS = {
    name: Parameter(name, "query", "string") for name in ("uploadType", "upload_id", "upload_protocol")
}
# Marked as required for labels, and yet Gmail takes its own defaults.
_TAKEN_WITHOUT = {"labelListVisibility", "messageListVisibility"}


class SchemaError(Exception):
    """A value that its schema does not allow. `path` leads to it from the schema's name."""

    def __init__(self, path: str, problem: str, *, unknown: str = "") -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem
        self.unknown = unknown


# -- parameters


def checked_parameters(
    method: Method, path: Mapping[str, str], query: list[tuple[str, str]], *, upload: bool = False
) -> dict[str, Any]:
    """All parameters by name, converted to their types, defaults filled in. Raises Google's 400 for anything else."""
    allowed = {**method.api.parameters, **method.parameters, **(_UPLOAD_PARAMETERS if upload else {})}
    values: dict[str, list[str]] = {name: [value] for name, value in path.items()}
    for name, value in query:
        known = allowed.get(name)
        if known is None or known.location != "query":
            raise malformed(
                f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
                f"Field '{name}' could not be found in request message.",
                field_path=name,
            )
        values.setdefault(name, []).append(value)
    result: dict[str, Any] = {}
    for name, parameter in allowed.items():
        if name in values:
            result[name] = _converted_all(parameter, values[name])
        elif parameter.required:
            raise missing_parameter(name)
        elif parameter.default is not None and not parameter.repeated:
            result[name] = _converted(parameter, parameter.default)
    return result


def _converted_all(parameter: Parameter, values: list[str]) -> Any:
    if parameter.repeated:
        return [_converted(parameter, value) for value in values]
    if len(values) > 1:
        raise invalid_parameter(parameter.name, f"The parameter {parameter.name} may be given only once.")
    return _converted(parameter, values[0])


def _converted(parameter: Parameter, text: str) -> Any:
    if parameter.enum and text not in parameter.enum:
        allowed = ", ".join(parameter.enum)
        raise invalid_parameter(
            parameter.name, f"Invalid string value: '{text}' for {parameter.name}. Allowed values: [{allowed}]"
        )
    if parameter.type == "boolean":
        if text.lower() not in {"true", "false"}:
            raise invalid_parameter(parameter.name, f"Invalid boolean value: '{text}' for {parameter.name}.")
        return text.lower() == "true"
    if parameter.type == "integer":
        return _whole(parameter, text)
    if not _text_fits(parameter, text):
        raise invalid_parameter(parameter.name, f"Invalid value '{text}' for {parameter.name}.")
    return text


def _whole(parameter: Parameter, text: str) -> int:
    low, high = INTEGER_RANGES[parameter.format or "int32"]
    low = max(low, parameter.minimum) if parameter.minimum is not None else low
    high = min(high, parameter.maximum) if parameter.maximum is not None else high
    if not is_whole(text):
        raise invalid_parameter(parameter.name, f"Invalid integer value: '{text}' for {parameter.name}.")
    if not low <= int(text) <= high:
        raise invalid_parameter(
            parameter.name,
            f"Invalid value '{text}' for {parameter.name}. Values must be within the range: [{low}, {high}]",
        )
    return int(text)


def _text_fits(parameter: Parameter, text: str) -> bool:
    if parameter.location == "path" and parameter.pattern and not re.fullmatch(parameter.pattern, text):
        return False
    if parameter.format in {"int64", "uint64"}:
        return is_long(text, parameter.format)
    if parameter.format in {"date-time", "google-datetime"}:
        return is_date_time(text, offset_needed=True)
    return True


# -- bodies


@dataclass(frozen=True, slots=True)
class Schemas:
    """The schemas of one document. `answer` is the strict direction: no nulls, numbers of 64 bits as strings."""

    schemas: Mapping[str, JSON]
    answer: bool

    def check(self, value: Any, name: str) -> None:
        """Raises SchemaError at the first thing that the schema does not allow."""
        self._check(value, {"$ref": name}, name)

    def _check(self, value: Any, schema: JSON, path: str) -> None:
        if "$ref" in schema:
            schema = self.schemas[schema["$ref"]]
        kind = schema.get("type", "any")
        if kind == "any" or (value is None and not self.answer):
            return
        if kind == "object":
            self._check_object(value, schema, path)
        elif kind == "array":
            if not isinstance(value, list):
                raise SchemaError(path, f"{_told(value)} is not a list")
            for position, item in enumerate(value):
                self._check(item, schema["items"], f"{path}[{position}]")
        else:
            self._check_scalar(value, schema, kind, path)

    def _check_object(self, value: Any, schema: JSON, path: str) -> None:
        if not isinstance(value, dict):
            raise SchemaError(path, f"{_told(value)} is not an object")
        properties = schema.get("properties", {})
        for name, inner in value.items():
            inner_schema = properties.get(name, schema.get("additionalProperties"))
            if inner_schema is None:
                raise SchemaError(path, f"unknown field {name!r}", unknown=name)
            self._check(inner, inner_schema, f"{path}.{name}")

    def _check_scalar(self, value: Any, schema: JSON, kind: str, path: str) -> None:
        form = schema.get("format", "")
        if kind == "boolean":
            fits = isinstance(value, bool)
        elif kind == "integer":
            low, high = INTEGER_RANGES[form or "int32"]
            fits = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
        elif kind == "number":
            fits = isinstance(value, int | float) and not isinstance(value, bool)
        else:
            fits = self._string_fits(value, form)
        if not fits:
            raise SchemaError(path, f"{_told(value)} is not a {kind}{f' of format {form}' if form else ''}")
        if "enum" in schema and value not in schema["enum"]:
            raise SchemaError(path, f"{_told(value)} is none of {', '.join(schema['enum'])}")

    def _string_fits(self, value: Any, form: str) -> bool:
        if form in {"int64", "uint64"} and isinstance(value, int) and not isinstance(value, bool):
            return not self.answer and is_long(str(value), form)
        if not isinstance(value, str):
            return False
        check = ANSWER_FORMATS.get(form) if self.answer else REQUEST_FORMATS.get(form)
        return check is None or check(value)


def checked_body(method: Method, body: Any, *, uploads: bool = False) -> JSON:
    """The request body, when the schema allows it. Raises Google's 400. An upload stands in for required fields."""
    if not isinstance(body, dict):
        raise malformed("Invalid JSON payload received. The body must be an object.")
    try:
        Schemas(method.api.schemas, answer=False).check(body, method.request)
    except SchemaError as violation:
        where = violation.path.partition(".")[2]
        at = f" at '{where}'" if where else ""
        if violation.unknown:
            text = f'Invalid JSON payload received. Unknown name "{violation.unknown}"{at}: Cannot find field.'
        else:
            text = f"Invalid value{at}: {violation.problem}"
        raise malformed(text, field_path=where or violation.unknown) from None
    if not uploads:
        _check_required(method, body, {"$ref": method.request}, "")
    return body


def _check_required(method: Method, value: Any, schema: JSON, path: str) -> None:
    """Documents mark what a method needs by `annotations.required` on the property."""
    if "$ref" in schema:
        schema = method.api.schemas[schema["$ref"]]
    if isinstance(value, list):
        for item in value:
            _check_required(method, item, schema.get("items", {}), path)
    if not isinstance(value, dict):
        return
    for name, inner in schema.get("properties", {}).items():
        where = f"{path}.{name}" if path else name
        if name in value:
            _check_required(method, value[name], inner, where)
        elif method.id in inner.get("annotations", {}).get("required", ()) and name not in _TAKEN_WITHOUT:
            raise GoogleError(400, "required", f"Missing {where}.")


def check_answer(method: Method, body: Any) -> None:
    """Raises SchemaError, with the method in its path, when an answer is not what the document promises."""
    if not method.response:
        raise SchemaError(method.id, "the method has no answer in the document, yet one was given")
    try:
        Schemas(method.api.schemas, answer=True).check(body, method.response)
    except SchemaError as violation:
        raise SchemaError(f"{method.id} {violation.path}", violation.problem) from None


def _told(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
