"""`PUT <base>/files/upload/<address>`: bytes on their way into the store. POST does the same.

The address is a bearer capability, good once and for an hour. The body is the file itself, taken as it comes: no more
than one chunk of it is in memory, and nothing of it is read before it is known that there is a place for it. A refusal
leaves the connection open: closed in the middle of a body, it would be lost to most senders.
"""

from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from google_workspace_mcp.core.capsules import BrokenCapsuleError, Capsules, ExpiredCapsuleError
from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.errors import UnavailableError, WorkspaceError
from google_workspace_mcp.core.files.answers import GONE, failed, refusal
from google_workspace_mcp.core.files.places import Place
from google_workspace_mcp.core.files.uploads import Uploads
from google_workspace_mcp.core.http.paths import UPLOADS
from google_workspace_mcp.core.keys import Ring
from google_workspace_mcp.core.logging import get_logger
from google_workspace_mcp.core.principal import Owner, StoredOwner

# Each has a few chunks in memory.
RECEIVED_AT_ONCE = 16
_OWNER_BYTES = 16
_AGAIN = "Make a new address with files_create_upload"
_log = get_logger(__name__)


class UploadAddresses:
    """Makes and opens addresses. `address` gives the base URL that the present caller reaches this service by."""

    def __init__(
        self, keys: Ring, clock: Clock, randomness: Callable[[int], bytes], address: Callable[[], str]
    ) -> None:
        self._capsules = Capsules(keys, "upload-address", clock, randomness)
        self._address = address

    def of(self, owner: Owner, place: Place) -> str:
        """The address of that place of the owner's."""
        content = bytes.fromhex(owner.key) + bytes.fromhex(place.id)
        return f"{self._address()}{UPLOADS}/{self._capsules.seal(content, place.expires)}"

    def open(self, token: str) -> tuple[StoredOwner, str]:
        """The owner and the upload's id. Raises BrokenCapsuleError, ExpiredCapsuleError."""
        content = self._capsules.open(token)
        return StoredOwner(content[:_OWNER_BYTES].hex()), content[_OWNER_BYTES:].hex()


class UploadRoutes:
    """Takes the bytes."""

    def __init__(self, addresses: UploadAddresses, uploads: Uploads) -> None:
        self._addresses = addresses
        self._uploads = uploads
        self._receiving = 0

    def routes(self) -> list[Route]:
        return [Route(f"{UPLOADS}/{{address}}", self._answer, methods=["PUT", "POST"])]

    async def _answer(self, request: Request) -> Response:
        try:
            owner, upload_id = self._addresses.open(request.path_params["address"])
        except ExpiredCapsuleError:
            return refusal(request, GONE, "This address has expired: it was good for an hour", _AGAIN, code="gone")
        except BrokenCapsuleError:
            return refusal(request, 404, "There is nothing to upload to at this address", _AGAIN, code="not_found")
        if request.headers.get("content-type", "").lower().startswith("multipart/"):
            step = "Send the file's bytes as the body, as `curl -T FILE` does"
            return refusal(request, 415, "A form cannot be taken here", step, code="unsupported")
        try:
            place = await self._received(request, owner, upload_id)
        except ClientDisconnect:
            _log.info("upload_left")
            return Response(status_code=400)  # for nobody
        except WorkspaceError as error:
            return failed(request, error)
        return JSONResponse(_told(place), 201, headers={"Cache-Control": "no-store"})

    async def _received(self, request: Request, owner: StoredOwner, upload_id: str) -> Place:
        if self._receiving >= RECEIVED_AT_ONCE:
            raise UnavailableError("Too many files are being uploaded now", retry_after=10, reason="uploads")
        declared = request.headers.get("content-length", "")
        length = int(declared) if declared.isascii() and declared.isdigit() else None
        self._receiving += 1
        try:
            return await self._uploads.receive(owner, upload_id, _body(request), length)
        finally:
            self._receiving -= 1


async def _body(request: Request) -> AsyncGenerator[bytes]:
    async for chunk in request.stream():
        yield chunk


def _told(place: Place) -> dict[str, Any]:
    """What has come, and what is to be done with it."""
    expires = datetime.fromtimestamp(place.expires, UTC).isoformat().replace("+00:00", "Z")
    facts = {"name": place.name, "type": place.media_type, "size": place.size, "sha256": place.sha256}
    step = "Pass upload_id to the tool that needs the file, as an attachment or a Drive file"
    return {"status": "success", "data": {"upload_id": place.id, **facts, "expires": expires, "next_step": step}}
