"""A service whose store is S3 and whose data keys are KMS's, with something in between that can fail."""

import base64
import json
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from google_workspace_mcp.sandbox.calendar.service import CalendarService
from google_workspace_mcp.sandbox.people.cast import PEOPLE
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.support.aws import REGION, Aws
from tests.support.clock import FakeClock
from tests.support.faulty import Faulty, faulty
from tests.support.oauth import HandClient
from tests.support.stack import Stack, running

SIGNING = f"s1:{base64.b64encode(os.urandom(32)).decode()}"


@dataclass
class Person:
    """Somebody signed in with a client of their own."""

    stack: Stack
    http: httpx2.AsyncClient
    client: HandClient
    access_token: str
    refresh_token: str

    async def call(self, tool: str) -> httpx2.Response:
        """The answer to a tool call, whatever it is."""
        return await self.http.post(
            self.stack.mcp_url,
            json={"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": {}}},
            headers={
                "Authorization": f"Bearer {self.access_token}",
                "Accept": "application/json, text/event-stream",
                "MCP-Protocol-Version": "2025-06-18",
            },
        )

    async def result(self, tool: str = "calendar_list_calendars") -> dict[str, Any]:
        """The result of a tool call that was answered."""
        response = await self.call(tool)
        assert response.status_code == 200, response.text
        [line] = [line for line in response.text.splitlines() if line.startswith("data:")]
        return json.loads(line.removeprefix("data:"))["result"]

    async def works(self) -> bool:
        return not (await self.result()).get("isError", False)

    async def words(self) -> str:
        """The words of a tool call that failed."""
        result = await self.result()
        assert result["isError"]
        return result["content"][0]["text"]

    async def refresh(self) -> int:
        """The status of the token endpoint's answer; new tokens are kept."""
        response = await self.client.refresh(self.refresh_token)
        if response.status_code == 200:
            self.access_token = response.json()["access_token"]
            self.refresh_token = response.json()["refresh_token"]
        return response.status_code


async def signed_in(stack: Stack, email: str) -> Person:
    """A person who has just signed in, with a browser of their own."""
    http = httpx2.AsyncClient(timeout=40, trust_env=False)
    client = HandClient(stack.settings.base_url, http)
    assert (await client.register()).status_code == 201
    tokens = await client.tokens(email)
    return Person(stack, http, client, tokens["access_token"], tokens["refresh_token"])


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def proxy(aws: Aws) -> Iterator[Faulty]:
    with faulty(aws.url) as proxy:
        yield proxy


@pytest.fixture
def bucket(aws: Aws) -> str:
    return aws.bucket()


@pytest.fixture
def google(clock: FakeClock) -> Iterator[SimulatedGoogle]:
    calendar = CalendarService(clock)
    for person in PEOPLE:
        calendar.add_person(person)
    with SimulatedGoogle((calendar,), PEOPLE, clock=clock) as google:
        yield google


@pytest.fixture
def settings(aws: Aws, proxy: Faulty, bucket: str) -> dict[str, Any]:
    return {
        "store": f"s3://{bucket}/some/prefix",
        "kms_key": (aws.kms_key(),),
        "signing_keys": SIGNING,
        "aws_url": proxy.url,
        "aws_region": REGION,
    }


@pytest.fixture
def stack(settings: dict[str, Any], google: SimulatedGoogle, clock: FakeClock, tmp_path: Path) -> Iterator[Stack]:
    with running(google, tmp_path, clock=clock, **settings) as stack:
        yield stack


@pytest.fixture
async def alice(stack: Stack) -> AsyncIterator[Person]:
    person = await signed_in(stack, "alice@example.com")
    yield person
    await person.http.aclose()
