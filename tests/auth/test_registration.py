"""Programs that register themselves: what they may, how often, and for how long."""

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest

from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.support.clock import FakeClock
from tests.support.oauth import REDIRECT, HandClient
from tests.support.stack import Stack, running

ALICE = "alice@example.com"
DAY = 24 * 3600


@pytest.mark.security("O-3")
@pytest.mark.parametrize(
    "uri",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "http://evil.example/cb",
        "http://169.254.169.254/",
        "http://10.0.0.1/",
    ],
)
async def test_a_redirect_that_runs_or_leads_into_a_network_is_refused(client: HandClient, uri: str) -> None:
    response = await client.register(redirect_uris=[uri])
    assert (response.status_code, response.json()["error"]) == (400, "invalid_redirect_uri")


@pytest.mark.security("O-4")
@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/cb",
        "https://claude.ai.evil.example/api/mcp/auth_callback",
        "https://claude.ai/another/path",
        "myapp://callback",
        "com.example.app:/callback",
        "http://127.0.0.1:1/cb#f",
        "http://127.0.0.1:1/cb#",
        "http://u:p@localhost/cb",
        "http://u@localhost/cb",
        "http://localhost.evil.example/cb",
        "cb",
        "",
    ],
)
async def test_a_redirect_to_just_anywhere_is_refused(client: HandClient, uri: str) -> None:
    response = await client.register(redirect_uris=[uri])
    assert (response.status_code, response.json()["error"]) == (400, "invalid_redirect_uri")


@pytest.mark.security("O-4")
async def test_our_own_callback_is_nobodys_redirect_uri(client: HandClient, stack: Stack) -> None:
    for uri in (stack.settings.redirect_uri, f"{stack.settings.redirect_uri}/"):
        assert (await client.register(redirect_uris=[uri])).json()["error"] == "invalid_redirect_uri"


async def test_one_bad_redirect_among_good_ones_is_enough(client: HandClient) -> None:
    response = await client.register(redirect_uris=[REDIRECT, "https://evil.example/cb"])
    assert response.json()["error"] == "invalid_redirect_uri"


async def test_the_known_clients_may_register(client: HandClient) -> None:
    known = [
        "https://claude.ai/api/mcp/auth_callback",
        "https://chatgpt.com/connector/oauth/abc",
        "cursor://anysphere.cursor-mcp/oauth/callback",
        "https://vscode.dev/redirect",
        "http://localhost:33418/",
        "http://[::1]:7/cb",
    ]
    response = await client.register(redirect_uris=known)
    assert response.status_code == 201
    assert response.json()["redirect_uris"] == known


async def test_the_operators_hosts_may_be_redirected_to(
    google: SimulatedGoogle, http: httpx2.AsyncClient, tmp_path: Path
) -> None:
    with running(google, tmp_path, allowed_redirects=("apps.example.com",)) as stack:
        client = HandClient(stack.settings.base_url, http)
        assert (await client.register(redirect_uris=["https://apps.example.com/cb"])).status_code == 201
        assert (await client.register(redirect_uris=["https://apps.example.com.evil.example/cb"])).status_code == 400


async def test_whatever_a_program_asks_for_it_becomes_a_public_one(client: HandClient) -> None:
    answer = (await client.register(token_endpoint_auth_method="client_secret_basic", contacts=["me@x.example"])).json()
    assert answer["token_endpoint_auth_method"] == "none"
    assert "client_secret" not in answer
    assert "contacts" not in answer


async def test_scopes_that_are_not_offered_are_left_out_of_a_registration(client: HandClient) -> None:
    answer = (await client.register(scope="openid drive.read https://mail.google.com/")).json()
    assert answer["scope"] == "drive.read"


@pytest.mark.security("O-5")
@pytest.mark.parametrize(
    "metadata",
    [
        {"client_name": "x" * 1025},
        {"redirect_uris": [f"http://localhost/{n}" for n in range(1000)]},
        {"redirect_uris": [f"http://localhost/{'x' * 3000}"]},
        {"redirect_uris": []},
        {"redirect_uris": "http://localhost/"},
        {"grant_types": ["client_credentials"]},
        {"client_name": ["x"]},
    ],
    ids=["long name", "many URIs", "long URI", "no URI", "one string", "another flow", "list as name"],
)
async def test_fields_beyond_their_bounds_are_refused(client: HandClient, metadata: dict[str, Any]) -> None:
    response = await client.register(**metadata)
    assert response.status_code == 400
    assert response.json()["error"] in ("invalid_redirect_uri", "invalid_client_metadata")
    assert "xxx" not in response.text


@pytest.mark.security("O-5")
async def test_a_body_of_three_megabytes_is_refused_before_it_is_read(client: HandClient) -> None:
    url = httpx2.URL(f"{client.base}/register")
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = f"POST {url.path} HTTP/1.1\r\nHost: {url.host}:{url.port}\r\nContent-Length: 3000000\r\n\r\n"
    writer.write(head.encode())
    async with asyncio.timeout(10):
        assert b" 413 " in await reader.readline()
    writer.close()
    await writer.wait_closed()


@pytest.mark.security("O-5")
async def test_who_registers_without_end_is_slowed_down(client: HandClient, clock: FakeClock) -> None:
    answers = [(await client.register()).status_code for _ in range(130)]
    assert answers[:119] == [201] * 119
    assert answers[-1] == 429
    refused = await client.register()
    assert 0 < int(refused.headers["retry-after"]) <= 60
    clock.advance(int(refused.headers["retry-after"]))
    assert (await client.register()).status_code == 201


async def test_a_body_that_is_no_json_is_refused_in_words(client: HandClient) -> None:
    for body in (b"", b"[]", b"{", b"\xff", b"[" * 50_000):
        response = await client.http.post(f"{client.base}/register", content=body)
        assert (response.status_code, response.json()["error"]) == (400, "invalid_client_metadata")


async def test_a_name_is_shown_without_what_cannot_be_seen(client: HandClient) -> None:
    answer = await client.register(client_name="Goo\u202egle\u200b \x07 \n Sign\u00adin")
    assert answer.json()["client_name"] == "Google Signin"
    page = await client.http.get(client.authorize_address(), follow_redirects=True)
    assert "Let Google Signin use" in page.text


@pytest.mark.security("O-5")
async def test_a_registration_that_nobody_uses_is_gone_after_ninety_days(client: HandClient, clock: FakeClock) -> None:
    clock.advance(90 * DAY + 1)
    assert (await client.http.get(client.authorize_address())).status_code == 400


async def test_a_registration_in_use_stays(client: HandClient, clock: FakeClock) -> None:
    token = (await client.tokens(ALICE))["refresh_token"]
    for _ in range(8):
        clock.advance(20 * DAY)
        token = (await client.refresh(token)).json()["refresh_token"]
    assert (await client.http.get(client.authorize_address())).status_code == 302


async def test_registration_can_be_switched_off(
    google: SimulatedGoogle, http: httpx2.AsyncClient, tmp_path: Path
) -> None:
    with running(google, tmp_path, dynamic_clients=False) as stack:
        base = stack.settings.base_url
        assert (await HandClient(base, http).register()).status_code == 404
        document = (await http.get(f"{base}/.well-known/oauth-authorization-server")).json()
        assert "registration_endpoint" not in document
