"""Who calls: people with tokens of a real sign-in, and an agent whose users have connected the same accounts."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import httpx2

from google_workspace_mcp.sandbox.service import Person
from tests.lifecycle.callers import ServiceTokens, connect_account
from tests.support.agents import Agent
from tests.support.oauth import HandClient

_AT_ONCE = 4
_PATIENCE = 60


def user_of(person: Person) -> str:
    """The agent's own id of its user who has that person's account."""
    return f"user-{person.email.partition('@')[0]}"


async def signed_in(base: str, everybody: Sequence[Person]) -> list[str]:
    """Their access tokens, in order, of one client that registered for all."""
    async with httpx2.AsyncClient(timeout=_PATIENCE, trust_env=False) as http:
        registered = HandClient(base, http)
        await registered.register()

    async def sign_in(person: Person) -> str:
        async with httpx2.AsyncClient(timeout=_PATIENCE, trust_env=False) as browser:
            return (await HandClient(base, browser, registered.client_id).tokens(person.email))["access_token"]

    return await _a_few_at_once(sign_in, everybody)


async def connected(base: str, inside: str, agent: Agent, everybody: Sequence[Person]) -> list[str]:
    """Ids of the agent's users, one for each person, each with that person's account, allowed by link."""
    origin = str(httpx2.URL(base).copy_with(raw_path=b"/")).removesuffix("/")

    async def connect(person: Person) -> str:
        tokens = ServiceTokens(agent, user_of(person))
        await connect_account(base, origin, tokens, inside, person.email)
        return user_of(person)

    return await _a_few_at_once(connect, everybody)


async def _a_few_at_once(step: Callable[[Person], Awaitable[str]], everybody: Sequence[Person]) -> list[str]:
    gate = asyncio.Semaphore(_AT_ONCE)

    async def gated(person: Person) -> str:
        async with gate:
            return await step(person)

    return await asyncio.gather(*(gated(person) for person in everybody))
