"""What a tool sees of its caller's uploads."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from google_workspace_mcp.core.errors import InternalError


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload that is complete. `chunks()` gives its bytes, each time from the beginning."""

    name: str
    media_type: str
    size: int
    sha256: str
    chunks: Callable[[], AsyncGenerator[bytes]]


class CallersUploads(Protocol):
    """The uploads of one caller."""

    async def open(self, upload_id: str) -> Upload:
        """One that is complete. Raises NotFoundError, UserInputError when its bytes have not come yet."""
        ...

    async def release(self, upload_id: str) -> None:
        """Give up what has been used."""
        ...


class _NoUploads:
    """Where nothing can be uploaded."""

    async def open(self, upload_id: str) -> Upload:
        raise InternalError(f"There are no uploads here, and so none of {len(upload_id)} characters", reason="uploads")

    async def release(self, upload_id: str) -> None:
        """There is nothing."""


NO_UPLOADS: Final[CallersUploads] = _NoUploads()
