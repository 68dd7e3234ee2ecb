"""A TCP server before an HTTP/1.1 service that cuts one exchange at one byte: of its request or of its answer."""

import re
import socket
import struct
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"(?im)^content-length:\s*(\d+)")
_CHUNKED = re.compile(rb"(?im)^transfer-encoding:\s*chunked")
_RESET = struct.pack("ii", 1, 0)

type Side = Literal["request", "answer"]


@dataclass(frozen=True)
class Cut:
    """Pass on so many bytes of that side, then reset both connections."""

    side: Side
    after: int


@dataclass
class Cutter:
    """`url` is where the service is reached. `cut` is used up by the next exchange whose first line has `marks`."""

    url: str = ""
    marks: bytes = b""
    cut: Cut | None = None
    seen: list[tuple[bytes, bytes]] = field(default_factory=list[tuple[bytes, bytes]])
    """Request and answer of the exchanges that were marked, as far as they came."""

    def taken(self, head: bytes) -> tuple[bool, Cut | None]:
        """Whether this exchange is marked, and what is to become of it."""
        if self.marks not in head.split(b"\r\n", 1)[0]:
            return False, None
        cut, self.cut = self.cut, None
        return True, cut


@contextmanager
def cutter(target: str) -> Generator[Cutter]:
    """The server in front of `target`, a base URL of plain HTTP."""
    rules, to = Cutter(), urlsplit(target)
    upstream = (to.hostname or "", to.port or 80)
    listener = socket.create_server(("127.0.0.1", 0))
    rules.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    threads: list[threading.Thread] = []
    sockets: list[socket.socket] = []

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                sockets.append(client)
                threads.append(threading.Thread(target=_serve, args=(rules, client, upstream), daemon=True))
                threads[-1].start()

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield rules
    finally:
        # Closing alone does not wake a thread that waits in accept().
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for client in sockets:
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
        for thread in (acceptor, *threads):
            thread.join(10)


def _serve(rules: Cutter, client: socket.socket, upstream: tuple[str, int]) -> None:
    with client, suppress(OSError):
        while request := _message(client):
            marked, cut = rules.taken(request)
            with socket.create_connection(upstream) as service:
                if cut and cut.side == "request":
                    service.sendall(request[: cut.after])
                    if marked:
                        rules.seen.append((request[: cut.after], b""))
                    return _reset(service, client)
                service.sendall(request)
                answer = _message(service)
            if marked:
                rules.seen.append((request, answer))
            client.sendall(answer[: cut.after] if cut else answer)
            if cut:
                return _reset(client)
    return None


def _reset(*ends: socket.socket) -> None:
    for end in ends:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        end.close()


def _message(end: socket.socket) -> bytes:
    """The next whole request or answer of a connection; empty when it was closed."""
    data = b""
    while (head := data.find(b"\r\n\r\n") + 4) < 4 or not _is_whole(data, head):
        more = end.recv(2**16)
        if not more:
            return b""
        data += more
    return data


def _is_whole(data: bytes, head: int) -> bool:
    if _CHUNKED.search(data, 0, head):
        return data.endswith(b"\r\n0\r\n\r\n") or data[head:] == b"0\r\n\r\n"
    length = _LENGTH.search(data, 0, head)
    return len(data) - head >= (int(length[1]) if length else 0)
