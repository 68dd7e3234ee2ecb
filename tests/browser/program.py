"""A program that wants to be signed in: it registers, has an address to open, and listens for what comes back."""

import base64
import hashlib
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from google_workspace_mcp.core.http.server import RunningServer, listen

_PAGE = '<!doctype html><html lang="en"><title>Done</title><link rel="icon" href="data:,"><h1>Back at the program</h1>'


@dataclass
class Program:
    """An OAuth client of the service at `base`, listening at `url`."""

    base: str
    url: str
    name: str
    client_id: str = ""
    answers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    state: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def redirect_uri(self) -> str:
        return f"{self.url}/callback"

    def register(self) -> None:
        body = {
            "client_name": self.name,
            "redirect_uris": [self.redirect_uri],
            "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"],
        }
        answer = httpx2.post(f"{self.base}/register", json=body, timeout=20, trust_env=False)
        assert answer.status_code == 201, answer.text
        self.client_id = answer.json()["client_id"]

    def address(self) -> str:
        """What the program opens in the browser."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "state": self.state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "resource": f"{self.base}/mcp",
        }
        return f"{self.base}/authorize?{urlencode(query)}"

    def redeem(self, code: str) -> dict[str, Any]:
        """The tokens for the code."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "client_id": self.client_id,
            "code_verifier": self.verifier,
        }
        answer = httpx2.post(f"{self.base}/token", data=form, timeout=20, trust_env=False)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def callback(self, request: Request) -> HTMLResponse:
        self.answers.append(dict(request.query_params))
        return HTMLResponse(_PAGE)


@contextmanager
def listening_program(base: str, name: str) -> Generator[Program]:
    """A registered program whose redirect address answers."""
    listener = listen()
    program = Program(base, f"http://127.0.0.1:{listener.getsockname()[1]}", name)
    with RunningServer(Starlette(routes=[Route("/callback", program.callback)]), listener):
        program.register()
        yield program
