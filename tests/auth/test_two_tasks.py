"""Two tasks on one store, behind a load balancer that sends each request to the other one."""

import asyncio
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from google_workspace_mcp.core.http.server import listen
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.auth.test_account_pages import Person
from tests.support.clock import FakeClock
from tests.support.oauth import HandClient
from tests.support.proxy import ReverseProxy
from tests.support.stack import Stack, running

ALICE, BEN = "alice@example.com", "ben@example.com"


@dataclass
class Tasks:
    """The service at `base`, answered by one task after the other."""

    base: str
    stacks: tuple[Stack, ...]


@contextmanager
def tasks_of(google: SimulatedGoogle, folder: Path, clock: FakeClock, count: int = 2) -> Generator[Tasks]:
    front = listen()
    base = f"http://127.0.0.1:{front.getsockname()[1]}/ws"
    with ExitStack() as stack:
        stacks = tuple(stack.enter_context(running(google, folder, base_url=base, clock=clock)) for _ in range(count))
        targets = [urlsplit(one.internal_url).netloc for one in stacks]
        stack.enter_context(ReverseProxy(targets, "/ws", listener=front))
        yield Tasks(base, stacks)


@pytest.fixture
def tasks(google: SimulatedGoogle, clock: FakeClock, tmp_path: Path) -> Iterator[Tasks]:
    with tasks_of(google, tmp_path, clock) as tasks:
        yield tasks


@pytest.fixture
async def client(tasks: Tasks, http: httpx2.AsyncClient) -> HandClient:
    client = HandClient(tasks.base, http)
    assert (await client.register()).status_code == 201
    return client


@pytest.mark.security("L-2")
async def test_a_sign_in_whose_every_step_is_answered_by_the_other_task(client: HandClient, tasks: Tasks) -> None:
    tokens = await client.tokens(ALICE)
    for _ in range(4):
        assert await client.ping(tokens["access_token"]) == 200
    steps = {"/register", "/authorize", "/consent", "/auth/google/callback", "/token"}
    served = [{step for step in steps if f'route="{step}"' in one.service.metrics.render()} for one in tasks.stacks]
    assert all(served)
    assert set.union(*served) == steps


@pytest.mark.security("L-2")
async def test_each_task_is_replaced_between_any_two_steps(
    google: SimulatedGoogle, http: httpx2.AsyncClient, clock: FakeClock, tmp_path: Path
) -> None:
    front = listen()
    base = f"http://127.0.0.1:{front.getsockname()[1]}/ws"
    replacing = Replacing(google, tmp_path, base, clock)
    with ReverseProxy(replacing, "/ws", listener=front):
        try:
            client = HandClient(base, http)
            assert (await client.register()).status_code == 201
            tokens = await client.tokens(ALICE)
            assert await client.ping(tokens["access_token"]) == 200
            assert (await client.refresh(tokens["refresh_token"])).status_code == 200
        finally:
            replacing.close()
    assert replacing.started >= 8


class Replacing(Iterator[str]):
    """A load balancer's list of one task, which is another one for every request."""

    def __init__(self, google: SimulatedGoogle, folder: Path, base: str, clock: FakeClock) -> None:
        self._make = lambda: running(google, folder, base_url=base, clock=clock)
        self._now = ExitStack()
        self.started = 0

    def __next__(self) -> str:
        self._now.close()
        self._now = ExitStack()
        stack = self._now.enter_context(self._make())
        self.started += 1
        return urlsplit(stack.internal_url).netloc

    def close(self) -> None:
        self._now.close()


@pytest.mark.security("O-10")
async def test_two_refreshes_at_once_on_two_tasks_get_the_same_token_and_nobody_is_signed_out(
    client: HandClient, google: SimulatedGoogle
) -> None:
    token = (await client.tokens(ALICE))["refresh_token"]
    google.calls.clear()
    for _ in range(5):
        answers = await asyncio.gather(*(client.refresh(token) for _ in range(4)))
        assert [answer.status_code for answer in answers] == [200] * 4
        following = {answer.json()["refresh_token"] for answer in answers}
        assert len(following) == 1
        token = following.pop()
    assert google.calls.methods() == [], "what clients refresh is ours alone"


async def test_of_two_redeemers_at_once_on_two_tasks_at_most_one_gets_tokens(client: HandClient) -> None:
    code = (await client.sign_in(ALICE))["code"]
    answers = await asyncio.gather(*(client.redeem(code) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers)[1:] == [400] * 3


async def test_what_is_revoked_on_one_task_is_over_on_both_within_a_minute(
    client: HandClient, tasks: Tasks, clock: FakeClock
) -> None:
    tokens = await client.tokens(ALICE)
    pings = [await client.ping(tokens["access_token"]) for _ in tasks.stacks]
    assert pings == [200, 200]
    assert (await client.http.post(f"{client.base}/revoke", data={"token": tokens["refresh_token"]})).status_code == 200
    clock.advance(60)
    assert [await client.ping(tokens["access_token"]) for _ in tasks.stacks] == [401, 401]


async def test_a_program_signed_out_on_the_account_page_is_out_on_both_within_a_minute(
    client: HandClient, tasks: Tasks, clock: FakeClock
) -> None:
    tokens = await client.tokens(ALICE)
    assert [await client.ping(tokens["access_token"]) for _ in tasks.stacks] == [200, 200]
    person = Person(tasks.stacks[0], client.http)
    await person.through_google("sign-in", ALICE)
    await person.press("sign-out-program")
    clock.advance(60)
    assert [await client.ping(tokens["access_token"]) for _ in tasks.stacks] == [401, 401]
    assert (await client.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_a_disconnect_counts_on_both_tasks_within_a_minute(
    client: HandClient, tasks: Tasks, clock: FakeClock
) -> None:
    tokens = await client.tokens(BEN)
    for _ in tasks.stacks:
        assert (await client.call(tokens["access_token"], "accounts_list"))["structuredContent"]["accounts"]
    person = Person(tasks.stacks[0], client.http)
    await person.through_google("sign-in", BEN)
    await person.press("disconnect")
    clock.advance(60)
    for _ in tasks.stacks:
        listed = await client.call(tokens["access_token"], "accounts_list")
        assert not listed["structuredContent"].get("accounts")
