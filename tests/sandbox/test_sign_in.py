"""The sign-in pages: who may be sent there, what a person can choose, and what the app gets back."""

import httpx2
import pytest

from google_workspace_mcp.sandbox.oauth.book import OAuthClient
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.sandbox.pages import allow, authorization, consent_form, link_of, redeem, returned
from tests.sandbox.world import ALICE, APP, BEN, CALENDAR, CALLBACK, READ_DRIVE, READ_MAIL

IDENTITY_BACK = "https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/userinfo.profile openid"


async def test_a_person_picks_an_account_and_allows(anyone: httpx2.AsyncClient) -> None:
    chooser = await anyone.get(authorization())
    consent = await anyone.get(link_of(chooser, BEN.email))
    form = consent_form(consent)
    back = returned(await anyone.post(form.action, data=form.filled("allow", form.scopes)))

    assert "Choose an account" in chooser.text
    assert APP.name in consent.text
    assert BEN.email in consent.text
    assert form.scopes == [READ_DRIVE, READ_MAIL]
    assert back["state"] == "s&t=1"
    assert back["code"].startswith("4/")
    assert set(back["scope"].split()) == {READ_DRIVE, READ_MAIL, *IDENTITY_BACK.split()}


async def test_every_page_says_that_it_is_not_real(anyone: httpx2.AsyncClient) -> None:
    pages = [
        await anyone.get(authorization()),
        await anyone.get(authorization(login_hint=ALICE.email)),
        await anyone.get(authorization(client_id="nobody")),
        await anyone.get("/"),
    ]

    assert all("Simulated Google - not real" in page.text for page in pages)
    assert all("default-src 'none'" in page.headers["content-security-policy"] for page in pages)


@pytest.mark.parametrize("hint", [ALICE.email, ALICE.subject])
async def test_a_login_hint_skips_the_chooser(anyone: httpx2.AsyncClient, hint: str) -> None:
    assert consent_form(await anyone.get(authorization(login_hint=hint))).hidden["person"] == ALICE.email


@pytest.mark.parametrize(
    "changes", [{"login_hint": "x@example.com"}, {"login_hint": ALICE.email, "prompt": "select_account"}]
)
async def test_the_chooser_comes_when_nobody_is_known_or_it_is_asked_for(
    anyone: httpx2.AsyncClient, changes: dict[str, str]
) -> None:
    assert "Choose an account" in (await anyone.get(authorization(**changes))).text


async def test_cancel_sends_access_denied_back(anyone: httpx2.AsyncClient, google: SimulatedGoogle) -> None:
    form = consent_form(await anyone.get(authorization(login_hint=ALICE.email)))
    back = returned(await anyone.post(form.action, data=form.filled("deny", form.scopes)))

    assert back == {"state": "s&t=1", "error": "access_denied"}
    assert google.granted(ALICE.email, APP.client_id) == frozenset()


async def test_an_unticked_scope_is_not_granted(anyone: httpx2.AsyncClient, google: SimulatedGoogle) -> None:
    back = await allow(anyone, ticked=[READ_MAIL])
    tokens = (await redeem(anyone, back["code"])).json()

    assert set(tokens["scope"].split()) == {READ_MAIL, *IDENTITY_BACK.split()}
    assert READ_DRIVE not in google.granted(ALICE.email, APP.client_id)


async def test_a_form_cannot_tick_more_than_was_asked(anyone: httpx2.AsyncClient) -> None:
    back = await allow(anyone, ticked=[READ_MAIL, CALENDAR])

    assert CALENDAR not in back["scope"]


async def test_nothing_ticked_and_no_identity_is_a_refusal(anyone: httpx2.AsyncClient) -> None:
    assert (await allow(anyone, ticked=[], scope=READ_MAIL))["error"] == "access_denied"


async def test_what_is_granted_already_is_not_asked_again(anyone: httpx2.AsyncClient) -> None:
    await allow(anyone)
    again = await anyone.get(authorization(login_hint=ALICE.email))

    assert returned(again)["prompt"] == "none"


