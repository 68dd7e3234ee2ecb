"""`/authorize` for people: bounded parameters, and a page where a developer would get JSON."""

from typing import Final, override

from fastmcp.server.auth import AccessToken
from fastmcp.server.auth.handlers.authorize import AuthorizationHandler
from mcp.server.auth.provider import AuthorizationCode, OAuthAuthorizationServerProvider, RefreshToken
from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from google_workspace_mcp.auth.limiter import AddressLimiter
from google_workspace_mcp.auth.pages import Pages

# Characters. What is stored of a request, and carried back in an address, must stay small.
_LONGEST: Final = {
    "client_id": 2048,
    "redirect_uri": 2048,
    "state": 4096,
    "scope": 2048,
    "code_challenge": 128,
    "resource": 2048,
}
_LONGEST_OTHER: Final = 4096
_SHORTEST_CHALLENGE: Final = 43  # RFC 7636, section 4.2


class AuthorizeEndpoint(AuthorizationHandler):
    """FastMCP's handler, which answers by the book, behind our bounds."""

    def __init__(
        self,
        provider: OAuthAuthorizationServerProvider[AuthorizationCode, RefreshToken, AccessToken],
        pages: Pages,
        limiter: AddressLimiter,
        *,
        base_url: str,
        issuer: str,
    ) -> None:
        super().__init__(provider=provider, base_url=base_url, issuer_url=issuer)
        self._pages = pages
        self._limiter = limiter

    @override
    async def handle(self, request: Request) -> Response:
        """A redirect to the consent page or, with an error, to the client; 400 when it is not known where to go."""
        params = request.query_params if request.method == "GET" else await request.form()
        problem = _problem(params)
        if problem:
            return self._refused(request, problem)
        # Such an id is an address that we fetch: that must not be had for nothing.
        if str(params.get("client_id", "")).startswith("https://") and self._limiter.take(
            request.client.host if request.client else ""
        ):
            return self._refused(
                request, "Too many sign-ins were started from this address. Try again in a minute", 429
            )
        response = await super().handle(request)
        if response.status_code != 400 or not _is_browser(request):
            return response
        return self._refused(request, "The program is not known here, or may not be sent back to where it wants to be")

    def _refused(self, request: Request, words: str, status: int = 400) -> Response:
        if not _is_browser(request):
            content = {"error": "invalid_request", "error_description": words}
            return JSONResponse(content, status, {"Cache-Control": "no-store"})
        return self._pages.problem(
            "This sign-in cannot begin",
            f"{words}.",
            status,
            next_step="Remove this service in the program, add it again, and start the sign-in there.",
        )


def _problem(params: QueryParams | FormData) -> str:
    pairs = params.multi_items()
    names = [name for name, _ in pairs if name != "resource"]
    if len(set(names)) != len(names):
        return "A parameter was sent twice"
    for name, value in pairs:
        if not isinstance(value, str) or len(value) > _LONGEST.get(name, _LONGEST_OTHER):
            return f"{name} is too long" if name in _LONGEST else "A parameter is too long"
    challenge = params.get("code_challenge")
    if isinstance(challenge, str) and 0 < len(challenge) < _SHORTEST_CHALLENGE:
        return "code_challenge is too short"
    return ""


def _is_browser(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")
