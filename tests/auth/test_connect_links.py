"""Connect links: one account for one principal, in one browser, once."""

import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from google_workspace_mcp.auth.connections import Connections
from google_workspace_mcp.auth.links import ConnectLinks, Wish
from google_workspace_mcp.core.errors import NotConnectedError, PolicyRefusedError, UserInputError
from google_workspace_mcp.core.google.endpoints import ISSUER
from google_workspace_mcp.core.principal import Caller, Principal
from google_workspace_mcp.sandbox import faults
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.support.clock import FakeClock
from tests.support.person import Browser, query_of
from tests.support.stack import CLIENT_ID, Stack, running
from tests.support.vault import Vault

AGENT = Caller(Principal("https://agent.example/tokens", "user-7"), "core-agent", frozenset())
ALICE_HERSELF = Caller(Principal(ISSUER, ALICE.subject), "unknown-client", frozenset())
RETURN = "https://app.example/connected"


@pytest.fixture
def settings() -> dict[str, Any]:
    return {"return_urls": (RETURN,)}


@pytest.fixture
def vault(stack: Stack, clock: FakeClock) -> Vault:
    return Vault.of(stack, clock)


@pytest.fixture
def links(vault: Vault) -> ConnectLinks:
    return vault.links


@pytest.fixture
def connections(vault: Vault) -> Connections:
    return vault.connections


@pytest.fixture
def browser(stack: Stack, http: httpx2.AsyncClient) -> Browser:
    return Browser(http, stack.settings.origin)


@pytest.fixture
async def other(stack: Stack) -> AsyncIterator[Browser]:
    async with httpx2.AsyncClient(timeout=20, trust_env=False) as http:
        yield Browser(http, stack.settings.origin)


async def link(links: ConnectLinks, caller: Caller = AGENT, **wish: Any) -> str:
    return (await links.create(caller, Wish(**wish))).url


async def sign_in_to_account(browser: Browser, base: str, email: str) -> None:
    page = await browser.open(f"{base}/account")
    away = await browser.press(page, "/account/sign-in")
    await browser.through_google(away.headers["location"], email, f"{base}/account")


# -- the straight way


async def test_an_agents_user_connects_an_account_and_is_led_back(
    links: ConnectLinks, browser: Browser, connections: Connections
) -> None:
    url = await link(links, return_url=f"{RETURN}?tab=2", state="s 1&x", alias="Work")
    page = await browser.open(url)
    back = await browser.through_google(await browser.go_on(page), BEN.email, RETURN)
    saved = (await connections.of(AGENT.principal, fresh=True))[0]
    assert saved.address == BEN.email
    assert back == {
        "tab": "2",
        "status": "connected",
        "connection_id": saved.id,
        "alias": "work",
        "state": "s 1&x",
    }


async def test_the_page_names_the_agent_the_account_and_what_it_may_do_before_google_is_asked(
    links: ConnectLinks, browser: Browser, google: SimulatedGoogle
) -> None:
    google.calls.clear()
    page = await browser.open(await link(links, allow=("calendar.read",), expected_email=BEN.email, return_url=RETURN))
    assert "agent.example" in page.text
    assert BEN.email in page.text
    assert "see your calendars" in page.text
    assert "read your mail" not in page.text
    assert "https://app.example" in page.text
    assert "whoever asked" in page.text
    assert google.calls.all() == []


async def test_without_a_return_address_a_page_says_what_was_connected(links: ConnectLinks, browser: Browser) -> None:
    page = await browser.open(await link(links, allow=("gmail", "drive")))
    done = await browser.follow(await browser.go_on(page), BEN.email, untick=("drive",))
    assert done.status_code == 200
    assert f"{BEN.email} is connected" in done.text
    assert "You did not allow" in done.text


