"""A store that does not answer is "try again shortly", never "sign in again"."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from google_workspace_mcp.core.http.problems import ProblemResponse
from google_workspace_mcp.core.logging import get_logger
from google_workspace_mcp.core.storage.base import StoreUnavailableError

_RETRY_SECONDS = 5
_log = get_logger(__name__)


class StoreOutage:
    """503 with Retry-After in the place of a 500, for whatever was asked for.

    It stands outside of the whole application: bearer tokens are looked at before any middleware, and Starlette answers
    a 500 of its own before it passes the error on. So a 500 is held back until it is known what it was about.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        held: list[Message] = []
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            if held or message.get("status") == 500:
                held.append(message)
                return
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except StoreUnavailableError:
            if begun:
                raise
            _log.warning("store_unavailable")
            detail = "This service cannot reach its store. Try again in a few seconds."
            held.clear()
            await ProblemResponse(503, detail, headers={"Retry-After": str(_RETRY_SECONDS)})(scope, receive, send)
        finally:
            for message in held:
                await send(message)
