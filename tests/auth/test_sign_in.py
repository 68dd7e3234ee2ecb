"""Signing in over HTTP: what is given, to whom, and what is refused."""

from pathlib import Path

import httpx2
import pytest

from google_workspace_mcp.core.tools.mcp import ERROR_META
from google_workspace_mcp.demo.walker import SignInWalker, WalkError
from google_workspace_mcp.sandbox import faults
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from google_workspace_mcp.sandbox.service import Person
from tests.support.clock import FakeClock
from tests.support.logs import captured_log
from tests.support.oauth import REDIRECT, HandClient
from tests.support.stack import CLIENT_ID, Stack, running

ALICE, BEN, CHIARA = "alice@example.com", "ben@example.com", "chiara@studio.example"
ALL = "gmail.read gmail.write gmail.send drive.read drive.write calendar.read calendar.write"


async def test_one_sign_in_yields_tokens_for_all_capabilities(client: HandClient) -> None:
    tokens = await client.tokens(ALICE)
    assert tokens["scope"] == ALL
    assert tokens["expires_in"] == 3600
    assert await client.ping(tokens["access_token"]) == 200


async def test_the_answer_carries_state_and_issuer(client: HandClient, stack: Stack) -> None:
    back = await client.sign_in(ALICE)
    assert (back["state"], back["iss"]) == ("my-state", stack.settings.base_url)


async def test_a_narrower_request_gets_no_more_than_it_asked_for(client: HandClient) -> None:
    await client.tokens(ALICE)
    assert (await client.tokens(ALICE, scope="drive.read"))["scope"] == "drive.read"


@pytest.mark.security("O-18")
async def test_what_the_person_unticks_is_not_in_the_token(client: HandClient) -> None:
    tokens = await client.tokens(ALICE, untick=("gmail",))
    assert tokens["scope"] == "drive.read drive.write calendar.read calendar.write"


async def test_asking_for_more_later_keeps_what_was_granted(client: HandClient, google: SimulatedGoogle) -> None:
    await client.tokens(ALICE, scope="drive.read")
    assert (await client.tokens(ALICE, scope="drive.read calendar.read"))["scope"] == "drive.read calendar.read"
    granted = google.granted(ALICE, CLIENT_ID)
    assert {scope.rpartition("/")[2] for scope in granted} >= {"drive.readonly", "calendar.readonly"}


@pytest.mark.security("O-17")
@pytest.mark.parametrize("scope", ["gmail.delete", "https://mail.google.com/", "everything"])
async def test_a_scope_that_is_not_offered_is_invalid(client: HandClient, scope: str) -> None:
    response = await client.http.get(client.authorize_address(scope=scope))
    assert response.status_code == 302
    assert response.headers["location"].startswith(f"{REDIRECT}?")
    assert "error=invalid_scope" in response.headers["location"]


@pytest.mark.security("O-7")
@pytest.mark.parametrize(
    "changes",
    [{"code_challenge": None}, {"code_challenge_method": "plain"}, {"code_challenge_method": "S512"}],
    ids=["none", "plain", "unknown"],
)
async def test_without_s256_there_is_no_code(client: HandClient, changes: dict[str, str | None]) -> None:
    response = await client.http.get(client.authorize_address(**changes))
    assert "error=invalid_request" in response.headers["location"]


@pytest.mark.security("O-1")
@pytest.mark.parametrize("uri", ["https://evil.example/cb", "http://localhost:5000@evil.example/cb", "javascript:1"])
async def test_an_unregistered_redirect_is_an_error_page_and_no_redirect(client: HandClient, uri: str) -> None:
    response = await client.http.get(client.authorize_address(redirect_uri=uri))
    assert response.status_code == 400
    assert "location" not in response.headers


@pytest.mark.security("O-15")
async def test_a_resource_of_another_server_is_refused(client: HandClient) -> None:
    response = await client.http.get(client.authorize_address(resource="https://evil.example/mcp"))
    assert "error=invalid_target" in response.headers["location"]


async def test_both_addresses_of_this_server_are_its_resource(client: HandClient, stack: Stack) -> None:
    for resource in (stack.mcp_url, stack.internal_mcp_url):
        response = await client.http.get(client.authorize_address(resource=resource))
        assert response.headers["location"].startswith(f"{stack.settings.base_url}/consent")


