"""Clients that the operator adds: a secret shown once, two ways to send it, and an end when they are removed."""

import base64
from dataclasses import dataclass

import httpx2
import pytest

from google_workspace_mcp.administration import add_client, clients_of, remove_client
from google_workspace_mcp.core.settings import SettingsError
from tests.support.clock import FakeClock
from tests.support.oauth import REDIRECT, HandClient
from tests.support.stack import Stack

ALICE = "alice@example.com"


@dataclass
class Confidential:
    """A client with a secret, and tokens it has not yet got."""

    client: HandClient
    secret: str

    def basic(self, secret: str = "") -> dict[str, str]:
        pair = f"{self.client.client_id}:{secret or self.secret}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}

    async def token(self, headers: dict[str, str], **form: str) -> httpx2.Response:
        return await self.client.http.post(f"{self.client.base}/token", data=form, headers=headers)


@pytest.fixture
async def confidential(stack: Stack, http: httpx2.AsyncClient) -> Confidential:
    added, secret = await add_client(stack.settings, "Back office", [REDIRECT], confidential=True)
    return Confidential(HandClient(stack.settings.base_url, http, client_id=added.client_id), secret)


async def code_form(confidential: Confidential) -> dict[str, str]:
    back = await confidential.client.sign_in(ALICE)
    verifier = confidential.client.verifier
    return {
        "grant_type": "authorization_code",
        "code": back["code"],
        "redirect_uri": REDIRECT,
        "code_verifier": verifier,
    }


async def test_a_secret_may_come_in_the_header_and_then_no_id_is_needed_in_the_form(confidential: Confidential) -> None:
    response = await confidential.token(confidential.basic(), **await code_form(confidential))
    assert response.status_code == 200, response.text


async def test_a_secret_may_come_in_the_form(confidential: Confidential) -> None:
    named = {"client_id": confidential.client.client_id, "client_secret": confidential.secret}
    response = await confidential.token({}, **await code_form(confidential), **named)
    assert response.status_code == 200, response.text


async def test_without_the_right_secret_there_are_no_tokens(confidential: Confidential) -> None:
    form, client_id = await code_form(confidential), confidential.client.client_id
    refused = [
        await confidential.token({}, **form, client_id=client_id),
        await confidential.token({}, **form, client_id=client_id, client_secret="wrong"),
        await confidential.token({}, **form, client_id=client_id, client_secret=""),
        await confidential.token(confidential.basic("wrong"), **form),
        await confidential.token({"Authorization": "Basic !!!"}, **form),
        await confidential.token({"Authorization": "Basic YWJj"}, **form),
        await confidential.token(confidential.basic(), **form, client_id="another"),
    ]
    assert [(answer.status_code, answer.json()["error"]) for answer in refused] == [(401, "invalid_client")] * 7
    assert all(answer.headers["www-authenticate"].startswith("Basic") for answer in refused[3:])
    assert (await confidential.token(confidential.basic(), **form)).status_code == 200, "the code was not used up"


async def test_a_client_with_a_secret_proves_it_at_revocation_too(confidential: Confidential) -> None:
    tokens = (await confidential.token(confidential.basic(), **await code_form(confidential))).json()
    form = {"token": tokens["refresh_token"]}
    base, http = confidential.client.base, confidential.client.http
    assert (await http.post(f"{base}/revoke", data=form)).status_code == 401
    assert (await http.post(f"{base}/revoke", data=form, headers=confidential.basic("wrong"))).status_code == 401
    assert await confidential.client.ping(tokens["access_token"]) == 200
    assert (await http.post(f"{base}/revoke", data=form, headers=confidential.basic())).status_code == 200
    assert await confidential.client.ping(tokens["access_token"]) == 401


async def test_the_store_holds_no_secret_only_its_hash(confidential: Confidential, stack: Stack) -> None:
    records = await clients_of(stack.settings).all()
    assert [record.client_id for record in records] == [confidential.client.client_id]
    assert confidential.secret not in records[0].model_dump_json()


async def test_the_consent_page_says_that_the_operator_added_it(confidential: Confidential) -> None:
    page = await confidential.client.http.get(confidential.client.authorize_address(), follow_redirects=True)
    assert "Back office" in page.text
    assert "added by the operator" in page.text


async def test_a_removed_client_is_out_within_a_minute(
    confidential: Confidential, stack: Stack, clock: FakeClock
) -> None:
    tokens = (await confidential.token(confidential.basic(), **await code_form(confidential))).json()
    assert await confidential.client.ping(tokens["access_token"]) == 200
    assert await remove_client(stack.settings, confidential.client.client_id)
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert (await confidential.token(confidential.basic(), **refresh)).status_code == 401
    clock.advance(60)
    assert await confidential.client.ping(tokens["access_token"]) == 401
    assert await clients_of(stack.settings).all() == []


async def test_what_was_never_added_cannot_be_removed(stack: Stack) -> None:
    assert not await remove_client(stack.settings, "nobody")


async def test_a_document_that_the_operator_removed_is_not_fetched_again(
    stack: Stack, http: httpx2.AsyncClient
) -> None:
    address = "https://client.example/metadata.json"
    assert await remove_client(stack.settings, address)
    assert await clients_of(stack.settings).is_removed(address)


async def test_the_operator_may_name_any_host_but_no_nonsense(stack: Stack) -> None:
    added, secret = await add_client(stack.settings, "Portal", ["https://portal.example/cb"], confidential=False)
    assert (added.redirect_uris, secret) == (("https://portal.example/cb",), "")
    for wrong in ("https://portal.example/cb#x", "https://u@portal.example/", "javascript:1", "portal", ""):
        with pytest.raises(SettingsError):
            await add_client(stack.settings, "Portal", [wrong], confidential=False)


async def test_a_client_of_the_operator_does_not_lapse(confidential: Confidential, clock: FakeClock) -> None:
    clock.advance(365 * 24 * 3600)
    assert (await confidential.client.http.get(confidential.client.authorize_address())).status_code == 302


async def test_discovery_names_every_way_to_authenticate(stack: Stack, http: httpx2.AsyncClient) -> None:
    document = (await http.get(f"{stack.settings.base_url}/.well-known/oauth-authorization-server")).json()
    ways = ["none", "private_key_jwt", "client_secret_basic", "client_secret_post"]
    assert document["token_endpoint_auth_methods_supported"] == ways
    assert document["revocation_endpoint_auth_methods_supported"] == ways
