"""An MCP client as programs use it: the official Python SDK, registering and signing in by OAuth."""

from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.client import ConnectMode
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl

from google_workspace_mcp.demo.walker import SignInWalker, WalkError

# Nothing listens there: the walker stops when it is sent to it, as a client's own listener would be reached.
REDIRECT = "http://127.0.0.1:53682/callback"


@dataclass
class Memory:
    """Keeps tokens and registration; a client with the same memory is still signed in."""

    tokens: OAuthToken | None = None
    client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


@dataclass
class PersonAtBrowser:
    """Signs the person in whenever the client asks for it, and counts how often that was."""

    email: str
    untick: Collection[str] = ()
    sign_ins: int = 0
    _result: dict[str, str] = field(default_factory=dict[str, str])

    async def open(self, address: str) -> None:
        """What the client does instead of opening a browser."""
        self.sign_ins += 1
        async with httpx2.AsyncClient(timeout=20, trust_env=False) as browser:
            self._result = await SignInWalker(browser, self.email, untick=self.untick).walk(address, REDIRECT)

    async def result(self) -> AuthorizationCodeResult:
        """What came back to the client's redirect URI. Raises WalkError when the sign-in was refused."""
        if "code" not in self._result:
            raise WalkError(f"the sign-in ended with {self._result}")
        return AuthorizationCodeResult.model_validate(self._result)


@asynccontextmanager
async def connected(
    mcp_url: str,
    person: PersonAtBrowser,
    *,
    memory: Memory | None = None,
    mode: ConnectMode = "auto",
    scope: str | None = None,
    name: str = "Demo client",
) -> AsyncGenerator[Client]:
    """A client that is connected to `mcp_url`, signing `person` in when it has to."""
    metadata = OAuthClientMetadata(redirect_uris=[AnyUrl(REDIRECT)], client_name=name, scope=scope)
    auth = OAuthClientProvider(mcp_url, metadata, memory or Memory(), person.open, person.result)
    async with (
        httpx2.AsyncClient(auth=auth, timeout=60, trust_env=False) as http,
        Client(streamable_http_client(mcp_url, http_client=http), mode=mode, client_info=None) as client,
    ):
        yield client
