"""The HTTP face described to everyone: `/openapi.json`, and `/docs` for people. No script, nothing from other hosts."""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from functools import cached_property
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

_CACHED = {"Cache-Control": "public, max-age=300"}
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


class ApiPages:
    """Shows `document`, which is made once; `base_url` tells under which address it was asked for."""

    def __init__(self, document: Callable[[], dict[str, Any]], base_url: Callable[[Request], str]) -> None:
        self._make = document
        self._base_url = base_url
        text = (resources.files("google_workspace_mcp.core.http") / "api_page.html").read_text("utf-8")
        self._template = Environment(
            autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        ).from_string(text)
        self._csp = f"default-src 'none'; style-src {_hash_of_style(text)}; base-uri 'none'; frame-ancestors 'none'"

    def routes(self) -> list[Route]:
        """Both pages."""
        return [Route("/openapi.json", self._json), Route("/docs", self._page)]

    @cached_property
    def _document(self) -> dict[str, Any]:
        return self._make()

    @cached_property
    def _listed(self) -> list[dict[str, Any]]:
        return _operations(self._document)

    async def _json(self, request: Request) -> Response:
        return JSONResponse({**self._document, "servers": [{"url": self._base_url(request)}]}, headers=_CACHED)

    async def _page(self, request: Request) -> Response:
        html = self._template.render(info=self._document["info"], base=self._base_url(request), operations=self._listed)
        return HTMLResponse(html, headers={**_CACHED, "Content-Security-Policy": self._csp})


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "method": method.upper(),
            "path": path,
            "anchor": operation["operationId"],
            "summary": operation["summary"],
            "description": operation.get("description", ""),
            "capability": operation.get("x-capability", ""),
            "arguments": [*_parameters(operation), *_members(operation)],
        }
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]


def _parameters(operation: dict[str, Any]) -> list[dict[str, str]]:
    return [
        _argument(f"{parameter['name']} ({parameter['in']})", {**parameter["schema"], **parameter}, required=False)
        for parameter in operation.get("parameters", [])
    ]


def _members(operation: dict[str, Any]) -> list[dict[str, str]]:
    body = operation.get("requestBody")
    schema = body["content"]["application/json"]["schema"] if body else {}
    required = schema.get("required", [])
    return [_argument(name, field, required=name in required) for name, field in schema.get("properties", {}).items()]


def _argument(name: str, schema: dict[str, Any], *, required: bool) -> dict[str, str]:
    choices = ", ".join(str(choice) for choice in schema.get("enum", []))
    kind = choices or str(schema.get("type", "any"))
    return {
        "name": name,
        "kind": kind,
        "default": "required" if required else _shown(schema.get("default", "")),
        "meaning": str(schema.get("description", "")),
    }


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _hash_of_style(text: str) -> str:
    """The page's one style by its hash, so that no other is ever applied (CSP level 3, section 8.4)."""
    style = _STYLE.search(text)
    digest = hashlib.sha256((style[1] if style else "").encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
