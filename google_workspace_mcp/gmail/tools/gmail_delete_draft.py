"""gmail_delete_draft: a draft thrown away."""

from google_workspace_mcp.core.google.calls import CallKind
from google_workspace_mcp.core.google.ids import checked_id
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.gmail.tools.composition import DryRun


class DraftDeleted(Result):
    """Which draft is gone."""

    draft_id: str
    dry_run: bool = False

    def text(self) -> str:
        done = "would be deleted, nothing was done" if self.dry_run else "deleted"
        return f"draft {self.draft_id} {done} · {self.account}"


def definition() -> ToolDefinition:
    """The tool."""

    async def run(work: Workspace, *, draft_id: str, dry_run: DryRun = False) -> DraftDeleted:
        drafts = work.google.gmail.drafts
        checked = checked_id(draft_id, "draft")
        if dry_run:
            await work.google.execute(drafts.get(userId="me", id=checked, format="minimal", fields="id"))
        else:
            await work.google.execute(drafts.delete(userId="me", id=checked), kind=CallKind.REPEATABLE_WRITE)
        return DraftDeleted(account=work.address, draft_id=checked, dry_run=dry_run)

    return ToolDefinition(
        name="gmail_delete_draft",
        title="Delete a draft",
        description="Delete a draft for good. Sent mail is not touched.",
        kind=Kind.WRITE,
        service="gmail",
        capability="gmail.write",
        tier=Tier.EXTENDED,
        run=run,
        result=DraftDeleted,
    )
