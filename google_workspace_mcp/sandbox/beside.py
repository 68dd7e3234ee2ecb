"""Addresses beside the APIs that take an access token as well, and answer with bytes or a page of HTML."""

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from google_workspace_mcp.sandbox.api import World, watched
from google_workspace_mcp.sandbox.ranges import media_answer
from google_workspace_mcp.sandbox.service import GoogleError, Linked
from google_workspace_mcp.sandbox.wire import Incoming, Outgoing, html_answer

# What such calls are called in the log of calls and in faults.
METHOD = "documents.export"
_SCOPES = frozenset(
    {"https://www.googleapis.com/auth/drive", "https://www.googleapis.com/auth/drive.readonly"},
)


def beside(world: World, answer: Linked) -> Callable[[Incoming], Awaitable[Outgoing]]:
    """Work for a route: checks the token, asks `answer`, and tells failures as pages."""

    async def work(incoming: Incoming) -> Outgoing:
        return await watched(world, METHOD, incoming, lambda: answered(incoming))

    async def answered(incoming: Incoming) -> Outgoing:
        token = world.book.live(incoming.bearer)
        if token is None or not token.consent.scopes & _SCOPES:
            return html_answer(401, "Sign in to continue.")
        try:
            media = answer(world.people[token.consent.email], dict(parse_qsl(incoming.query)))
        except GoogleError as error:
            return html_answer(error.status, "The requested file cannot be exported.")
        return media_answer(media, "", {})

    return work
