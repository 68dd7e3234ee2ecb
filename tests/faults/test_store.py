"""The store and the key service fail in every way: nobody has to sign in again, and all is well when they are back."""

from typing import Any

import pytest

from tests.faults.conftest import Person, signed_in
from tests.support.aws import Aws
from tests.support.clock import FakeClock
from tests.support.faulty import Answer, Asked, Fault, Faulty, Reset, json_error, s3_error
from tests.support.stack import Stack

RECHECKED = 61
CONNECTIONS = "lasting/connections/"


def for_kms(fault: Fault) -> Any:
    return lambda asked: fault if "trentservice" in asked.headers.get("x-amz-target", "").lower() else None


async def readiness(person: Person) -> tuple[int, dict[str, str]]:
    answer = await person.http.get(f"{person.stack.internal_url}/ready")
    return answer.status_code, answer.json()


def metric(stack: Stack, name: str) -> float:
    lines = [line for line in stack.service.metrics.render().splitlines() if line.startswith(name)]
    return sum(float(line.rpartition(" ")[2]) for line in lines)


async def connection_keys(stack: Stack) -> list[str]:
    return [key async for key in stack.service.store.list(CONNECTIONS)]


async def test_a_sign_in_and_a_call_work_on_s3_and_kms(alice: Person, proxy: Faulty) -> None:
    assert await alice.works()
    assert await alice.refresh() == 200
    assert await alice.works()
    operations = {asked.headers.get("x-amz-target", "") for asked in proxy.seen}
    assert {"TrentService.GenerateDataKey", "TrentService.Decrypt"} <= operations


async def test_nothing_in_the_bucket_tells_a_token_or_an_address(alice: Person, aws: Aws, bucket: str) -> None:
    assert await alice.works()
    secrets = [alice.access_token, alice.refresh_token, "alice", alice.stack.settings.google_client_id]
    client = aws.client("s3")
    listed = client.list_objects_v2(Bucket=bucket)["Contents"]
    assert len(listed) >= 3
    for entry in listed:
        assert entry["Key"].split("/")[2] in ("transient", "session", "client", "lasting")
        lying = entry["Key"].encode() + client.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
        assert not [secret for secret in secrets if secret.encode() in lying]
    client.close()


@pytest.mark.security("S-5")
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(s3_error(500, "InternalError"), id="500"),
        pytest.param(s3_error(503, "SlowDown"), id="throttled"),
        pytest.param(s3_error(403, "AccessDenied"), id="denied"),
        pytest.param(s3_error(404, "NoSuchBucket"), id="no-bucket"),
        pytest.param(Answer(200, b"<html>", "text/html"), id="not-s3"),
        pytest.param(Reset(), id="reset"),
    ],
)
async def test_a_failing_store_is_try_again_and_never_sign_in_again(
    alice: Person, proxy: Faulty, clock: FakeClock, fault: Fault
) -> None:
    assert await alice.works()
    proxy.always(fault)
    assert await alice.works(), "what is cached goes on"
    clock.advance(RECHECKED)
    answer = await alice.call("calendar_list_calendars")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert await alice.refresh() == 503
    status, body = await readiness(alice)
    assert (status, body["status"]) == (200, "degraded")
    proxy.heal()
    assert await alice.works()
    assert await alice.refresh() == 200
    assert await readiness(alice) == (200, {"status": "ready"})


@pytest.mark.security("S-5")
async def test_a_store_that_fails_between_the_checks_of_session_and_connection_is_a_typed_error(
    alice: Person, proxy: Faulty, clock: FakeClock
) -> None:
    def connections_fail(asked: Asked) -> Fault:
        return s3_error(503, "SlowDown") if "connections" in asked.target else None

    proxy.before = connections_fail
    assert "The same call may be tried again" in await alice.words()
    proxy.heal()
    assert await alice.works()


@pytest.mark.security("S-2")
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(json_error(400, "AccessDeniedException"), id="denied"),
        pytest.param(json_error(400, "ThrottlingException"), id="throttled"),
        pytest.param(json_error(400, "DisabledException"), id="disabled"),
        pytest.param(json_error(400, "IncorrectKeyException"), id="wrong-key"),
        pytest.param(Reset(), id="reset"),
    ],
)
async def test_a_failing_key_service_is_try_again_and_never_sign_in_again(
    alice: Person, proxy: Faulty, clock: FakeClock, fault: Fault
) -> None:
    assert await alice.works()
    proxy.before = for_kms(fault)
    clock.advance(RECHECKED)
    assert (await alice.call("calendar_list_calendars")).status_code == 503
    assert await alice.refresh() == 503
    assert await readiness(alice) == (200, {"status": "degraded", "reason": "keys"})
    proxy.heal()
    assert await alice.works()
    assert await alice.refresh() == 200
    assert metric(alice.stack, "gwmcp_crypto_failures_total") == 0


@pytest.mark.security("S-1")
@pytest.mark.parametrize("damage", ["empty", "truncated", "flipped", "foreign"])
async def test_a_damaged_connection_is_not_connected_until_the_person_signs_in(
    alice: Person, clock: FakeClock, damage: str
) -> None:
    stack = alice.stack
    [key] = await connection_keys(stack)
    good = (await stack.service.store.get(key)).data
    bad = {
        "empty": b"",
        "truncated": good[: len(good) // 2],
        "flipped": good[:60] + bytes([good[60] ^ 1]) + good[61:],
        "foreign": b'{"refresh_token": "1//planted"}',
    }[damage]
    await stack.service.store.put(key, bad)
    clock.advance(RECHECKED)
    assert "Give the person this link" in await alice.words()
    assert metric(stack, 'gwmcp_crypto_failures_total{kind="connection"}') >= 1
    aside = [name async for name in stack.service.store.list("quarantine/")]
    assert [(await stack.service.store.get(name)).data for name in aside] == [bad]
    assert (await stack.service.store.get(key)).data == bad

    again = await signed_in(stack, "alice@example.com")
    assert await again.works()
    assert await alice.works()
    await again.http.aclose()


@pytest.mark.security("S-3")
async def test_a_connection_copied_to_another_persons_key_does_not_open_for_them(
    alice: Person, clock: FakeClock
) -> None:
    stack = alice.stack
    [of_alice] = await connection_keys(stack)
    ben = await signed_in(stack, "ben@example.com")
    [of_ben] = [key for key in await connection_keys(stack) if key != of_alice]
    await stack.service.store.put(of_ben, (await stack.service.store.get(of_alice)).data)
    clock.advance(RECHECKED)
    assert "Give the person this link" in await ben.words()
    assert await alice.works()
    assert metric(stack, 'gwmcp_crypto_failures_total{kind="connection"}') >= 1
    await ben.http.aclose()


@pytest.mark.security("S-3")
async def test_a_connection_rolled_back_is_not_connected(alice: Person, clock: FakeClock) -> None:
    stack = alice.stack
    [key] = await connection_keys(stack)
    old = (await stack.service.store.get(key)).data
    clock.advance(RECHECKED)
    again = await signed_in(stack, "alice@example.com")
    await stack.service.store.put(key, old)
    clock.advance(RECHECKED)
    assert "Give the person this link" in await alice.words()
    assert metric(stack, 'gwmcp_crypto_failures_total{kind="rolled-back"}') >= 1
    await again.http.aclose()
