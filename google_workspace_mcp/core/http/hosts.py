"""Under which names this process answers, and from which web pages it may be called.

A wrong `Host` is how DNS rebinding looks from here, a foreign `Origin` is how another site's page does. Both are judged
by the settings alone; forwarded-host headers are never looked at.
"""

import re
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum
from typing import Final, Self
from urllib.parse import urlsplit

from google_workspace_mcp.core.settings import Settings, is_loopback

_HOST: Final = re.compile(r"(?P<name>[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?")
_DEFAULT_PORTS: Final = {"http": "80", "https": "443"}
# Browsers and clients on one machine use any of these for the same listener.
_LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "[::1]")


_reached: ContextVar[str] = ContextVar("reached", default="")


class Face(Enum):
    """Which of the two addresses of the service a request came in by."""

    PUBLIC = "public"
    INTERNAL = "internal"


class Hosts:
    """Tells the two addresses apart by the `Host` header."""

    def __init__(self, base_url: str, internal_hosts: Iterable[str]) -> None:
        parts = urlsplit(base_url)
        port = str(parts.port or _DEFAULT_PORTS[parts.scheme])
        self._public = {(name, port) for name in _names(base_url)}
        self._base_url = base_url
        self._default_port = _DEFAULT_PORTS[parts.scheme]
        self._internal = [_pattern(host) for host in internal_hosts]

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(settings.base_url, settings.internal_hosts)

    def face(self, header: str) -> Face | None:
        """The address that this `Host` header names, None for a name that is not ours."""
        match = _HOST.fullmatch(header.lower())
        if match is None:
            return None
        name, port = match["name"], match["port"]
        if any(pattern.fullmatch(f"{name}:{port or ''}") for pattern in self._internal):
            return Face.INTERNAL
        return Face.PUBLIC if (name, port or self._default_port) in self._public else None

    def base_url(self, header: str) -> str:
        """Where a caller who sends this `Host` header reaches the service."""
        return f"http://{header}" if self.face(header) is Face.INTERNAL else self._base_url


@contextmanager
def reached_at(base_url: str) -> Generator[None]:
    """Addresses that are made inside lead back the way the request came."""
    reset = _reached.set(base_url)
    try:
        yield
    finally:
        _reached.reset(reset)


def base_of_request() -> str:
    """Where whoever sent the present request reaches this service; empty outside of one."""
    return _reached.get()


class Origins:
    """Web origins whose pages may call: our own, and those that the operator lists."""

    def __init__(self, base_url: str, allowed: Iterable[str]) -> None:
        parts = urlsplit(base_url)
        suffix = "" if parts.port in (None, int(_DEFAULT_PORTS[parts.scheme])) else f":{parts.port}"
        own = {f"{parts.scheme}://{name}{suffix}" for name in _names(base_url)}
        self.listed = frozenset(origin.lower() for origin in allowed)
        self._all = self.listed | own

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(settings.base_url, settings.allowed_origins)

    def allow(self, header: str) -> bool:
        """Whether a page of this origin may call. `null` (sandboxed frames, files) never may."""
        return header.lower() in self._all


def _names(base_url: str) -> tuple[str, ...]:
    host = urlsplit(base_url).hostname or ""
    own = f"[{host}]" if ":" in host else host
    return (own, *_LOOPBACK_NAMES) if is_loopback(host) else (own,)


def _pattern(host: str) -> re.Pattern[str]:
    name, _, port = host.lower().partition(":")
    labels = r"(?:[a-z0-9_-]+\.)+" if name.startswith("*.") else ""
    return re.compile(labels + re.escape(name.removeprefix("*.")) + ":" + (port or "[0-9]*"))
