"""Fetches addresses that came from outside: https on port 443, and never into a private network.

The name is resolved here, every address it has must be public, and the connection goes to one of those very addresses,
so that a second answer of DNS (rebinding) changes nothing. No redirect is followed and no proxy variable is read.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
from fastmcp.server.auth.ssrf import SSRFError, is_ip_allowed, resolve_hostname

from google_workspace_mcp.core.issuers import is_local

_SECONDS = 10.0
_MOST_ADDRESSES = 4
_MOST_OF_AN_ANSWER = 1_000_000


class EgressError(Exception):
    """Nothing was fetched. `reason` is a word for logs: `refused`, `unreachable`, `too_large` or `malformed`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Egress:
    """Fetches JSON and posts forms by the rule. `local` allows this machine's own addresses too, for simulators."""

    def __init__(
        self,
        http: httpx2.AsyncClient,
        *,
        local: bool,
        port: int = 443,
        permits: Callable[[str], bool] = is_ip_allowed,
    ) -> None:
        self._http = http
        self._local = local
        self._port = port
        self._permits = permits

    async def fetch_json(self, url: str, most_bytes: int) -> Any:
        """The document at `url`, parsed. Raises EgressError, after ten seconds at the latest."""
        body = await self._in_time(url, _Exchange("GET", {"accept": "application/json"}, b"", most_bytes))
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise EgressError("malformed") from None

    async def post_form(self, url: str, form: str) -> None:
        """Sends a form, already encoded, without cookies, and wants a 2xx. Raises EgressError, after ten seconds."""
        headers = {"content-type": "application/x-www-form-urlencoded"}
        await self._in_time(url, _Exchange("POST", headers, form.encode(), _MOST_OF_AN_ANSWER))

    async def _in_time(self, url: str, exchange: "_Exchange") -> bytes:
        try:
            async with asyncio.timeout(_SECONDS):
                return await self._fetch(url, exchange)
        except (httpx2.RequestError, httpx2.InvalidURL, TimeoutError):
            raise EgressError("unreachable") from None
        except ValueError:
            raise EgressError("refused") from None

    async def _fetch(self, url: str, exchange: "_Exchange") -> bytes:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if self._local and is_local(host):
            return await self._read(url, {}, "", exchange)
        if parts.scheme != "https" or (parts.port or 443) != self._port or not host:
            raise EgressError("refused")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        failure: httpx2.RequestError | None = None
        for address in (await self._addresses(host))[:_MOST_ADDRESSES]:
            literal = f"[{address}]" if ":" in address else address
            try:
                pinned = f"https://{literal}:{self._port}{path}"
                return await self._read(pinned, {"host": parts.netloc}, host, exchange)
            except httpx2.ConnectError as error:
                failure = error  # the next address may answer
        raise failure or EgressError("unreachable")

    async def _addresses(self, host: str) -> list[str]:
        try:
            addresses = await resolve_hostname(host, self._port)
        except (SSRFError, UnicodeError):
            raise EgressError("unreachable") from None
        if not all(map(self._permits, addresses)):
            raise EgressError("refused")
        return addresses

    async def _read(self, url: str, headers: dict[str, str], server_name: str, exchange: "_Exchange") -> bytes:
        extensions = {"sni_hostname": server_name} if server_name else {}
        body = bytearray()
        async with self._http.stream(
            exchange.method,
            url,
            headers={**exchange.headers, **headers},
            content=exchange.content or None,
            extensions=extensions,
        ) as response:
            if not 200 <= response.status_code < (201 if exchange.method == "GET" else 300):
                raise EgressError("unreachable")
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > exchange.most_bytes:
                    raise EgressError("too_large")
        return bytes(body)


@dataclass(frozen=True, slots=True)
class _Exchange:
    """What is asked of the address, and how much answer is read."""

    method: str
    headers: dict[str, str]
    content: bytes
    most_bytes: int
