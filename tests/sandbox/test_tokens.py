"""Codes and tokens: what they are bound to, what they say, and how they end."""

import base64
import hashlib
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from google_workspace_mcp.sandbox.oauth.book import REFRESH_TOKENS_KEPT, OAuthClient
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.sandbox.pages import VERIFIER, allow, redeem, refresh
from tests.sandbox.world import ALICE, APP, BEN, CALLBACK, MAIL, READ_DRIVE, READ_MAIL, StoppedClock

OTHER = OAuthClient("other.apps.example", "other-secret", "Other", (CALLBACK,))


async def tokens(client: httpx2.AsyncClient, **changes: str) -> dict[str, Any]:
    back = await allow(client, ticked=None, **changes)
    return (await redeem(client, back["code"])).json()


# -- codes


async def test_a_code_buys_tokens(anyone: httpx2.AsyncClient) -> None:
    body = await tokens(anyone)

    assert body["access_token"].startswith("ya29.sim-")
    assert body["refresh_token"].startswith("1//0sim-")
    assert (body["expires_in"], body["token_type"]) == (3599, "Bearer")
    assert READ_MAIL in body["scope"].split()


async def test_a_code_works_once(anyone: httpx2.AsyncClient) -> None:
    code = (await allow(anyone))["code"]
    await redeem(anyone, code)
    again = await redeem(anyone, code)

    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


async def test_a_code_is_dead_after_ten_minutes(anyone: httpx2.AsyncClient, clock: StoppedClock) -> None:
    code = (await allow(anyone))["code"]
    clock.advance(timedelta(minutes=10))

    assert (await redeem(anyone, code)).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"code_verifier": ""}, 400, "invalid_grant"),
        ({"code_verifier": "x" * 43}, 400, "invalid_grant"),
        ({"redirect_uri": CALLBACK + "2"}, 400, "redirect_uri_mismatch"),
        ({"redirect_uri": ""}, 400, "invalid_request"),
        ({"code": "4/0sim-other"}, 400, "invalid_grant"),
        ({"code": ""}, 400, "invalid_request"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": ""}, 400, "invalid_request"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_id": ""}, 400, "invalid_request"),
        ({"client_id": OTHER.client_id, "client_secret": OTHER.client_secret}, 400, "invalid_grant"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "invalid_request"),
    ],
)
async def test_a_code_is_bound_to_everything_it_came_with(
    google: SimulatedGoogle, anyone: httpx2.AsyncClient, changes: dict[str, str], status: int, error: str
) -> None:
    google.register_client(OTHER)
    answer = await redeem(anyone, (await allow(anyone))["code"], **changes)

    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"]


async def test_a_plain_challenge_is_its_own_verifier(anyone: httpx2.AsyncClient) -> None:
    code = (await allow(anyone, code_challenge=VERIFIER, code_challenge_method="plain"))["code"]

    assert (await redeem(anyone, code)).status_code == 200


async def test_a_client_may_show_its_secret_in_the_header(anyone: httpx2.AsyncClient) -> None:
    code = (await allow(anyone))["code"]
    credentials = base64.b64encode(f"{APP.client_id}:{APP.client_secret}".encode()).decode()
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    answer = await anyone.post("/token", data=form, headers={"Authorization": f"Basic {credentials}"})

    assert answer.status_code == 200


# -- refresh tokens


async def test_online_access_gives_no_refresh_token(anyone: httpx2.AsyncClient) -> None:
    assert "refresh_token" not in await tokens(anyone, access_type="online")


async def test_only_the_first_consent_gives_a_refresh_token(anyone: httpx2.AsyncClient) -> None:
    first, second = await tokens(anyone), await tokens(anyone)

    assert "refresh_token" in first
    assert "refresh_token" not in second


async def test_a_consent_asked_for_gives_one_again(anyone: httpx2.AsyncClient) -> None:
    await tokens(anyone)

    assert "refresh_token" in await tokens(anyone, prompt="consent")


