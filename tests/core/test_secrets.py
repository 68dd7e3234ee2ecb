"""Secrets by name: missing ones in one line each, rotated ones taken over in an order that no task trips over."""

import base64
import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from google_workspace_mcp.auth.agents import ServiceTokens
from google_workspace_mcp.core.http.egress import Egress
from google_workspace_mcp.core.issuers import LiveIssuers
from google_workspace_mcp.core.keys import Key, KeyRing, LiveKeys, LocalKeys, derive, parse_keys, render_keys
from google_workspace_mcp.core.secrets import (
    SETTLE,
    LiveSecret,
    SecretRef,
    SecretRefresh,
    SecretValue,
    settled,
    with_secrets,
)
from google_workspace_mcp.core.settings import Settings, SettingsError, load
from tests.support.agents import ISSUER, Agent, new_key, setting
from tests.support.aws import REGION, Aws
from tests.support.clock import FakeClock
from tests.support.faulty import Fault, Faulty, Reset, faulty, json_error

A, B, C = (Key(name, os.urandom(32)) for name in "abc")
NOW = datetime(2026, 11, 25, tzinfo=UTC)


def text(*keys: Key) -> str:
    return render_keys(KeyRing(keys))


def ids(ring: KeyRing) -> str:
    return "".join(key.id for key in ring.keys)


# -- the order of keys


@pytest.mark.parametrize(
    ("current", "previous", "age", "order"),
    [
        pytest.param((A,), (), timedelta(0), "a", id="never-rotated"),
        pytest.param((B, A), (A,), timedelta(0), "ab", id="a-new-first-key-only-reads"),
        pytest.param((B, A), (A,), SETTLE, "ba", id="until-every-task-knows-it"),
        pytest.param((B,), (A,), timedelta(0), "ab", id="a-key-left-out-goes-on-until-then"),
        pytest.param((B,), (A,), SETTLE, "ba", id="and-is-read-after"),
        pytest.param((C,), (B, A), SETTLE, "cba", id="all-of-the-value-before"),
        pytest.param((A, B), (B, A), timedelta(0), "ba", id="an-order-that-was-turned-round"),
    ],
)
def test_keys_count_in_an_order_that_every_task_can_follow(
    current: tuple[Key, ...], previous: tuple[Key, ...], age: timedelta, order: str
) -> None:
    value = SecretValue(text(*current), text(*previous) if previous else "", NOW - age)
    assert ids(settled(value, NOW)) == order


def test_an_id_with_another_key_behind_it_counts_at_once() -> None:
    other = Key("a", os.urandom(32))
    assert settled(SecretValue(text(other), text(A), NOW), NOW).first == other


def test_a_malformed_value_before_is_as_good_as_none() -> None:
    assert ids(settled(SecretValue(text(A), "rubbish", NOW), NOW)) == "a"


def test_a_derived_ring_follows_the_keys_it_was_derived_from() -> None:
    keys = LiveKeys.of(LocalKeys(KeyRing((A,)), KeyRing((A,))))
    derived = derive(keys.signing, "purpose")
    before = derived.first
    keys.signing.replace(KeyRing((B, A)))
    assert derived.first == derive(KeyRing((B,)), "purpose").first
    assert derived.find("a") == before


@pytest.mark.parametrize(
    ("given", "name", "member"),
    [
        ("prod/keys", "prod/keys", ""),
        ("prod/keys:sealing", "prod/keys", "sealing"),
        ("arn:aws:secretsmanager:eu-west-1:1:secret:keys-a1", "arn:aws:secretsmanager:eu-west-1:1:secret:keys-a1", ""),
        (
            "arn:aws:secretsmanager:eu-west-1:1:secret:keys-a1:m",
            "arn:aws:secretsmanager:eu-west-1:1:secret:keys-a1",
            "m",
        ),
    ],
)
def test_a_secret_is_named_by_name_or_arn_with_or_without_a_member(given: str, name: str, member: str) -> None:
    assert SecretRef.parse(given) == SecretRef(name, member)
    assert load(None, keys_secret=given).keys_secret == given


# -- at the start


@pytest.fixture
def proxy(aws: Aws) -> Iterator[Faulty]:
    with faulty(aws.url) as proxy:
        yield proxy


def settings_for(url: str, **values: Any) -> Settings:
    return load(None, aws_url=url, aws_region=REGION, **values)


async def test_secrets_take_the_place_of_values(aws: Aws) -> None:
    client = aws.secret('{"id": "an-id", "secret": "a-secret"}')
    settings = settings_for(
        aws.url,
        google_client_id_secret=f"{client}:id",
        google_client_secret_secret=f"{client}:secret",
        keys_secret=aws.secret(text(A)),
        signing_keys_secret=aws.secret(text(B)),
        agents_secret=aws.secret(setting(Agent())),
    )
    filled = await with_secrets(settings, FakeClock())
    assert filled.google_client_id == "an-id"
    assert filled.google_client_secret.get_secret_value() == "a-secret"
    assert parse_keys(filled.keys.get_secret_value()).first == A
    assert parse_keys(filled.signing_keys.get_secret_value()).first == B
    assert [issuer.name for issuer in filled.issuers] == [ISSUER]
    assert "a-secret" not in repr(filled)


async def problems(settings: Settings) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        await with_secrets(settings, FakeClock())
    return caught.value.problems


