"""The account page: a person sees their own connections and takes them away."""

from urllib.parse import urljoin

import httpx2
import pytest
from selectolax.lexbor import LexborHTMLParser

from google_workspace_mcp.demo.walker import SignInWalker
from google_workspace_mcp.sandbox import faults
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.support.clock import FakeClock
from tests.support.oauth import HandClient
from tests.support.stack import CLIENT_ID, Stack

ALICE, BEN = "alice@example.com", "ben@example.com"


class Person:
    """A browser on the account page."""

    def __init__(self, stack: Stack, http: httpx2.AsyncClient) -> None:
        self.base = stack.settings.base_url
        self.origin = stack.settings.origin
        self.http = http

    async def page(self) -> str:
        response = await self.http.get(f"{self.base}/account")
        assert response.status_code == 200
        return response.text

    async def press(self, action: str, **changes: str) -> httpx2.Response:
        """Submit the form of the account page that leads to that action."""
        form = LexborHTMLParser(await self.page()).css_first(f'form[action$="/account/{action}"]')
        assert form is not None, f"no {action} on the page"
        fields = {str(f.attributes["name"]): str(f.attributes["value"]) for f in form.css("input[type=hidden]")}
        return await self.http.post(
            f"{self.base}/account/{action}", data={**fields, **changes}, headers={"Origin": self.origin}
        )

    async def through_google(self, action: str, email: str) -> None:
        response = await self.press(action)
        address = urljoin(str(response.url), response.headers["location"])
        await SignInWalker(self.http, email).walk(address, f"{self.base}/account")


async def test_without_a_session_it_only_offers_to_sign_in(stack: Stack, http: httpx2.AsyncClient) -> None:
    page = await Person(stack, http).page()
    assert "Sign in with Google" in page
    assert "Disconnect" not in page


async def test_a_person_sees_what_a_client_connected(client: HandClient, stack: Stack) -> None:
    await client.tokens(ALICE, untick=("drive",))
    person = Person(stack, client.http)
    await person.through_google("sign-in", ALICE)
    page = await person.page()
    assert ALICE in page
    assert "read your mail" in page
    assert "read your files" not in page


async def test_signing_in_here_grants_nothing(stack: Stack, http: httpx2.AsyncClient, google: SimulatedGoogle) -> None:
    person = Person(stack, http)
    await person.through_google("sign-in", ALICE)
    assert "No Google account is connected" in await person.page()
    assert not any("gmail" in scope for scope in google.granted(ALICE, CLIENT_ID))


async def test_nobody_sees_anybody_elses_connection(client: HandClient, stack: Stack) -> None:
    await client.tokens(ALICE)
    person = Person(stack, client.http)
    await person.through_google("sign-in", BEN)
    page = await person.page()
    assert ALICE not in page
    assert "No Google account is connected" in page


async def test_connecting_here_serves_the_clients_too(client: HandClient, stack: Stack) -> None:
    person = Person(stack, client.http)
    await person.through_google("sign-in", ALICE)
    await person.through_google("connect", ALICE)
    assert "see your calendars" in await person.page()


async def test_who_signs_in_here_first_is_asked_once_when_connecting(
    stack: Stack, http: httpx2.AsyncClient, google: SimulatedGoogle
) -> None:
    person = Person(stack, http)
    await person.through_google("sign-in", ALICE)
    google.calls.clear()
    await person.through_google("connect", ALICE)
    assert google.calls.methods().count("oauth.token") == 1
    assert ALICE in await person.page()


async def test_the_cookie_of_a_finished_sign_in_is_gone(stack: Stack, http: httpx2.AsyncClient) -> None:
    await Person(stack, http).through_google("sign-in", ALICE)
    assert [cookie.name for cookie in http.cookies.jar if "begun" in cookie.name] == []


async def test_disconnecting_revokes_at_google_and_deletes_what_is_stored(
    client: HandClient, stack: Stack, google: SimulatedGoogle
) -> None:
    await client.tokens(ALICE)
    person = Person(stack, client.http)
    await person.through_google("sign-in", ALICE)
    await person.press("disconnect")
    assert "No Google account is connected" in await person.page()
    assert google.granted(ALICE, CLIENT_ID) == frozenset()
    assert [key async for key in stack.service.store.list("lasting/connections/")] == []


async def test_if_google_does_not_answer_everything_here_is_deleted_all_the_same(
    client: HandClient, stack: Stack, google: SimulatedGoogle
) -> None:
    await client.tokens(ALICE)
    person = Person(stack, client.http)
    await person.through_google("sign-in", ALICE)
    google.faults.add("oauth.revoke", faults.server_error(503))
    response = await person.press("disconnect")
    assert response.status_code == 502
    assert "myaccount.google.com" in response.text
    assert [key async for key in stack.service.store.list("lasting/connections/")] == []


async def test_a_form_from_elsewhere_or_for_another_session_does_nothing(client: HandClient, stack: Stack) -> None:
    await client.tokens(ALICE)
    person = Person(stack, client.http)
    await person.through_google("sign-in", ALICE)
    assert (await person.press("disconnect", token="x")).status_code == 403
    foreign = {"Origin": "https://evil.example"}
    response = await client.http.post(f"{person.base}/account/disconnect", data={}, headers=foreign)
    assert response.status_code == 403
    assert ALICE in await person.page()


@pytest.mark.security("O-19")
async def test_another_account_coming_back_is_not_connected(client: HandClient, stack: Stack) -> None:
    person = Person(stack, client.http)
    await person.through_google("sign-in", ALICE)
    response = await person.press("connect")
    address = response.headers["location"].replace("login_hint=alice%40example.com", "login_hint=ben%40example.com")
    assert "ben%40example.com" in address
    page = await SignInWalkerToPage(client.http, BEN).last_page(address)
    assert page.status_code == 403
    assert "Another Google account came back" in page.text
    assert [key async for key in stack.service.store.list("lasting/connections/")] == []


async def test_signing_out_ends_the_session_here(client: HandClient, stack: Stack) -> None:
    person = Person(stack, client.http)
    await person.through_google("sign-in", ALICE)
    await person.press("sign-out")
    assert "Sign in with Google" in await person.page()


async def test_the_session_ends_by_itself_after_an_hour(client: HandClient, stack: Stack, clock: FakeClock) -> None:
    person = Person(stack, client.http)
    await person.through_google("sign-in", ALICE)
    clock.advance(3600 + 60)
    assert "Sign in with Google" in await person.page()


async def test_a_sign_in_finished_in_another_browser_is_refused(stack: Stack, http: httpx2.AsyncClient) -> None:
    begun = await Person(stack, http).press("sign-in")
    async with httpx2.AsyncClient(timeout=20, trust_env=False) as other:
        page = await SignInWalkerToPage(other, BEN).last_page(begun.headers["location"])
    assert page.status_code == 403
    assert "another browser" in page.text


class SignInWalkerToPage(SignInWalker):
    """Walks until a page that is no step of a sign-in, and gives that page."""

    async def last_page(self, address: str) -> httpx2.Response:
        response = await self._http.get(address)
        while response.is_redirect or (response.status_code == 200 and "simulated" in response.text.lower()):
            if response.is_redirect:
                response = await self._http.get(urljoin(str(response.url), response.headers["location"]))
            else:
                response = await self._act(response)
        return response
