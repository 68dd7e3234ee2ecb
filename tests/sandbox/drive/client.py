"""Calls a simulated service the way the front does: defaults filled in, answers checked against Google's documents."""

import importlib.resources
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from google_workspace_mcp.sandbox.service import JSON, Call, GoogleService, Media, Person, Reply

_JSON_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "any": object,
}


class SetClock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime = datetime(2026, 3, 25, 10, 0, tzinfo=UTC)) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    def advance(self, **span: float) -> None:
        self.time += timedelta(**span)


class Client:
    """One person's calls to one service, by method id without the name of the API."""

    def __init__(self, service: GoogleService, api: str, person: Person) -> None:
        self._handlers = service.handlers()
        self._api = api
        self._person = person

    def reply(
        self,
        method: str,
        body: JSON | None = None,
        media: Media | None = None,
        headers: dict[str, str] | None = None,
        **params: Any,
    ) -> Reply:
        method_id = f"{self._api}.{method}"
        declared = _method(self._api, method_id)
        known = declared.get("parameters", {})
        defaults = {name: _default(rule) for name, rule in known.items() if "default" in rule}
        assert set(params) <= set(known) | {"alt", "fields"}, f"unknown parameters {params} for {method_id}"
        if body is not None:
            check(body, _schemas(self._api), {"$ref": declared["request"]["$ref"]}, method_id, offsets=False)
        call = Call(method_id, self._person, defaults | params, frozenset(), body, media, headers or {})
        answer = self._handlers[method_id](call)
        reply = answer if isinstance(answer, Reply) else Reply(json=answer)
        if reply.json is not None:
            check(reply.json, _schemas(self._api), {"$ref": declared["response"]["$ref"]}, method_id)
        return reply

    def call(self, method: str, body: JSON | None = None, **params: Any) -> JSON:
        """The JSON of an answer that has one."""
        answer = self.reply(method, body, **params).json
        assert answer is not None
        return answer

    def media(self, method: str, **params: Any) -> bytes:
        """The bytes of an answer that is a download."""
        answer = self.reply(method, **params).media
        assert answer is not None
        return answer.data


def check(value: Any, schemas: dict[str, Any], rule: dict[str, Any], where: str, *, offsets: bool = True) -> None:
    """Fails unless the value fits a discovery schema, unknown fields refused.

    Google always writes times with an offset, and reads them without one where a zone is named beside them.
    """
    if "$ref" in rule:
        rule = schemas[rule["$ref"]]
    kind = rule.get("type", "object")
    if kind == "object":
        assert isinstance(value, dict), f"{where}: {value!r} is no object"
        fields = rule.get("properties", {})
        for name, inner in value.items():
            inner_rule = fields.get(name) or rule.get("additionalProperties")
            assert inner_rule, f"{where}: {name} is not in the schema"
            if inner is not None:
                check(inner, schemas, inner_rule, f"{where}.{name}", offsets=offsets)
    elif kind == "array":
        assert isinstance(value, list), f"{where}: {value!r} is no array"
        for inner in value:
            check(inner, schemas, rule["items"], f"{where}[]", offsets=offsets)
    else:
        assert isinstance(value, _JSON_TYPES[kind]), f"{where}: {value!r} is no {kind}"
        if kind in {"integer", "number"}:
            assert not isinstance(value, bool), where
        if rule.get("format") in {"int64", "uint64"}:
            assert value.lstrip("-").isdecimal(), f"{where}: {value!r} is no int64"
        if rule.get("format") == "date-time" and offsets:
            assert datetime.fromisoformat(value).tzinfo, f"{where}: {value!r} has no offset"


@cache
def _document(api: str) -> dict[str, Any]:
    folder = importlib.resources.files("googleapiclient") / "discovery_cache" / "documents"
    return json.loads((folder / f"{api}.v3.json").read_text())


def _schemas(api: str) -> dict[str, Any]:
    return _document(api)["schemas"]


def _method(api: str, method_id: str) -> dict[str, Any]:
    _, resource, method = method_id.split(".")
    return _document(api)["resources"][resource]["methods"][method]


def _default(rule: dict[str, Any]) -> Any:
    match rule["type"]:
        case "boolean":
            return rule["default"] == "true"
        case "integer":
            return int(rule["default"])
        case _:
            return rule["default"]
