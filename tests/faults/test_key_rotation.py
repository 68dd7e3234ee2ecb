"""Keys and Google's client secret rotate under a running service: nobody notices."""

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from google_workspace_mcp.core.keys import Key, KeyRing, render_keys
from google_workspace_mcp.core.secrets import SETTLE
from google_workspace_mcp.core.storage.sealing import parse
from google_workspace_mcp.sandbox.oauth.book import OAuthClient
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.faults.conftest import Person
from tests.support.aws import REGION, Aws
from tests.support.clock import FakeClock
from tests.support.stack import CLIENT_ID, CLIENT_SECRET, Stack, running

A, B, C = (Key(name, os.urandom(32)) for name in "abc")


def text(*keys: Key) -> str:
    return render_keys(KeyRing(keys))


@pytest.fixture
def names(aws: Aws) -> dict[str, str]:
    return {
        "signing_keys_secret": aws.secret(text(A)),
        "keys_secret": aws.secret(text(A)),
        "google_client_secret_secret": aws.secret(CLIENT_SECRET),
    }


@pytest.fixture
def settings(aws: Aws, bucket: str, names: dict[str, str]) -> dict[str, Any]:
    return {"store": f"s3://{bucket}", "aws_url": aws.url, "aws_region": REGION, **names}


@pytest.fixture
def second(
    settings: dict[str, Any], stack: Stack, google: SimulatedGoogle, clock: FakeClock, tmp_path: Path
) -> Iterator[Stack]:
    """Another task of the same service, behind the same public address."""
    with running(google, tmp_path, base_url=stack.settings.base_url, clock=clock, **settings) as second:
        yield second


def kid(token: str) -> str:
    head = token.partition(".")[0]
    return json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"]


async def sealed_by(stack: Stack, prefix: str) -> set[str]:
    keys = [key async for key in stack.service.store.list(prefix)]
    return {parse((await stack.service.store.get(key)).data).key_id for key in keys}


@pytest.mark.security("L-5")
async def test_signing_and_sealing_keys_rotate_twice_and_nobody_signs_in_again(
    alice: Person, aws: Aws, names: dict[str, str], clock: FakeClock
) -> None:
    stack, used = alice.stack, [kid(alice.access_token)]
    for value in (text(B, A), text(C)):
        for name in ("signing_keys_secret", "keys_secret"):
            aws.rotate(names[name], value)
        # Read at once, written with only when every task has had the time to read it.
        await stack.service.secrets.refresh()
        assert await alice.refresh() == 200
        used.append(kid(alice.access_token))
        clock.advance(SETTLE.total_seconds() + 60)
        await stack.service.secrets.refresh()
        assert await alice.works()
        assert await alice.refresh() == 200
        used.append(kid(alice.access_token))
        assert await alice.works()
    # The emulator's clock stays behind ours, so the second change counts as long settled at once.
    assert used == ["a", "a", "b", "c", "c"]
    assert await sealed_by(stack, "session/sessions/") == {"c"}


async def test_a_task_that_has_not_read_the_new_keys_yet_understands_what_one_that_has_writes(
    alice: Person, second: Stack, aws: Aws, names: dict[str, str], clock: FakeClock
) -> None:
    for name in ("signing_keys_secret", "keys_secret"):
        aws.rotate(names[name], text(B, A))
    await alice.stack.service.secrets.refresh()
    assert await alice.refresh() == 200
    answer = await alice.http.post(
        second.internal_mcp_url,
        json={"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}},
        headers={
            "Authorization": f"Bearer {alice.access_token}",
            "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": "2025-06-18",
        },
    )
    assert answer.status_code == 200


async def test_a_rotated_client_secret_is_used_for_the_next_refresh_at_google(
    alice: Person, aws: Aws, names: dict[str, str], clock: FakeClock, google: SimulatedGoogle
) -> None:
    redirect = alice.stack.settings.redirect_uri
    google.register_client(OAuthClient(CLIENT_ID, "another-secret", "Workspace MCP", (redirect,)))
    # Until the token in hand ends, Google's refusal is not noticed.
    clock.advance(3595)
    assert await alice.refresh() == 200
    assert "OAuth client" in await alice.words(), "the old secret is no longer good"
    aws.rotate(names["google_client_secret_secret"], "another-secret")
    await alice.stack.service.secrets.refresh()
    assert await alice.works()
