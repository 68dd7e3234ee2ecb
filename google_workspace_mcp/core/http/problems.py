"""Answers that tell of a failure: problem documents (RFC 9457) in our own words, without an echo of the request."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from google_workspace_mcp.core.errors import WorkspaceError, store_failed
from google_workspace_mcp.core.logging import current_request_id
from google_workspace_mcp.core.storage.base import StorageError


class ProblemResponse(JSONResponse):
    """`application/problem+json` with `status`, `title`, `detail` and the request id to quote to an operator.

    `members` are further facts (RFC 9457, section 3.2).
    """

    media_type = "application/problem+json"

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        content = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
        content |= members or {}
        request_id = current_request_id()
        if request_id:
            content["request_id"] = request_id
        super().__init__(content, status_code=status, headers={"Cache-Control": "no-store", **(headers or {})})


def failure_response(error: WorkspaceError, headers: Mapping[str, str] | None = None) -> ProblemResponse:
    """The failure with its code, whether and when to try again, and the one next step."""
    members: dict[str, Any] = {"code": error.code, "retryable": error.retryable}
    waiting: dict[str, str] = {}
    if error.retry_after:
        members["retry_after"] = max(1, round(error.retry_after))
        waiting = {"Retry-After": str(members["retry_after"])}
    if error.next_step:
        members["next_step"] = error.next_step
    return ProblemResponse(error.http_status, error.message, headers={**waiting, **(headers or {})}, members=members)


class TypedFailures:
    """Answers a typed failure that nothing inside has answered: a store or keys that a token's verification needs.

    Left to the boundary outside it would be a 500, and a client would not know that it may try again.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answering = False

        async def watched(message: Message) -> None:
            nonlocal answering
            answering = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except (WorkspaceError, StorageError) as error:
            if answering or scope["type"] != "http":
                raise
            failure = error if isinstance(error, WorkspaceError) else store_failed()
            await failure_response(failure)(scope, receive, send)
