"""gmail_delete_forever: mail deleted past the trash."""

from typing import Annotated

from pydantic import Field

from google_workspace_mcp.core.content.tables import rows
from google_workspace_mcp.core.content.times import iso_minute
from google_workspace_mcp.core.content.wording import counted
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.gmail.changing import Changing
from google_workspace_mcp.gmail.tools.composition import DryRun
from google_workspace_mcp.gmail.tools.gmail_search import ItemError

_MOST = 100


class DeleteResult(Result):
    """What is gone for good."""

    dry_run: bool = False
    deleted: int
    preview: tuple[tuple[str, str, str, str], ...] = Field(default=(), description="id, date, sender, subject")
    errors: tuple[ItemError, ...] = ()

    def text(self) -> str:
        verb = "would be deleted for good, nothing was done" if self.dry_run else "deleted for good"
        lines = [f"{counted(self.deleted, 'message')} {verb} · {self.account}"]
        if self.preview:
            lines.append(rows(("id", "date", "from", "subject"), list(self.preview)))
        return "\n".join([*lines, *(f"not deleted: {item.id}: {item.error}" for item in self.errors)])


def definition(changing: Changing) -> ToolDefinition:
    """The tool on this service."""

    async def run(
        work: Workspace,
        *,
        message_ids: Annotated[list[str], Field(min_length=1, max_length=_MOST)],
        dry_run: DryRun = False,
    ) -> DeleteResult:
        done = await changing.delete_forever(work, message_ids, dry_run=dry_run)
        zone = await work.zone()
        return DeleteResult(
            account=work.address,
            dry_run=dry_run,
            deleted=done.messages,
            preview=tuple(
                (message.id, iso_minute(message.arrived, zone.info), message.sender, message.subject)
                for message in done.previewed
            ),
            errors=tuple(ItemError(id=failure.id, error=failure.error) for failure in done.failures),
        )

    return ToolDefinition(
        name="gmail_delete_forever",
        title="Delete mail for good",
        description="Delete messages for good. Nobody can bring them back; gmail_modify with trash can be taken back.",
        kind=Kind.OUTWARD,
        service="gmail",
        capability="gmail.delete",
        tier=Tier.FULL,
        run=run,
        result=DeleteResult,
        forever=True,
    )
