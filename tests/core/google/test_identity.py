from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from google_workspace_mcp.core.errors import GoogleUnavailableError, ReauthRequiredError
from google_workspace_mcp.core.google.endpoints import GoogleEndpoints
from google_workspace_mcp.core.google.identity import IdTokenVerifier
from google_workspace_mcp.core.google.transport import make_http_client
from tests.core.google.scripted import NOW, FixedClock, Say, ScriptedServer

KEY = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
OTHER = RSAKey.generate_key(2048, {"kid": "k2", "use": "sig", "alg": "RS256"})


def certs(*keys: RSAKey) -> Say:
    return Say(200, {"keys": [key.as_dict(private=False) for key in keys]})


def token(key: RSAKey = KEY, *, kid: str | None = None, **changes: Any) -> str:
    claims = {
        "iss": "https://accounts.google.com",
        "aud": "client-1",
        "sub": "1234567890",
        "email": "anna@example.com",
        "email_verified": True,
        "name": "Anna",
        "hd": "example.com",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 3600,
        **changes,
    }
    return jwt.encode({"alg": "RS256", "kid": kid or key.kid}, claims, key)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
async def verifier(google: ScriptedServer, clock: FixedClock) -> AsyncGenerator[IdTokenVerifier]:
    google.answer = lambda _: certs(KEY)
    async with make_http_client() as http:
        yield IdTokenVerifier(http, GoogleEndpoints.of(google.url), "client-1", clock)


async def test_a_good_token_names_the_account(verifier: IdTokenVerifier):
    identity = await verifier.verify(token())

    assert (identity.subject, identity.email, identity.email_verified) == ("1234567890", "anna@example.com", True)
    assert (identity.name, identity.hosted_domain) == ("Anna", "example.com")


async def test_a_consumer_account_has_no_hosted_domain_and_an_unverified_address_stays_unverified(
    verifier: IdTokenVerifier,
):
    identity = await verifier.verify(token(hd=None, email_verified=False))

    assert (identity.hosted_domain, identity.email_verified) == ("", False)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "https://evil.example"}, "id_token_issuer"),
        ({"aud": "another-client"}, "id_token_audience"),
        ({"aud": ["client-1", "another-client"]}, "id_token_audience"),
        ({"exp": int(NOW.timestamp()) - 61}, "id_token_expired"),
        ({"exp": None}, "id_token_expired"),
        ({"iat": int(NOW.timestamp()) + 61}, "id_token_issued_later"),
        ({"sub": ""}, "id_token_subject"),
        ({"sub": None}, "id_token_subject"),
    ],
)
async def test_a_token_with_a_wrong_claim_is_refused(verifier: IdTokenVerifier, changes: dict[str, Any], reason: str):
    with pytest.raises(ReauthRequiredError) as raised:
        await verifier.verify(token(**changes))

    assert raised.value.reason == reason


async def test_a_token_is_forgiven_a_minute_after_its_end(verifier: IdTokenVerifier):
    assert await verifier.verify(token(exp=int(NOW.timestamp()) - 59))


async def test_googles_older_issuer_name_is_accepted(verifier: IdTokenVerifier):
    assert await verifier.verify(token(iss="accounts.google.com"))


async def test_a_nonce_must_be_the_one_that_was_sent(verifier: IdTokenVerifier):
    assert await verifier.verify(token(nonce="n-1"), nonce="n-1")
    for wrong in (token(nonce="n-2"), token()):
        with pytest.raises(ReauthRequiredError) as raised:
            await verifier.verify(wrong, nonce="n-1")
        assert raised.value.reason == "id_token_nonce"


async def test_a_token_signed_by_somebody_else_under_googles_key_id_is_refused(verifier: IdTokenVerifier):
    with pytest.raises(ReauthRequiredError) as raised:
        await verifier.verify(token(OTHER, kid="k1"))

    assert raised.value.reason == "id_token_signature"


