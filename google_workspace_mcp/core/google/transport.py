"""Sends what google-api-python-client has built, through one shared client, and answers JSON or a typed failure."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

import httpx2
from opentelemetry.trace import Tracer

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.errors import InternalError, WorkspaceError
from google_workspace_mcp.core.google.answers import Answer
from google_workspace_mcp.core.google.batch import Batch, all_broken
from google_workspace_mcp.core.google.breaker import Admission
from google_workspace_mcp.core.google.calls import JSON, CallKind
from google_workspace_mcp.core.google.client import DOWNLOAD_TIMEOUT, TIMEOUT
from google_workspace_mcp.core.google.client import make_http_client as make_http_client  # noqa: PLC0414 - found here too
from google_workspace_mcp.core.google.deadline import Deadline
from google_workspace_mcp.core.google.export_links import REDIRECTS, redirect_request
from google_workspace_mcp.core.google.failures import (
    api_failed,
    broken_connection,
    error_of,
    json_of,
    out_of_time,
    too_large,
)
from google_workspace_mcp.core.google.outgoing import Outgoing
from google_workspace_mcp.core.google.prices import api_of, price_of
from google_workspace_mcp.core.google.protection import Protection
from google_workspace_mcp.core.google.quota import UserShare
from google_workspace_mcp.core.google.records import CallRecord
from google_workspace_mcp.core.google.retries import RetryRule
from google_workspace_mcp.core.tracing import NOTHING, WorkSpan, call_span

if TYPE_CHECKING:
    from googleapiclient.http import HttpRequest

# Gmail's largest attachment, 25 MB, in base64 inside JSON is 34 MB.
MAX_JSON_BYTES = 48 * 2**20
MAX_ERROR_BYTES = 64 * 2**10


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
class Turn:
    """Whose call it is, as whom it is sent, and how long it may take. `waited` is seconds spent for the user's slot."""

    share: UserShare
    token: str = field(repr=False)
    deadline: Deadline
    waited: float = 0.0