@pytest.mark.security("O-18")
async def test_what_the_person_unticked_is_told_to_the_caller_and_not_granted(
    links: ConnectLinks, browser: Browser, connections: Connections
) -> None:
    url = await link(links, allow=("gmail", "drive"), return_url=RETURN)
    away = await browser.go_on(await browser.open(url))
    back = await browser.through_google(away, BEN.email, RETURN, untick=("gmail",))
    assert back["status"] == "partial"
    scopes = (await connections.of(AGENT.principal, fresh=True))[0].scopes
    assert any("drive" in scope for scope in scopes)
    assert not any("gmail" in scope for scope in scopes)


async def test_google_is_told_whom_to_expect_and_asked_for_consent_only_when_needed(
    links: ConnectLinks, browser: Browser
) -> None:
    away = await browser.go_on(await browser.open(await link(links, expected_email=BEN.email)))
    assert query_of(away)["login_hint"] == BEN.email
    assert "prompt" not in query_of(away)


async def test_widening_keeps_what_was_allowed_and_works_after_the_next_refresh(
    links: ConnectLinks, browser: Browser, connections: Connections, clock: FakeClock, stack: Stack
) -> None:
    first = await browser.open(await link(links, allow=("calendar.read",), alias="home"))
    await browser.follow(await browser.go_on(first), BEN.email)
    before = (await connections.of(AGENT.principal, fresh=True))[0]
    second = await browser.open(await link(links, allow=("drive.read",), account="home"))
    done = await browser.follow(await browser.go_on(second), BEN.email)
    assert "see your calendars" in done.text
    assert "read your files" in done.text
    after = (await connections.of(AGENT.principal, fresh=True))[0]
    assert (after.id, after.alias) == (before.id, "home")
    assert after.refresh_token != before.refresh_token, "the old one does not carry the new scope"


async def test_an_account_that_another_principal_holds_already_gets_a_grant_of_its_own(
    links: ConnectLinks, browser: Browser, connections: Connections
) -> None:
    agent_2 = Caller(Principal("https://agent.example/tokens", "user-8"), "core-agent", frozenset())
    for caller in (AGENT, agent_2):
        page = await browser.open(await link(links, caller))
        assert (await browser.follow(await browser.go_on(page), BEN.email)).status_code == 200
    mine, theirs = [(await connections.of(caller.principal, fresh=True))[0] for caller in (AGENT, agent_2)]
    assert mine.id != theirs.id
    assert mine.refresh_token != theirs.refresh_token


async def test_who_cancels_here_or_at_google_is_led_back_and_nothing_is_connected(
    links: ConnectLinks, browser: Browser, connections: Connections
) -> None:
    page = await browser.open(await link(links, return_url=RETURN, state="x"))
    here = await browser.press(page, button=("action", "deny"))
    assert here.headers["location"] == f"{RETURN}?status=cancelled&state=x"
    away = await browser.go_on(await browser.open(await link(links, return_url=RETURN)))
    callback = f"{browser.origin}{browser.prefix}/auth/google/callback"
    at_google = await browser.http.get(callback, params={"state": query_of(away)["state"], "error": "access_denied"})
    assert at_google.headers["location"] == f"{RETURN}?status=cancelled"
    assert await connections.of(AGENT.principal, fresh=True) == ()


# -- misuse


async def test_a_link_is_good_once(links: ConnectLinks, browser: Browser) -> None:
    url = await link(links)
    page = await browser.open(url)
    await browser.follow(await browser.go_on(page), BEN.email)
    assert (await browser.open(url)).status_code == 410
    assert (await browser.press(page, button=("action", "approve"))).status_code == 410


async def test_a_link_is_good_for_ten_minutes(links: ConnectLinks, browser: Browser, clock: FakeClock) -> None:
    url = await link(links)
    away = await browser.go_on(await browser.open(url))
    clock.advance(10 * 60 + 1)
    assert (await browser.open(url)).status_code == 410
    assert (await browser.follow(away, BEN.email)).status_code == 403


