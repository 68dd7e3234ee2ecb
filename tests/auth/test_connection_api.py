"""Connections over plain HTTP and from the command line."""

from typing import Any

import httpx2
import pytest

from google_workspace_mcp.administration import operating
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.support.clock import FakeClock
from tests.support.logs import captured_log
from tests.support.oauth import HandClient
from tests.support.person import Browser
from tests.support.stack import CLIENT_ID, Stack

RETURN = "https://app.example/done"


@pytest.fixture
def settings() -> dict[str, Any]:
    return {"return_urls": (RETURN,)}


class Program:
    """A program with a bearer token."""

    def __init__(self, base: str, http: httpx2.AsyncClient, token: str) -> None:
        self.base = base
        self.http = http
        self.headers = {"Authorization": f"Bearer {token}"}

    async def link(self, **body: Any) -> httpx2.Response:
        return await self.http.post(f"{self.base}/connections/link", json=body, headers=self.headers)

    async def connections(self) -> list[dict[str, Any]]:
        response = await self.http.get(f"{self.base}/connections", headers=self.headers)
        assert response.status_code == 200
        return response.json()["connections"]

    async def delete(self, connection_id: str) -> httpx2.Response:
        return await self.http.delete(f"{self.base}/connections/{connection_id}", headers=self.headers)


@pytest.fixture
async def program(stack: Stack, client: HandClient) -> Program:
    return Program(stack.settings.base_url, client.http, (await client.tokens(ALICE.email))["access_token"])


async def sign_in(browser: Browser, stack: Stack) -> None:
    away = await browser.press(await browser.open(f"{stack.settings.base_url}/account"), "/account/sign-in")
    account = f"{stack.settings.base_url}/account"
    await browser.through_google(away.headers["location"], ALICE.email, account)


async def test_a_link_is_made_followed_listed_and_ended(
    program: Program, stack: Stack, google: SimulatedGoogle
) -> None:
    browser = Browser(program.http, stack.settings.origin)
    await sign_in(browser, stack)
    made = await program.link(
        services=["drive"], alias="work", email=BEN.email, return_url=RETURN, state="s", default=True
    )
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    away = await browser.go_on(await browser.open(made.json()["url"]))
    back = await browser.through_google(away, BEN.email, RETURN)
    assert back["status"] == "connected"
    rows = await program.connections()
    assert [(row["alias"], row["default"], row["status"]) for row in rows] == [
        ("work", True, "connected"),
        ("alice", False, "connected"),
    ]
    assert rows[0]["connection_id"] == back["connection_id"]
    assert rows[0]["allowed"] == ["drive.read", "drive.write"]
    ended = await program.delete(back["connection_id"])
    assert ended.json() == {"connection_id": back["connection_id"], "at_google": "revoked"}
    assert google.granted(BEN.email, CLIENT_ID) == frozenset()
    assert len(await program.connections()) == 1


async def test_it_works_on_the_internal_address_too(program: Program, stack: Stack) -> None:
    inside = Program(stack.internal_url, program.http, program.headers["Authorization"].removeprefix("Bearer "))
    made = await inside.link()
    assert made.json()["url"].startswith(f"{stack.settings.base_url}/connect/"), "links are for people, outside"
    assert len(await inside.connections()) == 1


async def test_without_a_good_token_the_answer_is_a_challenge(program: Program, stack: Stack) -> None:
    base = stack.settings.base_url
    calls = [
        await program.http.get(f"{base}/connections"),
        await program.http.get(f"{base}/connections", headers={"Authorization": "Basic eDp5"}),
        await program.http.get(f"{base}/connections", headers={"Authorization": "Bearer x"}),
        await program.http.post(f"{base}/connections/link", json={}),
        await program.http.delete(f"{base}/connections/x"),
    ]
    for response in calls:
        assert response.status_code == 401
        assert response.headers["content-type"] == "application/problem+json"
        assert "/.well-known/oauth-protected-resource/mcp" in response.headers["www-authenticate"]


