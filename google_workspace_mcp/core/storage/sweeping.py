"""What lifecycle rules do in S3, for the local directory: objects go when their life has ended."""

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.logging import get_logger
from google_workspace_mcp.core.storage.directory import DirectoryStore
from google_workspace_mcp.core.storage.lives import LIVES

SWEEP_SECONDS = 3600.0
_log = get_logger(__name__)


async def sweep(store: DirectoryStore, clock: Clock) -> int:
    """Remove what has outlived its class; how many objects it was. Raises StoreUnavailableError.

    Several processes on one directory may sweep at once.
    """
    now, removed = clock.now(), 0
    for life in LIVES:
        if life.ends_after is not None:
            removed += await store.sweep(life.prefix, now - life.ends_after)
    if removed:
        _log.info("store_swept", removed=removed)
    return removed
