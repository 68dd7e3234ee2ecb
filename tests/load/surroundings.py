"""Everything that is called: the service as it is deployed, in two tasks, in front of a simulated Google."""

import asyncio
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from google_workspace_mcp.core.http.server import DRAIN_SECONDS, GRACEFUL_SECONDS, listen
from tests.lifecycle.task import Task
from tests.load.google import people, separate_google
from tests.load.people import connected, signed_in
from tests.support.agents import Agent, new_key, setting
from tests.support.aws import ENVIRONMENT, REGION, moto_server
from tests.support.fleet import PREFIX, fleet
from tests.support.proxy import ReverseProxy

TASKS = 2


@dataclass(frozen=True)
class Surroundings:
    """Where to call, as whom, and the tasks that answer."""

    base: str
    inside: list[str]
    tasks: list[Task]
    agent: Agent
    tokens: list[str]
    users: list[str]


@contextmanager
def surroundings(number: int, latency: float) -> Generator[Surroundings]:
    """Two tasks on one bucket behind a proxy, so many people signed in, and as many users of an agent connected."""
    front = listen()
    base = f"http://127.0.0.1:{front.getsockname()[1]}{PREFIX}"
    agent = Agent(base, key=new_key("oct"))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        google_url = stack.enter_context(separate_google(number, latency, base))
        aws = stack.enter_context(moto_server(folder / "moto"))
        common = fleet(
            base,
            google_url,
            f"s3://{aws.bucket()}/load",
            drain=DRAIN_SECONDS,
            graceful=GRACEFUL_SECONDS,
            agents=setting(agent),
            AWS_URL=aws.url,
            AWS_REGION=REGION,
        )
        common.settings.update(ENVIRONMENT)
        tasks = [stack.enter_context(common.task()) for _ in range(TASKS)]
        stack.enter_context(ReverseProxy([task.address for task in tasks], PREFIX, listener=front))
        inside = [task.base for task in tasks]
        everybody = people(number)
        tokens = asyncio.run(signed_in(base, everybody))
        users = asyncio.run(connected(base, inside[0], agent, everybody))
        yield Surroundings(base, inside, tasks, agent, tokens, users)