async def test_another_persons_connection_does_not_exist(
    program: Program, stack: Stack, http: httpx2.AsyncClient
) -> None:
    mine = (await program.connections())[0]["connection_id"]
    client = HandClient(stack.settings.base_url, http)
    await client.register()
    other = Program(program.base, http, (await client.tokens(BEN.email))["access_token"])
    response = await other.delete(mine)
    assert response.status_code == 404
    assert response.json()["code"] == "not_found"
    assert (await other.link(account=mine)).json()["code"] == "not_connected"
    assert len(await program.connections()) == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"return_url": "https://evil.example/done"}, 403, "refused_by_policy"),
        ({"services": ["gmail", "photos"]}, 400, "invalid_argument"),
        ({"services": "gmail"}, 400, "invalid_argument"),
        ({"user_id": "somebody"}, 400, "invalid_argument"),
        ({"state": "x" * 513}, 400, "invalid_argument"),
        ({"account": "nobody"}, 403, "not_connected"),
        ({"alias": "alice"}, 400, "invalid_argument"),
    ],
    ids=["return address", "service", "type", "unknown member", "state", "account", "alias"],
)
async def test_what_cannot_be_done_is_a_problem_in_our_words(
    program: Program, body: dict[str, Any], status: int, code: str
) -> None:
    response = await program.link(**body)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert (problem["status"], problem["code"], problem["retryable"]) == (status, code, False)
    assert "evil" not in response.text
    assert "photos" not in response.text


async def test_a_body_that_is_no_json_is_a_problem(program: Program) -> None:
    response = await program.http.post(
        f"{program.base}/connections/link", content=b"{nonsense", headers=program.headers
    )
    assert response.status_code == 400


async def test_a_dead_connection_is_listed_with_its_cause(
    program: Program, google: SimulatedGoogle, clock: FakeClock, stack: Stack
) -> None:
    google.revoke(ALICE.email)
    connection = (await program.connections())[0]["connection_id"]
    async with operating(stack.settings) as operator:
        assert await operator.test(connection) == (
            False,
            "reauth_required: Google has ended the permission: it was taken back, the account's password was changed, "
            "or it was not used for six months. Connect the account again.",
        )
    row = (await program.connections())[0]
    assert (row["status"], row["cause"]) == ("dead", "invalid_grant")
    assert row["next_step"] == "Connect the account again"


async def test_an_operator_lists_tests_and_revokes_without_seeing_addresses(
    program: Program, stack: Stack, google: SimulatedGoogle
) -> None:
    connection = (await program.connections())[0]["connection_id"]
    async with operating(stack.settings) as operator:
        lines = [line async for line in operator.list(show_addresses=False)]
        assert len(lines) == 1
        assert lines[0].startswith(connection)
        assert ALICE.email not in lines[0]
        with_addresses = [line async for line in operator.list(show_addresses=True)]
        assert ALICE.email in with_addresses[0]
        assert await operator.test(connection) == (True, "ok: Google gave an access token")
        assert (await operator.test("0" * 24))[0] is False
        assert await operator.revoke(connection) == (True, "deleted; revoked at Google")
        assert [line async for line in operator.list(show_addresses=False)] == []
    assert google.granted(ALICE.email, CLIENT_ID) == frozenset()


async def test_no_log_line_shows_a_link_an_address_or_a_state(
    program: Program, stack: Stack, google: SimulatedGoogle
) -> None:
    browser = Browser(program.http, stack.settings.origin)
    await sign_in(browser, stack)
    with captured_log("debug") as log:
        url = (await program.link(email=BEN.email, return_url=RETURN, state="canary-state")).json()["url"]
        away = await browser.go_on(await browser.open(url))
        back = await browser.through_google(away, BEN.email, RETURN)
        await program.delete(back["connection_id"])
    for canary in (url.rpartition("/")[2], BEN.email, "canary-state", back["connection_id"]):
        assert canary not in log.text
    assert "/connect/*" in log.text
