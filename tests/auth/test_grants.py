"""Connections and their access tokens: one grant, one refresh at a time, and nothing lost by a passing failure."""

import asyncio
import json
import os
import random
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from google_workspace_mcp.auth.connections import Connection, Connections, NoRefreshTokenError
from google_workspace_mcp.auth.grants import Grants
from google_workspace_mcp.core.errors import (
    GoogleRefusedError,
    GoogleUnavailableError,
    MisconfiguredError,
    NotConnectedError,
    ReauthRequiredError,
    WorkspaceError,
)
from google_workspace_mcp.core.google.endpoints import ISSUER, GoogleEndpoints
from google_workspace_mcp.core.google.identity import GoogleIdentity
from google_workspace_mcp.core.google.oauth import GoogleOAuth, TokenAnswer
from google_workspace_mcp.core.google.transport import make_http_client
from google_workspace_mcp.core.keys import Key, KeyRing
from google_workspace_mcp.core.principal import Principal
from google_workspace_mcp.core.storage.directory import DirectoryStore
from google_workspace_mcp.core.storage.sealing import KeyRingWrapper, SealedStore
from google_workspace_mcp.sandbox import faults
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA, PEOPLE
from google_workspace_mcp.sandbox.server import OAuthClient, SimulatedGoogle
from google_workspace_mcp.sandbox.service import Person
from google_workspace_mcp.sandbox.wire import Outgoing, json_answer
from tests.support.clock import FakeClock
from tests.support.logs import captured_log

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


async def test_of_many_calls_at_once_with_an_ended_grant_one_alone_asks_google(task: Task) -> None:
    await task.connect(ALICE)
    task.google.revoke(ALICE.email)
    results = await asyncio.gather(*(task.token(ALICE) for _ in range(5)), return_exceptions=True)
    assert [type(result) for result in results] == [ReauthRequiredError] * 5
    assert task.refreshes() == 1


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


async def test_who_disconnected_and_connected_again_on_another_task_is_served_by_this_one_at_once(
    task: Task, clock: FakeClock
) -> None:
    other = Task(task.google, task.http, clock, task.folder)
    connection = await task.connect(ALICE)
    held = await other.token(ALICE)
    task.google.revoke(ALICE.email)
    await task.connections.forget(owner(ALICE), connection)
    await task.connect(ALICE)
    stale = await other.connections.choose(owner(ALICE), "")
    assert stale.refresh_token == connection.refresh_token, "read less than a minute ago"
    tokens = other.grants.source(owner(ALICE), stale)
    assert await tokens.access_token(rejected=held) != held
    assert await tokens.access_token(rejected=held) != held, "a call that was under way as well"
    assert not (await task.connections.choose(owner(ALICE), "", fresh=True)).dead


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


def ending(description: str, subtype: str = "") -> faults.Fault:
    """The token endpoint's answer for a grant that ended in that way."""
    body = {"error": "invalid_grant", "error_description": description}
    return faults.Fault("ended", instead=json_answer(body | ({"error_subtype": subtype} if subtype else {}), 400))


@pytest.mark.security("G-5")
@pytest.mark.parametrize(
    ("fault", "cause", "words"),
    [
        (ending("Token has been expired or revoked."), "invalid_grant", "taken back"),
        (
            ending("reauth related error (invalid_rapt)", "invalid_rapt"),
            "session_policy",
            "organisation asks for a new",
        ),
        (ending("Bad Request", "rapt_required"), "session_policy", "organisation asks for a new"),
        (ending("admin_policy_enforced"), "organisation_policy", "administrators"),
        (ending("Account has been deleted"), "account_gone", "deleted or suspended"),
        (ending("Bad Request", "account_disabled"), "account_gone", "deleted or suspended"),
        (ending("Something new"), "invalid_grant", "taken back"),
    ],
    ids=["revoked", "rapt by subtype", "rapt", "policy", "deleted", "disabled", "unknown"],
)
async def test_each_cause_of_death_is_kept_with_its_words(
    task: Task, fault: faults.Fault, cause: str, words: str
) -> None:
    await task.connect(ALICE)
    task.google.faults.add("oauth.token", fault)
    with pytest.raises(ReauthRequiredError, match=words) as raised:
        await task.token(ALICE)
    task.google.faults.clear()
    connection = await task.connections.choose(owner(ALICE), "")
    assert (connection.dead, raised.value.reason) == (cause, cause)
    with pytest.raises(ReauthRequiredError, match=words):
        await task.token(ALICE)
    assert task.refreshes() == 1, "a dead grant is not tried again"


