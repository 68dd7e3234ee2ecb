"""Programs and people who call without a pause while tasks are replaced, and remember every call that failed."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, override

import httpx2
from mcp import Client, MCPError
from mcp.client.client import ConnectMode
from mcp.client.streamable_http import streamable_http_client

from google_workspace_mcp.demo.client import PersonAtBrowser, connected
from google_workspace_mcp.demo.walker import WalkError
from tests.support.agents import Agent
from tests.support.oauth import HandClient
from tests.support.person import Browser

# Small pages, or a caller without a pause would use up its units of Google's quota. The last one writes.
CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("gmail_search", {"limit": 1}),
    ("drive_search", {"limit": 1}),
    ("calendar_list_events", {}),
    ("accounts_list", {}),
    ("accounts_connect", {}),
)
# Between two calls of one caller, or a machine with two cores would be busy with them alone.
_PAUSE = 0.1
_PATIENCE = 20


class CallFailedError(Exception):
    """An answer that was no success, in its own words."""


_FAILURES = (CallFailedError, httpx2.HTTPError, MCPError, WalkError, TimeoutError, AssertionError, KeyError)


@dataclass
class Crowd:
    """Callers that go on until `over`. `calls` counts by caller, `failures` says who failed, when and how."""

    over: asyncio.Event = field(default_factory=asyncio.Event)
    calls: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    async def go_on(self, who: str, call: Callable[[int], Awaitable[None]]) -> None:
        """One call after another; `call` gets their number."""
        number = 0
        while not self.over.is_set():
            began = time.monotonic()
            try:
                async with asyncio.timeout(_PATIENCE):
                    await call(number)
                self.calls[who] += 1
            except _FAILURES as error:
                self.failures.append(f"{began:.2f} {who} #{number}: {error!r}")
            number += 1
            await self._pause()

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(_PAUSE):
                await self.over.wait()
        except TimeoutError:
            return


class ServiceTokens(httpx2.Auth):
    """A fresh token for every request, as a program signs it for one of its users."""

    def __init__(self, agent: Agent, user: str) -> None:
        self._agent = agent
        self._user = user

    @override
    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response]:
        request.headers["Authorization"] = f"Bearer {self._agent.token(self._user)}"
        yield request


@asynccontextmanager
async def _inside(url: str, auth: httpx2.Auth, mode: ConnectMode) -> AsyncGenerator[Client]:
    async with (
        httpx2.AsyncClient(auth=auth, timeout=_PATIENCE, trust_env=False) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http), mode=mode) as client,
    ):
        yield client


async def person(crowd: Crowd, base: str, email: str, mode: ConnectMode) -> None:
    """A person whose program is the official client, outside."""
    async with connected(f"{base}/mcp", PersonAtBrowser(email), mode=mode) as client:
        await crowd.go_on(f"person, {mode}", lambda number: _call(client, number))


async def agent(crowd: Crowd, url: str, tokens: httpx2.Auth, mode: ConnectMode) -> None:
    """A program inside, by MCP."""
    async with _inside(url, tokens, mode) as client:
        await crowd.go_on(f"agent, {mode}", lambda number: _call(client, number))


async def plain_agent(crowd: Crowd, url: str, tokens: httpx2.Auth) -> None:
    """A program inside that does not speak MCP and keeps no connection: it reads, and every third time asks for a link,
    which is a write.
    """
    alone = httpx2.Limits(max_keepalive_connections=0)
    async with httpx2.AsyncClient(auth=tokens, limits=alone, timeout=_PATIENCE, trust_env=False) as http:

        async def call(number: int) -> None:
            tool, arguments = CALLS[number % 2]
            path, body = ("/connections/link", {}) if number % 3 == 2 else (f"/tools/{tool}", arguments)
            response = await http.post(f"{url}{path}", json=body)
            if not response.is_success:
                raise CallFailedError(f"{path}: {response.status_code} {response.text}")

        await crowd.go_on("plain agent", call)


async def comer_and_goer(crowd: Crowd, base: str, email: str) -> None:
    """A person who signs in, refreshes, reads and disconnects, over and over: each step a write on whichever task."""
    async with httpx2.AsyncClient(timeout=_PATIENCE, trust_env=False) as http:
        client = HandClient(base, http)
        await client.register()

        async def call(number: int) -> None:
            tokens = await client.tokens(email)
            refreshed = (await client.refresh(tokens["refresh_token"])).json()
            for tool, arguments in (CALLS[0], ("accounts_disconnect", {"account": email})):
                result = await client.call(refreshed["access_token"], tool, **arguments)
                if result.get("isError"):
                    raise CallFailedError(f"{tool}: {result['content']}")

        await crowd.go_on("comer and goer", call)


async def connect_account(base: str, origin: str, tokens: httpx2.Auth, inside: str, email: str) -> None:
    """The program's user gets a link from inside, opens it outside, and allows the account."""
    async with httpx2.AsyncClient(auth=tokens, timeout=_PATIENCE, trust_env=False) as http:
        made = await http.post(f"{inside}/connections/link", json={})
        assert made.status_code == 201, made.text
    async with httpx2.AsyncClient(timeout=_PATIENCE, trust_env=False) as http:
        browser = Browser(http, origin, base.removeprefix(origin))
        page = await browser.open(made.json()["url"])
        done = await browser.follow(await browser.go_on(page), email)
        assert done.is_success, done.text


async def _call(client: Client, number: int) -> None:
    tool, arguments = CALLS[number % len(CALLS)]
    result = await client.call_tool(tool, arguments)
    if result.is_error:
        raise CallFailedError(f"{tool}: {result.content}")
