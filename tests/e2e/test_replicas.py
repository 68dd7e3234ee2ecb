"""Two processes of the service on one bucket behind a load balancer: killed between steps, restarted, crowded."""

import asyncio
import base64
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from google_workspace_mcp.core.clock import SystemClock
from google_workspace_mcp.core.http.server import listen
from google_workspace_mcp.sandbox.server import OAuthClient, SimulatedGoogle
from google_workspace_mcp.sandbox.service import Person
from tests.support.aws import ENVIRONMENT, REGION, Aws
from tests.support.oauth import HandClient
from tests.support.proxy import ReverseProxy
from tests.support.stack import CLIENT_ID, CLIENT_SECRET

ROOT = Path(__file__).parent.parent.parent
CROWD = 100
PEOPLE = tuple(Person(f"person{n}@example.com", f"Person {n}", f"2{n:020d}") for n in range(CROWD))


@dataclass
class Task:
    """One process of the service, on a port of its own that stays the same."""

    port: int
    environ: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "main.py", "serve"],
            cwd=ROOT,
            env={**os.environ, **self.environ, "GWMCP_PORT": str(self.port)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        """As the machine below it would go: without a word."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(20)

    async def answers(self) -> None:
        """Returns once the process serves."""
        async with asyncio.timeout(90), httpx2.AsyncClient(trust_env=False) as http:
            while True:
                assert self.process is not None
                assert self.process.poll() is None, "the process ended at its start"
                try:
                    if (await http.get(f"http://127.0.0.1:{self.port}/health", timeout=5)).status_code == 200:
                        return
                except httpx2.TransportError:
                    await asyncio.sleep(0.1)


@dataclass
class Fleet:
    """The service at `base`: the load balancer asks `order` which task gets the next request."""

    base: str
    google: SimulatedGoogle
    tasks: list[Task]
    bucket: str
    aws: Aws
    served: int = field(default=0)

    async def up(self) -> None:
        await asyncio.gather(*(task.answers() for task in self.tasks))

    async def restart(self) -> None:
        for task in self.tasks:
            task.kill()
            task.start()
        await self.up()


def free_port() -> int:
    with listen() as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def fleet(aws: Aws) -> Iterator[Fleet]:
    front, bucket = listen(), aws.bucket()
    base = f"http://127.0.0.1:{front.getsockname()[1]}/ws"
    key = base64.b64encode(os.urandom(32)).decode()
    with ExitStack() as stack:
        google = stack.enter_context(SimulatedGoogle((), PEOPLE, clock=SystemClock()))
        google.register_client(OAuthClient(CLIENT_ID, CLIENT_SECRET, "Fleet", (f"{base}/auth/google/callback",)))
        ports = [free_port(), free_port()]
        environ = {
            **ENVIRONMENT,
            "GWMCP_BASE_URL": base,
            "GWMCP_INTERNAL_HOSTS": ",".join(f"127.0.0.1:{port}" for port in ports),
            "GWMCP_GOOGLE_URL": google.url,
            "GWMCP_GOOGLE_CLIENT_ID": CLIENT_ID,
            "GWMCP_GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
            "GWMCP_STORE": f"s3://{bucket}/fleet",
            "GWMCP_AWS_URL": aws.url,
            "GWMCP_AWS_REGION": REGION,
            "GWMCP_KEYS": f"k:{key}",
            "GWMCP_SIGNING_KEYS": f"s:{key}",
            "GWMCP_METRICS_PORT": "0",
        }
        tasks = [Task(port, environ) for port in ports]
        fleet = Fleet(base, google, tasks, bucket, aws)

        def turns() -> Iterator[str]:
            while True:
                fleet.served += 1
                yield f"127.0.0.1:{tasks[fleet.served % len(tasks)].port}"

        stack.enter_context(ReverseProxy(turns(), "/ws", listener=front))
        for task in tasks:
            stack.callback(task.kill)
            task.start()
        yield fleet


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(timeout=60, trust_env=False) as client:
        yield client


async def signed_in(fleet: Fleet, person: Person) -> tuple[HandClient, dict[str, Any]]:
    """A client of its own for the person, in a browser of its own."""
    async with httpx2.AsyncClient(timeout=60, trust_env=False) as browser:
        client = HandClient(fleet.base, browser)
        assert (await client.register()).status_code == 201
        return client, await client.tokens(person.email)


@pytest.mark.timeout(300)
async def test_a_process_may_die_after_every_step_and_each_step_is_another_ones(fleet: Fleet) -> None:
    await fleet.up()
    deaths: list[str] = []

    async def die(response: httpx2.Response) -> None:
        """Whoever has just answered is killed; the other one has to go on, and the dead one comes back meanwhile."""
        if str(response.url).startswith(fleet.base):
            task = fleet.tasks[fleet.served % 2]
            await fleet.tasks[(fleet.served + 1) % 2].answers()
            task.kill()
            task.start()
            deaths.append(response.url.path)

    async with httpx2.AsyncClient(timeout=60, trust_env=False, event_hooks={"response": [die]}) as browser:
        client = HandClient(fleet.base, browser)
        await client.register()
        tokens = await client.tokens(PEOPLE[0].email)
        assert await client.ping(tokens["access_token"]) == 200
        refreshed = (await client.refresh(tokens["refresh_token"])).json()
        assert await client.ping(refreshed["access_token"]) == 200
    steps = [path.removeprefix("/ws") for path in deaths]
    assert steps == [
        "/register",
        "/authorize",
        "/consent",
        "/consent",
        "/auth/google/callback",
        "/token",
        "/mcp",
        "/token",
        "/mcp",
    ]


@pytest.mark.timeout(300)
async def test_a_hundred_people_sign_in_at_once_and_nobody_again_after_a_restart(
    fleet: Fleet, http: httpx2.AsyncClient
) -> None:
    await fleet.up()
    crowd = await asyncio.gather(*(signed_in(fleet, person) for person in PEOPLE))
    assert len({tokens["access_token"] for _, tokens in crowd}) == CROWD
    await fleet.restart()

    async def goes_on(client: HandClient, tokens: dict[str, Any]) -> bool:
        again = HandClient(fleet.base, http, client_id=client.client_id)
        if await again.ping(tokens["access_token"]) != 200:
            return False
        refreshed = await again.refresh(tokens["refresh_token"])
        return refreshed.status_code == 200 and await again.ping(refreshed.json()["access_token"]) == 200

    assert all(await asyncio.gather(*(goes_on(client, tokens) for client, tokens in crowd)))
    await _nothing_readable_is_stored(fleet, [tokens for _, tokens in crowd])


async def _nothing_readable_is_stored(fleet: Fleet, given: list[dict[str, Any]]) -> None:
    """No byte in the bucket, name or content, shows a token, an address or a name of the run."""

    def everything() -> bytes:
        client = fleet.aws.client("s3")
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=fleet.bucket)
        names = [item["Key"] for page in pages for item in page.get("Contents", [])]
        bodies = [client.get_object(Bucket=fleet.bucket, Key=name)["Body"].read() for name in names]
        client.close()
        assert len(names) >= 2 * CROWD
        return b"\0".join([*bodies, *(name.encode() for name in names)])

    stored = await asyncio.to_thread(everything)
    secrets = [tokens[kind] for tokens in given for kind in ("access_token", "refresh_token")]
    secrets += [text for person in PEOPLE for text in (person.email, person.subject, person.name)]
    secrets += ["1//", "ya29."]
    assert [secret for secret in secrets if len(secret) > 4 and secret.encode() in stored] == []
