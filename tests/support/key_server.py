"""A server that publishes a key set, or fails to."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from google_workspace_mcp.core.http.server import RunningServer


@dataclass
class KeyServer:
    """`document` is what it answers with `status`; `hosts` are the Host headers of the requests so far."""

    url: str = ""
    document: Any = None
    status: int = 200
    hosts: list[str] = field(default_factory=list[str])

    @property
    def requests(self) -> int:
        return len(self.hosts)

    def answer(self, request: Request) -> Response:
        self.hosts.append(request.headers["host"])
        if self.status == 302:
            return RedirectResponse(f"{self.url}?redirected", 302)
        if isinstance(self.document, bytes):
            return Response(self.document, self.status)
        return JSONResponse(self.document, self.status)


@contextmanager
def key_server(document: Any) -> Generator[KeyServer]:
    """The server on this machine, answering."""
    keys = KeyServer(document=document)

    async def answer(request: Request) -> Response:
        return keys.answer(request)

    with RunningServer(Starlette(routes=[Route("/jwks", answer)])) as server:
        keys.url = f"{server.url}/jwks"
        yield keys
