"""A simulated Google to start, stop and look into."""

import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Self

import uvicorn

from google_workspace_mcp.core.clock import Clock, SystemClock
from google_workspace_mcp.sandbox.api import World
from google_workspace_mcp.sandbox.app import GoogleApp
from google_workspace_mcp.sandbox.calls import CallLog
from google_workspace_mcp.sandbox.discovery import Directory, relocated
from google_workspace_mcp.sandbox.drive import DEFAULT_FIELDS
from google_workspace_mcp.sandbox.faults import Faults
from google_workspace_mcp.sandbox.oauth.book import Consent, Grant, OAuthClient, TokenBook
from google_workspace_mcp.sandbox.oauth.scopes import canonical
from google_workspace_mcp.sandbox.service import JSON, GoogleService, Handler, Linking, Person

LOOPBACK_HOSTS = ("127.0.0.1", "127.0.0.2", "localhost")
# Seconds: how long open connections get to finish on stop, and how long start and stop are waited for.
_GRACE = 2
_PATIENCE = 15
_SPAWNED = OAuthClient("simulated-client", "simulated-secret", "A test", ())


class SimulatedGoogle:
    """Google, simulated: `app` for use in process, or a context manager that serves it on `url`.

    `services` answer the methods of their `handlers()`; `people` may sign in; `clients` are the OAuth apps known.
    `default_fields` are masks by method id that apply where a request names no `fields`; Drive's own when not given.
    """

    def __init__(
        self,
        services: Iterable[GoogleService],
        people: Iterable[Person],
        *,
        clients: Iterable[OAuthClient] = (),
        clock: Clock | None = None,
        default_fields: Mapping[str, str] | None = None,
        token: Callable[[int], str] = secrets.token_urlsafe,
        timer: Callable[[], float] = time.monotonic,
        hosts: Iterable[str] = LOOPBACK_HOSTS,
        port: int = 0,
    ) -> None:
        clock = clock or SystemClock()
        self.faults = Faults()
        self.calls = CallLog()
        self._book = TokenBook(clock, token)
        self._people = {person.email: person for person in people}
        directory = Directory()
        services = tuple(services)
        world = World(
            directory=directory,
            handlers=_handlers(services, directory),
            people=self._people,
            book=self._book,
            faults=self.faults,
            calls=self.calls,
            timer=timer,
            linked={
                path: answer
                for service in services
                if isinstance(service, Linking)
                for path, answer in service.linked().items()
            },
            default_fields=DEFAULT_FIELDS if default_fields is None else default_fields,
        )
        self.app = GoogleApp(world, clock, token, tuple(hosts))
        self._port = port
        self._running: _Running | None = None
        for client in (_SPAWNED, *clients):
            self.register_client(client)

    # -- serving

    @property
    def url(self) -> str:
        """`http://127.0.0.1:<port>`, without a slash at the end. Raises RuntimeError when it is not running."""
        if self._running is None:
            raise RuntimeError("the simulated Google is not running")
        return f"http://127.0.0.1:{self._running.port}"

    def start(self) -> None:
        """Serve on the port, or a free one, until `stop`. Raises OSError when the port is taken."""
        if self._running is None:
            self._running = _Running(self.app, self._port)

    def stop(self) -> None:
        """End the serving; returns when the port is free again."""
        running, self._running = self._running, None
        if running is not None:
            running.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # -- what tests do without clicking

    @property
    def violations(self) -> list[str]:
        """Answers of the simulator that broke Google's own schemas, in words."""
        return self.app.violations

    @property
    def streams(self) -> list[tuple[int, int]]:
        """Of each large file that was streamed, once that has ended: its bytes, and those that were taken."""
        return self.app.world.streams

    @property
    def people(self) -> list[Person]:
        return list(self._people.values())

    def register_client(self, client: OAuthClient) -> None:
        """Make an app known, or replace it: redirect URIs are often known late."""
        self._book.register(client)

    def grant(self, email: str, scopes: Iterable[str], client_id: str = _SPAWNED.client_id) -> Grant:
        """Tokens as if the person had allowed that client those scopes. Raises KeyError for strangers."""
        if self._book.client(client_id) is None:
            raise KeyError(client_id)
        consent = Consent(self._people[email].email, client_id, canonical(scopes), offline=True)
        self._book.allow(consent)
        return Grant(self._book.issue_access(consent), self._book.issue_refresh(consent), consent.scopes)

    def granted(self, email: str, client_id: str = _SPAWNED.client_id) -> frozenset[str]:
        """The scopes that the person has allowed the client."""
        return self._book.granted(email, client_id)

    def revoke(self, email: str, client_id: str = "") -> None:
        """End the person's grant to that client, or to all, as on Google's account page."""
        for client in self._book.clients():
            if client_id in {"", client.client_id}:
                self._book.revoke(email, client.client_id)

    def expire_access_tokens(self, email: str = "") -> None:
        """Let all bearer tokens, or one person's, run out now."""
        self._book.expire_access_tokens(email)

    def document(self, key: str) -> JSON:
        """A discovery document (`gmail.v1`) that leads google-api-python-client here."""
        return relocated(key, self.url)


class _Running:
    """uvicorn in a thread."""

    def __init__(self, app: GoogleApp, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind(("127.0.0.1", port))
        except OSError:
            self._socket.close()
            raise
        self.port: int = self._socket.getsockname()[1]
        self._server = _Server(
            uvicorn.Config(
                app,
                lifespan="off",
                ws="none",
                log_config=None,
                log_level="warning",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=_GRACE,
            )
        )
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), name="simulated-google")
        self._thread.daemon = True
        self._thread.start()
        if not self._server.up.wait(_PATIENCE):
            self.stop()
            raise RuntimeError("the simulated Google did not start")

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(_PATIENCE)
        if self._thread.is_alive():
            self._server.force_exit = True
            self._thread.join(_PATIENCE)
        self._socket.close()


class _Server(uvicorn.Server):
    """Tells when it accepts connections."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


def _handlers(services: Iterable[GoogleService], directory: Directory) -> dict[str, Handler]:
    handlers: dict[str, Handler] = {}
    for service in services:
        for method_id, handler in service.handlers().items():
            if method_id not in directory.methods:
                raise ValueError(f"no discovery document has a method {method_id}")
            handlers[method_id] = handler
    return handlers
