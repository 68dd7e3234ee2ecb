"""Which client is asking at `/token` and `/revoke`, and whether it has proved it.

The SDK's authenticator compares with a stored plain secret and wants `client_id` in the form even beside a Basic
header. Here only a hash is stored, and either way of sending a secret will do (RFC 6749, section 2.3.1).
"""

import base64
import binascii
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast
from urllib.parse import unquote_plus

from starlette.datastructures import Headers
from starlette.responses import JSONResponse

from google_workspace_mcp.auth.clients import KnownClient

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class AssertionVerifier(Protocol):
    """Verifies the signed assertion of a client whose metadata document names its keys (RFC 7523)."""

    async def validate_private_key_jwt(self, assertion: str, client: Any, token_endpoint: str) -> bool:
        """Raises ValueError when it does not hold."""
        ...


class ClientRefusedError(Exception):
    """The client is unknown or did not prove who it is."""

    def __init__(self, words: str, *, basic: bool) -> None:
        super().__init__(words)
        self.words = words
        self.basic = basic

    def response(self) -> JSONResponse:
        """401 `invalid_client` (RFC 6749, section 5.2)."""
        headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
        if self.basic:
            headers["WWW-Authenticate"] = 'Basic realm="token"'
        return JSONResponse({"error": "invalid_client", "error_description": self.words}, 401, headers)


@dataclass(frozen=True, slots=True)
class ClientAuthentication:
    """Finds and authenticates the client of a request."""

    find: Callable[[str], Awaitable[KnownClient | None]]
    assertions: AssertionVerifier
    token_endpoint: str

    async def client_of(self, headers: Headers, form: Mapping[str, str]) -> KnownClient:
        """The client. Raises ClientRefusedError."""
        given = _basic(headers.get("authorization", ""))
        basic = given is not None
        client_id, secret = given or (form.get("client_id", ""), form.get("client_secret", ""))
        client_id = client_id or _subject(form)
        if form.get("client_id", client_id) != client_id:
            raise ClientRefusedError("two different clients are named", basic=basic)
        client = await self.find(client_id) if client_id else None
        if client is None:
            raise ClientRefusedError("the client is unknown", basic=basic)
        if client.needs_secret and not client.knows(secret):
            raise ClientRefusedError("the client's secret is missing or wrong", basic=basic)
        if client.signs_assertions:
            await self._check_assertion(client, form)
        return client

    async def _check_assertion(self, client: KnownClient, form: Mapping[str, str]) -> None:
        assertion = form.get("client_assertion", "")
        if form.get("client_assertion_type") != _ASSERTION_TYPE or not assertion:
            raise ClientRefusedError("this client authenticates by a signed assertion", basic=False)
        try:
            await self.assertions.validate_private_key_jwt(assertion, client, self.token_endpoint)
        except ValueError:
            raise ClientRefusedError("the client's assertion does not hold", basic=False) from None


def _basic(header: str) -> tuple[str, str] | None:
    """Id and secret of a Basic header, None when there is no such header. Raises ClientRefusedError."""
    scheme, _, encoded = header.partition(" ")
    if scheme.casefold() != "basic":
        return None
    try:
        name, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise ClientRefusedError("the Basic header cannot be read", basic=True) from None
    if not colon:
        raise ClientRefusedError("the Basic header cannot be read", basic=True)
    return unquote_plus(name), unquote_plus(secret)


def _subject(form: Mapping[str, str]) -> str:
    """Whom an assertion claims to be from: only for finding the keys that it is verified with."""
    payload = form.get("client_assertion", "").split(".")[1:2]
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload[0] + "=" * (-len(payload[0]) % 4))) if payload else {}
    except (binascii.Error, ValueError, RecursionError):
        return ""
    subject = cast(dict[str, Any], claims).get("sub", "") if isinstance(claims, dict) else ""
    return subject if isinstance(subject, str) else ""