@dataclass(frozen=True, slots=True)
class Exchange[T]:
    """One request and how its answer is read, as all its attempts have it."""

    outgoing: Outgoing
    kind: CallKind
    units: int
    read: Callable[[httpx2.Response], Awaitable[T]]
    timeouts: httpx2.Timeout = field(default_factory=lambda: TIMEOUT)
    calls: int = 1
    """How many calls it carries."""
    broken: Callable[[T], bool] = lambda _: False
    """Whether what was read tells nevertheless that the API does not work."""
    stays_open: bool = False
    """Whether whoever gets what `read` gives closes the response, unless it fails."""
    bare: bool = False
    """Whether it goes without the token."""


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
        protection: Protection | None = None,
        tracer: Tracer | None = None,
    ) -> None:
        """`randomness` gives numbers from 0 to 1, as `random.random` does."""
        self._http = http
        self._clock = clock
        self._randomness = randomness
        self._observe = observe
        self._sleep = sleep
        self._rule = rule or RetryRule()
        self._protection = protection or Protection.of(time.monotonic)
        self._tracer = tracer or NOTHING

    def share_of(self, user: str) -> UserShare:
        """The slots and units of one user, by a key that says nothing about the person."""
        return self._protection.users.of(user)

    async def send(self, request: "HttpRequest", turn: Turn, *, kind: CallKind) -> JSON:
        """Google's JSON answer, {} when there is none. Raises a WorkspaceError.

        A rejected token is ReauthRequiredError with reason "token_rejected"; it is not retried here.
        """
        outgoing = Outgoing.of(request)

        async def read(response: httpx2.Response) -> JSON:
            return self.json(await self.whole(response), kind, promised=outgoing.promises_json)

        return await self.perform(Exchange(outgoing, kind, price_of(outgoing.method_id), read), turn)

    async def send_batch(
        self, requests: "Sequence[HttpRequest]", turn: Turn, *, kind: CallKind
    ) -> list[JSON | WorkspaceError]:
        """One answer or failure for each request, all of one API, in one exchange with its batch endpoint.

        Raises what concerns the batch as a whole. Parts that failed are not tried again here.
        """
        batch = Batch.of(requests)

        async def read(response: httpx2.Response) -> list[JSON | WorkspaceError]:
            answer = await self.whole(response)
            if answer.status >= 300:
                raise self.failure(answer, kind)
            return batch.results(answer, kind=kind, now=self._clock.now())

        exchange = Exchange(batch.outgoing, kind, batch.units, read, calls=len(requests), broken=all_broken)
        return await self.perform(exchange, turn)

    async def fetch(self, request: "HttpRequest", turn: Turn, *, max_bytes: int) -> bytes:
        """The bytes of a media request. Raises TooLargeError as soon as they are more than `max_bytes`."""
        body = await self._bytes(Outgoing.of(request), turn, max_bytes)
        assert isinstance(body, bytes), "the API's own methods are not sent on"
        return body

    async def fetch_export(self, outgoing: Outgoing, turn: Turn, *, max_bytes: int) -> bytes:
        """The bytes of an export beside the API. Where that sends on, once, the token is not sent along."""
        body = await self._bytes(outgoing, turn, max_bytes, redirects=True)
        if isinstance(body, Outgoing):
            body = await self._bytes(body, turn, max_bytes, bare=True)
        assert isinstance(body, bytes), "the second answer is not sent on"
        return body

    async def _bytes(
        self, outgoing: Outgoing, turn: Turn, max_bytes: int, *, redirects: bool = False, bare: bool = False
    ) -> bytes | Outgoing:
        """The bytes, or with `redirects` the request that the answer sends on to."""

        async def read(response: httpx2.Response) -> bytes | Outgoing:
            if response.status_code < 300:
                return (await _whole(response, max_bytes)).body
            if redirects and response.status_code in REDIRECTS:
                return redirect_request(response.headers.get("location", ""))
            raise self.failure(await self.whole(response), CallKind.READ)

        units = price_of(outgoing.method_id, media=True)
        exchange = Exchange(outgoing, CallKind.READ, units, read, DOWNLOAD_TIMEOUT, bare=bare)
        return await self.perform(exchange, turn)

    async def perform[T](self, exchange: Exchange[T], turn: Turn) -> T:
        """Send it, again where that is allowed and pays; what `read` makes of the answer comes back.

        Raises a WorkspaceError, also for the limits of the user and an open breaker.
        """
        self._protection.begun(turn.share, exchange.calls)
        with call_span(self._tracer, exchange.outgoing.method_id) as span:
            for attempt in count(1):
                if turn.deadline.expired:
                    raise turn.deadline.passed()
                try:
                    return await self._admitted(exchange, turn, attempt, span)
                except WorkspaceError as error:
                    wait = self.pause_before_next(error, turn.share, turn.deadline, kind=exchange.kind, attempt=attempt)
                    if wait is None:
                        raise
                await self.pause(wait, turn.deadline)
        raise AssertionError("the rule ends the attempts")

    def pause_before_next(
        self, error: WorkspaceError, share: UserShare, deadline: Deadline, *, kind: CallKind, attempt: int
    ) -> float | None:
        """Seconds before the next attempt, None when there is to be none. Takes a retry from the budget."""
        wait = self._rule.wait(error, kind=kind, attempt=attempt, left=deadline.left(), randomness=self._randomness)
        return wait if wait is not None and self._protection.may_retry(error, share) else None

    async def pause(self, seconds: float, deadline: Deadline) -> None:
        """Let time pass before the next attempt. Raises GoogleUnavailableError when the deadline comes first."""
        async with deadline.limit():
            await self._sleep(seconds)

    async def whole(self, response: httpx2.Response) -> Answer:
        """The answer with its JSON, or the beginning of an error page."""
        return await _whole(response, MAX_JSON_BYTES if response.status_code < 300 else MAX_ERROR_BYTES)

    def json(self, answer: Answer, kind: CallKind, *, promised: bool) -> JSON:
        """The answer's JSON object, {} for none that was not promised. Raises a WorkspaceError for anything else."""
        return json_of(answer, kind=kind, promises_json=promised, now=self._clock.now())

    def failure(self, answer: Answer, kind: CallKind) -> WorkspaceError:
        """The failure that an answer with an error status stands for."""
        return error_of(answer, kind=kind, now=self._clock.now())

    def refused(self, method_id: str, error: WorkspaceError, *, attempt: int = 1) -> None:
        """Record an attempt that was not made because a limit of ours stopped it."""
        self._observe(CallRecord(method_id, None, 0.0, attempt, error.code, error.reason, sent=False))

    async def _admitted[T](self, exchange: Exchange[T], turn: Turn, attempt: int, span: WorkSpan) -> T:
        """One attempt, if the breaker and the user's units let it through."""
        method_id = exchange.outgoing.method_id
        api = api_of(method_id)
        breaker = self._protection.breakers.of(api)
        failed: bool | None = None
        admission: Admission | None = None
        try:
            admission = breaker.admit()
            waited = await turn.share.pay(api, exchange.units, turn.deadline, self._sleep)
        except WorkspaceError as error:
            self.refused(method_id, error, attempt=attempt)
            span.failed(error)
            if admission is not None:
                breaker.settle(admission, failed=None)
            raise
        try:
            result = await self._observed(exchange, turn, attempt, waited, span)
            failed = exchange.broken(result)
        except WorkspaceError as error:
            failed = api_failed(error)
            raise
        else:
            return result
        finally:
            breaker.settle(admission, failed=failed)

    async def _observed[T](self, exchange: Exchange[T], turn: Turn, attempt: int, waited: float, span: WorkSpan) -> T:
        passage = _Passage()
        started = turn.deadline.now()
        outcome, reason = "failed", ""
        try:
            result = await self._exchanged(exchange, turn, passage)
            outcome = "ok"
            span.succeeded()
        except WorkspaceError as error:
            outcome, reason = error.code, error.reason
            span.failed(error)
            raise
        except asyncio.CancelledError:
            outcome = "cancelled"
            raise
        else:
            return result
        finally:
            span.attempted(attempt, passage.status)
            self._observe(
                CallRecord(
                    exchange.outgoing.method_id,
                    passage.status,
                    turn.deadline.now() - started,
                    attempt,
                    outcome,
                    reason,
                    units=exchange.units,
                    waited=waited + (turn.waited if attempt == 1 else 0.0),
                )
            )

    async def _exchanged[T](self, exchange: Exchange[T], turn: Turn, passage: _Passage) -> T:
        request = self._built(exchange, turn.token, passage)

        def too_late() -> WorkspaceError:
            return out_of_time(exchange.kind, sent=passage.sent, stopping=turn.deadline.cut_short)

        try:
            async with turn.deadline.limit(too_late):
                response = await self._http.send(request, stream=True)
                done = False
                try:
                    passage.status = response.status_code
                    result = await exchange.read(response)
                    done = True
                finally:
                    if not (done and exchange.stays_open):
                        await response.aclose()
                return result
        except httpx2.RequestError as error:
            raise broken_connection(error, kind=exchange.kind) from None

    def _built[T](self, exchange: Exchange[T], token: str, passage: _Passage) -> httpx2.Request:
        outgoing = exchange.outgoing
        headers: Mapping[str, str] = outgoing.headers if exchange.bare else _with_token(outgoing.headers, token)
        try:
            return self._http.build_request(
                outgoing.method,
                outgoing.url,
                headers=headers,
                content=outgoing.body,
                timeout=exchange.timeouts,
                extensions={"trace": passage.trace},
            )
        except httpx2.InvalidURL:
            raise InternalError("A request for Google could not be written", reason="bad_url") from None


def _with_token(headers: Mapping[str, str], token: str) -> Mapping[str, str]:
    return {**headers, "authorization": f"Bearer {token}"}


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
