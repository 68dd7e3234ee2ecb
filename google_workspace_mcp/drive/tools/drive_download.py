"""drive_download: a link to a file's bytes, or to an export."""

from typing import Annotated, override

from pydantic import Field

from google_workspace_mcp.core.content.sizes import human_size
from google_workspace_mcp.core.tools.kinds import FileLink, Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.files import EXPORT_LIMIT_NOTE, item
from google_workspace_mcp.drive.kinds import in_words
from google_workspace_mcp.drive.service import DriveService

NAME = "drive_download"
_DESCRIPTION = "Short-lived link to a file's bytes. Google's own documents are exported."


class DriveDownloadResult(Result):
    """The link, and what it gives."""

    id: str
    url: str = Field(description="for whoever has it, until it expires")
    expires: str = Field(description="UTC")
    name: str
    type: str
    size: int = Field(default=0, description="bytes, where known")
    formats: tuple[str, ...] = Field((), description="exports that there are")
    note: str = ""

    def text(self) -> str:
        facts = [in_words(self.type), human_size(self.size), self.account]
        lines = [self.name, " · ".join(fact for fact in facts if fact)]
        if self.formats:
            lines.append(f"formats: {', '.join(self.formats)}. {self.note}.")
        return "\n".join([*lines, f"link good until {self.expires}: {self.url}"])

    @override
    def resources(self) -> tuple[FileLink, ...]:
        return (FileLink(url=self.url, expires=self.expires, name=self.name, type=self.type, size=self.size),)


def definition(service: DriveService) -> ToolDefinition:
    """The tool on this service."""

    async def run(
        work: Workspace,
        *,
        file_id: Annotated[str, Field(min_length=1, max_length=500)],
        format: Annotated[str, Field(description="export: pdf, docx, csv, …; empty = Office", max_length=10)] = "",
    ) -> DriveDownloadResult:
        file = await service.to_download(work, file_id)
        export = file.format_of(format)
        link = work.links.to(item(file, export))
        return DriveDownloadResult(
            account=work.address,
            id=file.id,
            url=link.url,
            expires=link.until,
            name=file.name_as(export),
            type=file.type_as(export),
            size=0 if export else file.size or 0,
            formats=tuple(file.exports),
            note=EXPORT_LIMIT_NOTE if export else "",
        )

    return ToolDefinition(
        name=NAME,
        title="Download a Drive file",
        description=_DESCRIPTION,
        kind=Kind.READ,
        service="drive",
        capability="drive.read",
        tier=Tier.EXTENDED,
        run=run,
        result=DriveDownloadResult,
    )
