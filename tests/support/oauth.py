"""An OAuth client written out by hand, for requests that a well-behaved client would never send."""

import base64
import hashlib
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx2

from google_workspace_mcp.demo.walker import SignInWalker

REDIRECT = "http://127.0.0.1:53999/callback"


@dataclass
class HandClient:
    """Registers, signs a person in step by step, redeems and refreshes. `http` is its browser and its connection."""

    base: str
    http: httpx2.AsyncClient
    client_id: str = ""
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    async def register(self, **metadata: Any) -> httpx2.Response:
        body = {"redirect_uris": [REDIRECT], "client_name": "Hand client", "token_endpoint_auth_method": "none"}
        response = await self.http.post(f"{self.base}/register", json={**body, **metadata})
        if response.status_code == 201:
            self.client_id = response.json()["client_id"]
        return response

    def authorize_address(self, **changes: str | None) -> str:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")
        parameters: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": REDIRECT,
            "state": "my-state",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **changes,
        }
        return f"{self.base}/authorize?{urlencode({k: v for k, v in parameters.items() if v is not None})}"

    async def sign_in(self, email: str, *, untick: Collection[str] = (), **changes: str | None) -> dict[str, str]:
        """What comes back to the redirect URI."""
        walker = SignInWalker(self.http, email, untick=untick)
        return await walker.walk(self.authorize_address(**changes), REDIRECT)

    async def redeem(self, code: str, **changes: str) -> httpx2.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": self.client_id,
            "redirect_uri": REDIRECT,
            "code_verifier": self.verifier,
        }
        return await self.http.post(f"{self.base}/token", data={**form, **changes})

    async def refresh(self, token: str, **changes: str) -> httpx2.Response:
        form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": self.client_id}
        return await self.http.post(f"{self.base}/token", data={**form, **changes})

    async def tokens(self, email: str, **changes: Any) -> dict[str, Any]:
        """A whole sign-in; the token endpoint's answer."""
        back = await self.sign_in(email, **changes)
        response = await self.redeem(back["code"])
        assert response.status_code == 200, response.text
        return response.json()

    async def call(self, access_token: str, tool: str, **arguments: Any) -> dict[str, Any]:
        """The result of a tool, as it goes over the wire."""
        params = {"name": tool, "arguments": arguments}
        response = await self._post(access_token, {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
        assert response.status_code == 200, response.text
        # A server-sent event: the answer is its only data line.
        data = next(line for line in response.text.splitlines() if line.startswith("data: "))
        return json.loads(data.removeprefix("data: "))["result"]

    async def ping(self, access_token: str) -> int:
        """The status that `/mcp` gives this token."""
        call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
        return (await self._post(access_token, call)).status_code

    async def _post(self, access_token: str, call: dict[str, Any]) -> httpx2.Response:
        headers = {
            "Authorization": f"Bearer {access_token}",
            "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": "2025-06-18",
        }
        return await self.http.post(f"{self.base}/mcp", json=call, headers=headers)
