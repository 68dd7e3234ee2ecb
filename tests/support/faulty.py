"""A TCP server between a client and an HTTP service that spoils what a test tells it to, in a thread of its own."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, override
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    """An answer in the place of the service's."""

    status: int
    body: bytes = b""
    content_type: str = "application/xml"
    headers: dict[str, str] = field(default_factory=dict)


class Reset:
    """Cut the connection before the request is passed on."""


class LoseAnswer:
    """Pass the request on, and cut the connection in the place of the answer."""


class BreakOff:
    """Pass the request on, and cut the connection in the middle of the body."""


class Hang:
    """Answer nothing until the proxy ends."""


type Fault = Answer | Reset | LoseAnswer | BreakOff | Hang | None


@dataclass(frozen=True)
class Asked:
    """A request as the rule sees it, and how the service would answer; `status` is 0 before it was asked."""

    method: str
    target: str
    headers: dict[str, str]
    status: int = 0
    body: bytes = b""


def s3_error(status: int, code: str) -> Answer:
    """An error in S3's form."""
    return Answer(status, f"<Error><Code>{code}</Code><Message>SECRET text of S3</Message></Error>".encode())


def json_error(status: int, code: str) -> Answer:
    """An error in the JSON form of KMS and Secrets Manager."""
    return Answer(
        status, f'{{"__type":"{code}","message":"SECRET text of AWS"}}'.encode(), "application/x-amz-json-1.1"
    )


class Faulty:
    """`before` sees each request and may spoil it; `after` sees the service's answer and may replace it."""

    def __init__(self) -> None:
        self.before: Callable[[Asked], Fault] = lambda _: None
        self.after: Callable[[Asked], Fault] = lambda _: None
        self.rewrite: Callable[[str], str] = lambda target: target
        self.seen: list[Asked] = []
        self.url = ""
        self.ended = threading.Event()

    def times(self, count: int, fault: Fault, method: str = "") -> None:
        """Spoil the next so many requests of that method."""
        left = [count]

        def rule(asked: Asked) -> Fault:
            if left[0] <= 0 or (method and asked.method != method):
                return None
            left[0] -= 1
            return fault

        self.before = rule

    def always(self, fault: Fault) -> None:
        """Spoil every request until `heal`."""
        self.before = lambda _: fault

    def heal(self) -> None:
        """Pass everything on."""
        self.before = self.after = lambda _: None


@contextmanager
def faulty(target: str) -> Generator[Faulty]:
    """The proxy in front of `target`, a base URL."""
    rules = Faulty()
    to = urlsplit(target)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        @override
        def log_message(self, format: str, *args: Any) -> None:
            return None

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked = Asked(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body=body)
            rules.seen.append(asked)
            fault = rules.before(asked)
            if isinstance(fault, Answer):
                self.say(fault.status, {"Content-Type": fault.content_type, **fault.headers}, fault.body)
            elif isinstance(fault, Reset):
                self.close_connection = True
            elif isinstance(fault, Hang):
                rules.ended.wait(60)
                self.close_connection = True
            else:
                self.pass_on(asked, fault)

        def pass_on(self, asked: Asked, fault: LoseAnswer | BreakOff | None) -> None:
            connection = HTTPConnection(to.hostname or "", to.port, timeout=30)
            try:
                connection.request(asked.method, rules.rewrite(asked.target), asked.body, asked.headers)
                response = connection.getresponse()
                content, headers = response.read(), dict(response.getheaders())
            finally:
                connection.close()
            after = rules.after(Asked(asked.method, asked.target, headers, response.status, content))
            if isinstance(fault, LoseAnswer):
                self.close_connection = True
            elif isinstance(after, Answer):
                self.say(after.status, {"Content-Type": after.content_type, **after.headers}, after.body)
            else:
                self.say(response.status, headers, content, broken_off=isinstance(fault, BreakOff))

        def say(self, status: int, headers: dict[str, str], content: bytes, *, broken_off: bool = False) -> None:
            self.send_response_only(status)
            dropped = ("content-length", "transfer-encoding", "connection", "date", "server")
            for name, value in headers.items():
                if name.lower() not in dropped:
                    self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD" and status != 204:
                self.wfile.write(content[: len(content) // 2] if broken_off else content)
            self.close_connection = self.close_connection or broken_off

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any  # noqa: N815

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    rules.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield rules
    finally:
        rules.ended.set()
        server.shutdown()
        server.server_close()
        thread.join(10)
