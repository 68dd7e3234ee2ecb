"""The simulated Google as an ASGI app: sign-in pages, OAuth endpoints, APIs, uploads and batches under one address."""

import asyncio
import socket
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.sandbox.api import ApiFront, World, under_faults, watched
from google_workspace_mcp.sandbox.batch import Batcher
from google_workspace_mcp.sandbox.beside import beside
from google_workspace_mcp.sandbox.discovery import Api
from google_workspace_mcp.sandbox.home import FAULTS_PATH, Home
from google_workspace_mcp.sandbox.made import MadeBytes
from google_workspace_mcp.sandbox.oauth.authorize import CONSENT_PATH, PATH, SignIn
from google_workspace_mcp.sandbox.oauth.endpoints import OAuthEndpoints
from google_workspace_mcp.sandbox.oauth.keys import SigningKey
from google_workspace_mcp.sandbox.oauth.scopes import KnownScopes
from google_workspace_mcp.sandbox.pages import Pages
from google_workspace_mcp.sandbox.uploads import Uploads
from google_workspace_mcp.sandbox.wire import Incoming, Outgoing

type Work = Callable[[Incoming], Awaitable[Outgoing]]
type Step = Callable[[Incoming], Outgoing]
_DROP = "simulated_google.drop"


class GoogleApp:
    """The ASGI app. `violations` lists the answers that broke Google's own schemas; it should stay empty."""

    def __init__(self, world: World, clock: Clock, token: Callable[[int], str], hosts: tuple[str, ...]) -> None:
        self.world = world
        front = ApiFront(world, Uploads(token))
        batcher = Batcher(front.answer, token)
        routes = [*self._pages(), *self._oauth(clock)]
        routes += [self._batch(batcher, api) for api in world.directory.apis.values()]
        routes += [_route(path, beside(world, answer), "GET") for path, answer in world.linked.items()]
        # A mailbox loaded from somebody's own export must not be readable by a web page through a name of its own.
        guard = Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)
        self._starlette = Starlette(routes=routes, middleware=[guard])
        self._starlette.router.default = _Answering(front.answer, world.streams)

    @property
    def violations(self) -> list[str]:
        return self.world.violations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._starlette(scope, receive, send)
            return
        drop = _Drop()
        scope[_DROP] = drop
        await self._starlette(scope, receive, send)
        if drop.wanted:
            await drop.now(receive, send)

    def _pages(self) -> list[Route]:
        pages = Pages()
        home = Home(self.world, pages)
        sign_in = SignIn(self.world.book, self.world.people, KnownScopes(self.world.directory.scopes), pages)
        return [
            _route("/", _plain(home.show), "GET"),
            _route(FAULTS_PATH, _from_own_page(home.switch_on), "POST"),
            _route(f"{FAULTS_PATH}/remove", _from_own_page(home.switch_off), "POST"),
            _route(PATH, _plain(sign_in.start), "GET"),
            _route(CONSENT_PATH, _from_own_page(sign_in.decide), "POST"),
        ]

    def _oauth(self, clock: Clock) -> list[Route]:
        oauth = OAuthEndpoints(self.world.book, self.world.people, SigningKey(), clock)
        both = ("GET", "POST")
        return [
            _route("/token", self._watched("oauth.token", oauth.token), "POST"),
            _route("/revoke", self._watched("oauth.revoke", oauth.revoke), *both),
            _route("/tokeninfo", self._watched("oauth.tokeninfo", oauth.tokeninfo), *both),
            _route("/v1/userinfo", self._watched("oauth.userinfo", oauth.userinfo), *both),
            _route("/oauth2/v3/userinfo", self._watched("oauth.userinfo", oauth.userinfo), *both),
            _route("/oauth2/v2/userinfo", self._watched("oauth.userinfo", oauth.userinfo_v2), *both),
            _route("/oauth2/v3/certs", self._watched("oauth.certs", oauth.certs), "GET"),
            _route("/.well-known/openid-configuration", _plain(oauth.configuration), "GET"),
        ]

    def _watched(self, name: str, step: Step) -> Work:
        plain = _plain(step)

        async def work(incoming: Incoming) -> Outgoing:
            return await watched(self.world, name, incoming, lambda: plain(incoming))

        return work

    def _batch(self, batcher: Batcher, api: Api) -> Route:
        async def work(incoming: Incoming) -> Outgoing:
            person = self.world.book.owner(incoming.bearer)
            return await under_faults(self.world, f"batch.{api.name}", person, lambda: batcher.run(api, incoming))

        return _route(api.batch_path, work, "POST")


class _Drop:
    """Whether this connection is to be dropped, and how."""

    def __init__(self) -> None:
        self.wanted = False

    async def now(self, receive: Receive, send: Send) -> None:
        """Reset the TCP connection under uvicorn; in process, where there is none, raise ConnectionResetError."""
        transport = getattr(getattr(send, "__self__", None), "transport", None)
        if transport is None:
            raise ConnectionResetError("the simulated Google dropped the connection")
        raw: socket.socket | None = transport.get_extra_info("socket")
        if raw is not None:
            # Lingering for zero seconds makes close() send RST instead of FIN.
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
        # uvicorn would complain of a missing answer until it has seen the connection go.
        while (await receive())["type"] != "http.disconnect":
            pass


class _Answering:
    """An ASGI endpoint around a piece of work on plain values."""

    def __init__(self, work: Work, streams: list[tuple[int, int]] | None = None) -> None:
        self._work = work
        self._streams = [] if streams is None else streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._work(await _incoming(Request(scope, receive)))
        if answer.reset:
            scope[_DROP].wanted = True
            return
        if answer.made is not None:
            await self._stream(answer.made, answer)(scope, receive, send)
            return
        response = Response(answer.body, answer.status, dict(answer.headers))
        # A range of bytes must stay those bytes, so media is never compressed.
        encoder = response if answer.media else GZipMiddleware(response, minimum_size=500)
        await encoder(scope, receive, send)

    def _stream(self, made: MadeBytes, answer: Outgoing) -> Response:
        headers = {**answer.headers, "Content-Length": str(len(made))}
        return StreamingResponse(self._watch(made), answer.status, headers)

    async def _watch(self, made: MadeBytes) -> AsyncGenerator[bytes]:
        """Its blocks; how many bytes were taken is told at the end, also when the reader leaves before."""
        taken = 0
        try:
            for block in made.blocks():
                yield block
                taken += len(block)
                # A server that has nowhere to send to does not wait, and would never hear that the reader has left.
                await asyncio.sleep(0)
        finally:
            self._streams.append((len(made), taken))


def _route(path: str, work: Work, *verbs: str) -> Route:
    return Route(path, _Answering(work), methods=list(verbs))


def _plain(step: Step) -> Work:
    async def work(incoming: Incoming) -> Outgoing:
        return step(incoming)

    return work


def _from_own_page(step: Step) -> Work:
    """A form of ours; browsers say when it is somebody else's page that posts it."""

    async def work(incoming: Incoming) -> Outgoing:
        if incoming.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            return Outgoing(403, b"Posted from another site.", {"Content-Type": "text/plain"})
        return step(incoming)

    return work


async def _incoming(request: Request) -> Incoming:
    raw: bytes = request.scope.get("raw_path") or quote(request.scope["path"]).encode()
    return Incoming(
        verb=request.method,
        path=raw.partition(b"?")[0].decode("latin-1"),
        query=request.scope["query_string"].decode("latin-1"),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=await request.body(),
        origin=f"{request.url.scheme}://{request.headers.get('host', request.url.netloc)}",
    )
