"""Connections and their access tokens: one grant, one refresh at a time, and nothing lost by a passing failure."""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from pydantic import SecretStr

from google_workspace_mcp.auth.connections import Connection, Connections, NoRefreshTokenError
from google_workspace_mcp.auth.grants import Grants
from google_workspace_mcp.core.errors import GoogleUnavailableError, NotConnectedError, ReauthRequiredError
from google_workspace_mcp.core.google.endpoints import ISSUER, GoogleEndpoints
from google_workspace_mcp.core.google.identity import GoogleIdentity
from google_workspace_mcp.core.google.oauth import GoogleOAuth, TokenAnswer
from google_workspace_mcp.core.google.transport import make_http_client
from google_workspace_mcp.core.keys import Key, KeyRing
from google_workspace_mcp.core.principal import Principal
from google_workspace_mcp.core.storage.directory import DirectoryStore
from google_workspace_mcp.core.storage.sealing import KeyRingWrapper, SealedStore
from google_workspace_mcp.sandbox import faults
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, PEOPLE
from google_workspace_mcp.sandbox.server import OAuthClient, SimulatedGoogle
from google_workspace_mcp.sandbox.service import Person
from tests.support.clock import FakeClock

CLIENT = OAuthClient("grants", "secret", "Grants", ())
READ = "https://www.googleapis.com/auth/gmail.readonly"
SEALING = Key("s", os.urandom(32))


@dataclass
class Task:
    """One task of the service: its own memory, the shared store and Google."""

    google: SimulatedGoogle
    http: httpx2.AsyncClient
    clock: FakeClock
    folder: Path

    def __post_init__(self) -> None:
        self.store = SealedStore(DirectoryStore(self.folder), KeyRingWrapper(KeyRing((SEALING,))))
        self.connections = Connections(self.store, self.clock)
        endpoints = GoogleEndpoints.of(self.google.url)
        oauth = GoogleOAuth(self.http, endpoints, CLIENT.client_id, SecretStr(CLIENT.client_secret), self.clock)
        self.grants = Grants(self.connections, oauth, self.clock, random.Random(1))

    async def connect(self, person: Person, *scopes: str, principal: Principal | None = None) -> Connection:
        """As if the person had come back from Google."""
        grant = self.google.grant(person.email, scopes or (READ,), CLIENT.client_id)
        answer = TokenAnswer("first", 3599, grant.refresh_token, frozenset(grant.scopes), "")
        return await self.connections.save(principal or owner(person), identity(person), answer)

    async def token(self, person: Person) -> str:
        connection = await self.connections.choose(owner(person), "")
        return await self.grants.source(owner(person), connection).access_token()

    def refreshes(self) -> int:
        return self.google.calls.methods().count("oauth.token")


def owner(person: Person) -> Principal:
    return Principal(ISSUER, person.subject)


def identity(person: Person) -> GoogleIdentity:
    return GoogleIdentity(person.subject, person.email, True, person.name, "")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def google(clock: FakeClock) -> Iterator[SimulatedGoogle]:
    with SimulatedGoogle((), PEOPLE, clients=(CLIENT,), clock=clock) as google:
        yield google


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    async with make_http_client() as client:
        yield client


@pytest.fixture
def task(google: SimulatedGoogle, http: httpx2.AsyncClient, clock: FakeClock, tmp_path: Path) -> Task:
    return Task(google, http, clock, tmp_path)


async def test_many_calls_at_once_share_one_refresh(task: Task) -> None:
    await task.connect(ALICE)
    tokens = await asyncio.gather(*(task.token(ALICE) for _ in range(20)))
    assert len(set(tokens)) == 1
    assert task.refreshes() == 1


async def test_a_token_is_kept_until_shortly_before_its_end(task: Task, clock: FakeClock) -> None:
    await task.connect(ALICE)
    first = await task.token(ALICE)
    clock.advance(3600 - 10 * 60)
    assert await task.token(ALICE) == first
    clock.advance(6 * 60)
    assert await task.token(ALICE) != first
    assert task.refreshes() == 2


async def test_a_rejected_token_is_replaced_at_once(task: Task) -> None:
    connection = await task.connect(ALICE)
    source = task.grants.source(owner(ALICE), connection)
    first = await source.access_token()
    second = await source.access_token(rejected=first)
    assert second != first
    assert await source.access_token(rejected=first) == second


@pytest.mark.parametrize("fault", [faults.server_error(503), faults.too_many_requests(None), faults.reset_before()])
async def test_a_failing_token_endpoint_never_costs_the_grant(task: Task, fault: faults.Fault) -> None:
    await task.connect(ALICE)
    task.google.faults.add("oauth.token", fault)
    with pytest.raises(GoogleUnavailableError):
        await task.token(ALICE)
    task.google.faults.clear()
    assert await task.token(ALICE)
    assert not (await task.connections.choose(owner(ALICE), "")).dead