@pytest.mark.security("O-2")
async def test_the_port_of_a_loopback_redirect_may_change_and_nothing_else(client: HandClient) -> None:
    async def begins(uri: str) -> bool:
        response = await client.http.get(client.authorize_address(redirect_uri=uri))
        assert response.status_code in (302, 400)
        return response.status_code == 302

    assert await begins("http://127.0.0.1:9999/callback")
    assert await begins("http://127.0.0.1/callback")
    for other in ("callback/", "callback/../x", "other", "callback?x=1", "CALLBACK", "callback%2f..%2fx"):
        assert not await begins(f"http://127.0.0.1:53999/{other}"), other
    for host in ("localhost:53999", "127.0.0.2:53999", "127.0.0.1.evil.example", "127.0.0.1:53999@evil.example"):
        assert not await begins(f"http://{host}/callback"), host
    assert not await begins("https://127.0.0.1:53999/callback")


@pytest.mark.parametrize("name", ["state", "scope", "resource", "nonce"])
async def test_a_parameter_of_twenty_kilobytes_is_refused_in_words(client: HandClient, name: str) -> None:
    response = await client.http.get(client.authorize_address(**{name: "x" * 20_000}))
    assert response.status_code == 400
    assert response.json()["error"] == "invalid_request"
    assert "too long" in response.json()["error_description"]


async def test_a_parameter_that_comes_twice_is_refused(client: HandClient) -> None:
    response = await client.http.get(f"{client.authorize_address()}&state=another")
    assert (response.status_code, response.json()["error_description"]) == (400, "A parameter was sent twice")


async def test_a_browser_gets_a_page_where_a_program_gets_json(client: HandClient) -> None:
    page = await client.http.get(client.authorize_address(client_id="gone"), headers={"Accept": "text/html"})
    assert page.status_code == 400
    assert "This sign-in cannot begin" in page.text
    assert "gone" not in page.text


@pytest.mark.parametrize(
    "address",
    [
        "https://localhost/client.json",
        "https://127.0.0.1/client.json",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/client.json",
        "https://10.0.0.1/client.json",
    ],
)
async def test_a_metadata_document_in_our_own_network_is_not_fetched(client: HandClient, address: str) -> None:
    response = await client.http.get(client.authorize_address(client_id=address))
    assert response.status_code == 400
    assert "location" not in response.headers


# -- codes and tokens


