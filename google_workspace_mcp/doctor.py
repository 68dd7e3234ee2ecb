"""`doctor`: looks at everything that a start depends on, and says what to fix."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx2

from google_workspace_mcp.core.google.endpoints import GoogleEndpoints
from google_workspace_mcp.core.google.transport import make_http_client
from google_workspace_mcp.core.settings import Settings, SettingsError
from google_workspace_mcp.core.storage.base import ObjectNotFoundError, StorageError
from google_workspace_mcp.core.storage.sealing import KeyRingWrapper, SealBrokenError, SealedStore
from google_workspace_mcp.foundation import keys_of, store_of

_PROBE = "doctor/probe"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `fix` is the next step when it is not well."""

    what: str
    ok: bool
    words: str
    fix: str = ""


async def examine(settings: Settings) -> list[Finding]:
    """Findings in the order in which a start would meet them; a probe object is written and removed."""
    checks: tuple[Callable[[Settings], Awaitable[Finding]], ...] = (_client, _keys, _store, _google)
    return [_address(settings), *[await check(settings) for check in checks]]


def _address(settings: Settings) -> Finding:
    words = f"{settings.mcp_url}; redirect URI to register at Google: {settings.redirect_uri}"
    return Finding("address", ok=True, words=words)


async def _client(settings: Settings) -> Finding:
    if settings.google_client_id and settings.google_client_secret.get_secret_value():
        return Finding("Google client", ok=True, words="id and secret are set")
    return Finding(
        "Google client",
        ok=False,
        words="id or secret is missing",
        fix="set GWMCP_GOOGLE_CLIENT_ID and GWMCP_GOOGLE_CLIENT_SECRET; `python main.py serve` tells where to get them",
    )


async def _keys(settings: Settings) -> Finding:
    try:
        keys = keys_of(settings)
    except SettingsError as error:
        return Finding("keys", ok=False, words=str(error), fix="restore the key file from a backup")
    words = f"sealing with {keys.sealing.first.id}, signing with {keys.signing.first.id}"
    return Finding("keys", ok=True, words=words)


async def _store(settings: Settings) -> Finding:
    try:
        objects = store_of(settings)
        await objects.check()
        store = SealedStore(objects, KeyRingWrapper(keys_of(settings).sealing))
        await store.put(_PROBE, "probe", b"probe")
        opened = await store.get(_PROBE, "probe")
        await store.delete(_PROBE)
    except (SettingsError, ObjectNotFoundError, SealBrokenError, StorageError) as error:
        return Finding("store", ok=False, words=str(error), fix="check GWMCP_STORE and the rights on it")
    return Finding("store", ok=opened.data == b"probe", words=f"{settings.store} can be written, read and sealed")


async def _google(settings: Settings) -> Finding:
    endpoints = GoogleEndpoints.of(settings.google_url)
    try:
        async with make_http_client() as http:
            answer = await http.get(endpoints.certs, timeout=10)
        answer.raise_for_status()
    except httpx2.HTTPError as error:
        fix = "check that port 443 is open to the outside" if not settings.google_url else "start the simulator"
        return Finding("Google", ok=False, words=f"cannot be reached ({type(error).__name__})", fix=fix)
    return Finding("Google", ok=True, words="can be reached")
