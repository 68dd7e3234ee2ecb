"""Our tokens verify as ours, and nothing else does."""

import base64
import json
import os

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from google_workspace_mcp.auth.signing import AccessTokenIssuer, Signer
from google_workspace_mcp.core.keys import Key, KeyRing, LiveRing, derive
from tests.support.clock import FakeClock

OLD, NEW = Key("old", os.urandom(32)), Key("new", os.urandom(32))
ISSUER, AUDIENCE = "https://tools.example/w", "https://tools.example/w/mcp"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def issuer(clock: FakeClock, *keys: Key, iss: str = ISSUER, audience: str = AUDIENCE) -> AccessTokenIssuer:
    return AccessTokenIssuer(Signer(KeyRing(keys or (OLD,)), "at+jwt", clock), iss, audience)


def unsigned(header: dict[str, object], token: str) -> str:
    encoded = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
    return f"{encoded}.{token.split('.')[1]}."


def test_a_token_says_who_for_whom_and_what(clock: FakeClock) -> None:
    claims = issuer(clock).verify(issuer(clock).issue("1", "client", ["gmail.read"], "session"))
    assert claims is not None
    assert (claims.subject, claims.client_id, claims.scopes, claims.session) == (
        "1",
        "client",
        ("gmail.read",),
        "session",
    )


def test_a_token_ends_after_an_hour_and_a_minute_of_leeway(clock: FakeClock) -> None:
    token = issuer(clock).issue("1", "c", [], "s")
    clock.advance(3600 + 59)
    assert issuer(clock).verify(token) is not None
    clock.advance(1)
    assert issuer(clock).verify(token) is None


def test_a_new_first_key_signs_and_the_old_one_still_verifies(clock: FakeClock) -> None:
    token = issuer(clock, OLD).issue("1", "c", [], "s")
    assert issuer(clock, NEW, OLD).verify(token) is not None
    assert issuer(clock, NEW).verify(token) is None


@pytest.mark.security("O-15")
def test_a_token_for_another_audience_or_issuer_is_not_ours(clock: FakeClock) -> None:
    for other in (issuer(clock, iss="https://tools.example/other"), issuer(clock, audience="https://tools.example")):
        assert issuer(clock).verify(other.issue("1", "c", [], "s")) is None


def test_a_token_of_another_type_is_not_an_access_token(clock: FakeClock) -> None:
    other = AccessTokenIssuer(Signer(KeyRing((OLD,)), "account+jwt", clock), ISSUER, AUDIENCE)
    assert issuer(clock).verify(other.issue("1", "c", [], "s")) is None


@pytest.mark.security("O-15")
def test_no_signature_no_key_id_and_foreign_algorithms_are_refused(clock: FakeClock) -> None:
    good = issuer(clock).issue("1", "c", [], "s")
    head, body, signature = good.split(".")
    key = OctKey.import_key(OLD.secret)
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "1", "client_id": "c", "scope": "", "sid": "s", "exp": 2**33}
    forged = [
        unsigned({"alg": "none", "kid": "old", "typ": "at+jwt"}, good),
        f"{head}.{body}.",
        f"{head}.{body}.{signature[:-4]}AAAA",
        jwt.encode({"alg": "HS256", "typ": "at+jwt"}, claims, key),
        jwt.encode({"alg": "HS256", "kid": "../old", "typ": "at+jwt"}, claims, key),
        jwt.encode({"alg": "HS512", "kid": "old", "typ": "at+jwt"}, claims, key, algorithms=["HS512"]),
        "",
        "ya29.a-google-access-token",
        "a.b.c",
        "é.é.é",
    ]
    assert [issuer(clock).verify(token) for token in forged] == [None] * len(forged)


def remembering(clock: FakeClock, ring: LiveRing, remembered: int = 100) -> AccessTokenIssuer:
    return AccessTokenIssuer(
        Signer(derive(ring, "access-token"), "at+jwt", clock, remembered=remembered), ISSUER, AUDIENCE
    )


@pytest.mark.security("O-15")
def test_a_token_that_is_remembered_ends_with_its_hour_and_with_its_key(clock: FakeClock) -> None:
    ring = LiveRing(KeyRing((OLD,)))
    tokens = remembering(clock, ring)
    token = tokens.issue("1", "c", [], "s")
    assert tokens.verify(token) is not None
    ring.replace(KeyRing((NEW, OLD)))
    assert tokens.verify(token) is not None
    ring.replace(KeyRing((NEW,)))
    assert tokens.verify(token) is None
    ring.replace(KeyRing((Key("old", os.urandom(32)),)))
    assert tokens.verify(token) is None
    ring.replace(KeyRing((OLD,)))
    assert tokens.verify(token) is not None
    clock.advance(3600 + 60)
    assert tokens.verify(token) is None


@pytest.mark.security("O-15")
def test_that_a_token_is_remembered_helps_no_other_token(clock: FakeClock) -> None:
    tokens = remembering(clock, LiveRing(KeyRing((OLD,))))
    token = tokens.issue("1", "c", [], "s")
    assert tokens.verify(token) is not None
    head, body, signature = token.split(".")
    assert tokens.verify(f"{head}.{body}.") is None
    assert tokens.verify(f"{head}.{body}.{signature[:-4]}AAAA") is None
    assert tokens.verify(token + "\ud800") is None


def test_tokens_beyond_those_remembered_are_verified_anew(clock: FakeClock) -> None:
    tokens = remembering(clock, LiveRing(KeyRing((OLD,))), remembered=1)
    issued = [tokens.issue(str(number), "c", [], "s") for number in range(3)]
    subjects = [claims.subject for token in issued * 2 if (claims := tokens.verify(token)) is not None]
    assert subjects == ["0", "1", "2"] * 2
