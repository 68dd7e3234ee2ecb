"""What the service brings along: secrets by name, keys, and the store with its KMS key."""

import secrets

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.secrets import named, with_secrets
from google_workspace_mcp.core.settings import Settings, SettingsError
from google_workspace_mcp.core.storage.base import StorageError
from google_workspace_mcp.core.storage.lives import TRANSIENT
from google_workspace_mcp.core.storage.sealing import SealedStore
from google_workspace_mcp.doctor.findings import Finding, good, wrong
from google_workspace_mcp.stores import keys_of, open_store


async def secrets_by_name(settings: Settings, clock: Clock) -> tuple[list[Finding], Settings]:
    """A finding for each secret that cannot be had, and the settings with those that can."""
    if not named(settings):
        return [], settings
    try:
        settings = await with_secrets(settings, clock)
    except SettingsError as error:
        fix = "check the name, the region and the permission secretsmanager:GetSecretValue"
        return [wrong("secrets", problem, fix) for problem in error.problems], settings
    return [good("secrets", f"{len(named(settings))} can be read by name")], settings


async def keys(settings: Settings) -> Finding:
    """Whether there are keys to seal and to sign with, and which."""
    try:
        found = keys_of(settings)
    except SettingsError as error:
        fix = "restore the key file from a backup" if settings.store_directory else "set the keys that are missing"
        return wrong("keys", str(error), fix)
    sealing = "AWS KMS" if settings.kms_key else found.sealing.first.id
    return good("keys", f"sealing with {sealing}, signing with {found.signing.first.id}")


async def store(settings: Settings) -> Finding:
    """Whether an object can be sealed, written, read, opened and removed."""
    try:
        opened = open_store(settings)
    except SettingsError as error:
        return wrong("store", str(error), "set what is missing")
    try:
        return await _probed(settings, opened)
    finally:
        await opened.close()


async def _probed(settings: Settings, opened: SealedStore) -> Finding:
    fix = "check GWMCP_STORE and the rights on it"
    try:
        await opened.objects.check()
        fix = "check GWMCP_KMS_KEY and the rights on the key"
        await opened.check_key()
        fix = "check the rights to read, write and delete in GWMCP_STORE"
        place = TRANSIENT.place(f"doctor/{secrets.token_hex(8)}")
        await opened.put(place, "probe", b"probe")
        found = await opened.get(place, "probe")
        await opened.delete(place)
    except StorageError as error:
        return wrong("store", str(error), fix)
    if found.data != b"probe":
        return wrong("store", "gives back something else than was written", "take another store")
    return good("store", f"{settings.store} can be written, read and sealed")
