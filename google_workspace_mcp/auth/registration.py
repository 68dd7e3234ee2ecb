"""Dynamic client registration (RFC 7591): small, bounded, and never more than a public client.

The SDK's own handler echoes whatever it was sent and refuses scopes that it does not know. Here what is kept is
answered, and unknown scopes are left out, as section 2 of the RFC allows.
"""

from collections.abc import Sequence
from typing import Any

from fastmcp.server.auth.redirect_validation import is_redirect_uri_allowed_for_application_type
from mcp.shared.auth import OAuthClientMetadata
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from google_workspace_mcp.auth.clients import LONGEST_NAME, ClientRecord, Clients
from google_workspace_mcp.auth.limiter import AddressLimiter
from google_workspace_mcp.auth.redirects import is_allowed, problem_with_all
from google_workspace_mcp.core.audit import Audit

_NO_STORE = {"Cache-Control": "no-store"}


class Registration:
    """The endpoint `/register`."""

    def __init__(
        self,
        clients: Clients,
        limiter: AddressLimiter,
        audit: Audit,
        *,
        own_callback: str,
        patterns: Sequence[str],
        offer: Sequence[str],
    ) -> None:
        self._clients = clients
        self._limiter = limiter
        self._audit = audit
        self._own_callback = own_callback
        self._patterns = tuple(patterns)
        self._offer = frozenset(offer)

    async def handle(self, request: Request) -> Response:
        """201 with what was registered; 400 with an error of RFC 7591, section 3.2.2; 429 with Retry-After."""
        wait = self._limiter.take(request.client.host if request.client else "")
        if wait:
            headers = {**_NO_STORE, "Retry-After": str(int(wait) + 1)}
            return JSONResponse(_error("too_many_requests", "too many registrations from this address"), 429, headers)
        try:
            metadata = OAuthClientMetadata.model_validate_json(await request.body())
        except ValidationError as error:
            return _refused(*_in_words(error))
        problem = self._problem(metadata)
        if problem:
            return _refused(*problem)
        record = await self._clients.register(
            metadata.client_name or "",
            [str(uri) for uri in metadata.redirect_uris or []],
            scope=" ".join(name for name in (metadata.scope or "").split() if name in self._offer),
            application_type=metadata.application_type,
        )
        self._audit.record("client_registered", client=record.client_id)
        return JSONResponse(_answer(record), 201, _NO_STORE)

    def _problem(self, metadata: OAuthClientMetadata) -> tuple[str, str] | None:
        if len(metadata.client_name or "") > LONGEST_NAME:
            return "invalid_client_metadata", f"client_name is limited to {LONGEST_NAME} characters"
        if "authorization_code" not in metadata.grant_types or "code" not in metadata.response_types:
            return "invalid_client_metadata", "only the authorization code flow is offered"
        uris = [str(uri) for uri in metadata.redirect_uris or []]
        wrong = problem_with_all(uris, self._own_callback)
        if wrong:
            return "invalid_redirect_uri", wrong
        for uri in uris:
            if not is_allowed(uri, self._patterns):
                return "invalid_redirect_uri", "a redirect URI leads to a host that is not allowed here"
            if not is_redirect_uri_allowed_for_application_type(uri, metadata.application_type):
                return "invalid_redirect_uri", "a redirect URI does not suit the application_type"
        return None


def _answer(record: ClientRecord) -> dict[str, Any]:
    return {
        "client_id": record.client_id,
        "client_id_issued_at": int(record.created_at),
        "client_name": record.name,
        "redirect_uris": list(record.redirect_uris),
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        "application_type": record.application_type,
        **({"scope": record.scope} if record.scope else {}),
    }


def _in_words(error: ValidationError) -> tuple[str, str]:
    item = error.errors(include_input=False, include_url=False, include_context=False)[0]
    field = str(item["loc"][0]) if item["loc"] else ""
    if field == "redirect_uris":
        return "invalid_redirect_uri", "redirect_uris must be a list of URLs"
    known = field in OAuthClientMetadata.model_fields
    return "invalid_client_metadata", f"{field} is not valid" if known else "the body must be a JSON object"


def _error(code: str, words: str) -> dict[str, str]:
    return {"error": code, "error_description": words}


def _refused(code: str, words: str) -> JSONResponse:
    return JSONResponse(_error(code, words), 400, _NO_STORE)
