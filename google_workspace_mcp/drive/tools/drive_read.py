"""drive_read: a file as text."""

from typing import Annotated

from pydantic import Field

from google_workspace_mcp.core.content.fence import fenced
from google_workspace_mcp.core.content.injection import signs
from google_workspace_mcp.core.content.sizes import human_size
from google_workspace_mcp.core.content.times import iso_minute, long_time
from google_workspace_mcp.core.tools.documents import RANGE_FORMS, DocumentResult, Wanted, document_fields
from google_workspace_mcp.core.tools.kinds import Kind, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace, Zone
from google_workspace_mcp.drive.kinds import in_words
from google_workspace_mcp.drive.models import FileText
from google_workspace_mcp.drive.service import DriveService

NAME = "drive_read"
_DESCRIPTION = (
    "Read a file as text: Google Docs as Markdown, Sheets as numbered rows, Slides, PDF, Word, Excel, PowerPoint, "
    "plain text. Long ones in pieces: go on with `offset`."
)


class DriveReadResult(DocumentResult):
    """A file's text, or a piece of it."""

    zone: str = Field(description="IANA zone of the times")
    id: str
    name: str
    type: str
    modified: str = Field(description="local time with offset")
    owner: str = ""
    size: int = Field(default=0, description="bytes")
    link: str = ""
    version: str = Field(default="", description="for drive_update_file")
    trashed: bool = False
    comments: str = Field(default="", description="fenced: what people said about the file, with `remarks`")

    def text(self) -> str:
        facts = [
            self.type,
            f"modified {long_time(self.modified)} ({self.zone})",
            f"owner {self.owner}" if self.owner else "",
            human_size(self.size),
            self.account,
        ]
        lines = [self.name, " · ".join(fact for fact in facts if fact)]
        if self.link:
            lines.append(self.link)
        lines.append(f"version {self.version}")
        if self.trashed:
            lines.append("In the trash.")
        return "\n".join([*lines, *self.document_lines(), *([self.comments] if self.comments else [])])


def definition(service: DriveService) -> ToolDefinition:
    """The tool on this service."""

    async def run(
        work: Workspace,
        *,
        file_id: Annotated[str, Field(description="from drive_search", min_length=1, max_length=500)],
        range: Annotated[str, Field(description=RANGE_FORMS, max_length=200)] = "",
        remarks: Annotated[bool, Field(description="speaker notes and comments too")] = False,
        max_chars: Annotated[int, Field(ge=1000, le=80_000)] = 20_000,
        offset: Annotated[int, Field(ge=0)] = 0,
    ) -> DriveReadResult:
        wanted = Wanted(range, max_chars, offset, remarks)
        found, zone = await service.read(work, file_id, wanted)
        return _result(work, found, zone, wanted)

    return ToolDefinition(
        name=NAME,
        title="Read a Drive file",
        description=_DESCRIPTION,
        kind=Kind.READ,
        service="drive",
        capability="drive.read",
        tier=Tier.CORE,
        run=run,
        result=DriveReadResult,
    )


def _result(work: Workspace, found: FileText, zone: Zone, wanted: Wanted) -> DriveReadResult:
    file = found.file
    fields = document_fields(found.document, wanted, file.name, f"Drive file {file.id}", found.note)
    fields["suspicious"] = [*fields["suspicious"], *(f"in comments: {sign}" for sign in signs(found.comments))]
    return DriveReadResult(
        account=work.address,
        zone=zone.label,
        id=file.id,
        name=file.name,
        type=in_words(file.mime_type),
        modified=iso_minute(file.modified, zone.info),
        owner=file.owner,
        size=file.size,
        link=file.link,
        version=file.version,
        trashed=file.trashed,
        comments=fenced(found.comments, f"comments on the Drive file {file.id}") if found.comments else "",
        **fields,
    )