async def test_while_the_old_token_lives_a_failing_token_endpoint_is_not_noticed(task: Task, clock: FakeClock) -> None:
    await task.connect(ALICE)
    first = await task.token(ALICE)
    task.google.faults.add("oauth.token", faults.server_error(503))
    clock.advance(3500)
    assert await task.token(ALICE) == first
    clock.advance(95)
    with pytest.raises(GoogleUnavailableError):
        await task.token(ALICE)


async def test_a_revoked_grant_is_marked_dead_once_and_not_tried_again(task: Task) -> None:
    await task.connect(ALICE)
    task.google.revoke(ALICE.email)
    for _ in range(3):
        with pytest.raises(ReauthRequiredError, match="has ended the permission"):
            await task.token(ALICE)
    assert task.refreshes() == 1
    assert (await task.connections.choose(owner(ALICE), "")).dead == "invalid_grant"


async def test_connecting_again_brings_a_dead_connection_back(task: Task) -> None:
    before = await task.connect(ALICE)
    task.google.revoke(ALICE.email)
    with pytest.raises(ReauthRequiredError):
        await task.token(ALICE)
    after = await task.connect(ALICE)
    assert (after.id, after.dead) == (before.id, "")
    assert await task.token(ALICE)


async def test_a_death_learned_late_does_not_kill_the_newer_grant(task: Task) -> None:
    old = await task.connect(ALICE)
    await task.connect(ALICE)
    await task.connections.mark_dead(owner(ALICE), old, "invalid_grant")
    assert not (await task.connections.choose(owner(ALICE), "")).dead


async def test_an_answer_without_a_refresh_token_keeps_the_stored_one(task: Task) -> None:
    before = await task.connect(ALICE)
    answer = TokenAnswer("second", 3599, None, frozenset({READ, "openid"}), "")
    after = await task.connections.save(owner(ALICE), identity(ALICE), answer)
    assert after.refresh_token == before.refresh_token
    assert set(after.scopes) == {READ, "openid"}


async def test_without_any_refresh_token_nothing_is_stored(task: Task) -> None:
    answer = TokenAnswer("only", 3599, None, frozenset({READ}), "")
    with pytest.raises(NoRefreshTokenError):
        await task.connections.save(owner(ALICE), identity(ALICE), answer)
    assert await task.connections.of(owner(ALICE)) == ()


async def test_a_disconnect_on_another_task_is_seen_within_a_minute(task: Task, clock: FakeClock) -> None:
    connection = await task.connect(ALICE)
    other = Task(task.google, task.http, clock, task.folder)
    await other.token(ALICE)
    await task.connections.forget(owner(ALICE), connection)
    clock.advance(61)
    with pytest.raises(NotConnectedError):
        await other.token(ALICE)


async def test_a_death_on_another_task_after_a_disconnect_does_not_bring_the_grant_back(
    task: Task, clock: FakeClock
) -> None:
    connection = await task.connect(ALICE)
    other = Task(task.google, task.http, clock, task.folder)
    await task.connections.forget(owner(ALICE), connection)
    await other.connections.mark_dead(owner(ALICE), connection, "invalid_grant")
    assert await other.connections.of(owner(ALICE)) == ()


async def test_one_principal_has_one_grant_per_account_and_chooses_by_alias_address_or_id(task: Task) -> None:
    mine = owner(ALICE)
    first = await task.connect(ALICE, principal=mine)
    second = await task.connect(BEN, principal=mine)
    assert {c.id for c in await task.connections.of(mine)} == {first.id, second.id}
    for name in ("ben", "BEN", "Ben@example.com", second.id, "  ben "):
        assert (await task.connections.choose(mine, name)).id == second.id


async def test_another_principals_account_does_not_exist(task: Task) -> None:
    theirs = await task.connect(ALICE)
    await task.connect(BEN)
    for name in (theirs.alias, theirs.address, theirs.id):
        with pytest.raises(NotConnectedError, match="No account of yours"):
            await task.connections.choose(owner(BEN), name)


async def test_two_principals_may_hold_the_same_account(task: Task) -> None:
    agent = Principal("https://agent.example", "user-7")
    await task.connect(ALICE)
    await task.connect(ALICE, principal=agent)
    assert await task.connections.elsewhere(owner(ALICE), ALICE.subject)
    assert not await task.connections.elsewhere(owner(BEN), BEN.subject)


async def test_no_stored_object_shows_a_token_an_address_or_a_name(task: Task) -> None:
    connection = await task.connect(ALICE)
    names = [name async for name in task.store.objects.list("")]
    stored = b"".join([(await task.store.objects.get(name)).data for name in names]) + " ".join(names).encode()
    for secret in (connection.refresh_token.get_secret_value(), ALICE.email, ALICE.subject, "alice"):
        assert secret.encode() not in stored


async def test_a_connection_does_not_print_its_refresh_token(task: Task) -> None:
    connection = await task.connect(ALICE)
    secret = connection.refresh_token.get_secret_value()
    assert secret not in repr(connection)
    assert secret not in connection.model_dump_json()
    assert secret not in str(connection.model_dump())