@pytest.mark.security("G-5")
async def test_a_grant_that_ends_after_just_a_week_points_at_testing_mode(task: Task, clock: FakeClock) -> None:
    await task.connect(ALICE)
    clock.advance(7 * 24 * 3600 + 600)
    task.google.revoke(ALICE.email)
    with pytest.raises(ReauthRequiredError, match="testing mode"):
        await task.token(ALICE)
    assert (await task.connections.choose(owner(ALICE), "")).dead == "testing_week"


@pytest.mark.security("G-5")
@pytest.mark.parametrize(
    ("status", "error", "failure"),
    [
        (401, "invalid_client", MisconfiguredError),
        (401, "deleted_client", MisconfiguredError),
        (403, "org_internal", MisconfiguredError),
        (400, "admin_policy_enforced", GoogleRefusedError),
        (400, "access_denied", GoogleRefusedError),
        (500, "internal_failure", GoogleUnavailableError),
        (503, "invalid_grant", GoogleUnavailableError),
        (429, "rate_limit_exceeded", GoogleUnavailableError),
    ],
)
async def test_what_is_not_the_grants_fault_kills_nothing(
    task: Task, status: int, error: str, failure: type[WorkspaceError]
) -> None:
    await task.connect(ALICE)
    task.google.faults.add("oauth.token", faults.Fault(error, instead=json_answer({"error": error}, status)))
    with pytest.raises(failure):
        await task.token(ALICE)
    task.google.faults.clear()
    assert await task.token(ALICE)
    assert not (await task.connections.choose(owner(ALICE), "")).dead


async def test_a_refused_client_is_reported_loudly_and_does_not_cut_off_a_token_that_lives(
    task: Task, clock: FakeClock
) -> None:
    await task.connect(ALICE)
    first = await task.token(ALICE)
    task.google.faults.add("oauth.token", faults.Fault("x", instead=json_answer({"error": "invalid_client"}, 401)))
    clock.advance(3400)
    with captured_log() as log:
        assert await task.token(ALICE) == first
    assert [line["reason"] for line in log.lines("google_client_refused")] == ["invalid_client"]


def rotating(refresh_token: str, meanwhile: Callable[[], None] = lambda: None) -> faults.Fault:
    """Google changes the refresh token in its answer; `meanwhile` happens while the answer is on its way."""

    def changed(answer: Outgoing) -> Outgoing:
        meanwhile()
        return replace(answer, body=json.dumps({**json.loads(answer.body), "refresh_token": refresh_token}).encode())

    return faults.Fault("rotated", afterwards=changed)


@pytest.mark.security("S-4")
async def test_two_tasks_refresh_at_once_and_nothing_is_written(task: Task, clock: FakeClock) -> None:
    await task.connect(ALICE)
    other = Task(task.google, task.http, clock, task.folder)
    before = await stored(task)
    tokens = await asyncio.gather(task.token(ALICE), other.token(ALICE))
    assert len(set(tokens)) == 2
    assert await stored(task) == before


@pytest.mark.security("S-4")
async def test_a_refresh_token_that_google_changes_is_kept_by_every_task(task: Task, clock: FakeClock) -> None:
    connection = await task.connect(ALICE)
    other = Task(task.google, task.http, clock, task.folder)
    new = task.google.grant(ALICE.email, (READ,), CLIENT.client_id).refresh_token
    task.google.faults.add("oauth.token", rotating(new), times=2)
    await asyncio.gather(task.token(ALICE), other.token(ALICE))
    for each in (task, other):
        kept = await each.connections.choose(owner(ALICE), "", fresh=True)
        assert kept.refresh_token.get_secret_value() == new
        assert (kept.scopes, kept.alias) == (connection.scopes, connection.alias)
    clock.advance(4000)
    assert await other.token(ALICE)


async def during_refresh(task: Task, new: str, act: Callable[[], Awaitable[Any]]) -> str:
    """The access token of a refresh that gets `new` as refresh token; `act` is done while the answer is on its way."""
    began, acted, loop = asyncio.Event(), threading.Event(), asyncio.get_running_loop()

    def hold() -> None:
        loop.call_soon_threadsafe(began.set)
        assert acted.wait(10)

    task.google.faults.add("oauth.token", rotating(new, hold), times=1)
    async with asyncio.TaskGroup() as group:
        refreshing = group.create_task(task.token(ALICE))
        async with asyncio.timeout(10):
            await began.wait()
        await act()
        acted.set()
    return refreshing.result()


