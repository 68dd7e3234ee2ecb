"""Answers of the shell itself: problem documents (RFC 9457) in fixed words, without an echo of the request."""

from http import HTTPStatus

from starlette.responses import JSONResponse

from google_workspace_mcp.core.logging import current_request_id


class ProblemResponse(JSONResponse):
    """`application/problem+json` with `status`, `title`, `detail` and the request id to quote to an operator."""

    media_type = "application/problem+json"

    def __init__(self, status: int, detail: str, *, headers: dict[str, str] | None = None) -> None:
        content = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
        request_id = current_request_id()
        if request_id:
            content["request_id"] = request_id
        super().__init__(content, status_code=status, headers={"Cache-Control": "no-store"} | (headers or {}))
