"""Plain HTTP on a running service: persons and agents, both addresses, short names, and the description of it all."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Generator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from openapi_spec_validator import validate

from google_workspace_mcp.core.principal import Principal
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.clients.deployment import Address, Deployment, deployed, sample_google
from tests.support.agents import Agent, setting
from tests.support.connecting import connect
from tests.support.oauth import HandClient
from tests.support.stack import Stack, running

AGENT = Agent("urn:example:workspace-tools")
ADDRESSES = ["public", "internal"]

pytestmark = pytest.mark.timeout(90)


@pytest.fixture(scope="module")
def google() -> Generator[SimulatedGoogle]:
    with sample_google() as google:
        yield google


@pytest.fixture(scope="module")
def deployment(google: SimulatedGoogle, tmp_path_factory: pytest.TempPathFactory) -> Generator[Deployment]:
    with deployed(google, tmp_path_factory.mktemp("service"), "/ws", agents=setting(AGENT)) as deployment:
        asyncio.run(connected(deployment.stack))
        yield deployment


async def connected(stack: Stack) -> None:
    await connect(stack, Principal(AGENT.issuer, "user-1"), ALICE)
    await connect(stack, Principal(AGENT.issuer, "no-mail"), BEN, ("calendar.read",))


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(timeout=20, trust_env=False) as http:
        yield http


def bearer(user: str = "user-1", **claims: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {AGENT.token(user, **claims)}"}


# -- tools


@pytest.mark.parametrize("address", ADDRESSES)
async def test_an_agent_calls_a_tool_for_its_user(
    deployment: Deployment, http: httpx2.AsyncClient, address: Address
) -> None:
    url = f"{deployment.base_of(address)}/tools/gmail_search"
    answer = await http.post(url, json={"limit": 2}, headers=bearer())
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]["account"] == ALICE.email
    assert len(answer.json()["data"]["rows"]) == 2
    assert ALICE.email in answer.json()["text"]


@pytest.mark.parametrize("address", ADDRESSES)
async def test_a_person_calls_a_tool_with_the_token_of_a_sign_in(
    deployment: Deployment, http: httpx2.AsyncClient, address: Address
) -> None:
    client = HandClient(deployment.base, http)
    await client.register()
    token = (await client.tokens(BEN.email, scope="gmail.read"))["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    base = deployment.base_of(address)
    answer = await http.post(f"{base}/tools/gmail_search", headers=headers)
    assert answer.json()["data"]["account"] == BEN.email
    listed = (await http.get(f"{base}/tools", headers=headers)).json()["data"]["tools"]
    assert {tool["name"].partition("_")[0] for tool in listed} == {"gmail", "accounts", "search", "fetch", "workspace"}
    refused = await http.post(f"{base}/tools/drive_search", headers=headers)
    assert refused.status_code == 403
    challenge = refused.headers["www-authenticate"]
    assert challenge.startswith('Bearer error="insufficient_scope", scope="drive.read", resource_metadata="')
    assert f"{base}/.well-known/oauth-protected-resource/mcp" in challenge


async def test_a_listed_tool_has_the_schema_that_mcp_clients_see(
    deployment: Deployment, http: httpx2.AsyncClient
) -> None:
    base = deployment.base_of("internal")
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    legacy = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18", **bearer()}
    answer = (await http.post(f"{base}/mcp", json=call, headers=legacy)).text
    seen = json.loads(answer[answer.index("{") :])["result"]["tools"]
    listed = (await http.get(f"{base}/tools", headers=bearer())).json()["data"]["tools"]
    assert listed == [{part: tool[part] for part in listed[0]} for tool in seen]


async def test_a_body_may_be_as_large_as_on_mcp(deployment: Deployment, http: httpx2.AsyncClient) -> None:
    url = f"{deployment.base_of('internal')}/tools/gmail_search"
    answer = await http.post(url, json={"query": "x" * 1_000_000}, headers=bearer())
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_argument")


@pytest.mark.parametrize("path", ["/tools", "/gmail/messages", "/gmail/status"])
async def test_a_page_of_a_foreign_origin_is_refused(
    deployment: Deployment, http: httpx2.AsyncClient, path: str
) -> None:
    headers = {**bearer(), "Origin": "https://evil.example"}
    assert (await http.get(f"{deployment.base}{path}", headers=headers)).status_code == 403


async def test_the_face_is_below_the_prefix_only_for_the_outside(
    deployment: Deployment, http: httpx2.AsyncClient
) -> None:
    outside = deployment.base.removesuffix("/ws")
    assert (await http.get(f"{outside}/tools", headers=bearer())).status_code == 404


# -- short names for Gmail


@pytest.mark.parametrize("address", ADDRESSES)
async def test_messages_are_found_by_the_short_name(
    deployment: Deployment, http: httpx2.AsyncClient, address: Address
) -> None:
    query = {"query": "in:inbox", "max_results": "3", "user_id": BEN.email}
    answer = await http.get(f"{deployment.base_of(address)}/gmail/messages", params=query, headers=bearer())
    body = answer.json()
    assert (answer.status_code, body["status"], body["data"]["total"]) == (200, "success", 3)
    for message in body["data"]["messages"]:
        assert list(message) == ["id", "subject", "sender", "date", "snippet"]
        assert message["id"]
        assert message["subject"]


async def test_the_user_is_the_bearers_whatever_the_query_says(
    deployment: Deployment, http: httpx2.AsyncClient, google: SimulatedGoogle
) -> None:
    google.calls.clear()
    query = {"user_id": BEN.subject, "account": BEN.email}
    answer = await http.get(f"{deployment.base}/gmail/messages", params=query, headers=bearer())
    assert answer.status_code == 200
    assert {call.person for call in google.calls.api_calls()} == {ALICE.email}


@pytest.mark.parametrize("given", ["0", "51", "-1", "many", "1e1", "9999999999", "٣", ""])
async def test_a_number_of_messages_that_cannot_be_meant_is_refused(
    deployment: Deployment, http: httpx2.AsyncClient, given: str
) -> None:
    url = f"{deployment.base}/gmail/messages"
    answer = await http.get(url, params={"max_results": given}, headers=bearer())
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_argument")


async def test_status_says_whether_gmail_is_connected(deployment: Deployment, http: httpx2.AsyncClient) -> None:
    async def status(user: str) -> dict[str, Any]:
        return (await http.get(f"{deployment.base}/gmail/status", headers=bearer(user))).json()["data"]

    connected = await status("user-1")
    assert connected["connected"] is True
    assert [account["address"] for account in connected["accounts"]] == [ALICE.email]
    assert await status("no-mail") == {"connected": False, "accounts": []}
    assert await status("nobody") == {"connected": False, "accounts": []}


@pytest.mark.parametrize("address", ADDRESSES)
async def test_mail_is_sent_by_the_short_name_once_for_each_key(
    deployment: Deployment, http: httpx2.AsyncClient, address: Address
) -> None:
    letter = {"to": [BEN.email], "subject": f"From {address}", "body": "Hello"}
    url = f"{deployment.base_of(address)}/gmail/send"
    headers = {**bearer(), "Idempotency-Key": f"letter-{address}"}
    answers = [await http.post(url, json=letter, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200], answers[0].text
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["data"]["state"] == "sent"
    found = await http.get(
        f"{deployment.base}/gmail/messages", params={"query": f'subject:"From {address}"'}, headers=bearer()
    )
    assert found.json()["data"]["total"] == 1


async def test_the_tools_of_gmail_are_listed_by_the_short_name(
    deployment: Deployment, http: httpx2.AsyncClient
) -> None:
    listed = (await http.get(f"{deployment.base}/gmail/tools", headers=bearer())).json()["data"]["tools"]
    assert {tool["name"] for tool in listed} >= {"gmail_search", "gmail_read"}
    assert all(tool["name"].startswith("gmail_") for tool in listed)


@pytest.mark.parametrize("path", ["/tools", "/gmail/messages", "/gmail/status", "/gmail/tools"])
async def test_without_a_token_every_name_is_401_with_the_challenge(
    deployment: Deployment, http: httpx2.AsyncClient, path: str
) -> None:
    answer = await http.get(f"{deployment.base}{path}")
    assert answer.status_code == 401
    assert 'resource_metadata="' in answer.headers["www-authenticate"]


# -- the description


@pytest.mark.parametrize("address", ADDRESSES)
async def test_the_document_is_sound_openapi_and_names_every_tool(
    deployment: Deployment, http: httpx2.AsyncClient, address: Address
) -> None:
    base = deployment.base_of(address)
    document = (await http.get(f"{base}/openapi.json")).json()
    validate(document)
    assert document["servers"] == [{"url": base}]
    names = {f"/tools/{prepared.definition.name}" for prepared in deployment.stack.service.runner.tools}
    assert {path for path in document["paths"] if path.startswith("/tools/")} == names
    assert {"/tools", "/gmail/status", "/gmail/messages", "/gmail/tools", "/gmail/send"} <= document["paths"].keys()


@pytest.mark.parametrize("address", ADDRESSES)
async def test_the_page_shows_every_operation_and_needs_no_script(
    deployment: Deployment, http: httpx2.AsyncClient, address: Address
) -> None:
    base = deployment.base_of(address)
    page = await http.get(f"{base}/docs")
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "<script" not in page.text
    document = (await http.get(f"{base}/openapi.json")).json()
    assert [path for path in document["paths"] if f"{path}</code>" not in page.text] == []
    foreign = [link for link in re.findall(r'(?:href|src)="([^"#][^"]*)"', page.text) if not link.startswith(base)]
    assert foreign == []


async def test_what_the_operator_does_not_offer_is_not_described(
    google: SimulatedGoogle, tmp_path: Path, http: httpx2.AsyncClient
) -> None:
    with running(google, tmp_path, services=("calendar",), agents=setting(AGENT)) as stack:
        document = (await http.get(f"{stack.settings.base_url}/openapi.json")).json()
        assert not [path for path in document["paths"] if "gmail" in path or "drive" in path]
        assert (await http.get(f"{stack.settings.base_url}/gmail/status", headers=bearer())).status_code == 404


async def test_the_description_can_be_switched_off(
    google: SimulatedGoogle, tmp_path: Path, http: httpx2.AsyncClient
) -> None:
    with running(google, tmp_path, openapi=False, agents=setting(AGENT)) as stack:
        for path in ("/openapi.json", "/docs"):
            assert (await http.get(f"{stack.settings.base_url}{path}")).status_code == 404
        assert (await http.get(f"{stack.settings.base_url}/tools", headers=bearer())).status_code == 200
