"""`/token` and `/revoke`: codes and refresh tokens for tokens of ours, and the end of a sign-in.

The SDK's handler answers another redirect URI with `invalid_request` and FastMCP's turns `invalid_grant` into a 401.
RFC 6749, section 5.2, has 400 `invalid_grant` for both.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from google_workspace_mcp.auth.allowed import Allowed
from google_workspace_mcp.auth.client_authentication import ClientAuthentication, ClientRefusedError
from google_workspace_mcp.auth.clients import Clients, KnownClient
from google_workspace_mcp.auth.connections import Connections
from google_workspace_mcp.auth.discovery import Discovery
from google_workspace_mcp.auth.redirects import normal
from google_workspace_mcp.auth.sessions import CodeRecord, ReplayedError, SessionRecord, Sessions
from google_workspace_mcp.auth.signing import AccessTokenIssuer
from google_workspace_mcp.core.audit import Audit, What

_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_LONGEST_FIELD = 8 * 1024


class GrantRefusedError(Exception):
    """No tokens for this request: an error code of RFC 6749, section 5.2, and words for a developer."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code
        self.words = words

    def response(self) -> JSONResponse:
        """The answer for the client."""
        return JSONResponse({"error": self.code, "error_description": self.words}, 400, _NO_STORE)


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    """Issues, refreshes and revokes."""

    authentication: ClientAuthentication
    clients: Clients
    sessions: Sessions
    connections: Connections
    tokens: AccessTokenIssuer
    discovery: Discovery
    allowed: Allowed
    audit: Audit
    resource: str

    async def token(self, request: Request) -> Response:
        """RFC 6749, sections 4.1.3 and 6."""
        try:
            form = await _form(request)
            client = await self.authentication.client_of(request.headers, form)
            return await self._granted(client, form)
        except (ClientRefusedError, GrantRefusedError) as refusal:
            return refusal.response()

    async def revoke(self, request: Request) -> Response:
        """RFC 7009: end the session that the token belongs to. The answer is 200 whether or not there was one."""
        try:
            form = await _form(request)
            await self._revoke(request, form)
        except (ClientRefusedError, GrantRefusedError) as refusal:
            return refusal.response()
        return Response(status_code=200, headers=_NO_STORE)

    async def _granted(self, client: KnownClient, form: Mapping[str, str]) -> Response:
        resource = form.get("resource", "")
        if resource and self.discovery.canonical_resource(resource) != self.resource:
            raise GrantRefusedError("invalid_target", "the resource is not this server")
        match form.get("grant_type", ""):
            case "authorization_code":
                session, record, scopes = await self._redeemed(client, form)
            case "refresh_token":
                session, record, scopes = await self._refreshed(client, form)
            case "":
                raise GrantRefusedError("invalid_request", "grant_type is missing")
            case _:
                raise GrantRefusedError("unsupported_grant_type", "only authorization_code and refresh_token")
        await self.clients.stamp(client.client_id)
        return self._answer(session, record, scopes)

    async def _redeemed(self, client: KnownClient, form: Mapping[str, str]) -> tuple[str, SessionRecord, list[str]]:
        code = _needed(form, "code")
        try:
            record = await self.sessions.peek_code(code)
            if record is None or record.client_id != client.client_id:
                raise GrantRefusedError("invalid_grant", "there is no such code")
            _check_proof(record, form)
            opened = await self.sessions.redeem_code(code)
        except ReplayedError as replay:
            self._suspect(replay, "code_replayed")
            raise GrantRefusedError("invalid_grant", "this code has been redeemed already") from None
        if opened is None:
            raise GrantRefusedError("invalid_grant", "there is no such code")
        session, opened_record = opened
        return session, opened_record, list(opened_record.scopes)

    async def _refreshed(self, client: KnownClient, form: Mapping[str, str]) -> tuple[str, SessionRecord, list[str]]:
        presented = self.sessions.read_refresh_token(_needed(form, "refresh_token"))
        record = await self.sessions.find(presented.session) if presented else None
        if presented is None or record is None or record.client_id != client.client_id:
            raise GrantRefusedError("invalid_grant", "there is no such refresh token")
        scopes = list(dict.fromkeys(form.get("scope", "").split())) or list(record.scopes)
        if not set(scopes) <= set(record.scopes):
            raise GrantRefusedError("invalid_scope", "a refresh cannot widen what was allowed")
        await self._check_person(record)
        try:
            rotated = await self.sessions.rotate(presented)
        except ReplayedError as replay:
            self._suspect(replay, "refresh_reuse_detected")
            raise GrantRefusedError("invalid_grant", "this refresh token was used before") from None
        if rotated is None:
            raise GrantRefusedError("invalid_grant", "there is no such refresh token")
        return presented.session, rotated, scopes

    async def _check_person(self, record: SessionRecord) -> None:
        """Whether the person may still be here, and signing in anew is not the only way on."""
        if not self.allowed.covers(record.address, record.hosted_domain):
            raise self._ended(record, "domain_not_allowed", "this Google account may not sign in here any more")
        if await self.connections.dormant(record.principal):
            raise self._ended(record, "grant_ended", "Google has ended the permission; the person must sign in again")

    def _ended(self, record: SessionRecord, reason: str, words: str) -> GrantRefusedError:
        self.audit.record("refresh", who=record.principal, client=record.client_id, outcome="refused", reason=reason)
        return GrantRefusedError("invalid_grant", words)

    def _suspect(self, replay: ReplayedError, what: What) -> None:
        self.audit.record(what, who=replay.record.principal, client=replay.record.client_id, outcome="refused")

    async def _revoke(self, request: Request, form: Mapping[str, str]) -> None:
        session = self._session_of(form.get("token", ""))
        record = await self.sessions.find(session) if session else None
        if record is None:
            return
        client = await self.authentication.find(record.client_id)
        if client is not None and (client.needs_secret or client.signs_assertions):
            client = await self.authentication.client_of(request.headers, form)
            named = client.client_id
        else:
            named = form.get("client_id", record.client_id)
        # Another client's token: the answer does not tell that it exists.
        if named == record.client_id:
            await self.sessions.end(session)
            self.audit.record("revocation", who=record.principal, client=record.client_id)

    def _session_of(self, token: str) -> str:
        presented = self.sessions.read_refresh_token(token)
        if presented is not None:
            return presented.session
        claims = self.tokens.verify(token)
        return claims.session if claims else ""

    def _answer(self, session: str, record: SessionRecord, scopes: list[str]) -> Response:
        content = {
            "access_token": self.tokens.issue(record.subject, record.client_id, scopes, session),
            "token_type": "Bearer",
            "expires_in": self.tokens.seconds,
            "refresh_token": self.sessions.refresh_token(session, record.number),
            "scope": " ".join(scopes),
        }
        return JSONResponse(content, 200, _NO_STORE)


