"""drive_about: storage and account."""

from pydantic import Field

from google_workspace_mcp.core.content.sizes import human_size
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.account import storage
from google_workspace_mcp.drive.service import DriveService

NAME = "drive_about"
_DESCRIPTION = "The account's storage: how much there is, used, and in the trash."


class DriveAboutResult(Result):
    """Storage in bytes; it is shared with mail and photos. Organisations may pool it."""

    name: str = ""
    limit: int = Field(default=0, description="0: none")
    used: int
    free: int = 0
    in_drive: int = 0
    in_trash: int = Field(default=0, description="part of in_drive")
    largest_upload: int = 0
    may_create_shared_drives: bool = False

    def text(self) -> str:
        whose = f"{self.name} · {self.account}" if self.name else self.account
        of = f" of {human_size(self.limit)}, {human_size(self.free) or '0 B'} free" if self.limit else ", no limit"
        drive, trash = human_size(self.in_drive) or "0 B", human_size(self.in_trash) or "0 B"
        lines = [whose, f"used: {human_size(self.used) or '0 B'}{of}", f"in Drive: {drive}, {trash} of it in the trash"]
        return "\n".join(lines)


def definition(_service: DriveService) -> ToolDefinition:
    """The tool; it needs nothing that is kept."""

    async def run(work: Workspace) -> DriveAboutResult:
        found = await storage(work)
        return DriveAboutResult(
            account=work.address,
            name=found.name,
            limit=found.limit,
            used=found.used,
            free=max(0, found.limit - found.used),
            in_drive=found.drive,
            in_trash=found.trash,
            largest_upload=found.largest_upload,
            may_create_shared_drives=found.may_create_drives,
        )

    return ToolDefinition(
        name=NAME,
        title="Drive storage",
        description=_DESCRIPTION,
        kind=Kind.READ,
        service="drive",
        capability="drive.read",
        tier=Tier.EXTENDED,
        run=run,
        result=DriveAboutResult,
    )