@pytest.mark.security("S-4")
async def test_a_disconnect_during_a_refresh_is_not_undone(task: Task, clock: FakeClock) -> None:
    connection = await task.connect(ALICE)
    other = Task(task.google, task.http, clock, task.folder)
    new = task.google.grant(ALICE.email, (READ,), CLIENT.client_id).refresh_token
    token = await during_refresh(task, new, lambda: other.connections.forget(owner(ALICE), connection))
    assert token, "the call under way gets the token it asked for"
    for each in (task, other):
        assert await each.connections.of(owner(ALICE), fresh=True) == ()


@pytest.mark.security("S-4")
async def test_a_wider_grant_during_a_refresh_is_not_narrowed(task: Task, clock: FakeClock) -> None:
    await task.connect(ALICE)
    other = Task(task.google, task.http, clock, task.folder)
    drive = "https://www.googleapis.com/auth/drive"
    new = task.google.grant(ALICE.email, (READ,), CLIENT.client_id).refresh_token
    assert await during_refresh(task, new, lambda: other.connect(ALICE, READ, drive))
    for each in (task, other):
        kept = await each.connections.choose(owner(ALICE), "", fresh=True)
        assert kept.refresh_token.get_secret_value() != new
        assert set(kept.scopes) == {READ, drive}


async def test_a_token_kept_without_a_refresh_token_that_covers_it_is_not_believed(task: Task) -> None:
    before = await task.connect(ALICE)
    wider = TokenAnswer("w", 3599, None, frozenset({READ, "https://www.googleapis.com/auth/drive"}), "")
    with pytest.raises(NoRefreshTokenError):
        await task.connections.save(owner(ALICE), identity(ALICE), wider)
    assert await task.connections.choose(owner(ALICE), "", fresh=True) == before


async def test_a_dead_grant_is_not_brought_back_by_an_answer_without_a_refresh_token(task: Task) -> None:
    dead = await task.connect(ALICE)
    await task.connections.mark_dead(owner(ALICE), dead, "invalid_grant")
    with pytest.raises(NoRefreshTokenError):
        await task.connections.save(owner(ALICE), identity(ALICE), TokenAnswer("n", 3599, None, frozenset({READ}), ""))


async def test_the_account_one_signs_in_with_is_the_default_until_another_is_chosen(
    task: Task, clock: FakeClock
) -> None:
    ben = await task.connect(BEN, principal=owner(ALICE))
    clock.advance(1)
    alice = await task.connect(ALICE)
    assert (await task.connections.choose(owner(ALICE), "")).id == alice.id
    await task.connections.make_default(owner(ALICE), ben)
    assert (await task.connections.choose(owner(ALICE), "")).id == ben.id
    assert [c.id for c in await task.connections.of(owner(ALICE))] == [ben.id, alice.id]


async def test_for_an_agents_user_the_first_account_is_the_default(task: Task, clock: FakeClock) -> None:
    user = Principal("https://agent.example", "user-7")
    first = await task.connect(BEN, principal=user)
    clock.advance(1)
    await task.connect(ALICE, principal=user)
    assert (await task.connections.choose(user, "")).id == first.id


async def test_an_alias_is_one_accounts_only_also_when_two_tasks_connect_at_once(task: Task, clock: FakeClock) -> None:
    user, other = Principal("https://agent.example", "user-7"), Task(task.google, task.http, clock, task.folder)
    await asyncio.gather(
        *(
            each.connections.save(user, identity(person), granted(each, person), alias="mail")
            for each, person in ((task, ALICE), (other, BEN), (task, CHIARA))
        )
    )
    aliases = [c.alias for c in await task.connections.of(user, fresh=True)]
    assert len(set(aliases)) == 3
    assert "mail" in aliases


async def test_when_everything_is_dead_for_longer_than_the_link_lives_only_a_sign_in_helps(
    task: Task, clock: FakeClock
) -> None:
    assert not await task.connections.dormant(owner(ALICE)), "who never connected is told so by the tools"
    alice = await task.connect(ALICE)
    ben = await task.connect(BEN, principal=owner(ALICE))
    for connection in (alice, ben):
        clock.advance(601)
        assert not await task.connections.dormant(owner(ALICE))
        await task.connections.mark_dead(owner(ALICE), connection, "invalid_grant")
    assert not await task.connections.dormant(owner(ALICE)), "the link of the failure is still good"
    clock.advance(601)
    assert await task.connections.dormant(owner(ALICE))
    await task.connect(ALICE)
    assert not await task.connections.dormant(owner(ALICE))


def granted(task: Task, person: Person) -> TokenAnswer:
    grant = task.google.grant(person.email, (READ,), CLIENT.client_id)
    return TokenAnswer("first", 3599, grant.refresh_token, frozenset(grant.scopes), "")


async def stored(task: Task) -> dict[str, str]:
    return {name: (await task.store.objects.get(name)).etag async for name in task.store.objects.list("")}
