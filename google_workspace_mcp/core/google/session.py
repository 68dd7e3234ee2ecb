"""What a service has in hand to work with one person's Google account during one tool call."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, nullcontext
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Protocol

from google_workspace_mcp.core.errors import GoogleUnavailableError, ReauthRequiredError, TooLargeError, WorkspaceError
from google_workspace_mcp.core.google.calls import JSON, CallKind
from google_workspace_mcp.core.google.deadline import Deadline
from google_workspace_mcp.core.google.downloads import stream
from google_workspace_mcp.core.google.export_links import METHOD, export_request
from google_workspace_mcp.core.google.many import Outcome, run_many
from google_workspace_mcp.core.google.outgoing import Outgoing
from google_workspace_mcp.core.google.quota import UserShare
from google_workspace_mcp.core.google.reasons import TOKEN_REJECTED
from google_workspace_mcp.core.google.resources import (
    CalendarResources,
    DriveResources,
    GmailResources,
    GoogleResources,
)
from google_workspace_mcp.core.google.transport import GoogleTransport, Turn
from google_workspace_mcp.core.google.uploads import Content, Progress, upload

if TYPE_CHECKING:
    from googleapiclient.http import HttpRequest, MediaUpload


class TokenSource(Protocol):
    """Gives access tokens of one connected Google account."""

    @property
    def address(self) -> str:
        """The account's e-mail address."""
        ...

    async def access_token(self, *, rejected: str | None = None) -> str:
        """A token that should be good. `rejected` is one that Google has just refused: another is wanted.

        Raises ReauthRequiredError when the grant is gone. A caller may be cancelled while it waits.
        """
        ...


