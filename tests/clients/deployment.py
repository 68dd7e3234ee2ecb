"""The service as it is deployed: behind a proxy that keeps the prefix, and on its internal address."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from google_workspace_mcp.core.clock import Clock, SystemClock
from google_workspace_mcp.core.http.server import listen
from google_workspace_mcp.demo.world import Exports, demo_world
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.support.proxy import ReverseProxy
from tests.support.stack import Stack, running

type Address = Literal["public", "internal"]


def sample_google(clock: Clock | None = None) -> SimulatedGoogle:
    """The demo's Google with its sample people, their mail, files and events. Not yet started."""
    clock = clock or SystemClock()
    world = demo_world(clock, Exports(), lambda _: None)
    return SimulatedGoogle(world.services, world.people, clock=clock)


@dataclass(frozen=True)
class Deployment:
    """`base` is what the outside calls, through the proxy; the internal address goes straight to the process."""

    stack: Stack
    base: str

    @property
    def google(self) -> SimulatedGoogle:
        return self.stack.google

    def base_of(self, address: Address) -> str:
        return self.base if address == "public" else self.stack.internal_url

    def mcp_url(self, address: Address) -> str:
        return f"{self.base_of(address)}/mcp"


@contextmanager
def deployed(
    google: SimulatedGoogle, folder: Path, prefix: str, *, clock: Clock | None = None, **settings: Any
) -> Generator[Deployment]:
    """The service on a running `google`, its store in `folder`, reached under `prefix` through the proxy."""
    front = listen()
    base = f"http://127.0.0.1:{front.getsockname()[1]}{prefix}"
    with (
        running(google, folder, base_url=base, clock=clock, **settings) as stack,
        ReverseProxy(urlsplit(stack.internal_url).netloc, prefix, listener=front),
    ):
        yield Deployment(stack, base)
