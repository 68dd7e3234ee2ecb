"""The addresses under which callers reach the service: what answers there, and whether it is this service.

Asked as a client does: discovery documents in the places where clients look, and a call without a token, whose refusal
leads to them. A load balancer that strips the prefix, lacks a rule or changes `Host` shows here.
"""

import asyncio
import json
import re
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import ip_address, ip_network
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2

from google_workspace_mcp.core.settings import Settings, is_loopback
from google_workspace_mcp.doctor.findings import OK, Finding, good, note, wrong

type Resolve = Callable[[str], Awaitable[Sequence[str]]]

_SECONDS: Final = 10.0
_RESOURCE: Final = "/.well-known/oauth-protected-resource"
_METADATA: Final = re.compile(r'resource_metadata="([^"]+)"')


async def public_address(http: httpx2.AsyncClient, base_url: str, *, is_here: bool = False) -> list[Finding]:
    """What a client meets at the public address, prefix included.

    `is_here`: it is an address of this machine, where the service need not have been started yet.
    """
    alive = await _expect(http, "health", f"{base_url}/health", 200)
    if alive.status != OK and "no answer" in alive.words:
        if is_here:
            return [note("public address", alive.words, "once the service runs, run this again beside it")]
        fix = "see whether the name leads to the load balancer, its listener is open to this network, and tasks run"
        return [wrong("public address", alive.words, fix)]
    return [
        alive,
        *[await _resource(http, url, base_url) for url in _resource_places(base_url)],
        *[await _server(http, url, base_url) for url in _server_places(base_url)],
        await _challenge(http, base_url),
        # Below a prefix there is no /ready; without one, public callers see it where health checks do.
        *([await _expect(http, "readiness out of reach", f"{base_url}/ready", 404)] if _split(base_url)[1] else []),
    ]


async def internal_hosts(http: httpx2.AsyncClient, hosts: Iterable[str]) -> list[Finding]:
    """What a program in the network meets under each internal name."""
    return [finding for host in hosts for finding in await _internal(http, host)]


async def _internal(http: httpx2.AsyncClient, host: str) -> list[Finding]:
    what, base = f"internal host {host}", f"http://{host}"
    if "*" in host:
        return [note(what, "is a pattern, which cannot be asked")]
    ready = await _fetched(http, f"{base}/ready")
    if isinstance(ready, str):
        return [
            wrong(what, ready, "check the Cloud Map service, and that this task's security group may call that port")
        ]
    if ready.status_code != 200:
        return [wrong(what, f"{base}/ready answers {ready.status_code}", _fix(ready, f"{base}/ready"))]
    state = str(_json(ready).get("status", ""))
    standing = (
        good(what, f"answers, {state}")
        if state == "ready"
        else note(what, f"answers, but is {state}", "a part that it needs fails: see the lines above and its log")
    )
    return [standing, await _resource(http, f"{base}{_RESOURCE}/mcp", base), await _challenge(http, base)]


def _resource_places(base_url: str) -> Iterable[str]:
    """RFC 9728, section 3.1, and below the prefix."""
    origin, prefix = _split(base_url)
    return dict.fromkeys((f"{origin}{_RESOURCE}{prefix}/mcp", f"{base_url}{_RESOURCE}/mcp"))


def _server_places(base_url: str) -> Iterable[str]:
    """RFC 8414, section 3.1, the same under OpenID's name, and as OpenID Connect Discovery has it."""
    origin, prefix = _split(base_url)
    inserted = [
        f"{origin}/.well-known/{kind}{prefix}" for kind in ("oauth-authorization-server", "openid-configuration")
    ]
    return dict.fromkeys((*inserted, f"{base_url}/.well-known/openid-configuration"))


def _split(base_url: str) -> tuple[str, str]:
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}", parts.path


async def _resource(http: httpx2.AsyncClient, url: str, base_url: str) -> Finding:
    return await _document(http, url, "resource", f"{base_url}/mcp")


async def _server(http: httpx2.AsyncClient, url: str, base_url: str) -> Finding:
    return await _document(http, url, "issuer", base_url)


