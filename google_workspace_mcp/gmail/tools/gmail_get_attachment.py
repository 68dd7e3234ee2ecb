"""gmail_get_attachment: a file of a message, as text or as a link to its bytes."""

from contextlib import aclosing
from typing import Annotated, Literal, override

from pydantic import Field

from google_workspace_mcp.core.content.documents.service import MOST_BYTES, Documents
from google_workspace_mcp.core.content.mime import Attachment
from google_workspace_mcp.core.content.sizes import human_size
from google_workspace_mcp.core.errors import TooLargeError
from google_workspace_mcp.core.files.content import Content
from google_workspace_mcp.core.tools.documents import (
    RANGE_FORMS,
    DocumentResult,
    Unread,
    Wanted,
    document_fields,
    read_document,
)
from google_workspace_mcp.core.tools.kinds import FileLink, Kind, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.gmail.files import file_of, part_content, part_item

NAME = "gmail_get_attachment"
_DESCRIPTION = "A message's file as text, or a short-lived link to its bytes. Name it by `part` or `name`."
_AS_LINK = "Call again with mode=link for a link to its bytes"


class GmailGetAttachmentResult(DocumentResult):
    """A file's text or a piece of it, or a link."""

    message_id: str
    part: str
    name: str
    type: str
    size: int = Field(default=0, description="bytes")
    url: str = Field(default="", description="for whoever has it, until it expires")
    expires: str = Field(default="", description="UTC")

    def text(self) -> str:
        facts = [self.type, human_size(self.size), f"part {self.part}" if self.part else "", self.account]
        lines = [self.name, " · ".join(fact for fact in facts if fact)]
        rest = [f"link good until {self.expires}: {self.url}"] if self.url else self.document_lines()
        return "\n".join([*lines, *rest])

    @override
    def resources(self) -> tuple[FileLink, ...]:
        link = FileLink(url=self.url, expires=self.expires, name=self.name, type=self.type, size=self.size)
        return (link,) if self.url else ()


def definition(documents: Documents) -> ToolDefinition:
    """The tool; `documents` makes text of files."""

    async def run(
        work: Workspace,
        *,
        message_id: str,
        part: Annotated[str, Field(max_length=60)] = "",
        name: Annotated[str, Field(max_length=255)] = "",
        mode: Literal["text", "link"] = "text",
        range: Annotated[str, Field(description=RANGE_FORMS, max_length=200)] = "",
        remarks: Annotated[bool, Field(description="speaker notes and comments too")] = False,
        max_chars: Annotated[int, Field(ge=1000, le=80_000)] = 20_000,
        offset: Annotated[int, Field(ge=0)] = 0,
    ) -> GmailGetAttachmentResult:
        file, source = await file_of(work.google, message_id, part or None, name)
        shown = _shown(work, message_id, file)
        if mode == "link":
            link = work.links.to(part_item(message_id, file.part_id))
            return shown.model_copy(update={"url": link.url, "expires": link.until})
        unread = await _whole(part_content(work.google, message_id, file, source))
        wanted = Wanted(range, max_chars, offset, remarks)
        document = await read_document(work, documents, unread, wanted)
        return shown.model_copy(update=document_fields(document, wanted, file.name, "mail attachment"))

    return ToolDefinition(
        name=NAME,
        title="Get a mail attachment",
        description=_DESCRIPTION,
        kind=Kind.READ,
        service="gmail",
        capability="gmail.read",
        tier=Tier.CORE,
        run=run,
        result=GmailGetAttachmentResult,
    )


def _shown(work: Workspace, message_id: str, file: Attachment) -> GmailGetAttachmentResult:
    return GmailGetAttachmentResult(
        account=work.address,
        message_id=message_id,
        part=file.part_id,
        name=file.name,
        type=file.mime_type,
        size=file.size,
    )


async def _whole(content: Content) -> Unread:
    """The file's bytes. Raises TooLargeError."""
    data = bytearray()
    async with aclosing(content.read(0, None)) as chunks:
        async for chunk in chunks:
            data += chunk
            if len(data) > MOST_BYTES:
                raise TooLargeError(
                    f"Files of more than {MOST_BYTES // 1_000_000} MB are not read as text", next_step=_AS_LINK
                )
    return Unread(bytes(data), content.media_type, content.name, _AS_LINK)
