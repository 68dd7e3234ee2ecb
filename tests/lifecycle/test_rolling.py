"""Both tasks of a service are replaced, one after the other, while everybody calls: nobody notices."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from google_workspace_mcp.core.http.server import DRAIN_SECONDS, GRACEFUL_SECONDS, listen
from google_workspace_mcp.sandbox.faults import latency
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.lifecycle import callers
from tests.lifecycle.callers import Crowd, ServiceTokens
from tests.lifecycle.task import Task
from tests.support.agents import Agent, setting
from tests.support.balancer import Balancer, LingeringName
from tests.support.fleet import PREFIX, Fleet, client_of, fleet
from tests.support.proxy import ReverseProxy
from tests.support.waiting import until

# What Fargate is told to wait after SIGTERM, and Cloud Map how long an answer is good (infra/stacks).
STOP_TIMEOUT = 60
RECORD_TTL = 10
CALLERS = 6


@dataclass
class Rollout:
    """A fleet, its two addresses, and what became of the tasks that were replaced."""

    fleet: Fleet
    balancer: Balancer
    name: LingeringName
    base: str
    stack: ExitStack
    tasks: list[Task] = field(default_factory=list[Task])
    ends: list[tuple[int, float]] = field(default_factory=list[tuple[int, float]])
    lingered: list[int] = field(default_factory=list[int])

    @property
    def origin(self) -> str:
        return self.base.removesuffix(PREFIX)

    @property
    def inside(self) -> str:
        return f"http://{self.name.address}"

    async def add(self) -> None:
        """One more task, which both addresses lead to when this returns."""
        running = await asyncio.to_thread(self.stack.enter_context, self.fleet.task())
        self.tasks.append(running)
        self.balancer.register(running.address)
        self.name.records.add(running.address)
        await until(lambda: running.address in self.balancer.ready, 30)

    async def replace_oldest(self) -> None:
        """A new task, then SIGTERM for the oldest, just when everybody inside has asked for its address."""
        await self.add()
        old = self.tasks.pop(0)
        self.name.ask()
        self.name.records.remove(old.address)
        before = self.name.opened[old.address]
        signalled = old.terminate()
        status = await old.ended(STOP_TIMEOUT)
        self.ends.append((status, time.monotonic() - signalled))
        self.lingered.append(self.name.opened[old.address] - before)
        self.balancer.deregister(old.address)
        assert "Traceback" not in "".join(old.log)


@asynccontextmanager
async def rollout(google: SimulatedGoogle, folder: Path, agent: Agent, *, scale: float) -> AsyncGenerator[Rollout]:
    """Two tasks behind a balancer and a name; drain delay, TTL and interval of checks are the real ones by `scale`."""
    front = listen()
    base = f"http://127.0.0.1:{front.getsockname()[1]}{PREFIX}"
    agent.audience = base
    google.register_client(client_of(base))
    common = fleet(
        base,
        google.url,
        f"file://{folder}/store",
        drain=DRAIN_SECONDS * scale,
        graceful=max(5, round(GRACEFUL_SECONDS * scale)),
        agents=setting(agent),
    )
    async with AsyncExitStack() as stack:
        tasks = stack.enter_context(ExitStack())
        balancer = stack.enter_context(Balancer(15 * scale / 2))
        stack.enter_context(ReverseProxy(balancer, PREFIX, listener=front))
        name = await stack.enter_async_context(LingeringName(RECORD_TTL * scale))
        rolling = Rollout(common, balancer, name, base, tasks)
        await asyncio.gather(rolling.add(), rolling.add())
        yield rolling


async def restarts_under_load(
    google: SimulatedGoogle, folder: Path, *, scale: float
) -> tuple[Rollout, Crowd, dict[str, int]]:
    """Both tasks replaced under load; the calls by caller in the meantime."""
    agent = Agent()
    crowd = Crowd()
    user = ServiceTokens(agent, "user-1")
    async with rollout(google, folder, agent, scale=scale) as rolling:
        await callers.connect_account(rolling.base, rolling.origin, user, rolling.inside, ALICE.email)
        google.faults.add("gmail.*", latency(0.2))
        async with asyncio.TaskGroup() as group:
            for email, mode in ((ALICE.email, "auto"), (BEN.email, "legacy")):
                group.create_task(callers.person(crowd, rolling.base, email, mode))
                group.create_task(callers.agent(crowd, rolling.inside, user, mode))
            group.create_task(callers.plain_agent(crowd, rolling.inside, user))
            group.create_task(callers.comer_and_goer(crowd, rolling.base, CHIARA.email))
            try:
                await until(lambda: len(crowd.calls) == CALLERS, 30)
                before = crowd.calls.copy()
                for _ in range(2):
                    await rolling.replace_oldest()
            finally:
                crowd.over.set()
        return rolling, crowd, {who: crowd.calls[who] - before[who] for who in before}


def assert_nobody_noticed(rolling: Rollout, crowd: Crowd, during: dict[str, int], *, least: int, within: float) -> None:
    assert crowd.failures == []
    assert [status for status, _ in rolling.ends] == [0, 0]
    assert max(seconds for _, seconds in rolling.ends) < within
    assert min(rolling.lingered) > 0, "nobody called a task whose address was no longer in the records"
    assert len(during) == CALLERS
    assert min(during.values()) >= least, during


@pytest.mark.timeout(300)
@pytest.mark.security("L-1", "L-8")
async def test_two_tasks_are_replaced_under_load_and_not_one_call_fails(google: SimulatedGoogle, tmp_path: Path):
    rolling, crowd, during = await restarts_under_load(google, tmp_path, scale=0.25)
    assert_nobody_noticed(rolling, crowd, during, least=5, within=DRAIN_SECONDS * 0.25 + 6 + 2)


@pytest.mark.proof
@pytest.mark.timeout(600)
@pytest.mark.security("L-1", "L-8")
async def test_two_tasks_are_replaced_under_load_with_the_delays_of_a_deployment(
    google: SimulatedGoogle, tmp_path: Path
):
    rolling, crowd, during = await restarts_under_load(google, tmp_path, scale=1)
    assert_nobody_noticed(rolling, crowd, during, least=30, within=STOP_TIMEOUT)