async def test_a_refresh_gives_a_new_access_token(anyone: httpx2.AsyncClient, google: SimulatedGoogle) -> None:
    first = await tokens(anyone)
    google.expire_access_tokens()
    answer = await refresh(anyone, first["refresh_token"])
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    assert answer.json()["scope"] == first["scope"]
    assert "refresh_token" not in answer.json()
    assert (await anyone.get("/gmail/v1/users/me/profile", headers=headers)).status_code == 200


async def test_a_refresh_may_ask_for_less_but_not_for_more(anyone: httpx2.AsyncClient) -> None:
    token = (await tokens(anyone))["refresh_token"]

    assert (await refresh(anyone, token, scope=READ_MAIL)).json()["scope"] == READ_MAIL
    assert (await refresh(anyone, token, scope=MAIL)).json()["error"] == "invalid_scope"


async def test_a_refresh_token_is_bound_to_its_client(google: SimulatedGoogle, anyone: httpx2.AsyncClient) -> None:
    google.register_client(OTHER)
    token = (await tokens(anyone))["refresh_token"]
    answer = await refresh(anyone, token, client_id=OTHER.client_id, client_secret=OTHER.client_secret)

    assert answer.json()["error"] == "invalid_grant"


async def test_a_revoked_grant_cannot_be_refreshed(google: SimulatedGoogle, anyone: httpx2.AsyncClient) -> None:
    token = (await tokens(anyone))["refresh_token"]
    google.revoke(ALICE.email)
    answer = await refresh(anyone, token)

    assert answer.status_code == 400
    assert answer.json() == {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}


async def test_one_token_too_many_kills_the_oldest(google: SimulatedGoogle, anyone: httpx2.AsyncClient) -> None:
    grants = [google.grant(ALICE.email, [READ_MAIL], APP.client_id) for _ in range(REFRESH_TOKENS_KEPT + 1)]

    assert (await refresh(anyone, grants[0].refresh_token)).json()["error"] == "invalid_grant"
    assert (await refresh(anyone, grants[1].refresh_token)).status_code == 200