async def test_what_was_unticked_is_asked_again(anyone: httpx2.AsyncClient) -> None:
    await allow(anyone, ticked=[READ_MAIL])

    assert READ_DRIVE in consent_form(await anyone.get(authorization(login_hint=ALICE.email))).scopes


async def test_former_grants_are_merged_when_asked(anyone: httpx2.AsyncClient) -> None:
    await allow(anyone, scope=READ_MAIL)
    apart = await allow(anyone, scope=READ_DRIVE)
    merged = await allow(anyone, scope=CALENDAR, include_granted_scopes="true")

    assert apart["scope"] == READ_DRIVE
    assert set(merged["scope"].split()) == {READ_MAIL, READ_DRIVE, CALENDAR}


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_id": ""}, 400, "invalid_request"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"redirect_uri": ""}, 400, "redirect_uri_mismatch"),
        ({"redirect_uri": CALLBACK + "/"}, 400, "redirect_uri_mismatch"),
        ({"redirect_uri": CALLBACK + "?x=1"}, 400, "redirect_uri_mismatch"),
        ({"redirect_uri": "https://evil.example/"}, 400, "redirect_uri_mismatch"),
        ({"response_type": "token"}, 400, "unsupported_response_type"),
        ({"scope": ""}, 400, "invalid_request"),
        ({"scope": "openid https://www.googleapis.com/auth/everything"}, 400, "invalid_scope"),
        ({"code_challenge_method": "S512"}, 400, "invalid_request"),
    ],
)
async def test_a_wrong_request_is_a_page_and_never_a_redirect(
    anyone: httpx2.AsyncClient, changes: dict[str, str], status: int, error: str
) -> None:
    page = await anyone.get(authorization(**changes))

    assert page.status_code == status
    assert error in page.text
    assert "location" not in page.headers


async def test_a_parameter_given_twice_is_refused(anyone: httpx2.AsyncClient) -> None:
    assert (await anyone.get(authorization() + "&state=other")).status_code == 400


async def test_the_form_is_checked_as_the_request_was(anyone: httpx2.AsyncClient) -> None:
    form = consent_form(await anyone.get(authorization(login_hint=ALICE.email)))
    moved = form.filled("allow", form.scopes) | {"request": form.hidden["request"].replace("127.0.0.1", "evil.example")}

    assert (await anyone.post(form.action, data=moved)).status_code == 400


async def test_nobody_can_be_signed_in_who_is_not_there(anyone: httpx2.AsyncClient) -> None:
    form = consent_form(await anyone.get(authorization(login_hint=ALICE.email)))
    stranger = form.filled("allow", form.scopes) | {"person": "mallory@example.com"}

    assert (await anyone.post(form.action, data=stranger)).status_code == 400


async def test_another_site_cannot_post_the_form(anyone: httpx2.AsyncClient) -> None:
    form = consent_form(await anyone.get(authorization(login_hint=ALICE.email)))
    headers = {"Sec-Fetch-Site": "cross-site"}

    assert (await anyone.post(form.action, data=form.filled("allow", form.scopes), headers=headers)).status_code == 403


@pytest.mark.parametrize(("hint", "error"), [("", "login_required"), (ALICE.email, "interaction_required")])
async def test_without_a_prompt_nobody_is_asked(anyone: httpx2.AsyncClient, hint: str, error: str) -> None:
    assert returned(await anyone.get(authorization(prompt="none", login_hint=hint)))["error"] == error


async def test_the_name_of_an_app_cannot_write_html(anyone: httpx2.AsyncClient, google: SimulatedGoogle) -> None:
    google.register_client(OAuthClient("odd", "secret", "<img src=x>", (CALLBACK,)))

    page = await anyone.get(authorization(client_id="odd", login_hint=ALICE.email))

    assert "<img" not in page.text
    assert "&lt;img" in page.text


async def test_a_query_in_the_redirect_address_is_kept(anyone: httpx2.AsyncClient, google: SimulatedGoogle) -> None:
    address = f"{CALLBACK}?tenant=7"
    google.register_client(OAuthClient("tenants", "secret", "Tenants", (address,)))

    back = await allow(anyone, client_id="tenants", redirect_uri=address)

    assert back["tenant"] == "7"
    assert back["code"]
