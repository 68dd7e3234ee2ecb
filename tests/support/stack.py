"""The whole service on a simulated Google, over real HTTP, as tests need it."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google_workspace_mcp.app import Service, build
from google_workspace_mcp.core.clock import Clock, SystemClock
from google_workspace_mcp.core.http.server import RunningServer, listen
from google_workspace_mcp.core.secrets import named, with_secrets
from google_workspace_mcp.core.settings import Settings
from google_workspace_mcp.sandbox.oauth.book import OAuthClient
from google_workspace_mcp.sandbox.server import SimulatedGoogle

CLIENT_ID = "stack.apps.googleusercontent.example"
CLIENT_SECRET = "stack-secret"


@dataclass(frozen=True)
class Stack:
    """A running service and the Google behind it. `internal_url` is the same process without prefix."""

    google: SimulatedGoogle
    service: Service
    internal_url: str

    @property
    def settings(self) -> Settings:
        return self.service.settings

    @property
    def mcp_url(self) -> str:
        return self.settings.mcp_url

    @property
    def internal_mcp_url(self) -> str:
        return f"{self.internal_url}/mcp"


def settings_for(google: SimulatedGoogle, folder: Path, base_url: str, *, store: str = "", **more: Any) -> Settings:
    """Settings of a service on that Google, with its store in `folder` unless another is named."""
    return Settings(
        _env_file=None,  # pyright: ignore[reportCallIssue]
        base_url=base_url,
        google_url=google.url,
        google_client_id=CLIENT_ID,
        google_client_secret="" if "google_client_secret_secret" in more else CLIENT_SECRET,
        store=store or f"file://{folder}/store",
        metrics_port=0,
        **more,
    )


@contextmanager
def running(
    google: SimulatedGoogle,
    folder: Path,
    *,
    prefix: str = "",
    base_url: str = "",
    store: str = "",
    clock: Clock | None = None,
    **more: Any,
) -> Generator[Stack]:
    """The service on 127.0.0.1 with its store in `folder`; also on 127.0.0.2, its internal address.

    `base_url` is given when something else answers the public address, such as a proxy; `store` for another store.
    """
    public, internal = listen(), listen("127.0.0.2")
    internal_host = f"127.0.0.2:{internal.getsockname()[1]}"
    address = base_url or f"http://127.0.0.1:{public.getsockname()[1]}{prefix}"
    settings = settings_for(google, folder, address, store=store, internal_hosts=(internal_host,), **more)
    if named(settings):
        settings = asyncio.run(with_secrets(settings, clock or SystemClock()))
    google.register_client(OAuthClient(CLIENT_ID, CLIENT_SECRET, "Workspace MCP", (settings.redirect_uri,)))
    service = build(settings, clock=clock)
    with RunningServer(service.app, public, internal, lifecycle=service.lifecycle):
        yield Stack(google, service, f"http://{internal_host}")
