"""Google's partial responses: the `fields` parameter, parsed, checked against the answer's schema, and applied.

Grammar as Google documents it: `files(id,owners/emailAddress),nextPageToken`, `items/*`, `*`.
"""

from collections.abc import Mapping
from typing import Any

from google_workspace_mcp.sandbox.service import JSON, GoogleError

# A leaf is an empty mask: all of what is there.
type Mask = dict[str, Mask]


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def whole(self) -> Mask:
        mask = self._list()
        if self._at != len(self._text):
            raise self._wrong()
        return mask

    def _list(self) -> Mask:
        mask: Mask = {}
        while True:
            self._item(mask)
            if self._peek() != ",":
                return mask
            self._at += 1

    def _item(self, mask: Mask) -> None:
        name = self._name()
        known = mask.get(name)
        if self._peek() == "/":
            self._at += 1
            inner: Mask = {}
            self._item(inner)
        elif self._peek() == "(":
            self._at += 1
            inner = self._list()
            if self._peek() != ")":
                raise self._wrong()
            self._at += 1
        else:
            inner = {}
        mask[name] = inner if known is None else _union(known, inner)

    def _name(self) -> str:
        start = self._at
        while self._at < len(self._text) and self._text[self._at] not in ",/()":
            self._at += 1
        name = self._text[start : self._at].strip()
        if not name:
            raise self._wrong()
        return name

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _wrong(self) -> GoogleError:
        return invalid_selection(self._text[self._at :] or self._text)


def _union(one: Mask, other: Mask) -> Mask:
    if not one or not other:
        return {}
    result = dict(one)
    for name, inner in other.items():
        result[name] = _union(result[name], inner) if name in result else inner
    return result


def invalid_selection(name: str) -> GoogleError:
    """400 as Drive words it for a mask that names what is not there."""
    return GoogleError(400, "invalidParameter", f"Invalid field selection {name}", location="fields")


def parse_mask(text: str) -> Mask:
    """The mask as a tree. Raises the 400 for anything that is not the grammar."""
    return _Parser(text).whole()


def check_mask(mask: Mask, schema: JSON, schemas: Mapping[str, JSON]) -> None:
    """Raises the 400 when the mask names a field that the schema does not have."""
    while "$ref" in schema or schema.get("type") == "array":
        schema = schemas[schema["$ref"]] if "$ref" in schema else schema["items"]
    if schema.get("type", "any") == "any":
        return
    properties: dict[str, JSON] = schema.get("properties", {})
    for name, inner in mask.items():
        if name == "*":
            candidates = list(properties.values())
        elif name in properties:
            candidates = [properties[name]]
        elif isinstance(schema.get("additionalProperties"), dict):
            candidates = [schema["additionalProperties"]]
        else:
            raise invalid_selection(name)
        if inner and name != "*":
            check_mask(inner, candidates[0], schemas)


def apply_mask(mask: Mask, value: Any) -> Any:
    """What the mask leaves of a value. Lists are masked item by item."""
    if not mask or value is None:
        return value
    if isinstance(value, list):
        return [apply_mask(mask, item) for item in value]
    if not isinstance(value, dict):
        return value
    kept: JSON = {}
    for name, inner in value.items():
        selected = mask.get(name, mask.get("*"))
        if selected is not None:
            kept[name] = apply_mask(selected, inner)
    return kept