async def test_a_link_belongs_to_the_browser_that_opens_it_first(
    links: ConnectLinks, browser: Browser, other: Browser
) -> None:
    url = await link(links)
    page = await browser.open(url)
    late = await other.open(url)
    assert late.status_code == 403
    assert "another browser" in late.text
    assert BEN.email not in late.text
    assert await browser.go_on(page)


async def test_a_program_that_previews_links_does_not_take_the_link_away(
    links: ConnectLinks, browser: Browser, other: Browser
) -> None:
    url = await link(links)
    assert (await other.http.get(url)).status_code == 200
    assert (await other.http.head(url)).status_code in (200, 405)
    assert await browser.go_on(await browser.open(url))


async def test_of_two_browsers_on_the_page_the_first_to_go_on_wins(
    links: ConnectLinks, browser: Browser, other: Browser
) -> None:
    url = await link(links)
    mine, theirs = await browser.http.get(url), await other.http.get(url)
    assert await browser.go_on(mine)
    assert (await other.press(theirs, button=("action", "approve"))).status_code == 403


async def test_googles_answer_in_another_browser_is_refused(
    links: ConnectLinks, browser: Browser, other: Browser, connections: Connections
) -> None:
    away = await browser.go_on(await browser.open(await link(links)))
    assert (await other.follow(away, BEN.email)).status_code == 403
    assert await connections.of(AGENT.principal, fresh=True) == ()


async def test_a_state_is_good_once_even_while_the_link_lives(links: ConnectLinks, browser: Browser) -> None:
    url = await link(links, expected_email=BEN.email)
    away = await browser.go_on(await browser.open(url))
    callback = f"{browser.origin}{browser.prefix}/auth/google/callback"
    wrong = away.replace("login_hint=ben%40example.com", "login_hint=alice%40example.com")
    back = await browser.through_google(wrong, ALICE.email, callback)
    assert (await browser.http.get(callback, params=back)).status_code == 403
    again = await browser.http.get(callback, params=back)
    assert "no longer good" in again.text


@pytest.mark.security("O-19")
async def test_another_account_than_expected_is_not_connected_and_the_link_can_be_tried_again(
    links: ConnectLinks, browser: Browser, connections: Connections
) -> None:
    url = await link(links, expected_email=BEN.email)
    away = await browser.go_on(await browser.open(url))
    wrong = away.replace("login_hint=ben%40example.com", "login_hint=alice%40example.com")
    page = await browser.follow(wrong, ALICE.email)
    assert page.status_code == 403
    assert "Another Google account came back" in page.text
    assert await connections.of(AGENT.principal, fresh=True) == ()
    done = await browser.follow(await browser.go_on(await browser.open(url)), BEN.email)
    assert done.status_code == 200


async def test_a_form_without_its_token_or_from_another_site_does_nothing(
    links: ConnectLinks, browser: Browser
) -> None:
    page = await browser.open(await link(links))
    assert (await browser.press(page, form_token="x")).status_code == 403
    evil = Browser(browser.http, "https://evil.example")
    assert (await evil.press(page)).status_code == 403


@pytest.mark.parametrize("change", ["", "x" * 32, "A" * 31, "%00" * 4])
async def test_a_tampered_link_leads_nowhere(links: ConnectLinks, browser: Browser, change: str) -> None:
    url = await link(links)
    tampered = f"{url.rpartition('/')[0]}/{change}"
    assert (await browser.open(tampered)).status_code in (404, 410)


