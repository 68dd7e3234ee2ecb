"""What every store offers: bytes under a key, with conditional writes.

Keys are relative paths of `[A-Za-z0-9._-]` segments joined by `/`. They never contain an address or a name of a person.
An etag names the bytes, not the write: the same bytes written twice may have one etag. That is no trap here, because
everything that is stored is sealed with a fresh nonce, so two writes are never the same bytes.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

_KEY = re.compile(r"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$")


def check_key(key: str) -> str:
    """The key itself. Raises ValueError for one that could leave the store or hide in it."""
    if not _KEY.fullmatch(key):
        raise ValueError("object keys are relative paths of letters, digits, dot, dash and underscore")
    return key


class StorageError(Exception):
    """Something about the store, below the words a model sees."""


class ObjectNotFoundError(StorageError):
    """There is no object under this key."""


class ObjectConflictError(StorageError):
    """The object is not the one the caller read (if-match), or exists already (if-none-match)."""


class StoreUnavailableError(StorageError):
    """The store did not answer, or not in a way that says anything about the object. Try again shortly."""


class StoreMisconfiguredError(StoreUnavailableError):
    """The store, or its key service, refuses this configuration: no such bucket, another region, no permission.

    For a caller it is as unavailable as any; a start, and `doctor`, tell the operator.
    """


@dataclass(frozen=True, slots=True)
class StoredObject:
    """Bytes as they lie in the store, with the tag of this very version."""

    data: bytes
    etag: str


class ObjectStore(Protocol):
    """A flat map of keys to bytes. Two writers never overwrite each other unknowingly: that is what etags are for."""

    async def get(self, key: str) -> StoredObject:
        """The object. Raises ObjectNotFoundError, StoreUnavailableError."""
        ...

    async def put(self, key: str, data: bytes, *, if_match: str | None = None, if_none_match: bool = False) -> str:
        """Write and return the new etag.

        `if_match` writes only over that version, `if_none_match` only where nothing is. Raises ObjectConflictError when
        the condition fails, StoreUnavailableError.
        """
        ...

    async def delete(self, key: str, *, if_match: str | None = None) -> None:
        """Remove the object; a missing one is no error without `if_match`.

        Raises ObjectConflictError, StoreUnavailableError.
        """
        ...

    def list(self, prefix: str) -> AsyncIterator[str]:
        """Keys below the prefix, in order. Raises StoreUnavailableError."""
        ...

    async def check(self) -> None:
        """Return when the store answers. Raises StoreUnavailableError in words for `doctor`."""
        ...

    async def close(self) -> None:
        """Give back connections and threads."""
        ...