# -- revocation


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
async def test_revoking_one_token_ends_the_whole_grant(anyone: httpx2.AsyncClient, which: str) -> None:
    first = await tokens(anyone)
    second = await tokens(anyone, prompt="consent")
    answer = await anyone.post("/revoke", data={"token": first[which]})
    headers = {"Authorization": f"Bearer {second['access_token']}"}

    assert (answer.status_code, answer.json()) == (200, {})
    assert (await refresh(anyone, second["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await anyone.get("/gmail/v1/users/me/profile", headers=headers)).status_code == 401


async def test_a_revocation_leaves_other_people_and_other_apps_alone(
    google: SimulatedGoogle, anyone: httpx2.AsyncClient
) -> None:
    google.register_client(OTHER)
    alices = google.grant(ALICE.email, [READ_MAIL], APP.client_id)
    bens = google.grant(BEN.email, [READ_MAIL], APP.client_id)
    elsewhere = google.grant(ALICE.email, [READ_MAIL], OTHER.client_id)
    await anyone.post(f"/revoke?token={alices.refresh_token}")

    assert (await refresh(anyone, bens.refresh_token)).status_code == 200
    answer = await refresh(
        anyone, elsewhere.refresh_token, client_id=OTHER.client_id, client_secret=OTHER.client_secret
    )
    assert answer.status_code == 200


async def test_revoking_what_is_not_there_is_an_error(anyone: httpx2.AsyncClient) -> None:
    answer = await anyone.post("/revoke", data={"token": "nothing"})

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_token")


# -- identity


async def test_the_id_token_is_signed_by_the_published_key(anyone: httpx2.AsyncClient, clock: StoppedClock) -> None:
    body = await tokens(anyone)
    keys = KeySet.import_key_set((await anyone.get("/oauth2/v3/certs")).json())
    token = jwt.decode(body["id_token"], keys, algorithms=["RS256"])
    digest = hashlib.sha256(body["access_token"].encode()).digest()[:16]

    now = int(clock.now().timestamp())
    assert token.header["kid"]
    assert token.claims == {
        "iss": "https://accounts.google.com",
        "azp": APP.client_id,
        "aud": APP.client_id,
        "sub": ALICE.subject,
        "email": ALICE.email,
        "email_verified": True,
        "hd": "example.com",
        "name": "Alice Ferreira",
        "given_name": "Alice",
        "family_name": "Ferreira",
        "nonce": "n-1",
        "at_hash": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "iat": now,
        "exp": now + 3600,
    }


async def test_the_certificates_hold_no_private_key(anyone: httpx2.AsyncClient) -> None:
    (key,) = (await anyone.get("/oauth2/v3/certs")).json()["keys"]

    assert not {"d", "p", "q", "dp", "dq", "qi"} & set(key)


async def test_without_openid_there_is_no_id_token(anyone: httpx2.AsyncClient) -> None:
    assert "id_token" not in await tokens(anyone, scope=READ_MAIL)


async def test_tokeninfo_tells_of_an_access_token(anyone: httpx2.AsyncClient, clock: StoppedClock) -> None:
    body = await tokens(anyone)
    clock.advance(timedelta(seconds=99))
    info = (await anyone.get("/tokeninfo", params={"access_token": body["access_token"]})).json()

    assert (info["aud"], info["sub"], info["email"]) == (APP.client_id, ALICE.subject, ALICE.email)
    assert (info["expires_in"], info["email_verified"], info["access_type"]) == ("3500", "true", "offline")
    assert READ_DRIVE in info["scope"].split()


async def test_tokeninfo_tells_of_an_id_token(anyone: httpx2.AsyncClient) -> None:
    body = await tokens(anyone)
    info = (await anyone.post("/tokeninfo", data={"id_token": body["id_token"]})).json()

    assert (info["sub"], info["email_verified"]) == (ALICE.subject, "true")


@pytest.mark.parametrize("name", ["access_token", "id_token"])
async def test_tokeninfo_knows_no_strangers(anyone: httpx2.AsyncClient, name: str) -> None:
    answer = await anyone.get("/tokeninfo", params={name: "forged.forged.forged"})

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_token")


async def test_userinfo_has_googles_shapes(google: SimulatedGoogle, anyone: httpx2.AsyncClient) -> None:
    grant = google.grant(BEN.email, ["openid", "email", "profile"])
    headers = {"Authorization": f"Bearer {grant.access_token}"}
    newer = (await anyone.get("/v1/userinfo", headers=headers)).json()
    older = (await anyone.get("/oauth2/v2/userinfo", headers=headers)).json()

    assert newer == (await anyone.get("/oauth2/v3/userinfo", headers=headers)).json()
    assert (newer["sub"], newer["email"], newer["email_verified"]) == (BEN.subject, BEN.email, True)
    assert "hd" not in newer
    assert (older["id"], older["verified_email"], older["name"]) == (BEN.subject, True, BEN.name)


async def test_userinfo_without_a_live_token_is_a_401(anyone: httpx2.AsyncClient) -> None:
    answer = await anyone.get("/v1/userinfo", headers={"Authorization": "Bearer gone"})

    assert answer.status_code == 401
    assert "invalid_token" in answer.headers["www-authenticate"]


async def test_userinfo_tells_nothing_without_an_identity_scope(
    google: SimulatedGoogle, anyone: httpx2.AsyncClient
) -> None:
    grant = google.grant(ALICE.email, [READ_MAIL])
    answer = await anyone.get("/v1/userinfo", headers={"Authorization": f"Bearer {grant.access_token}"})

    assert answer.status_code == 403


async def test_access_tokens_of_one_person_can_be_expired(google: SimulatedGoogle, anyone: httpx2.AsyncClient) -> None:
    alices, bens = google.grant(ALICE.email, [MAIL]), google.grant(BEN.email, [MAIL])
    google.expire_access_tokens(ALICE.email)
    statuses = [
        (await anyone.get("/gmail/v1/users/me/profile", headers={"Authorization": f"Bearer {grant.access_token}"}))
        for grant in (alices, bens)
    ]

    assert [answer.status_code for answer in statuses] == [401, 200]


async def test_the_configuration_names_the_simulators_addresses(anyone: httpx2.AsyncClient) -> None:
    found = (await anyone.get("/.well-known/openid-configuration")).json()

    assert found["token_endpoint"] == "http://127.0.0.1/token"
    assert found["issuer"] == "https://accounts.google.com"