@pytest.mark.parametrize("change", ["link-", "link-x.y", "secret", "name", ""])
async def test_a_tampered_state_connects_nothing(
    links: ConnectLinks, browser: Browser, connections: Connections, change: str
) -> None:
    away = await browser.go_on(await browser.open(await link(links)))
    name, _, secret = query_of(away)["state"].removeprefix("link-").partition(".")
    state = {"secret": f"link-{name}.{'A' * 32}", "name": f"link-{'0' * 64}.{secret}"}.get(change, change)
    callback = f"{browser.origin}{browser.prefix}/auth/google/callback"
    response = await browser.http.get(callback, params={"state": state, "code": "4/0x"})
    assert response.status_code in (400, 403)
    assert await connections.of(AGENT.principal, fresh=True) == ()


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/connected",
        "https://app.example",
        "https://app.example/connected-not",
        "https://app.example/connected/../evil",
        "https://app.example/connected/%2e%2e/evil",
        "https://app.example:8443/connected",
        "http://app.example/connected",
        "https://app.example@evil.example/connected",
        "https://app.example/connected#x",
        "https://app.example\\@evil.example/connected",
        "//app.example/connected",
        "javascript:alert(1)",
        "https://app.example/connected\r\nX: y",
    ],
)
async def test_a_link_leads_back_only_where_the_operator_allows(links: ConnectLinks, url: str) -> None:
    with pytest.raises(PolicyRefusedError):
        await link(links, return_url=url)


async def test_below_a_listed_address_every_path_is_fine(links: ConnectLinks) -> None:
    for url in (RETURN, f"{RETURN}/", f"{RETURN}/a/b", f"{RETURN}?x=1"):
        assert await link(links, return_url=url)


@pytest.mark.parametrize(
    "wish",
    [
        {"allow": ("gmail.everything",)},
        {"allow": ("https://www.googleapis.com/auth/drive",)},
        {"allow": ("gmail.delete",)},
        {"expected_email": "nobody"},
        {"alias": "!!"},
        {"state": "x" * 513},
        {"state": "a\nb"},
    ],
    ids=str,
)
async def test_a_wish_that_cannot_be_granted_is_refused_in_words(links: ConnectLinks, wish: dict[str, Any]) -> None:
    with pytest.raises(UserInputError):
        await link(links, **wish)


async def test_a_link_cannot_be_made_for_an_account_of_somebody_else(links: ConnectLinks, browser: Browser) -> None:
    await browser.follow(await browser.go_on(await browser.open(await link(links))), BEN.email)
    with pytest.raises(NotConnectedError):
        await link(links, ALICE_HERSELF, account=BEN.email)


async def test_a_link_is_stored_by_its_hash_alone(links: ConnectLinks, stack: Stack) -> None:
    token = (await link(links)).rpartition("/")[2]
    names = [name async for name in stack.service.store.list("")]
    stored = b"".join([(await stack.service.store.get(name)).data for name in names]) + " ".join(names).encode()
    assert token.encode() not in stored


# -- a person's own links


async def test_a_persons_link_wants_the_browser_signed_in_as_that_person(
    links: ConnectLinks, browser: Browser, connections: Connections, stack: Stack
) -> None:
    url = await link(links, ALICE_HERSELF)
    first = await browser.open(url)
    assert "Sign in first" in first.text
    away = await browser.press(first, "/account/sign-in")
    back_to = f"{stack.settings.base_url}/connect/"
    await browser.through_google(away.headers["location"], ALICE.email, back_to)
    page = await browser.open(url)
    done = await browser.follow(await browser.go_on(page), BEN.email)
    assert f"{BEN.email} is connected" in done.text
    assert [c.address for c in await connections.of(ALICE_HERSELF.principal, fresh=True)] == [BEN.email]


async def test_a_link_sent_to_somebody_else_does_not_hand_over_their_account(
    links: ConnectLinks, browser: Browser, connections: Connections, stack: Stack
) -> None:
    await sign_in_to_account(browser, stack.settings.base_url, BEN.email)
    url = await link(links, ALICE_HERSELF)
    page = await browser.open(url)
    assert page.status_code == 403
    assert "somebody else" in page.text
    forced = await browser.http.post(url, data={"action": "approve"}, headers={"Origin": browser.origin})
    assert forced.status_code == 403
    assert await connections.of(ALICE_HERSELF.principal, fresh=True) == ()