@pytest.mark.security("L-5")
async def test_every_secret_that_cannot_be_had_is_one_line(aws: Aws) -> None:
    plain, other, short = aws.secret("plain words"), aws.secret('{"other": 1}'), "k:" + base64.b64encode(b"x").decode()
    found = await problems(
        settings_for(
            aws.url,
            google_client_id_secret="not/there",
            google_client_secret_secret=f"{plain}:member",
            keys_secret=f"{other}:member",
            signing_keys_secret=aws.secret(short),
            agents_secret=aws.secret('[{"issuer": "https://agent.example", "secret": "short"}]'),
        )
    )
    assert found == [
        f"GWMCP_GOOGLE_CLIENT_ID_SECRET: there is no secret not/there in region {REGION}",
        f"GWMCP_GOOGLE_CLIENT_SECRET_SECRET: the secret {plain} is not a JSON object",
        f"GWMCP_KEYS_SECRET: the secret {other} has no member member",
        "GWMCP_SIGNING_KEYS_SECRET: key k has 1 bytes, 32 are needed",
        "GWMCP_AGENTS_SECRET: entry 1: secret needs 32 bytes at least",
    ]


@pytest.mark.security("L-5")
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        pytest.param(json_error(400, "AccessDeniedException"), "cannot be read: access was denied", id="denied"),
        pytest.param(json_error(400, "DecryptionFailure"), "its KMS key cannot be used", id="kms"),
        pytest.param(json_error(500, "InternalServiceError"), "failed with status 500", id="500"),
        pytest.param(Reset(), "no connection could be made", id="reset"),
    ],
)
async def test_why_a_secret_cannot_be_read_is_said(aws: Aws, proxy: Faulty, fault: Fault, words: str) -> None:
    proxy.always(fault)
    [found] = await problems(settings_for(proxy.url, keys_secret="prod/keys"))
    assert found.startswith("GWMCP_KEYS_SECRET: the secret prod/keys")
    assert words in found
    assert "SECRET text" not in found


@pytest.mark.security("L-5")
async def test_a_region_without_the_secret_is_named(aws: Aws) -> None:
    name = aws.secret(text(A))
    found = await problems(load(None, aws_url=aws.url, aws_region="eu-central-1", keys_secret=name))
    assert found == [f"GWMCP_KEYS_SECRET: there is no secret {name} in region eu-central-1"]


# -- while it runs


class Running:
    """What a running service holds, with the secrets behind it."""

    def __init__(self, aws: Aws, proxy: Faulty) -> None:
        self.aws = aws
        self.clock = FakeClock()
        self.signing, self.client, self.agents = aws.secret(text(A)), aws.secret("first"), aws.secret("[]")
        self.keys = LiveKeys.of(LocalKeys(KeyRing((A,)), KeyRing((A,))))
        self.google = LiveSecret(SecretStr("first"))
        settings = load(
            None,
            aws_url=proxy.url,
            aws_region=REGION,
            signing_keys_secret=self.signing,
            google_client_secret_secret=self.client,
            agents_secret=self.agents,
        )
        self.issuers = LiveIssuers(settings.issuers)
        self.secrets = SecretRefresh(settings, self.clock, self.keys, self.google, self.issuers)


@pytest.fixture
async def service(aws: Aws, proxy: Faulty) -> AsyncIterator[Running]:
    service = Running(aws, proxy)
    yield service
    await service.secrets.close()


@pytest.mark.security("L-5")
async def test_a_rotated_signing_key_verifies_at_once_and_signs_when_every_task_knows_it(service: Running) -> None:
    service.aws.rotate(service.signing, text(B, A))
    await service.secrets.refresh()
    assert ids(service.keys.signing.current) == "ab"
    service.clock.advance(SETTLE.total_seconds() + 60)
    await service.secrets.refresh()
    assert ids(service.keys.signing.current) == "ba"
    assert ids(service.keys.sealing.current) == "a"


async def test_a_rotated_google_client_secret_is_used_from_then_on(service: Running) -> None:
    service.aws.rotate(service.client, "second")
    await service.secrets.refresh()
    assert service.google.get_secret_value() == "second"


async def test_agents_that_were_added_or_taken_away_count_from_then_on(service: Running) -> None:
    agent = Agent(clock=service.clock, key=new_key("oct"))
    tokens = ServiceTokens(service.issuers, Egress(httpx2.AsyncClient(), local=False), service.clock, ())
    assert await tokens.verify(agent.token()) is None
    service.aws.rotate(service.agents, setting(agent))
    await service.secrets.refresh()
    assert await tokens.verify(agent.token()) is not None
    service.aws.rotate(service.agents, "[]")
    await service.secrets.refresh()
    assert await tokens.verify(agent.token()) is None


async def test_a_malformed_list_of_agents_leaves_everything_as_it_is(service: Running) -> None:
    service.aws.rotate(service.agents, '[{"issuer": "https://agent.example"}]')
    service.aws.rotate(service.client, "second")
    await service.secrets.refresh()
    assert (service.issuers.current, service.google.get_secret_value()) == ((), "first")


async def test_secrets_that_cannot_be_read_again_leave_everything_as_it_is(service: Running, proxy: Faulty) -> None:
    service.aws.rotate(service.client, "second")
    proxy.always(json_error(400, "AccessDeniedException"))
    await service.secrets.refresh()
    assert service.google.get_secret_value() == "first"
    proxy.heal()
    await service.secrets.refresh()
    assert service.google.get_secret_value() == "second"


async def test_a_malformed_new_value_leaves_everything_as_it_is(service: Running) -> None:
    service.aws.rotate(service.signing, "rubbish")
    await service.secrets.refresh()
    assert ids(service.keys.signing.current) == "a"


async def test_nothing_is_asked_when_no_secret_is_named(proxy: Faulty) -> None:
    settings = load(None, aws_url=proxy.url, aws_region=REGION)
    assert await with_secrets(settings, FakeClock()) is settings
    assert proxy.seen == []