async def _document(http: httpx2.AsyncClient, url: str, member: str, expected: str) -> Finding:
    answer = await _fetched(http, url)
    if isinstance(answer, str):
        return wrong("discovery", answer, "try again; a load balancer without a healthy target may cut off")
    if answer.status_code != 200:
        return wrong("discovery", f"{url} answers {answer.status_code}, not 200", _fix(answer, url))
    named = _json(answer).get(member)
    # A bare host is rendered with a slash, see auth/discovery.py.
    if str(named).rstrip("/") != expected.rstrip("/"):
        return wrong(
            "discovery",
            f"{url} names another {member}: {named}",
            f"set GWMCP_BASE_URL to the address that clients use; here it is {expected.removesuffix('/mcp')}",
        )
    return good("discovery", url)


async def _challenge(http: httpx2.AsyncClient, base_url: str) -> Finding:
    what, url = "a call without a token", f"{base_url}/mcp"
    try:
        async with asyncio.timeout(_SECONDS):
            answer = await http.post(url, json={}, headers={"accept": "application/json, text/event-stream"})
    except (httpx2.HTTPError, TimeoutError) as error:
        return wrong(what, _unanswered(url, error), "try again")
    given = answer.headers.get("www-authenticate", "")
    match = _METADATA.search(given)
    if answer.status_code != 401 or match is None:
        words = f"{url} answers {answer.status_code} with the challenge {given or '(none)'}"
        return wrong(what, words, _fix(answer, url))
    led = await _resource(http, match[1], base_url)
    return good(what, f"is refused with 401 and led to {match[1]}") if led.status == OK else led


async def _expect(http: httpx2.AsyncClient, what: str, url: str, status: int) -> Finding:
    answer = await _fetched(http, url)
    if isinstance(answer, str):
        return wrong(what, answer, "see whether the service runs")
    if answer.status_code != status:
        return wrong(what, f"{url} answers {answer.status_code}, not {status}", _fix(answer, url))
    return good(what, f"{url} answers {status}")


async def _fetched(http: httpx2.AsyncClient, url: str) -> httpx2.Response | str:
    """The answer, or in words that there is none."""
    try:
        async with asyncio.timeout(_SECONDS):
            return await http.get(url)
    except (httpx2.HTTPError, TimeoutError) as error:
        return _unanswered(url, error)


def _unanswered(url: str, error: Exception) -> str:
    return f"{url} gives no answer ({type(error).__name__})"


def _fix(answer: httpx2.Response, url: str) -> str:
    """The next step after a wrong status. This service puts a request id on everything it answers."""
    path = urlsplit(url).path
    if answer.status_code >= 500:
        return "see whether the target group has a healthy task, and what the log says"
    if "x-request-id" not in answer.headers:
        return f"something else answers there: the load balancer needs a rule for this host and {path}"
    if answer.status_code == 404:
        return "the path arrived changed: forward it as it came, with its prefix"
    if answer.status_code == 403:
        return f"the Host header arrived changed: forward it as it came, {urlsplit(url).netloc}"
    return "look for the answer's request id in the log"


def _json(answer: httpx2.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        return {}
    return body if isinstance(body, dict) else {}


async def forwarded(settings: Settings, resolve: Resolve) -> Finding:
    """Whether the load balancer is believed when it says for whom it calls."""
    what, networks = "forwarded headers", settings.forwarded_allow_ips
    host = urlsplit(settings.base_url).hostname or ""
    if not networks:
        if is_loopback(host):
            return good(what, "believed from nobody")
        words = "believed from nobody: behind a load balancer all clients look like one, and share the limits of one"
        return note(what, words, "set GWMCP_FORWARDED_ALLOW_IPS to the networks of the load balancer's subnets")
    believed = f"believed from {', '.join(networks)}"
    addresses = [ip_address(address) for address in await resolve(host)]
    inside = [address for address in addresses if address.is_private and not address.is_loopback]
    strangers = [str(one) for one in inside if not any(one in ip_network(net, strict=False) for net in networks)]
    if strangers:
        fix = "set GWMCP_FORWARDED_ALLOW_IPS to the networks of the load balancer's subnets"
        return wrong(what, f"{believed}, but the public name leads to {', '.join(strangers)}", fix)
    if inside:
        return good(what, f"{believed}, where the public name leads to")
    return good(what, f"{believed}; which addresses the load balancer calls from cannot be seen from here")


async def resolved(host: str) -> Sequence[str]:
    """The addresses of a name; none when it has none."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return ()
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