async def test_a_session_that_ends_before_the_button_is_pressed_stops_the_link(
    links: ConnectLinks, browser: Browser, stack: Stack
) -> None:
    base = stack.settings.base_url
    await sign_in_to_account(browser, base, ALICE.email)
    page = await browser.open(await link(links, ALICE_HERSELF))
    await browser.press(await browser.open(f"{base}/account"), "/account/sign-out")
    assert "Sign in first" in (await browser.press(page, button=("action", "approve"))).text


async def test_the_account_a_person_signs_in_with_proves_itself(
    links: ConnectLinks, browser: Browser, connections: Connections
) -> None:
    url = await link(links, ALICE_HERSELF, expected_subject=ALICE.subject)
    away = await browser.go_on(await browser.open(url))
    done = await browser.follow(away, ALICE.email)
    assert f"{ALICE.email} is connected" in done.text
    victim = await browser.go_on(await browser.open(await link(links, ALICE_HERSELF, expected_subject=ALICE.subject)))
    page = await browser.follow(re.sub("login_hint=[^&]*", "login_hint=ben%40example.com", victim), BEN.email)
    assert page.status_code == 403
    assert [c.address for c in await connections.of(ALICE_HERSELF.principal, fresh=True)] == [ALICE.email]


async def test_from_the_account_page_another_account_is_connected_made_default_and_told_apart(
    links: ConnectLinks, browser: Browser, connections: Connections, stack: Stack
) -> None:
    base = stack.settings.base_url
    await sign_in_to_account(browser, base, ALICE.email)
    for email in (ALICE.email, BEN.email):
        to_link = await browser.press(await browser.open(f"{base}/account"), "/account/link")
        page = await browser.open(to_link.headers["location"])
        await browser.follow(await browser.go_on(page), email)
    owner = ALICE_HERSELF.principal
    assert [c.address for c in await connections.of(owner, fresh=True)] == [ALICE.email, BEN.email]
    await browser.press(await browser.open(f"{base}/account"), "/account/default")
    assert [c.address for c in await connections.of(owner, fresh=True)] == [BEN.email, ALICE.email]
    account = (await browser.open(f"{base}/account")).text
    assert "(default)" in account
    assert "sees their own connections, not yours" in account


async def test_google_failing_at_the_end_leaves_the_link_good(
    links: ConnectLinks, browser: Browser, google: SimulatedGoogle
) -> None:
    url = await link(links)
    away = await browser.go_on(await browser.open(url))
    google.faults.add("oauth.token", faults.server_error(503))
    assert (await browser.follow(away, BEN.email)).status_code == 503
    google.faults.clear()
    done = await browser.follow(await browser.go_on(await browser.open(url)), BEN.email)
    assert done.status_code == 200


@pytest.mark.security("O-19")
async def test_an_account_outside_the_allowed_domains_is_not_connected(
    google: SimulatedGoogle, clock: FakeClock, tmp_path_factory: pytest.TempPathFactory, http: httpx2.AsyncClient
) -> None:
    folder = tmp_path_factory.mktemp("closed")
    with running(google, folder, prefix="/workspace", clock=clock, allowed_domains=("studio.example",)) as closed:
        browser, vault = Browser(http, closed.settings.origin), Vault.of(closed, clock)
        for person, status in ((BEN, 403), (CHIARA, 200)):
            page = await browser.open(await link(vault.links))
            assert (await browser.follow(await browser.go_on(page), person.email)).status_code == status
        found = await vault.connections.of(AGENT.principal, fresh=True)
    assert [c.address for c in found] == [CHIARA.email]
    assert google.granted(BEN.email, CLIENT_ID)


def test_the_page_is_below_the_prefix(stack: Stack) -> None:
    assert urlsplit(stack.settings.base_url).path == "/workspace"
