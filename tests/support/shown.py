"""Programs that look at tools through one address or another, and call them there."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from mcp import Client
from mcp.client.client import ConnectMode
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, TextContent

from tests.support.agents import Agent
from tests.support.stack import Stack


@dataclass(frozen=True)
class Program:
    """Holds a token; each `client` is a connection of its own."""

    stack: Stack
    token: str

    @asynccontextmanager
    async def client(
        self, query: str = "", headers: Mapping[str, str] | None = None, mode: ConnectMode = "auto"
    ) -> AsyncGenerator[Client]:
        """Connected to `/mcp` with that query and those headers."""
        async with (
            asyncio.timeout(30),
            self.http(headers) as http,
            Client(streamable_http_client(f"{self.stack.mcp_url}{query}", http_client=http), mode=mode) as client,
        ):
            yield client

    def http(self, headers: Mapping[str, str] | None = None) -> httpx2.AsyncClient:
        """Plain HTTP with the token."""
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        return httpx2.AsyncClient(headers=sent, timeout=20, trust_env=False)

    async def names(
        self, query: str = "", headers: Mapping[str, str] | None = None, mode: ConnectMode = "auto"
    ) -> list[str]:
        """What is listed, in order."""
        async with self.client(query, headers, mode) as client:
            return [tool.name for tool in (await client.list_tools()).tools]


@dataclass(frozen=True)
class Shown:
    """A running service with a person's program, another one that was allowed less, and an agent."""

    stack: Stack
    person: Program
    reader: Program
    agent: Agent

    def of_agent(self, **claims: Any) -> Program:
        """The agent's program with a token of these claims."""
        return Program(self.stack, self.agent.token(**claims))


def words(result: CallToolResult) -> str:
    """The text of an answer."""
    return "\n".join(block.text for block in result.content if isinstance(block, TextContent))