class GoogleSession:
    """Runs requests built from `gmail`, `drive` and `calendar` as one account, within one deadline.

    `user` is the key of the connection: all sessions of one connection share its slots and its units of Google's quota.
    Everything here raises RateLimitedError when they are used up.
    """

    def __init__(
        self,
        transport: GoogleTransport,
        resources: GoogleResources,
        tokens: TokenSource,
        deadline: Deadline,
        user: str = "",
    ) -> None:
        self._transport = transport
        self._resources = resources
        self._tokens = tokens
        self._deadline = deadline
        self._share = transport.share_of(user)

    @property
    def address(self) -> str:
        """The account's e-mail address."""
        return self._tokens.address

    @property
    def deadline(self) -> Deadline:
        return self._deadline

    @property
    def gmail(self) -> GmailResources:
        return self._resources.gmail

    @property
    def drive(self) -> DriveResources:
        return self._resources.drive

    @property
    def calendar(self) -> CalendarResources:
        return self._resources.calendar

    async def execute(self, request: "HttpRequest", *, kind: CallKind = CallKind.READ) -> JSON:
        """Google's answer, {} when it has none. Raises a WorkspaceError; `kind` decides what is repeated."""
        return await self._execute(request, kind, None)

    async def execute_many(self, requests: "Sequence[HttpRequest]", *, kind: CallKind = CallKind.READ) -> list[Outcome]:
        """One answer or failure per request, in their order; all of them go to one API. See `run_many`."""
        # However many there are, only one of them stands in the user's queue.
        place = asyncio.Lock()
        return await run_many(
            requests,
            kind=kind,
            one=lambda request: self._execute(request, kind, place),
            chunk=lambda chunk: self._batch(chunk, kind, place),
        )

    async def download(self, request: "HttpRequest", *, max_bytes: int) -> bytes:
        """The bytes of a `get_media` or `export_media` request. Raises TooLargeError beyond `max_bytes`."""
        async with self._turns(str(request.methodId)) as turns:
            return await turns.run(lambda turn: self._transport.fetch(request, turn, max_bytes=max_bytes))

    async def download_export(self, link: str, *, max_bytes: int) -> bytes:
        """The bytes behind one of a document's `exportLinks`, which have no limit of 10 MB.

        Raises GoogleRefusedError for an address that is not Google's for documents, TooLargeError beyond `max_bytes`.
        """
        outgoing = export_request(link, self._resources.endpoints.documents_root)
        async with self._turns(METHOD) as turns:
            return await turns.run(lambda turn: self._transport.fetch_export(outgoing, turn, max_bytes=max_bytes))

    async def stream(
        self, request: "HttpRequest", *, max_bytes: int, start: int = 0, stop: int | None = None
    ) -> AsyncGenerator[bytes]:
        """The bytes of a request from `start` to before `stop`, as they come; a break is continued where it happened.

        Raises TooLargeError beyond `max_bytes`, also when some were given already. Close it when it is not read to its
        end: `async with contextlib.aclosing(...)`.
        """
        async with self._turns(str(request.methodId)) as turns:
            chunks = stream(
                self._transport, Outgoing.of(request), turns.run, max_bytes=max_bytes, start=start, stop=stop
            )
            async with aclosing(chunks):
                async for chunk in chunks:
                    yield chunk

    async def stream_export(self, link: str, *, max_bytes: int) -> AsyncGenerator[bytes]:
        """The same as `download_export`, as the bytes come. Close it when it is not read to its end."""
        outgoing = export_request(link, self._resources.endpoints.documents_root)
        async with self._turns(METHOD) as turns:
            chunks = stream(self._transport, outgoing, turns.run, max_bytes=max_bytes, export=True)
            async with aclosing(chunks):
                async for chunk in chunks:
                    yield chunk

    async def upload(
        self,
        build: "Callable[[MediaUpload], HttpRequest]",
        content: Content,
        *,
        kind: CallKind,
        progress: Progress | None = None,
    ) -> JSON:
        """Google's answer to the request that `build` makes: `lambda media: files.create(…, media_body=media)`.

        Up to 5 MB go in one request, more in a resumable upload, whose breaks are continued. `progress` hears of bytes
        sent and of all. Raises a WorkspaceError.
        """
        async with self._turns("drive.files.create") as turns:
            return await upload(self._transport, build, content, turns.run, kind=kind, progress=progress)

    async def pause(self, seconds: float) -> None:
        """Let time pass, within the deadline. Raises GoogleUnavailableError when that comes first."""
        await self._transport.pause(seconds, self._deadline)

    async def _execute(self, request: "HttpRequest", kind: CallKind, place: asyncio.Lock | None) -> JSON:
        async with self._turns(str(request.methodId), place) as turns:
            return await turns.run(lambda turn: self._transport.send(request, turn, kind=kind))

    async def _batch(self, requests: "Sequence[HttpRequest]", kind: CallKind, place: asyncio.Lock) -> list[Outcome]:
        """Outcomes of one batch, parts that failed for the moment tried again. Raises TooLargeError for the whole."""
        results: list[Outcome] = [{} for _ in requests]
        pending = list(range(len(requests)))
        for attempt in count(1):
            outcomes = await self._batched([requests[index] for index in pending], kind, place)
            if isinstance(outcomes, WorkspaceError):
                return [outcomes if index in pending else result for index, result in enumerate(results)]
            for index, outcome in zip(pending, outcomes, strict=True):
                results[index] = outcome
            pauses = {i: pause for i in pending if (pause := self._pause(results[i], kind, attempt)) is not None}
            if not pauses:
                return results
            pending = list(pauses)
            try:
                await self._transport.pause(max(pauses.values()), self.deadline)
            except GoogleUnavailableError:
                return results  # the process ends: what was had is better than nothing
        raise AssertionError("the rule ends the attempts")

    async def _batched(
        self, requests: "Sequence[HttpRequest]", kind: CallKind, place: asyncio.Lock
    ) -> list[Outcome] | WorkspaceError:
        """Outcomes of the parts, or what befell the batch as a whole after its own retries."""

        async def send(turn: Turn) -> list[Outcome]:
            outcomes = await self._transport.send_batch(requests, turn, kind=kind)
            for outcome in outcomes:
                if isinstance(outcome, ReauthRequiredError) and outcome.reason == TOKEN_REJECTED:
                    # It is one token for all of them, and they may all be repeated.
                    raise outcome
            return outcomes

        try:
            async with self._turns(str(requests[0].methodId), place) as turns:
                return await turns.run(send)
        except TooLargeError:
            raise
        except WorkspaceError as error:
            return error

    def _pause(self, outcome: Outcome, kind: CallKind, attempt: int) -> float | None:
        if not isinstance(outcome, WorkspaceError):
            return None
        return self._transport.pause_before_next(outcome, self._share, self._deadline, kind=kind, attempt=attempt)

    @asynccontextmanager
    async def _turns(self, method_id: str, place: asyncio.Lock | None = None) -> AsyncGenerator["_Turns"]:
        """One of the user's slots while inside. `place` is held while waiting for it."""
        async with AsyncExitStack() as stack:
            try:
                async with place or nullcontext():
                    waited = await stack.enter_async_context(self._share.slot(self._deadline))
            except WorkspaceError as error:
                self._transport.refused(method_id, error)
                raise
            yield _Turns(self._share, self._tokens, self._deadline, waited)


@dataclass(frozen=True, slots=True)
class _Turns:
    """A slot, in which exchanges are made one after another."""

    share: UserShare
    tokens: TokenSource
    deadline: Deadline
    waited: float

    async def run[T](self, call: Callable[[Turn], Awaitable[T]]) -> T:
        """What `call` gives; if its token was rejected, it is called once more with another one."""
        token = await self._token()
        try:
            return await call(Turn(self.share, token, self.deadline, self.waited))
        except ReauthRequiredError as error:
            if error.reason != TOKEN_REJECTED:
                raise
        # A 401 is a refusal: nothing was done, so even a send may be repeated with another token, once.
        return await call(Turn(self.share, await self._token(rejected=token), self.deadline))

    async def _token(self, *, rejected: str | None = None) -> str:
        async with self.deadline.limit():
            return await self.tokens.access_token(rejected=rejected)
