"""The audit trail: each thing that gives or takes access leaves a line, and no line says who a person is."""

import json
from typing import Any

import httpx2

from google_workspace_mcp.core.audit import client_label
from google_workspace_mcp.core.google.endpoints import ISSUER
from google_workspace_mcp.core.principal import Principal
from google_workspace_mcp.sandbox.people.cast import ALICE as PERSON
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.auth.test_account_pages import Person
from tests.support.clock import FakeClock
from tests.support.logs import CapturedLog, captured_log
from tests.support.oauth import HandClient
from tests.support.stack import Stack

ALICE = PERSON.email
WHO = Principal(ISSUER, PERSON.subject).key


def story(log: CapturedLog) -> list[tuple[str, str]]:
    return [(line["what"], line["outcome"]) for line in log.lines("audit")]


async def test_a_life_with_this_service_is_told_from_registration_to_disconnect(
    stack: Stack, http: httpx2.AsyncClient, clock: FakeClock
) -> None:
    client, person = HandClient(stack.settings.base_url, http), Person(stack, http)
    with captured_log() as log:
        await client.register()
        first = await client.tokens(ALICE, scope="drive.read")
        clock.advance(1)
        await client.tokens(ALICE)
        await person.through_google("sign-in", ALICE)
        await person.press("sign-out-program")
        await http.post(f"{client.base}/revoke", data={"token": first["refresh_token"]})
        await person.press("disconnect")
    assert story(log) == [
        ("client_registered", "ok"),
        ("grant", "ok"),
        ("sign_in", "ok"),
        ("grant_widened", "ok"),
        ("sign_in", "ok"),
        ("account_sign_in", "ok"),
        ("client_signed_out", "ok"),
        ("revocation", "ok"),
        ("disconnect", "ok"),
    ]
    lines = log.lines("audit")
    assert {line["who"] for line in lines} == {"", WHO}
    assert {line["client"] for line in lines} == {"", client.client_id}


async def test_what_is_refused_is_told_with_its_reason(
    client: HandClient, google: SimulatedGoogle, clock: FakeClock
) -> None:
    tokens = await client.tokens(ALICE)
    with captured_log() as log:
        google.revoke(ALICE)
        await client.call(tokens["access_token"], "gmail_search")
        clock.advance(10 * 60 + 1)
        await client.refresh(tokens["refresh_token"])
    assert [(line["what"], line["outcome"], line.get("reason")) for line in log.lines("audit")] == [
        ("grant_ended", "ok", "invalid_grant"),
        ("refresh", "refused", "grant_ended"),
    ]


async def test_audit_lines_are_written_when_the_operator_wants_warnings_only(client: HandClient) -> None:
    with captured_log("error") as log:
        await client.tokens(ALICE)
    assert story(log) == [("grant", "ok"), ("sign_in", "ok")]


async def test_no_line_holds_an_address_a_token_or_a_name(stack: Stack, http: httpx2.AsyncClient) -> None:
    client, person = HandClient(stack.settings.base_url, http), Person(stack, http)
    secrets: list[Any] = [ALICE, PERSON.subject, PERSON.name, "alice", "Canary Client"]
    with captured_log("debug") as log:
        await client.register(client_name="Canary Client")
        back = await client.sign_in(ALICE, state="canary-state")
        tokens = (await client.redeem(back["code"])).json()
        following = (await client.refresh(tokens["refresh_token"])).json()
        await person.through_google("sign-in", ALICE)
        await http.post(f"{client.base}/revoke", data={"token": following["refresh_token"]})
    secrets += [back["code"], "canary-state", client.verifier, *_tokens(tokens), *_tokens(following)]
    assert [secret for secret in secrets if json.dumps(secret)[1:-1] in log.text] == []
    assert len(log.lines("audit")) >= 4


def _tokens(answer: dict[str, Any]) -> list[str]:
    return [answer["access_token"], answer["refresh_token"]]


def test_a_client_named_by_an_address_stands_as_a_hash() -> None:
    address = "https://client.example/alice@example.com.json"
    assert client_label(address).startswith("sha256-")
    assert "alice" not in client_label(address)
    assert client_label("0123abcd") == "0123abcd"
    assert client_label("") == ""