async def _form(request: Request) -> dict[str, str]:
    """The form's fields. Raises GrantRefusedError for repeated ones (RFC 6749, section 3.2), files and endless ones."""
    pairs = (await request.form(max_files=0)).multi_items()
    fields = {name: value for name, value in pairs if isinstance(value, str)}
    # `resource` alone may be repeated (RFC 8707, section 2); there is one resource here.
    repeated = [name for name, _ in pairs if name != "resource"]
    if len(set(repeated)) != len(repeated) or any(len(value) > _LONGEST_FIELD for value in fields.values()):
        raise GrantRefusedError("invalid_request", "a parameter is repeated or too long")
    return fields


def _needed(form: Mapping[str, str], name: str) -> str:
    value = form.get(name, "")
    if not value:
        raise GrantRefusedError("invalid_request", f"{name} is missing")
    return value


def _check_proof(record: CodeRecord, form: Mapping[str, str]) -> None:
    """The redirect URI and the PKCE verifier must be those of the request that the code answered."""
    if normal(form.get("redirect_uri", "")) != record.redirect_uri:
        raise GrantRefusedError("invalid_grant", "redirect_uri is not the one of the authorization request")
    digest = hashlib.sha256(_needed(form, "code_verifier").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    if not hmac.compare_digest(challenge, record.code_challenge):
        raise GrantRefusedError("invalid_grant", "code_verifier does not fit")
