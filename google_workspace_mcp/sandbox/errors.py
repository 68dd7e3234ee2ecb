"""Errors in the shapes Google gives them.

Gmail and everything that Google's common front answers (credentials, scopes, malformed requests) carry `status`; what
Drive and Calendar themselves say does not. OAuth endpoints speak RFC 6749.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from google_workspace_mcp.sandbox.service import JSON, GoogleError

_STATUS_NAMES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    412: "FAILED_PRECONDITION",
    416: "OUT_OF_RANGE",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_USAGE_REASONS = {
    "rateLimitExceeded",
    "userRateLimitExceeded",
    "dailyLimitExceeded",
    "quotaExceeded",
    "accessNotConfigured",
    "sharingRateLimitExceeded",
}
_WITHOUT_STATUS = {"drive", "calendar"}
REALM = 'Bearer realm="https://accounts.google.com/"'


@dataclass(frozen=True, slots=True)
class FrontDetail:
    """What only Google's common front adds to an error."""

    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    details: tuple[JSON, ...] = ()
    location_type: str = "parameter"
    inner_message: str = ""


class FrontError(GoogleError):
    """An error of Google's common front rather than of one API: it always names its `status`."""

    def __init__(self, status: int, reason: str, message: str, detail: FrontDetail, *, location: str = "") -> None:
        super().__init__(status, reason, message, location=location)
        self.detail = detail


def error_json(error: GoogleError, api: str = "") -> JSON:
    """The error as `{"error": {...}}`, the way that API (`gmail`, `drive`, ...) writes it."""
    detail = error.detail if isinstance(error, FrontError) else FrontDetail()
    item: JSON = {
        "message": detail.inner_message or error.message,
        "domain": "usageLimits" if error.reason in _USAGE_REASONS else "global",
        "reason": error.reason,
    }
    if error.location:
        item |= {"location": error.location, "locationType": detail.location_type}
    body: JSON = {"code": error.status, "message": error.message, "errors": [item]}
    if error.status in _STATUS_NAMES and (isinstance(error, FrontError) or api not in _WITHOUT_STATUS):
        body["status"] = _STATUS_NAMES[error.status]
    if detail.details:
        body["details"] = list(detail.details)
    return {"error": body}


def error_headers(error: GoogleError) -> dict[str, str]:
    """`Retry-After` and `WWW-Authenticate` where the error has them."""
    headers = dict(error.detail.headers) if isinstance(error, FrontError) else {}
    return headers | ({"Retry-After": error.retry_after} if error.retry_after else {})


def oauth_json(error: GoogleError) -> JSON:
    """The error as RFC 6749 section 5.2 has it; `reason` becomes `error`."""
    return {"error": error.reason, "error_description": error.message}


def malformed(message: str, *, field_path: str = "") -> FrontError:
    """400 for a request that does not fit the discovery document."""
    violation = {"field": field_path, "description": message} if field_path else {"description": message}
    detail = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}
    return FrontError(400, "invalid", message, FrontDetail(details=(detail,)))


def invalid_parameter(name: str, message: str) -> GoogleError:
    """400 for a value that is not allowed for a parameter."""
    return GoogleError(400, "invalidParameter", message, location=name)


def missing_parameter(name: str) -> GoogleError:
    """400 for a required parameter that is not there."""
    return GoogleError(400, "required", f"Required parameter: {name}", location=name)


def no_credentials() -> FrontError:
    """401 for a request without a bearer token."""
    message = (
        "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other "
        "valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
    )
    detail = FrontDetail({"WWW-Authenticate": REALM}, (), "header", "Login Required.")
    return FrontError(401, "required", message, detail, location="Authorization")


def bad_credentials() -> FrontError:
    """401 for a token that is unknown, expired or revoked."""
    message = (
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
        "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
    )
    header = {"WWW-Authenticate": f'{REALM}, error="invalid_token"'}
    return FrontError(
        401, "authError", message, FrontDetail(header, (), "header", "Invalid Credentials"), location="Authorization"
    )


def scope_missing(method_id: str, api: str, scopes: frozenset[str]) -> FrontError:
    """403 for a live token that holds none of the method's scopes."""
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com",
        "metadata": {"service": f"{api}.googleapis.com", "method": method_id},
    }
    header = {"WWW-Authenticate": f'{REALM}, error="insufficient_scope", scope="{" ".join(sorted(scopes))}"'}
    detail = FrontDetail(header, (info,), inner_message="Insufficient Permission")
    return FrontError(403, "insufficientPermissions", "Request had insufficient authentication scopes.", detail)
