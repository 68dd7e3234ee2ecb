"""A service on the demo's Google, for tests of what programs are shown."""

import asyncio
from collections.abc import Generator

import httpx2
import pytest

from google_workspace_mcp.core.principal import Principal
from google_workspace_mcp.sandbox.people.cast import ALICE
from tests.clients.deployment import sample_google
from tests.support.agents import Agent, setting
from tests.support.connecting import connect
from tests.support.oauth import HandClient
from tests.support.shown import Program, Shown
from tests.support.stack import Stack, running

_AGENT = Agent("urn:example:workspace-tools")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Generator[Shown]:
    folder = tmp_path_factory.mktemp("service")
    with (
        sample_google() as google,
        running(google, folder, prefix="/ws", agents=setting(_AGENT), tier="full") as stack,
    ):
        yield asyncio.run(_shown(stack))


async def _shown(stack: Stack) -> Shown:
    await connect(stack, Principal(_AGENT.issuer, "user-1"), ALICE)
    async with httpx2.AsyncClient(timeout=20, trust_env=False) as http:
        client = HandClient(stack.settings.base_url, http)
        await client.register()
        everything = Program(stack, (await client.tokens(ALICE.email))["access_token"])
        less = (await client.tokens(ALICE.email, scope="gmail.read"))["access_token"]
    return Shown(stack, everything, Program(stack, less), _AGENT)
