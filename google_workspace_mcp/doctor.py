"""`doctor`: looks at everything that a start depends on, and says what to fix."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx2

from google_workspace_mcp.core.clock import SystemClock
from google_workspace_mcp.core.google.endpoints import GoogleEndpoints
from google_workspace_mcp.core.google.transport import make_http_client
from google_workspace_mcp.core.secrets import named, with_secrets
from google_workspace_mcp.core.settings import Settings, SettingsError
from google_workspace_mcp.core.storage.base import StorageError
from google_workspace_mcp.core.storage.lives import TRANSIENT
from google_workspace_mcp.core.storage.sealing import SealedStore
from google_workspace_mcp.stores import keys_of, open_store


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `fix` is the next step when it is not well."""

    what: str
    ok: bool
    words: str
    fix: str = ""


async def examine(settings: Settings) -> list[Finding]:
    """Findings in the order in which a start would meet them; a probe object is written and removed."""
    by_name, settings = await _secrets(settings)
    checks: tuple[Callable[[Settings], Awaitable[Finding]], ...] = (_client, _keys, _store, _google)
    return [_address(settings), *by_name, *[await check(settings) for check in checks]]


async def _secrets(settings: Settings) -> tuple[list[Finding], Settings]:
    """A finding for each secret that cannot be had, and the settings with those that can."""
    if not named(settings):
        return [], settings
    try:
        settings = await with_secrets(settings, SystemClock())
    except SettingsError as error:
        fix = "check the name, the region and the permission secretsmanager:GetSecretValue"
        return [Finding("secrets", ok=False, words=problem, fix=fix) for problem in error.problems], settings
    return [Finding("secrets", ok=True, words=f"{len(named(settings))} can be read by name")], settings


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
        fix = "restore the key file from a backup" if settings.store_directory else "set the keys that are missing"
        return Finding("keys", ok=False, words=str(error), fix=fix)
    sealing = "AWS KMS" if settings.kms_key else keys.sealing.first.id
    words = f"sealing with {sealing}, signing with {keys.signing.first.id}"
    return Finding("keys", ok=True, words=words)


async def _store(settings: Settings) -> Finding:
    try:
        store = open_store(settings)
    except SettingsError as error:
        return Finding("store", ok=False, words=str(error), fix="set what is missing")
    try:
        return await _probed(settings, store)
    finally:
        await store.close()


async def _probed(settings: Settings, store: SealedStore) -> Finding:
    try:
        await store.objects.check()
    except StorageError as error:
        return Finding("store", ok=False, words=str(error), fix="check GWMCP_STORE and the rights on it")
    try:
        await store.check_key()
    except StorageError as error:
        return Finding("store", ok=False, words=str(error), fix="check GWMCP_KMS_KEY and the rights on the key")
    try:
        place = TRANSIENT.place(f"doctor/{secrets.token_hex(8)}")
        await store.put(place, "probe", b"probe")
        opened = await store.get(place, "probe")
        await store.delete(place)
    except StorageError as error:
        fix = "check the rights to read, write and delete in GWMCP_STORE"
        return Finding("store", ok=False, words=str(error), fix=fix)
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
