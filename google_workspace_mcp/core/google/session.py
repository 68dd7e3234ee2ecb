"""What a service has in hand to work with one person's Google account during one tool call."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from google_workspace_mcp.core.errors import ReauthRequiredError, WorkspaceError
from google_workspace_mcp.core.google.calls import JSON, CallKind
from google_workspace_mcp.core.google.deadline import DEADLINE, Deadline
from google_workspace_mcp.core.google.reasons import TOKEN_REJECTED
from google_workspace_mcp.core.google.resources import (
    CalendarResources,
    DriveResources,
    GmailResources,
    GoogleResources,
)
from google_workspace_mcp.core.google.transport import GoogleTransport

if TYPE_CHECKING:
    from googleapiclient.http import HttpRequest

PARALLEL = 10


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
    """Runs requests built from `gmail`, `drive` and `calendar` as one account, within one deadline."""

    def __init__(
        self, transport: GoogleTransport, resources: GoogleResources, tokens: TokenSource, deadline: Deadline
    ) -> None:
        self._transport = transport
        self._resources = resources
        self._tokens = tokens
        self._deadline = deadline

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

        async def send(token: str) -> JSON:
            return await self._transport.send(request, token=token, kind=kind, deadline=self._deadline)

        return await self._with_token(send)

    async def execute_many(
        self, requests: "Sequence[HttpRequest]", *, kind: CallKind = CallKind.READ
    ) -> list[JSON | WorkspaceError]:
        """One answer or failure per request, in their order, at most 10 under way at a time.

        One item's failure leaves the others alone. A lost connection or a passed deadline concerns all of them: it
        stops what has not begun, and is raised, unless a write has gone through that the caller must hear about.
        """
        gate = asyncio.Semaphore(PARALLEL)
        for_all: list[WorkspaceError] = []

        async def one(request: "HttpRequest") -> JSON | WorkspaceError:
            async with gate:
                if for_all:
                    return for_all[0]
                try:
                    return await self.execute(request, kind=kind)
                except WorkspaceError as error:
                    if _concerns_all(error):
                        for_all.append(error)
                    return error

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(request)) for request in requests]
        results = [task.result() for task in tasks]
        if for_all and (kind is CallKind.READ or not any(_may_have_happened(result) for result in results)):
            raise for_all[0]
        return results

    async def download(self, request: "HttpRequest", *, max_bytes: int) -> bytes:
        """The bytes of a `get_media` or `export_media` request. Raises TooLargeError beyond `max_bytes`."""

        async def fetch(token: str) -> bytes:
            return await self._transport.fetch(request, token=token, deadline=self._deadline, max_bytes=max_bytes)

        return await self._with_token(fetch)

    async def _with_token[T](self, call: Callable[[str], Awaitable[T]]) -> T:
        token = await self._token()
        try:
            return await call(token)
        except ReauthRequiredError as error:
            if error.reason != TOKEN_REJECTED:
                raise
        # A 401 is a refusal: nothing was done, so even a send may be repeated with another token, once.
        return await call(await self._token(rejected=token))

    async def _token(self, *, rejected: str | None = None) -> str:
        async with self._deadline.limit():
            return await self._tokens.access_token(rejected=rejected)


def _concerns_all(error: WorkspaceError) -> bool:
    return isinstance(error, ReauthRequiredError) or error.reason == DEADLINE


def _may_have_happened(result: JSON | WorkspaceError) -> bool:
    return not isinstance(result, WorkspaceError) or result.code == "outcome_unknown"
