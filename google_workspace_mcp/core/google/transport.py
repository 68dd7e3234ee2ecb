"""Sends what google-api-python-client has built, through one shared client, and answers JSON or a typed failure."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from itertools import count
from typing import TYPE_CHECKING

import httpx2

from google_workspace_mcp import __version__
from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.errors import InternalError, WorkspaceError
from google_workspace_mcp.core.google.answers import Answer
from google_workspace_mcp.core.google.calls import JSON, CallKind
from google_workspace_mcp.core.google.deadline import Deadline
from google_workspace_mcp.core.google.failures import broken_connection, error_of, json_of, out_of_time, too_large
from google_workspace_mcp.core.google.outgoing import Outgoing
from google_workspace_mcp.core.google.retries import RetryRule

if TYPE_CHECKING:
    from googleapiclient.http import HttpRequest

TIMEOUT = httpx2.Timeout(connect=3.0, write=10.0, read=20.0, pool=2.0)
DOWNLOAD_TIMEOUT = httpx2.Timeout(connect=3.0, write=10.0, read=40.0, pool=2.0)
# Gmail's largest attachment, 25 MB, in base64 inside JSON is 34 MB.
MAX_JSON_BYTES = 48 * 2**20
MAX_ERROR_BYTES = 64 * 2**10


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One attempt, for metrics and logs: no ids, no addresses.

    `status` is None when no answer began; `outcome` is "ok", "cancelled", the failure's code, or "failed" for a
    defect; `reason` is the failure's.
    """

    method_id: str
    status: int | None
    seconds: float
    attempt: int
    outcome: str
    reason: str = ""


def make_http_client(*, http2: bool = False) -> httpx2.AsyncClient:
    """The client that one process shares. It keeps no cookies, follows no redirects and reads no proxy variables.

    `http2` is off because h2 is pure Python and costs more of a small task's processor than the connections it saves.
    Connections are dropped after a minute's idleness, well before Google drops them: a send on a connection that is
    just being closed would end in an unknown outcome.
    """
    return httpx2.AsyncClient(
        http2=http2,
        timeout=TIMEOUT,
        limits=httpx2.Limits(max_connections=200, max_keepalive_connections=100, keepalive_expiry=60.0),
        headers={"User-Agent": f"google-workspace-mcp/{__version__} (gzip)"},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        follow_redirects=False,
        trust_env=False,
    )


class _Passage:
    """How far one exchange has come, told by the client's own trace."""

    def __init__(self) -> None:
        self.status: int | None = None
        self._connecting = False
        self._sending = False

    async def trace(self, event: str, _: object) -> None:
        self._connecting = self._connecting or event.startswith("connection.")
        self._sending = self._sending or event.endswith("send_request_headers.started")

    @property
    def sent(self) -> bool:
        """Whether the request may have left. Without any trace that is assumed."""
        return self._sending or not self._connecting


@dataclass(frozen=True, slots=True)
class _Call[T]:
    """What all attempts of one call have in common."""

    outgoing: Outgoing
    token: str = field(repr=False)
    kind: CallKind
    deadline: Deadline
    timeouts: httpx2.Timeout
    read: Callable[[httpx2.Response], Awaitable[T]]


class GoogleTransport:
    """Sends requests with a bearer token within a deadline, repeats what may be repeated, and tells `observe`."""

    def __init__(
        self,
        http: httpx2.AsyncClient,
        *,
        clock: Clock,
        randomness: Callable[[], float],
        observe: Callable[[CallRecord], None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        rule: RetryRule | None = None,
    ) -> None:
        """`randomness` gives numbers from 0 to 1, as `random.random` does."""
        self._http = http
        self._clock = clock
        self._randomness = randomness
        self._observe = observe
        self._sleep = sleep
        self._rule = rule or RetryRule()

    async def send(self, request: "HttpRequest", *, token: str, kind: CallKind, deadline: Deadline) -> JSON:
        """Google's JSON answer, {} when there is none. Raises a WorkspaceError.

        A rejected token is ReauthRequiredError with reason "token_rejected"; it is not retried here.
        """
        outgoing = Outgoing.of(request)

        async def read(response: httpx2.Response) -> JSON:
            answer = await _whole(response, MAX_JSON_BYTES if response.status_code < 300 else MAX_ERROR_BYTES)
            return json_of(answer, kind=kind, promises_json=outgoing.promises_json, now=self._clock.now())

        return await self._attempts(_Call(outgoing, token, kind, deadline, TIMEOUT, read))

    async def fetch(self, request: "HttpRequest", *, token: str, deadline: Deadline, max_bytes: int) -> bytes:
        """The bytes of a media request. Raises TooLargeError as soon as they are more than `max_bytes`."""

        async def read(response: httpx2.Response) -> bytes:
            if response.status_code < 300:
                return (await _whole(response, max_bytes)).body
            answer = await _whole(response, MAX_ERROR_BYTES)
            raise error_of(answer, kind=CallKind.READ, now=self._clock.now())

        return await self._attempts(_Call(Outgoing.of(request), token, CallKind.READ, deadline, DOWNLOAD_TIMEOUT, read))

    async def _attempts[T](self, call: _Call[T]) -> T:
        for attempt in count(1):
            if call.deadline.expired:
                raise call.deadline.passed()
            try:
                return await self._observed(call, attempt)
            except WorkspaceError as error:
                wait = self._rule.wait(
                    error, kind=call.kind, attempt=attempt, left=call.deadline.left(), randomness=self._randomness
                )
                if wait is None:
                    raise
            async with call.deadline.limit():
                await self._sleep(wait)
        raise AssertionError("the rule ends the attempts")

    async def _observed[T](self, call: _Call[T], attempt: int) -> T:
        passage = _Passage()
        started = call.deadline.now()
        outcome, reason = "failed", ""
        try:
            result = await self._exchange(call, passage)
            outcome = "ok"
        except WorkspaceError as error:
            outcome, reason = error.code, error.reason
            raise
        except asyncio.CancelledError:
            outcome = "cancelled"
            raise
        else:
            return result
        finally:
            seconds = call.deadline.now() - started
            self._observe(CallRecord(call.outgoing.method_id, passage.status, seconds, attempt, outcome, reason))

    async def _exchange[T](self, call: _Call[T], passage: _Passage) -> T:
        request = self._built(call, passage)

        def too_late() -> WorkspaceError:
            return out_of_time(call.kind, sent=passage.sent, stopping=call.deadline.cut_short)

        try:
            async with call.deadline.limit(too_late):
                response = await self._http.send(request, stream=True)
                try:
                    passage.status = response.status_code
                    return await call.read(response)
                finally:
                    await response.aclose()
        except httpx2.RequestError as error:
            raise broken_connection(error, kind=call.kind) from None

    def _built[T](self, call: _Call[T], passage: _Passage) -> httpx2.Request:
        outgoing = call.outgoing
        try:
            return self._http.build_request(
                outgoing.method,
                outgoing.url,
                headers={**outgoing.headers, "authorization": f"Bearer {call.token}"},
                content=outgoing.body,
                timeout=call.timeouts,
                extensions={"trace": passage.trace},
            )
        except httpx2.InvalidURL:
            raise InternalError("A request for Google could not be written", reason="bad_url") from None


async def _whole(response: httpx2.Response, limit: int) -> Answer:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > limit:
            # An error page is judged by its status, so its beginning is enough.
            if response.status_code >= 300:
                break
            raise too_large(limit)
    return Answer(response.status_code, {name.lower(): value for name, value in response.headers.items()}, bytes(body))
