"""files_create_upload: an address to send a file's bytes to, so that they need not go through the model."""

import mimetypes
import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field

from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.files.headers import safe_name
from google_workspace_mcp.core.files.places import MOST_BYTES
from google_workspace_mcp.core.files.upload_routes import UploadAddresses
from google_workspace_mcp.core.files.uploads import Uploads
from google_workspace_mcp.core.principal import Caller
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition

# What a file can be used for: attachments, files in Drive, attachments of events.
_USES = ("gmail.write", "gmail.send", "drive.write", "calendar.write")
# Python's own table; the machine's would differ from one to the next.
_TYPES = mimetypes.MimeTypes()
_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,100}/[A-Za-z0-9!#$&^_.+-]{1,100}")


class UploadResult(Result):
    """The address, and the id that other tools take once the bytes are there; `account` is empty."""

    upload_id: str
    url: str = Field(description="PUT the bytes here, once")
    expires: str = Field(description="UTC")
    name: str
    type: str
    most_bytes: int

    def text(self) -> str:
        most = f"{self.most_bytes // 2**20} MiB" if self.most_bytes == MOST_BYTES else f"{self.most_bytes} bytes"
        return (
            f"upload_id {self.upload_id} for {self.name} ({self.type}), until {self.expires}.\n"
            f"Send the bytes, at most {most}, then pass upload_id on:\ncurl -T FILE {self.url}"
        )


def definition(uploads: Uploads, addresses: UploadAddresses) -> ToolDefinition:
    """The tool on these uploads."""

    async def run(
        caller: Caller,
        *,
        name: Annotated[str, Field(description="file name", min_length=1, max_length=255)],
        media_type: Annotated[str, Field(description="empty = by the name", max_length=200)] = "",
        size: Annotated[int, Field(description="bytes, checked", ge=0, le=MOST_BYTES)] = 0,
        sha256: Annotated[str, Field(description="checked", pattern="^([0-9a-fA-F]{64})?$")] = "",
    ) -> UploadResult:
        if media_type and not _TYPE.fullmatch(media_type):
            raise UserInputError("media_type is not one", next_step="Write it like text/csv", reason="media_type")
        kind = (media_type or _TYPES.guess_type(name)[0] or "application/octet-stream").lower()
        place = await uploads.create(caller.principal, safe_name(name), kind, size, sha256)
        return UploadResult(
            account="",
            upload_id=place.id,
            url=addresses.of(caller.principal, place),
            expires=f"{datetime.fromtimestamp(place.expires, UTC):%H:%M} UTC",
            name=place.name,
            type=place.media_type,
            most_bytes=place.most,
        )

    return ToolDefinition(
        name="files_create_upload",
        title="Create a file upload",
        description="One-time address to upload a file to, for mail attachments and Drive files.",
        kind=Kind.WRITE,
        service="files",
        capability="",
        tier=Tier.EXTENDED,
        run=run,
        result=UploadResult,
        any_of=_USES,
    )
