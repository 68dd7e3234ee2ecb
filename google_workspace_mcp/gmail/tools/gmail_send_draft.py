"""gmail_send_draft: a draft sent exactly once."""

from google_workspace_mcp.core.tools.kinds import Kind, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.gmail.drafts import read_draft
from google_workspace_mcp.gmail.mailing import Mailing
from google_workspace_mcp.gmail.tools.composition import DryRun, MailResult, told


def definition(mailing: Mailing) -> ToolDefinition:
    """The tool on this service."""

    async def run(work: Workspace, *, draft_id: str, dry_run: DryRun = False) -> MailResult:
        # Read first: whom it reaches has to be known before it does.
        kept = await read_draft(work, draft_id)
        return told(work.address, await mailing.send_kept(work, kept, dry_run=dry_run))

    return ToolDefinition(
        name="gmail_send_draft",
        title="Send a draft",
        description="Send a draft as it is, exactly once.",
        kind=Kind.OUTWARD,
        service="gmail",
        capability="gmail.send",
        tier=Tier.EXTENDED,
        run=run,
        result=MailResult,
        once=True,
    )
