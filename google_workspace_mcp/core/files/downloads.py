"""`GET <base>/files/<link>`: the bytes behind a download link, streamed from Google.

Every request opens the link, looks in the store whether the connection is still there, and asks Google. Nothing is
kept. The link is a bearer capability, so it never stands in a log, and pages get no referrer from it.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from google_workspace_mcp.core.capsules import BrokenCapsuleError, ExpiredCapsuleError
from google_workspace_mcp.core.errors import NotConnectedError, RateLimitedError, WorkspaceError
from google_workspace_mcp.core.files.answers import GONE, failed, refusal
from google_workspace_mcp.core.files.content import Content, Source
from google_workspace_mcp.core.files.headers import download_headers
from google_workspace_mcp.core.files.links import DownloadLinks, Holder, Item
from google_workspace_mcp.core.files.ranges import UnsatisfiableError, wanted
from google_workspace_mcp.core.files.sending import Sending
from google_workspace_mcp.core.google.session import GoogleSession
from google_workspace_mcp.core.http.paths import FILES

# Each holds one of the account's eight slots for as long as its reader likes; tools must keep some.
DOWNLOADS_AT_ONCE = 4
_AGAIN = "Ask for a new link by the same call that gave this one"


class Holders(Protocol):
    """Opens connections for what was promised of them earlier."""

    async def session(self, holder: Holder, capability: str) -> GoogleSession:
        """A session for a long transfer, the connection being read anew.

        Raises NotConnectedError when it has ended since, ReauthRequiredError, ScopeMissingError.
        """
        ...


class Downloads:
    """Answers for links. `sources` are by the name that links have for them."""

    def __init__(self, links: DownloadLinks, holders: Holders, sources: Mapping[str, Source]) -> None:
        self._links = links
        self._holders = holders
        self._sources = sources
        self._running: Counter[str] = Counter()

    def routes(self) -> list[Route]:
        """The route for links; HEAD comes with GET."""
        return [Route(f"{FILES}/{{link}}", self._answer, methods=["GET"])]

    async def _answer(self, request: Request) -> Response:
        try:
            holder, item = self._links.open(request.path_params["link"])
        except ExpiredCapsuleError:
            return refusal(request, GONE, "This link has expired: links are good for 15 minutes", _AGAIN, code="gone")
        except BrokenCapsuleError:
            return refusal(request, 404, "There is no file at this address", _AGAIN, code="not_found")
        try:
            return await self._opened(request, holder, item)
        except NotConnectedError:
            words = "This link is dead: the Google account has been disconnected since"
            return refusal(request, GONE, words, "Connect the account again, then ask for a new link", code="gone")
        except WorkspaceError as error:
            return failed(request, error)

    async def _opened(self, request: Request, holder: Holder, item: Item) -> Response:
        source = self._sources.get(item.source)
        if source is None:
            return refusal(request, GONE, "This service is switched off by the operator", _AGAIN, code="gone")
        google = await self._holders.session(holder, source.capability)
        content = await source.find(google, item.where)
        return self._sent(request, holder, content)

    def _sent(self, request: Request, holder: Holder, content: Content) -> Response:
        headers = download_headers(content.name, content.media_type)
        if content.size is not None:
            headers["Accept-Ranges"] = "bytes"
            headers |= {"ETag": content.tag} if content.tag else {}
        if request.method == "HEAD":
            return _head(headers, content.size)
        asked = request.headers
        try:
            part = wanted(asked.get("range", ""), asked.get("if-range", ""), content.size, content.tag)
        except UnsatisfiableError:
            beyond = {"Content-Range": f"bytes */{content.size}"}
            return refusal(request, 416, "The file ends before that", "Ask for less", code="range", headers=beyond)
        if part.partial and part.stop is not None:
            headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{content.size}"
        length = None if part.stop is None else part.stop - part.start
        # Asked of Google as a range only where it is one: then the rest of a broken download is too.
        done = self._place_for(holder)
        chunks = content.read(part.start, part.stop if part.partial else None)
        return Sending(request, 206 if part.partial else 200, headers, chunks, length=length, done=done)

    def _place_for(self, holder: Holder) -> "_Place":
        """A place among the connection's downloads, given back by calling it. Raises RateLimitedError."""
        key = holder.connection_id
        if self._running[key] >= DOWNLOADS_AT_ONCE:
            raise RateLimitedError(
                f"This account has {DOWNLOADS_AT_ONCE} downloads under way already",
                next_step="Wait for one of them to end",
                retry_after=10,
                reason="downloads",
            )
        self._running[key] += 1
        return _Place(self._running, key)


class _Place:
    """A download that counts."""

    def __init__(self, running: Counter[str], key: str) -> None:
        self._running = running
        self._key = key

    def __call__(self) -> None:
        self._running[self._key] -= 1
        if not self._running[self._key]:
            del self._running[self._key]


def _head(headers: dict[str, str], size: int | None) -> Response:
    response = Response(status_code=200)
    fields = {**headers, **({"Content-Length": str(size)} if size is not None else {})}
    response.raw_headers = [(name.lower().encode(), value.encode()) for name, value in fields.items()]
    return response
