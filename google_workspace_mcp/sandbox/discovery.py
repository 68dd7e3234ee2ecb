"""Google's own description of its APIs, as the request checker needs it.

Source: the discovery documents that google-api-python-client ships. They are read as files, without importing it.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from google_workspace_mcp.sandbox.service import JSON

SERVED = ("gmail.v1", "drive.v3", "calendar.v3", "people.v1")
UPLOAD_PREFIXES = ("/resumable/upload/", "/upload/")
_VARIABLE = re.compile(r"\{(\+?)(\w+)\}")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One path or query parameter as the document describes it."""

    name: str
    location: str
    type: str
    format: str = ""
    required: bool = False
    repeated: bool = False
    default: str | None = None
    enum: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Api:
    """One discovery document: `key` is such as `gmail.v1`."""

    key: str
    name: str
    version: str
    schemas: Mapping[str, JSON]
    parameters: Mapping[str, Parameter]
    scopes: Mapping[str, str]

    @property
    def batch_path(self) -> str:
        return f"/batch/{self.name}/{self.version}"


@dataclass(frozen=True, slots=True)
class Method:
    """One method: where it is, what it takes, what it answers, and the scopes of which one is enough."""

    id: str
    api: Api
    verb: str
    template: str
    parameters: Mapping[str, Parameter]
    request: str
    response: str
    scopes: frozenset[str]
    downloads: bool = False
    accepts: tuple[str, ...] = ()
    max_upload: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """A request's method and the values of its path variables, decoded."""

    method: Method
    path: Mapping[str, str]
    upload: bool = False


@dataclass(frozen=True, slots=True)
class _Route:
    method: Method
    pattern: re.Pattern[str]
    variables: int


class Directory:
    """All methods served, found by HTTP verb and path."""

    def __init__(self, documents: Iterable[str] = SERVED) -> None:
        self.apis = {key: _api(key) for key in documents}
        self.methods: dict[str, Method] = {}
        self._routes: dict[tuple[str, int], list[_Route]] = defaultdict(list)
        for key, api in self.apis.items():
            for raw in _raw_methods(document(key)):
                self._add(_method(api, raw, document(key)["servicePath"]), raw)
        for routes in self._routes.values():
            # `files/generateIds` must win over `files/{fileId}`.
            routes.sort(key=lambda route: route.variables)

    @property
    def scopes(self) -> dict[str, str]:
        """Every scope that the documents know, with the words Google describes it with."""
        return {scope: words for api in self.apis.values() for scope, words in api.scopes.items()}

    def match(self, verb: str, raw_path: str) -> Match | None:
        """The method of a request, or None. `raw_path` is percent-encoded, as it came over the wire."""
        path, upload = raw_path, False
        for prefix in UPLOAD_PREFIXES:
            if raw_path.startswith(prefix):
                path, upload = "/" + raw_path.removeprefix(prefix), True
                break
        for route in self._routes.get((verb, path.count("/")), ()):
            found = route.pattern.fullmatch(path)
            if found and (route.method.accepts or not upload):
                values = {name: unquote(value) for name, value in found.groupdict().items()}
                return Match(route.method, values, upload)
        return None

    def _add(self, method: Method, raw: JSON) -> None:
        self.methods[method.id] = method
        flat = method.template if "+" not in method.template else "/" + raw["flatPath"]
        route = _Route(method, _pattern(method), method.template.count("{"))
        self._routes[(method.verb, flat.count("/"))].append(route)


@cache
def document(key: str) -> JSON:
    """The bundled document, such as `drive.v3`. Raises FileNotFoundError when the client does not ship it."""
    return json.loads((_documents_folder() / f"{key}.json").read_text("utf-8"))


def relocated(key: str, base_url: str) -> JSON:
    """The document with every address under `base_url`: google-api-python-client built from it calls the simulator."""
    # A copy through and through: the client that is built from it writes into it.
    original = deepcopy(document(key))
    root = base_url.rstrip("/") + "/"
    name, version = key.split(".")
    return original | {
        "rootUrl": root,
        "mtlsRootUrl": root,
        "baseUrl": root + original["servicePath"],
        "batchPath": f"batch/{name}/{version}",
    }


def _documents_folder() -> Path:
    spec = find_spec("googleapiclient")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("google-api-python-client is not installed: its discovery documents are needed")
    return Path(next(iter(spec.submodule_search_locations))) / "discovery_cache" / "documents"


def _api(key: str) -> Api:
    raw = document(key)
    return Api(
        key=key,
        name=raw["name"],
        version=raw["version"],
        schemas=raw["schemas"],
        parameters={name: _parameter(name, value) for name, value in raw["parameters"].items()},
        scopes={scope: value["description"] for scope, value in raw["auth"]["oauth2"]["scopes"].items()},
    )


def _raw_methods(node: JSON) -> Iterator[JSON]:
    yield from node.get("methods", {}).values()
    for resource in node.get("resources", {}).values():
        yield from _raw_methods(resource)


def _method(api: Api, raw: JSON, service_path: str) -> Method:
    upload: JSON = raw.get("mediaUpload", {})
    return Method(
        id=raw["id"],
        api=api,
        verb=raw["httpMethod"],
        template="/" + service_path + raw["path"],
        parameters={name: _parameter(name, value) for name, value in raw.get("parameters", {}).items()},
        request=raw.get("request", {}).get("$ref", ""),
        response=raw.get("response", {}).get("$ref", ""),
        scopes=frozenset(raw.get("scopes", ())),
        downloads=bool(raw.get("supportsMediaDownload")),
        accepts=tuple(upload.get("accept", ())),
        max_upload=int(upload.get("maxSize", 0)),
    )


def _parameter(name: str, raw: JSON) -> Parameter:
    return Parameter(
        name=name,
        location=raw["location"],
        type=raw["type"],
        format=raw.get("format", ""),
        required=raw.get("required", False),
        repeated=raw.get("repeated", False),
        default=raw.get("default"),
        enum=tuple(raw.get("enum", ())),
        minimum=_number(raw.get("minimum")),
        maximum=_number(raw.get("maximum")),
        pattern=raw.get("pattern", ""),
    )


def _number(text: Any) -> int | None:
    return None if text is None else int(text)


def _pattern(method: Method) -> re.Pattern[str]:
    """The path as a pattern. A `{+name}` variable spans slashes, as far as its own pattern in the document says."""
    pieces: list[str] = []
    end = 0
    for variable in _VARIABLE.finditer(method.template):
        pieces.append(re.escape(method.template[end : variable.start()]))
        spanning, name = variable.groups()
        own = method.parameters[name].pattern.strip("^$")
        pieces.append(f"(?P<{name}>{own or '.+'})" if spanning else f"(?P<{name}>[^/]+?)")
        end = variable.end()
    pieces.append(re.escape(method.template[end:]))
    return re.compile("".join(pieces))