async def test_a_token_whose_claims_were_changed_is_refused(verifier: IdTokenVerifier):
    header, _, signature = token().split(".")
    payload = token(sub="somebody-else").split(".")[1]

    with pytest.raises(ReauthRequiredError) as raised:
        await verifier.verify(f"{header}.{payload}.{signature}")

    assert raised.value.reason == "id_token_signature"


async def test_another_algorithm_is_refused_before_any_key_is_looked_up(
    google: ScriptedServer, verifier: IdTokenVerifier
):
    forged = jwt.encode({"alg": "HS256", "kid": "k1"}, {"sub": "x"}, OctKey.import_key("k" * 32))
    unsigned = "eyJhbGciOiJub25lIiwia2lkIjoiazEifQ.eyJzdWIiOiJ4In0."

    for bad in (forged, unsigned):
        with pytest.raises(ReauthRequiredError):
            await verifier.verify(bad)
    assert google.seen == []


@pytest.mark.parametrize("text", ["", "x", "a.b", "a.b.c", "....", "é.é.é", "x" * 20_000])
async def test_what_is_no_token_is_refused_without_asking_google(
    google: ScriptedServer, verifier: IdTokenVerifier, text: str
):
    with pytest.raises(ReauthRequiredError):
        await verifier.verify(text)
    assert google.seen == []


async def test_certificates_are_fetched_once_for_many_tokens(google: ScriptedServer, verifier: IdTokenVerifier):
    await verifier.verify(token())
    await verifier.verify(token())

    assert [seen.target for seen in google.seen] == ["/oauth2/v3/certs"]


async def test_unknown_keys_send_us_to_google_at_most_once_a_minute(
    google: ScriptedServer, verifier: IdTokenVerifier, clock: FixedClock
):
    await verifier.verify(token())
    for _ in range(5):
        with pytest.raises(ReauthRequiredError):
            await verifier.verify(token(OTHER))
    assert len(google.seen) == 1

    google.answer = lambda _: certs(KEY, OTHER)
    clock.moment = NOW + timedelta(seconds=61)
    assert await verifier.verify(token(OTHER))
    assert len(google.seen) == 2


async def test_a_key_that_google_has_withdrawn_is_no_longer_accepted_after_six_hours(
    google: ScriptedServer, verifier: IdTokenVerifier, clock: FixedClock
):
    await verifier.verify(token())
    google.answer = lambda _: certs(OTHER)
    clock.moment = NOW + timedelta(hours=6, seconds=1)

    with pytest.raises(ReauthRequiredError) as raised:
        await verifier.verify(token(exp=int(clock.moment.timestamp()) + 60))

    assert raised.value.reason == "id_token_unknown_key"


@pytest.mark.parametrize("answer", [Say(503), Say(200, b"<html>"), Say(200, {"keys": []}), Say(200, {"keys": "x"})])
async def test_missing_certificates_are_googles_failure_not_the_persons(
    google: ScriptedServer, verifier: IdTokenVerifier, answer: Say
):
    google.answer = lambda _: answer

    with pytest.raises(GoogleUnavailableError):
        await verifier.verify(token())


async def test_after_an_outage_the_certificates_are_tried_again_within_seconds(
    google: ScriptedServer, verifier: IdTokenVerifier, clock: FixedClock
):
    google.answer = lambda _: Say(503)
    for _ in range(3):
        with pytest.raises(GoogleUnavailableError):
            await verifier.verify(token())
    assert len(google.seen) == 1

    google.answer = lambda _: certs(KEY)
    clock.moment = NOW + timedelta(seconds=6)
    assert await verifier.verify(token())


async def test_known_keys_serve_on_through_an_outage(
    google: ScriptedServer, verifier: IdTokenVerifier, clock: FixedClock
):
    await verifier.verify(token())
    google.answer = lambda _: Say(503)
    clock.moment = NOW + timedelta(hours=7)

    assert await verifier.verify(token(exp=int(clock.moment.timestamp()) + 60, iat=int(clock.moment.timestamp())))
