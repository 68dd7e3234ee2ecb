"""What a tool sees of its caller's uploads."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from google_workspace_mcp.core.errors import InternalError


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload that is complete. `read(start, stop)` gives its bytes from `start` to before `stop`, at any time."""

    name: str
    media_type: str
    size: int
    sha256: str
    read: Callable[[int, int], AsyncGenerator[bytes]]

    def chunks(self) -> AsyncGenerator[bytes]:
        """All of it, from the beginning."""
        return self.read(0, self.size)


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
