"""A day in fast-forward: whatever goes wrong around it, nobody gets another's data and nobody is signed out."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from google_workspace_mcp.sandbox import faults
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.faults.conftest import Person, signed_in
from tests.faults.test_key_rotation import A, B, C, text
from tests.support.aws import REGION, Aws
from tests.support.clock import FakeClock
from tests.support.stack import CLIENT_ID, Stack

ALICE, BEN, CHIARA = "alice@example.com", "ben@example.com", "chiara@studio.example"
HOUR = 3600


@pytest.fixture
def names(aws: Aws) -> dict[str, str]:
    return {"signing_keys_secret": aws.secret(text(A)), "keys_secret": aws.secret(text(A))}


@pytest.fixture
def settings(aws: Aws, bucket: str, names: dict[str, str]) -> dict[str, Any]:
    return {"store": f"s3://{bucket}", "aws_url": aws.url, "aws_region": REGION, **names}


@pytest.fixture
async def people(stack: Stack) -> AsyncIterator[dict[str, Person]]:
    people = {email: await signed_in(stack, email) for email in (ALICE, BEN, CHIARA)}
    yield people
    for person in people.values():
        await person.http.aclose()


async def account_of(person: Person) -> str:
    """Whose data a call gives."""
    result = await person.result()
    assert not result.get("isError"), result
    return result["structuredContent"]["account"]


async def rotate(aws: Aws, stack: Stack, names: dict[str, str], value: str) -> None:
    for name in names.values():
        aws.rotate(name, value)
    await stack.service.secrets.refresh()


async def test_a_day_of_trouble_costs_nobody_their_sign_in(
    people: dict[str, Person],
    google: SimulatedGoogle,
    aws: Aws,
    clock: FakeClock,
    names: dict[str, str],
) -> None:
    stack, gone = people[ALICE].stack, 15
    for hour in range(24):
        clock.advance(HOUR - 300)
        if hour == 3:
            await rotate(aws, stack, names, text(B, A))
        if hour == 5:
            google.faults.add("oauth.token", faults.server_error(503))
        if hour == 8:
            google.faults.clear()
            await rotate(aws, stack, names, text(C, B, A))
        if hour == 10:
            await widen(people[BEN], google)
        if hour == gone:
            google.revoke(CHIARA, CLIENT_ID)
            assert await people[CHIARA].refresh() == 200
            ended = await people[CHIARA].words()
            assert ended.startswith("reauth_required:")
            assert "/connect/" in ended
        for email, person in people.items():
            if email == CHIARA and hour >= gone:
                continue
            assert await person.refresh() == 200, (hour, email)
            if hour in (5, 6, 7):
                words = (await person.result())["content"][0]["text"]
                assert "sign in again" not in words.lower(), (hour, words)
            else:
                assert await account_of(person) == email, hour


async def widen(person: Person, google: SimulatedGoogle) -> None:
    """A second client of the same person signs in for less; what the first one may do stays."""
    before = google.granted(BEN, CLIENT_ID)
    other = await signed_in(person.stack, BEN)
    try:
        assert google.granted(BEN, CLIENT_ID) >= before
        assert await account_of(other) == BEN
    finally:
        await other.http.aclose()