@pytest.mark.security("O-8")
async def test_a_code_is_redeemed_once_and_a_replay_signs_the_thief_out_too(
    client: HandClient, clock: FakeClock
) -> None:
    back = await client.sign_in(ALICE)
    tokens = (await client.redeem(back["code"])).json()
    replay = await client.redeem(back["code"])
    assert replay.status_code == 400
    assert replay.json()["error"] == "invalid_grant"
    assert (await client.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    clock.advance(61)
    assert await client.ping(tokens["access_token"]) == 401


@pytest.mark.security("O-7", "O-8")
async def test_a_code_of_another_client_with_another_verifier_or_redirect_is_refused(
    client: HandClient, stack: Stack, http: httpx2.AsyncClient
) -> None:
    other = HandClient(stack.settings.base_url, http)
    await other.register()
    code = (await client.sign_in(ALICE))["code"]
    assert (await other.redeem(code, code_verifier=client.verifier)).json()["error"] == "invalid_grant"
    assert (await client.redeem(code, code_verifier="x" * 43)).json()["error"] == "invalid_grant"
    other_redirect = await client.redeem(code, redirect_uri="http://127.0.0.1:1/callback")
    assert (other_redirect.status_code, other_redirect.json()["error"]) == (400, "invalid_grant")
    assert (await client.redeem(code, code_verifier="")).json()["error"] == "invalid_request"
    assert (await client.redeem(code)).status_code == 200


@pytest.mark.security("O-8")
async def test_a_code_is_too_old_after_a_minute(client: HandClient, clock: FakeClock) -> None:
    code = (await client.sign_in(ALICE))["code"]
    clock.advance(60)
    assert (await client.redeem(code)).json()["error"] == "invalid_grant"


async def test_refreshing_needs_no_google_and_gives_a_new_pair(client: HandClient, google: SimulatedGoogle) -> None:
    tokens = await client.tokens(ALICE)
    google.calls.clear()
    new = (await client.refresh(tokens["refresh_token"])).json()
    assert new["refresh_token"] != tokens["refresh_token"]
    assert await client.ping(new["access_token"]) == 200
    assert google.calls.methods() == []


@pytest.mark.security("O-17")
async def test_a_refresh_may_narrow_and_never_widen(client: HandClient) -> None:
    tokens = await client.tokens(ALICE, scope="drive.read calendar.read")
    wider = await client.refresh(tokens["refresh_token"], scope="drive.read gmail.read")
    assert wider.json()["error"] == "invalid_scope"
    narrower = (await client.refresh(tokens["refresh_token"], scope="drive.read")).json()
    assert narrower["scope"] == "drive.read"


@pytest.mark.security("O-9")
async def test_a_copied_refresh_token_signs_out_whoever_has_it(client: HandClient, clock: FakeClock) -> None:
    victims = await client.tokens(ALICE)
    thiefs = (await client.refresh(victims["refresh_token"])).json()
    newest = (await client.refresh(thiefs["refresh_token"])).json()
    clock.advance(31)
    with captured_log() as log:
        reused = await client.refresh(victims["refresh_token"])
    assert (reused.status_code, reused.json()["error"]) == (400, "invalid_grant")
    assert [line["what"] for line in log.lines("audit")] == ["refresh_reuse_detected"]
    assert (await client.refresh(newest["refresh_token"])).json()["error"] == "invalid_grant"
    clock.advance(29)
    assert await client.ping(newest["access_token"]) == 401


@pytest.mark.security("O-9")
async def test_whoever_lost_the_answer_asks_again_and_is_not_signed_out(client: HandClient, clock: FakeClock) -> None:
    tokens = await client.tokens(ALICE)
    lost = (await client.refresh(tokens["refresh_token"])).json()
    clock.advance(29)
    again = (await client.refresh(tokens["refresh_token"])).json()
    assert again["refresh_token"] == lost["refresh_token"]
    clock.advance(1800)
    later = (await client.refresh(tokens["refresh_token"])).json()
    assert (await client.refresh(later["refresh_token"])).status_code == 200


@pytest.mark.security("O-24")
async def test_a_permission_deleted_at_google_is_told_once_and_leads_to_a_new_sign_in(
    client: HandClient, stack: Stack, google: SimulatedGoogle, clock: FakeClock
) -> None:
    tokens = await client.tokens(ALICE)
    google.revoke(ALICE)
    google.calls.clear()
    for _ in range(3):
        result = await client.call(tokens["access_token"], "gmail_search")
        assert result["isError"]
        assert result["_meta"][ERROR_META]["code"] == "reauth_required"
    assert google.calls.methods().count("oauth.token") == 1, "no storm of retries"
    # The failure offered a link that is good for ten minutes; only after that must the client sign in anew.
    clock.advance(10 * 60 + 1)
    refused = await client.refresh(tokens["refresh_token"])
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    challenge = await client.http.post(stack.mcp_url, headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert challenge.status_code == 401
    assert "resource_metadata=" in challenge.headers["www-authenticate"]
    fresh = await client.tokens(ALICE)
    assert (await client.refresh(fresh["refresh_token"])).status_code == 200


async def test_a_token_for_another_resource_is_not_issued(client: HandClient, stack: Stack) -> None:
    code = (await client.sign_in(ALICE))["code"]
    elsewhere = await client.redeem(code, resource="https://evil.example/mcp")
    assert (elsewhere.status_code, elsewhere.json()["error"]) == (400, "invalid_target")
    assert (await client.redeem(code, resource=stack.internal_mcp_url)).status_code == 200


@pytest.mark.parametrize("grant", ["", "password", "client_credentials"])
async def test_another_grant_type_is_refused(client: HandClient, grant: str) -> None:
    response = await client.http.post(f"{client.base}/token", data={"grant_type": grant, "client_id": client.client_id})
    assert response.status_code == 400
    assert response.json()["error"] in ("invalid_request", "unsupported_grant_type")


async def test_a_public_client_can_revoke_and_is_signed_out(client: HandClient) -> None:
    tokens = await client.tokens(ALICE)
    form = {"token": tokens["refresh_token"], "client_id": client.client_id}
    assert (await client.http.post(f"{client.base}/revoke", data=form)).status_code == 200
    assert (await client.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert await client.ping(tokens["access_token"]) == 401


async def test_revoking_nonsense_or_another_clients_token_changes_nothing(client: HandClient) -> None:
    tokens = await client.tokens(ALICE)
    for form in ({"token": "nonsense"}, {"token": tokens["refresh_token"], "client_id": "another"}, {}):
        assert (await client.http.post(f"{client.base}/revoke", data=form)).status_code == 200
    assert (await client.refresh(tokens["refresh_token"])).status_code == 200


@pytest.mark.parametrize("token", ["ya29.sim-something", "x", "a.b.c"])
async def test_what_is_not_our_token_is_a_401(client: HandClient, token: str) -> None:
    assert await client.ping(token) == 401


@pytest.mark.security("O-16")
async def test_googles_own_tokens_are_not_taken(client: HandClient, google: SimulatedGoogle) -> None:
    grant = google.grant(ALICE, ["openid", "https://www.googleapis.com/auth/gmail.readonly"])
    assert await client.ping(grant.access_token) == 401


# -- whose browser, whose account


@pytest.mark.security("O-11")
async def test_a_google_address_captured_by_somebody_else_leads_nowhere(client: HandClient, stack: Stack) -> None:
    """CVE-2026-27124: the victim opens the attacker's Google address in a browser of their own."""
    consent = await client.http.get(client.authorize_address(), follow_redirects=True)
    form = dict(part.split('"')[1::2][1:3] for part in consent.text.split("<input ")[1:])  # name, value
    captured = await client.http.post(
        f"{client.base}/consent", data={**form, "action": "approve"}, headers={"Origin": stack.settings.origin}
    )
    address = captured.headers["location"]
    assert address.startswith(stack.google.url)
    async with httpx2.AsyncClient(timeout=20, trust_env=False) as victim:
        with pytest.raises(WalkError, match="started elsewhere"):
            await SignInWalker(victim, BEN).walk(address, REDIRECT)


@pytest.mark.security("O-12")
async def test_the_consent_form_needs_its_cookie_and_its_token(client: HandClient, stack: Stack) -> None:
    consent = await client.http.get(client.authorize_address(), follow_redirects=True)
    transaction = consent.url.params["txn_id"]
    origin = {"Origin": stack.settings.origin}
    forged = {"txn_id": transaction, "csrf_token": "x", "action": "approve"}
    assert (await client.http.post(f"{client.base}/consent", data=forged, headers=origin)).status_code == 400
    token = consent.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    async with httpx2.AsyncClient(timeout=20, trust_env=False) as elsewhere:
        data = {"txn_id": transaction, "csrf_token": token, "action": "approve"}
        assert (await elsewhere.post(f"{client.base}/consent", data=data, headers=origin)).status_code == 403
    foreign = {"Origin": "https://evil.example"}
    assert (await client.http.post(f"{client.base}/consent", data=data, headers=foreign)).status_code == 403


@pytest.mark.security("O-12")
async def test_the_consent_page_shows_who_asks_and_cannot_be_framed(client: HandClient) -> None:
    await client.register(client_name='<script>alert("x")</script>')
    page = await client.http.get(client.authorize_address(scope="drive.read"), follow_redirects=True)
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text
    assert "read your files" in page.text
    assert "send mail" not in page.text
    assert page.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


async def test_saying_no_at_google_comes_back_as_access_denied(client: HandClient, stack: Stack) -> None:
    response = await client.http.get(client.authorize_address(), follow_redirects=True)
    token = response.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    data = {"txn_id": response.url.params["txn_id"], "csrf_token": token, "action": "approve"}
    onward = await client.http.post(f"{client.base}/consent", data=data, headers={"Origin": stack.settings.origin})
    state = httpx2.URL(onward.headers["location"]).params["state"]
    back = await client.http.get(f"{stack.settings.redirect_uri}?error=access_denied&state={state}")
    assert back.headers["location"].startswith(f"{REDIRECT}?")
    assert "error=access_denied" in back.headers["location"]


@pytest.mark.parametrize("query", ["", "?code=x", "?state=nothing&code=x", "?error=access_denied"])
async def test_a_callback_that_belongs_to_no_sign_in_is_a_page(client: HandClient, stack: Stack, query: str) -> None:
    response = await client.http.get(f"{stack.settings.redirect_uri}{query}")
    assert response.status_code == 400
    assert "has expired" in response.text


async def test_a_sign_in_must_be_finished_in_ten_minutes(client: HandClient, clock: FakeClock) -> None:
    consent = await client.http.get(client.authorize_address())
    clock.advance(10 * 60 - 1)
    assert (await client.http.get(consent.headers["location"])).status_code == 200
    clock.advance(1)
    assert (await client.http.get(consent.headers["location"])).status_code == 400


async def test_consent_gives_no_further_ten_minutes(client: HandClient, stack: Stack, clock: FakeClock) -> None:
    page = await client.http.get(client.authorize_address(), follow_redirects=True)
    clock.advance(9 * 60)
    onward = await client.http.post(
        f"{client.base}/consent", data=consent_form(page), headers={"Origin": stack.settings.origin}
    )
    state = httpx2.URL(onward.headers["location"]).params["state"]
    clock.advance(60)
    back = await client.http.get(f"{stack.settings.redirect_uri}?code=x&state={state}")
    assert "has expired" in back.text


def consent_form(page: httpx2.Response, action: str = "approve") -> dict[str, str]:
    """What the consent page's form sends."""
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    return {"txn_id": page.url.params["txn_id"], "csrf_token": token, "action": action}


@pytest.mark.security("O-12")
async def test_the_consent_form_is_good_once(client: HandClient, stack: Stack) -> None:
    page = await client.http.get(client.authorize_address(), follow_redirects=True)
    origin = {"Origin": stack.settings.origin}
    form = consent_form(page)
    assert (await client.http.post(f"{client.base}/consent", data=form, headers=origin)).status_code == 302
    again = await client.http.post(f"{client.base}/consent", data=form, headers=origin)
    assert (again.status_code, "location" in again.headers) == (400, False)


@pytest.mark.security("O-12")
async def test_a_form_token_of_another_sign_in_does_not_serve(client: HandClient, stack: Stack) -> None:
    first = await client.http.get(client.authorize_address(), follow_redirects=True)
    second = await client.http.get(client.authorize_address(), follow_redirects=True)
    mixed = {**consent_form(first), "csrf_token": consent_form(second)["csrf_token"]}
    response = await client.http.post(f"{client.base}/consent", data=mixed, headers={"Origin": stack.settings.origin})
    assert response.status_code == 400


async def test_two_sign_ins_in_one_browser_do_not_disturb_each_other(client: HandClient) -> None:
    first = await client.http.get(client.authorize_address(state="first"), follow_redirects=True)
    assert (await client.sign_in(ALICE, state="second"))["state"] == "second"
    walker = SignInWalker(client.http, ALICE)
    assert (await walker.walk(str(first.url), REDIRECT))["state"] == "first"


async def test_who_cancels_on_the_consent_page_goes_back_with_access_denied(client: HandClient, stack: Stack) -> None:
    page = await client.http.get(client.authorize_address(), follow_redirects=True)
    back = await client.http.post(
        f"{client.base}/consent", data=consent_form(page, "deny"), headers={"Origin": stack.settings.origin}
    )
    answer = httpx2.URL(back.headers["location"]).params
    assert (answer["error"], answer["state"], answer["iss"]) == ("access_denied", "my-state", stack.settings.base_url)


@pytest.mark.security("O-19")
async def test_an_address_that_google_has_not_verified_may_not_sign_in(
    http: httpx2.AsyncClient, tmp_path: Path, clock: FakeClock
) -> None:
    eve = Person("eve@studio.example", "Eve", "100000000000000000066", is_verified=False)
    with SimulatedGoogle((), (eve,), clock=clock) as google, running(google, tmp_path, clock=clock) as stack:
        client = HandClient(stack.settings.base_url, http)
        await client.register()
        refused = await client.sign_in(eve.email)
        assert refused["error"] == "access_denied"
        assert "not verified" in refused["error_description"]
        assert [key async for key in stack.service.store.list("lasting/connections/")] == []


@pytest.mark.security("O-19")
async def test_only_the_allowed_may_sign_in(google: SimulatedGoogle, http: httpx2.AsyncClient, tmp_path: Path) -> None:
    with running(google, tmp_path, allowed_domains=("studio.example", BEN)) as stack:
        client = HandClient(stack.settings.base_url, http)
        await client.register()
        assert "code" in await client.sign_in(CHIARA)
        assert "code" in await client.sign_in(BEN)
        refused = await client.sign_in(ALICE)
        assert refused["error"] == "access_denied"
        assert "may not sign in here" in refused["error_description"]


async def test_a_grant_that_was_lost_is_asked_for_again(
    google: SimulatedGoogle, http: httpx2.AsyncClient, tmp_path: Path
) -> None:
    """Google gives a refresh token only at first consent; after the store is gone it must be told to ask again."""
    for folder in ("first", "second"):
        with running(google, tmp_path / folder) as stack:
            client = HandClient(stack.settings.base_url, http)
            await client.register()
            assert (await client.tokens(ALICE))["scope"] == ALL


async def test_a_failing_google_at_the_callback_is_told_to_the_client(
    client: HandClient, google: SimulatedGoogle
) -> None:
    google.faults.add("oauth.token", faults.server_error(503))
    back = await client.sign_in(ALICE)
    assert back["error"] == "temporarily_unavailable"
    assert back["state"] == "my-state"
    google.faults.clear()
    assert "code" in await client.sign_in(ALICE)
