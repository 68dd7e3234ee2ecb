"""What is said where bytes were expected: a problem document for programs, a short page for a person's browser."""

from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from google_workspace_mcp.core.errors import WorkspaceError
from google_workspace_mcp.core.http.problems import ProblemResponse, failure_response

_HEADERS = {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}
_PAGE_HEADERS = {**_HEADERS, "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'"}
GONE = 410


def refusal(
    request: Request, status: int, detail: str, next_step: str, *, code: str, headers: dict[str, str] | None = None
) -> Response:
    """A failure that is no tool's, in the words that fit whoever asks."""
    if _is_browser(request):
        return _page(status, detail, next_step, headers)
    members: dict[str, Any] = {"code": code, "retryable": False, "next_step": next_step}
    return ProblemResponse(status, detail, headers={**_HEADERS, **(headers or {})}, members=members)


def failed(request: Request, error: WorkspaceError) -> Response:
    """A typed failure."""
    if _is_browser(request):
        wait = {"Retry-After": str(max(1, round(error.retry_after)))} if error.retry_after else None
        return _page(error.http_status, error.message, error.next_step, wait)
    return failure_response(error, _HEADERS)


def _is_browser(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _page(status: int, detail: str, next_step: str, headers: dict[str, str] | None) -> Response:
    sentences = " ".join(f"{part.rstrip('.')}." for part in (detail, next_step) if part)
    text = (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>No file</title><h1>No file</h1><p>{escape(sentences)}</p></html>"
    )
    return HTMLResponse(text, status, {**_PAGE_HEADERS, **(headers or {})})
