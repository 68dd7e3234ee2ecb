from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import parse_qs

import pytest
from pydantic import SecretStr

from google_workspace_mcp.core.errors import (
    GoogleRefusedError,
    GoogleUnavailableError,
    InternalError,
    MisconfiguredError,
    ReauthRequiredError,
    WorkspaceError,
)
from google_workspace_mcp.core.google.endpoints import GoogleEndpoints
from google_workspace_mcp.core.google.oauth import GoogleOAuth
from google_workspace_mcp.core.google.transport import make_http_client
from tests.core.google.scripted import FixedClock, ResetAfterReading, Say, ScriptedServer, Step

GRANTED: dict[str, Any] = {
    "access_token": "ya29.secret-access",
    "expires_in": 3599,
    "refresh_token": "1//secret-refresh",
    "scope": "openid https://www.googleapis.com/auth/gmail.readonly",
    "token_type": "Bearer",
    "id_token": "a.b.c",
}


@pytest.fixture
async def oauth(google: ScriptedServer) -> AsyncGenerator[GoogleOAuth]:
    async with make_http_client() as http:
        yield GoogleOAuth(http, GoogleEndpoints.of(google.url), "client-1", SecretStr("s3cret"), FixedClock())


async def test_a_code_becomes_tokens_with_the_scopes_that_were_granted(google: ScriptedServer, oauth: GoogleOAuth):
    google.script = [Say(200, GRANTED)]

    answer = await oauth.redeem("code-1", "https://host/auth/google/callback", "verifier-1")

    assert (answer.access_token, answer.expires_in) == ("ya29.secret-access", 3599)
    assert (answer.refresh_token, answer.id_token) == ("1//secret-refresh", "a.b.c")
    assert answer.scopes == {"openid", "https://www.googleapis.com/auth/gmail.readonly"}


async def test_a_code_is_redeemed_with_the_verifier_the_redirect_and_the_client(
    google: ScriptedServer, oauth: GoogleOAuth
):
    google.script = [Say(200, GRANTED)]

    await oauth.redeem("code-1", "https://host/auth/google/callback", "verifier-1")

    (seen,) = google.seen
    assert (seen.method, seen.target) == ("POST", "/token")
    assert parse_qs(seen.body.decode()) == {
        "grant_type": ["authorization_code"],
        "code": ["code-1"],
        "redirect_uri": ["https://host/auth/google/callback"],
        "code_verifier": ["verifier-1"],
        "client_id": ["client-1"],
        "client_secret": ["s3cret"],
    }


async def test_a_refresh_gives_an_access_token_and_keeps_the_refresh_token(google: ScriptedServer, oauth: GoogleOAuth):
    google.script = [Say(200, {"access_token": "ya29.new", "expires_in": 3600, "scope": "openid"})]

    answer = await oauth.refresh("1//kept")

    assert (answer.access_token, answer.refresh_token) == ("ya29.new", None)
    form = parse_qs(google.seen[0].body.decode())
    assert (form["grant_type"], form["refresh_token"]) == (["refresh_token"], ["1//kept"])


async def test_tokens_do_not_show_in_a_repr(google: ScriptedServer, oauth: GoogleOAuth):
    google.script = [Say(200, GRANTED)]

    answer = await oauth.redeem("code-1", "https://host/cb", "verifier-1")

    assert "secret" not in repr(answer)


@pytest.mark.parametrize(
    ("step", "failure", "reason"),
    [
        (Say(400, {"error": "invalid_grant", "error_description": "Bad"}), ReauthRequiredError, "invalid_grant"),
        (Say(400, {"error": "invalid_grant", "error_subtype": "invalid_rapt"}), ReauthRequiredError, "session_policy"),
        (Say(401, {"error": "invalid_client"}), MisconfiguredError, "invalid_client"),
        (Say(400, {"error": "redirect_uri_mismatch"}), MisconfiguredError, "redirect_uri_mismatch"),
        (Say(400, {"error": "admin_policy_enforced"}), GoogleRefusedError, "domain_policy"),
        (Say(400, {"error": "invalid_request"}), InternalError, "token_request"),
        (Say(500, {"error": "internal_failure"}), GoogleUnavailableError, "token_endpoint"),
        (Say(503, {"error": "invalid_grant"}), GoogleUnavailableError, "token_endpoint"),
        (Say(429, {"error": "rate_limit_exceeded"}), GoogleUnavailableError, "token_endpoint"),
        (Say(400, b"<html>"), GoogleUnavailableError, "token_endpoint"),
        (Say(302, b"", {"Location": "http://127.0.0.1:1/"}), GoogleUnavailableError, "token_endpoint"),
        (Say(200, b"<html>"), GoogleUnavailableError, "garbled_token"),
        (Say(200, {"access_token": "", "expires_in": 1}), GoogleUnavailableError, "garbled_token"),
        (ResetAfterReading(), GoogleUnavailableError, "token_endpoint"),
    ],
)
async def test_only_a_dead_grant_asks_for_a_new_connection(
    google: ScriptedServer, oauth: GoogleOAuth, step: Step, failure: type[WorkspaceError], reason: str
):
    google.script = [step]

    with pytest.raises(failure) as raised:
        await oauth.refresh("1//secret-refresh")

    assert raised.value.reason == reason
    assert "1//secret" not in raised.value.sentence()
    assert len(google.seen) == 1


async def test_a_wait_that_the_token_endpoint_asks_for_is_passed_on(google: ScriptedServer, oauth: GoogleOAuth):
    google.script = [Say(429, b"", {"Retry-After": "30"})]

    with pytest.raises(GoogleUnavailableError) as raised:
        await oauth.refresh("1//x")

    assert raised.value.retry_after == 30


async def test_a_revoked_token_is_given_back(google: ScriptedServer, oauth: GoogleOAuth):
    google.script = [Say(200, {})]

    await oauth.revoke("1//x")

    assert google.seen[0].target == "/revoke"
    assert parse_qs(google.seen[0].body.decode()) == {"token": ["1//x"]}


async def test_revoking_what_google_no_longer_knows_is_no_failure(google: ScriptedServer, oauth: GoogleOAuth):
    google.script = [Say(400, {"error": "invalid_token"})]

    await oauth.revoke("1//x")

    assert len(google.seen) == 1


async def test_a_failing_revocation_is_told(google: ScriptedServer, oauth: GoogleOAuth):
    google.script = [Say(503)]

    with pytest.raises(GoogleUnavailableError):
        await oauth.revoke("1//x")
