"""Several tasks of one service, each a process of its own: one public address, one store, the same keys."""

import base64
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from google_workspace_mcp.sandbox.oauth.book import OAuthClient
from tests.lifecycle.task import Task, free_port, launched

PREFIX = "/ws"
# Tasks listen here, each on a port of its own; under this name programs inside call them, without the prefix.
INSIDE = "127.0.0.2"
_CLIENT_ID = "fleet.apps.googleusercontent.example"
_CLIENT_SECRET = "fleet-secret"


def callback_of(base: str) -> str:
    return f"{base}/auth/google/callback"


def client_of(base: str) -> OAuthClient:
    """The service as Google knows it."""
    return OAuthClient(_CLIENT_ID, _CLIENT_SECRET, "Fleet", (callback_of(base),))


@dataclass(frozen=True)
class Fleet:
    """What all tasks have in common. `drain` and `graceful` are seconds."""

    settings: dict[str, str]
    drain: float
    graceful: int

    @contextmanager
    def task(self) -> Generator[Task]:
        """One more task, ready; killed at the end if it still runs."""
        base = f"http://{INSIDE}:{free_port(INSIDE)}"
        with launched(base, self.settings, drain=self.drain, graceful=self.graceful) as running:
            yield running


def fleet(
    base: str, google_url: str, store: str, *, drain: float, graceful: int, agents: str = "[]", **more: str
) -> Fleet:
    """Tasks that answer for `base`, with fresh keys. `more` are settings by name, such as `AWS_URL`."""
    key = base64.b64encode(os.urandom(32)).decode()
    settings = {
        "BASE_URL": base,
        "HOST": INSIDE,
        "INTERNAL_HOSTS": INSIDE,
        "GOOGLE_URL": google_url,
        "GOOGLE_CLIENT_ID": _CLIENT_ID,
        "GOOGLE_CLIENT_SECRET": _CLIENT_SECRET,
        "STORE": store,
        "KEYS": f"k:{key}",
        "SIGNING_KEYS": f"s:{key}",
        "AGENTS": agents,
        "METRICS_PORT": "0",
        **more,
    }
    return Fleet({f"GWMCP_{name}": value for name, value in settings.items()}, drain, graceful)
