"""Stores, keys and secrets as the settings name them, for the service and for commands alike."""

from google_workspace_mcp.core.aws import AwsAccess
from google_workspace_mcp.core.keys import KeyRing, LocalKeys, Ring, local_keys, parse_keys
from google_workspace_mcp.core.logging import get_logger
from google_workspace_mcp.core.settings import Settings, SettingsError
from google_workspace_mcp.core.storage.base import ObjectStore, StoreMisconfiguredError, StoreUnavailableError
from google_workspace_mcp.core.storage.directory import DirectoryStore
from google_workspace_mcp.core.storage.kms import KmsWrapper
from google_workspace_mcp.core.storage.s3 import S3Store
from google_workspace_mcp.core.storage.sealing import DataKeyWrapper, KeyRingWrapper, SealedStore, WrapperChain

_log = get_logger(__name__)


def keys_of(settings: Settings) -> LocalKeys:
    """Keys from the settings, or made once beside a file store. Raises SettingsError."""
    sealing, signing = settings.keys.get_secret_value(), settings.signing_keys.get_secret_value()
    if sealing and signing:
        return LocalKeys(parse_keys(sealing), parse_keys(signing))
    directory = settings.store_directory
    if directory is None and settings.kms_key and signing:
        return LocalKeys(KeyRing(()), parse_keys(signing))
    if directory is None:
        raise SettingsError(["an S3 store needs GWMCP_KEYS and GWMCP_SIGNING_KEYS: there is no default key"])
    try:
        made = local_keys(directory.with_name(f"{directory.name}.keys"))
    except (ValueError, OSError) as error:
        raise SettingsError([f"GWMCP_STORE: {error}"]) from None
    return LocalKeys(parse_keys(sealing) if sealing else made.sealing, parse_keys(signing) if signing else made.signing)


def store_of(settings: Settings) -> ObjectStore:
    """The object store that the settings name. Raises SettingsError when there is no region to look for it in."""
    bucket, directory = settings.store_bucket, settings.store_directory
    if directory is not None:
        return DirectoryStore(directory)
    assert bucket is not None
    try:
        return S3Store(*bucket, _aws(settings), kms_key=settings.kms_key[0] if settings.kms_key else "")
    except StoreMisconfiguredError as error:
        raise SettingsError([f"GWMCP_STORE: {error}"]) from None


def wrapper_of(settings: Settings, sealing: Ring) -> DataKeyWrapper:
    """What protects data keys: KMS if the settings name a key, and the ring. Raises SettingsError."""
    if not settings.kms_key:
        return KeyRingWrapper(sealing)
    try:
        return WrapperChain(KmsWrapper(settings.kms_key, _aws(settings)), KeyRingWrapper(sealing))
    except StoreMisconfiguredError as error:
        raise SettingsError([f"GWMCP_KMS_KEY: {error}"]) from None


def open_store(settings: Settings) -> SealedStore:
    """The sealed store by itself, as commands need it; to be closed. Raises SettingsError."""
    return SealedStore(store_of(settings), wrapper_of(settings, keys_of(settings).sealing))


async def check_store(settings: Settings) -> None:
    """Raises SettingsError when store or keys refuse these settings.

    What may pass by itself, such as a time-out, is no reason not to start.
    """
    store = open_store(settings)
    problems: list[str] = []
    try:
        for name, check in (("GWMCP_STORE", store.objects.check), ("GWMCP_KMS_KEY", store.check_key)):
            try:
                await check()
            except StoreMisconfiguredError as error:
                problems.append(f"{name}: {error}")
            except StoreUnavailableError as error:
                _log.warning("store_not_reached", setting=name, words=str(error))
    finally:
        await store.close()
    if problems:
        raise SettingsError(problems)


def _aws(settings: Settings) -> AwsAccess:
    return AwsAccess(settings.aws_region, settings.aws_url)
