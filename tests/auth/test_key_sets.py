"""Published keys: fetched once, fetched again when they change, kept while they cannot be fetched."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import pytest

from google_workspace_mcp.auth.agents import ServiceTokens
from google_workspace_mcp.auth.key_sets import public_keys
from google_workspace_mcp.core.errors import UnavailableError
from google_workspace_mcp.core.google.transport import make_http_client
from google_workspace_mcp.core.http.egress import Egress
from google_workspace_mcp.core.issuers import LiveIssuers, parse_issuers
from tests.support.agents import ISSUER, Agent, key_set, new_key
from tests.support.clock import FakeClock
from tests.support.key_server import KeyServer, key_server

AUDIENCE = "http://localhost:8000"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def agent(clock: FakeClock) -> Agent:
    return Agent(AUDIENCE, clock=clock)


@pytest.fixture
def server(agent: Agent) -> Iterator[KeyServer]:
    with key_server(key_set([("one", agent.key)])) as server:
        yield server


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    async with make_http_client() as http:
        yield http


@pytest.fixture
def tokens(server: KeyServer, http: httpx2.AsyncClient, clock: FakeClock) -> ServiceTokens:
    issuers = parse_issuers(json.dumps([{"issuer": ISSUER, "jwks_url": server.url}]), AUDIENCE)
    return ServiceTokens(LiveIssuers(issuers), Egress(http, local=True), clock, ())


def signed(agent: Agent, key_id: str = "one", **changes: Any) -> str:
    return agent.token(header={"kid": key_id}, **changes)


async def test_keys_are_fetched_once_however_many_tokens_come_at_once(
    tokens: ServiceTokens, agent: Agent, server: KeyServer
) -> None:
    assert all(await asyncio.gather(*(tokens.verify(signed(agent)) for _ in range(20))))
    assert await tokens.verify(signed(agent))
    assert server.requests == 1


async def test_the_keys_of_an_issuer_outlast_a_change_of_the_list(
    agent: Agent, server: KeyServer, http: httpx2.AsyncClient, clock: FakeClock
) -> None:
    one = {"issuer": ISSUER, "jwks_url": server.url}
    live = LiveIssuers(parse_issuers(json.dumps([one]), AUDIENCE))
    tokens = ServiceTokens(live, Egress(http, local=True), clock, ())
    assert await tokens.verify(signed(agent))
    live.replace(parse_issuers(json.dumps([one, {**one, "issuer": "https://other.example"}]), AUDIENCE))
    assert await tokens.verify(signed(agent))
    assert server.requests == 1


@pytest.mark.parametrize("kind", ["RSA", "EC", "OKP"])
async def test_every_kind_of_published_key_verifies(
    tokens: ServiceTokens, server: KeyServer, clock: FakeClock, kind: str
) -> None:
    other = Agent(AUDIENCE, clock=clock, key=new_key(kind))
    server.document = key_set([("one", other.key)])
    assert await tokens.verify(signed(other))


async def test_a_new_key_is_fetched_when_a_token_names_it(
    tokens: ServiceTokens, agent: Agent, server: KeyServer, clock: FakeClock
) -> None:
    assert await tokens.verify(signed(agent))
    rotated = Agent(AUDIENCE, clock=clock)
    server.document = key_set([("one", agent.key), ("two", rotated.key)])
    clock.advance(61)
    assert await tokens.verify(signed(rotated, "two"))
    assert await tokens.verify(signed(agent))
    assert server.requests == 2


@pytest.mark.security("O-15")
async def test_invented_key_ids_send_us_to_the_issuer_once_a_minute_at_most(
    tokens: ServiceTokens, agent: Agent, server: KeyServer, clock: FakeClock
) -> None:
    for number in range(50):
        assert await tokens.verify(signed(agent, f"../../{number}")) is None
    assert server.requests == 1
    clock.advance(61)
    assert await tokens.verify(signed(agent, "invented")) is None
    assert server.requests == 2


async def test_a_token_without_a_key_id_is_refused(tokens: ServiceTokens, agent: Agent) -> None:
    assert await tokens.verify(agent.token()) is None


async def test_a_key_that_is_taken_back_is_believed_for_an_hour_at_most(
    tokens: ServiceTokens, agent: Agent, server: KeyServer, clock: FakeClock
) -> None:
    assert await tokens.verify(signed(agent))
    server.document = key_set([("two", new_key("EC"))])
    clock.advance(3500)
    assert await tokens.verify(signed(agent))
    clock.advance(101)
    assert await tokens.verify(signed(agent)) is None


@pytest.mark.parametrize(
    "failure",
    [(500, {}), (200, b"<html>"), (200, {"keys": []}), (200, []), (302, {}), (200, b"[" * 9999)],
    ids=range(6),
)
async def test_known_keys_serve_on_while_the_issuer_fails(
    tokens: ServiceTokens, agent: Agent, server: KeyServer, clock: FakeClock, failure: tuple[int, Any]
) -> None:
    assert await tokens.verify(signed(agent))
    server.status, server.document = failure
    clock.advance(24 * 3600)
    assert await tokens.verify(signed(agent))
    with pytest.raises(UnavailableError):
        await tokens.verify(signed(agent, "two"))


async def test_while_no_key_could_be_fetched_the_answer_is_try_again_and_not_a_bad_token(
    tokens: ServiceTokens, agent: Agent, server: KeyServer, clock: FakeClock
) -> None:
    server.status = 503
    for _ in range(3):
        with pytest.raises(UnavailableError):
            await tokens.verify(signed(agent))
    assert server.requests == 1
    server.status = 200
    clock.advance(6)
    assert await tokens.verify(signed(agent))


async def test_an_issuer_that_is_not_there_is_no_defect(
    http: httpx2.AsyncClient, agent: Agent, clock: FakeClock
) -> None:
    entry = {"issuer": ISSUER, "jwks_url": "http://127.0.0.1:9/jwks"}
    tokens = ServiceTokens(
        LiveIssuers(parse_issuers(json.dumps([entry]), AUDIENCE)), Egress(http, local=True), clock, ()
    )
    with pytest.raises(UnavailableError):
        await tokens.verify(signed(agent))


def test_only_public_keys_of_known_kinds_are_taken_from_a_set() -> None:
    good = key_set([("a", new_key("RSA")), ("b", new_key("EC")), ("c", new_key("OKP"))])["keys"]
    others = [
        {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA", "kid": "d", "alg": "HS256"},
        {**good[0], "kid": "e", "use": "enc"},
        {**good[0], "kid": "f", "alg": "RS512"},
        {**good[0], "kid": "g", "key_ops": ["encrypt"]},
        {**good[0], "kid": "h", "n": good[0]["n"][:170]},
        {**good[1], "kid": "i", "crv": "P-384"},
        {**good[1], "kid": "j", "x": 5},
        {**good[2], "kid": "k", "crv": "X25519"},
        {name: value for name, value in good[0].items() if name != "kid"},
        {**good[0], "kid": 7},
        {"kty": "RSA", "kid": "l"},
        "key",
        None,
    ]
    assert set(public_keys({"keys": [*others, *good]})) == {"a", "b", "c"}
    assert public_keys({"keys": "none"}) == public_keys([]) == public_keys(None) == {}
